"""What comes back when a mail does not arrive."""

import pytest

from glossary.domain.bounce import MAX_MAIL, Bounce, BounceKind, Step, kind_of_refusal, read_report

DSN = b"""From: MAILER-DAEMON@mx.example
To: desk@deck.example
Subject: Undelivered Mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain

Sorry.
--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ada@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such user

Original-Recipient: rfc822;Grace@example.org
Final-Recipient: rfc822; grace@inner.example
Action: failed
Status: 4.2.2

Final-Recipient: rfc822; late@example.org
Action: delayed
Status: 4.4.1
--cut--
"""
ABUSE = b"""From: fbl@provider.example
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="cut"

--cut
Content-Type: text/plain

A complaint.
--cut
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Feedback/1.0
Version: 1
Original-Rcpt-To: <ada@example.org>
--cut--
"""


@pytest.mark.parametrize(
    ("code", "said", "kind"),
    [
        (550, "5.1.1 No such user", BounceKind.HARD),
        (550, "No such user", BounceKind.HARD),
        (550, "5.2.1 Mailbox disabled", BounceKind.HARD),
        (550, "<ada@example.org>: user unknown", BounceKind.HARD),
        (550, "The recipient does not exist here", BounceKind.HARD),
        (550, "5.1.3 Bad address", BounceKind.HARD),
        (550, "5.1.6 Moved", BounceKind.HARD),
        (553, "mailbox name not allowed", BounceKind.SOFT),
        (550, "Requested action not taken: mailbox unavailable", BounceKind.SOFT),  # what 550 says for all its meanings
        (551, "user not local", BounceKind.SOFT),
        (550, "5.1.0 Address rejected", BounceKind.SOFT),
        (550, "5.1.2 Bad destination system", BounceKind.SOFT),
        (550, "relay not permitted", BounceKind.BLOCKED),
        (550, "Access denied", BounceKind.BLOCKED),
        (553, "sorry, that domain isn't in my list of allowed rcpthosts", BounceKind.BLOCKED),
        (550, "IP blacklisted", BounceKind.BLOCKED),
        (550, "Daily message limit exceeded", BounceKind.BLOCKED),
        (550, "no such user, or relay denied", BounceKind.BLOCKED),
        (550, "5.7.1 Message rejected as spam from 192.0.2.1", BounceKind.BLOCKED),
        (554, "5.7.26 Unauthenticated sender", BounceKind.BLOCKED),
        (550, "5.1.8 Sender domain not found", BounceKind.BLOCKED),
        (552, "5.2.2 Mailbox full", BounceKind.SOFT),
        (452, "4.2.2 Mailbox full", BounceKind.SOFT),
        (450, "4.1.1 Try later", BounceKind.SOFT),
        (554, "Transaction failed", BounceKind.SOFT),
        (550, "mail from 10.5.1.1 refused, no such user", BounceKind.HARD),  # an address of the net is no longer code
    ],
)
def test_a_refusal_means_what_its_codes_say(code, said, kind):
    assert kind_of_refusal(code, said) is kind


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (None, BounceKind.HARD),
        (Step.RECIPIENT, BounceKind.HARD),
        (Step.SENDER, BounceKind.BLOCKED),
        (Step.BODY, BounceKind.BLOCKED),
    ],
)
def test_only_what_is_said_of_the_recipient_is_about_the_reader(step, kind):
    assert kind_of_refusal(550, "5.1.1 No such user", step) is kind


def test_a_long_answer_is_judged_in_no_time():
    assert kind_of_refusal(550, "user " * 20_000) is BounceKind.SOFT


def test_a_delivery_report_names_who_failed_and_not_who_waits():
    assert read_report(DSN) == [
        Bounce("ada@example.org", BounceKind.HARD, "5.1.1 smtp; 550 5.1.1 No such user"),
        Bounce("Grace@example.org", BounceKind.SOFT, "4.2.2"),
    ]


def test_an_abuse_report_is_a_complaint():
    assert read_report(ABUSE) == [Bounce("ada@example.org", BounceKind.COMPLAINT, "abuse")]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"From: ada@example.org\n\nI am on holiday.",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x--",
        DSN.replace(b"Action: failed", b""),
        DSN.replace(b"rfc822; ada@example.org", b"\x00\xff"),
        bytes(range(256)) * 20,
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=cut\n\n--cut\n" * 200,
    ],
)
def test_another_mail_is_no_report_and_a_broken_one_raises_nothing(raw):
    assert all(isinstance(one, Bounce) for one in read_report(raw))


def test_a_mail_that_is_too_long_is_refused():
    with pytest.raises(ValueError, match="too long"):
        read_report(b"x" * (MAX_MAIL + 1))

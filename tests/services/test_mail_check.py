"""Whether mail will arrive: the dialogue, the sender, the DNS."""

import pytest

from glossary.services.mail_check import check_mail
from tests.sink import Sink


@pytest.fixture
def mail(settings):
    settings.SITE_URL, settings.DEFAULT_FROM_EMAIL = "https://dailydeck.example", "Daily Deck <brief@dailydeck.example>"
    settings.EMAIL_HOST, settings.POSTAL_ADDRESS = "127.0.0.1", "1 Example Street"
    return settings


RECORDS = {"dailydeck.example": ["v=spf1 mx -all"], "_dmarc.dailydeck.example": ["v=DMARC1; p=none"]}


def test_a_mail_that_is_taken_shows_the_dialogue_and_finds_nothing_wrong(mail):
    with Sink() as sink:
        mail.EMAIL_PORT = sink.port
        found = check_mail("You@Example.org", lookup=lambda name: RECORDS[name])
    assert found.taken and found.faults == [] and sink.recipients() == ["you@example.org"]
    assert [line for line in found.dialogue if line.startswith("> EHLO")] and "< 220 sink" in found.dialogue[0]
    assert any("SPF is there" in line for line in found.advice) and any("DKIM" in line for line in found.advice)


def test_records_that_are_missing_are_named_with_what_to_set(mail):
    with Sink() as sink:
        mail.EMAIL_PORT = sink.port
        found = check_mail("you@example.org", lookup=lambda name: ["something else"])
    assert [line.split()[0] for line in found.faults] == ["SPF", "DMARC"]
    assert "v=spf1" in found.faults[0] and "_dmarc.dailydeck.example" in found.faults[1]


def test_without_a_resolver_the_records_are_said_and_nothing_is_called_wrong(mail):
    with Sink() as sink:
        mail.EMAIL_PORT = sink.port
        found = check_mail("you@example.org", lookup=lambda name: None)
    assert found.faults == [] and sum("v=" in line for line in found.advice) == 2


def test_what_the_server_says_no_to_is_shown(mail):
    with Sink(lambda step, said: "550 no relaying" if step == "RCPT" else None) as sink:
        mail.EMAIL_PORT = sink.port
        found = check_mail("you@example.org", lookup=lambda name: RECORDS[name])
    assert not found.taken and found.faults == ["The server did not take the mail: 550 no relaying"]


def test_a_server_that_is_not_there_and_a_sender_without_a_domain_are_faults(mail):
    with Sink() as sink:
        mail.EMAIL_PORT = sink.port
    mail.DEFAULT_FROM_EMAIL = "desk@localhost"
    found = check_mail("you@example.org", lookup=lambda name: None)
    assert len(found.faults) == 2 and "DEFAULT_FROM_EMAIL" in found.faults[0] and "cannot be reached" in found.faults[1]


def test_without_a_server_it_says_which_setting_is_missing(mail):
    mail.EMAIL_HOST = ""
    assert (
        "Neither EMAIL_HOST nor EMAIL_PROVIDER is set"
        in check_mail("you@example.org", lookup=lambda name: None).faults[0]
    )


def test_a_password_over_a_clear_line_is_a_fault(mail):
    mail.EMAIL_HOST, mail.EMAIL_TIMEOUT = "192.0.2.1", 0.05
    faults = check_mail("you@example.org", lookup=lambda name: RECORDS[name]).faults
    assert "clear text" in faults[0]


def test_what_is_no_address_is_refused(mail):
    with pytest.raises(ValueError, match="not a mail address"):
        check_mail("you", lookup=lambda name: None)


def test_the_test_mail_comes_from_whom_the_brief_comes_from(mail):
    mail.SITE_NAME, mail.DEFAULT_FROM_EMAIL = "Acme, Inc.", "brief@dailydeck.example"
    seen = []
    with Sink(lambda step, said: seen.append(said) if step == "MAIL" else None) as sink:
        mail.EMAIL_PORT = sink.port
        found = check_mail("you@example.org", lookup=lambda name: RECORDS[name])
    assert found.taken and b'From: "Acme, Inc." <brief@dailydeck.example>' in sink.accepted[0][1]
    assert "<brief@dailydeck.example>" in seen[0]


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("_dmarc.brief.deck.example.org", "DMARC is there: v=DMARC1; p=reject"),
        ("_dmarc.deck.example.org", "DMARC is there, at _dmarc.deck.example.org: v=DMARC1; p=reject"),
        ("_dmarc.example.org", "DMARC is there, at _dmarc.example.org: v=DMARC1; p=reject"),
        ("_dmarc.org", ""),
    ],
)
def test_the_dmarc_record_of_a_domain_above_counts_for_those_below(mail, at, said):
    mail.SITE_URL, mail.DEFAULT_FROM_EMAIL = "https://deck.example.org", "it@brief.deck.example.org"
    records = {"brief.deck.example.org": ["v=spf1 -all"], at: ["v=DMARC1; p=reject"]}
    with Sink() as sink:
        mail.EMAIL_PORT = sink.port
        found = check_mail("you@example.org", lookup=lambda name: records.get(name, []))
    assert (said in found.advice) if said else found.faults[0].startswith("DMARC is missing")
    assert bool(found.faults) is (not said)

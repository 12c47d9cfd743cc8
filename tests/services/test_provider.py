"""Sending by a provider's own interface: the same ledger, the same endings, a real server that plays the provider."""

import socket
import time
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from urllib.parse import parse_qs

import pytest
from django.core.mail import EmailMessage

from glossary.domain.mail import Refused
from glossary.domain.mail_event import PROVIDERS, anymail_settings
from glossary.models import Subscriber, Suppression
from glossary.services.arming import why_not_sending
from glossary.services.delivery import send_due
from glossary.services.mail_check import check_mail
from glossary.services.provider import EmailBackend
from glossary.services.worker import make_worker
from tests.factories import make_brief_of
from tests.provider import Provider

pytestmark = pytest.mark.django_db
READERS = 25  # a group and a part of a second
KEY = "key-of-the-provider"


def inactive(address):
    """Return Postmark's answer for somebody whom it does not write to any more."""
    return {
        "ErrorCode": 406,
        "Message": f"You tried to send to a recipient that has been marked as inactive.\nFound inactive addresses:"
        f" {address}.\nInactive recipients are ones that have generated a hard bounce or a spam complaint. ",
    }


@pytest.fixture
def brief(settings):
    settings.SITE_URL = "https://deck.example"
    settings.DEFAULT_FROM_EMAIL = "brief@deck.example"
    return make_brief_of(READERS)


@pytest.fixture
def by(settings):
    """Return a function that lets mails go by a provider."""

    def use(server, timeout=(2, 5)):
        settings.EMAIL_PROVIDER, settings.EMAIL_HOST = server.name, ""
        settings.EMAIL_BACKEND = "glossary.services.provider.EmailBackend"
        options = {f"{server.name.upper()}_API_URL": server.url, "REQUESTS_TIMEOUT": timeout}
        settings.ANYMAIL = anymail_settings(server.name, key=KEY, secret="", options=options)
        return server

    return use


def drops(handler, keep):
    """Take the mail, and close the line without an answer."""
    keep()
    handler.connection.shutdown(socket.SHUT_RDWR)


def is_silent(handler, keep):
    keep()
    time.sleep(1)


def send():
    worker = make_worker()
    tally = send_due(worker)
    worker.transport.close()
    return worker, tally


@pytest.mark.parametrize("name", PROVIDERS)
def test_each_reader_gets_it_once_with_our_headers_by_every_provider(brief, by, name):
    with by(Provider(name)) as provider:
        assert send()[1].sent == READERS and send()[1].sent == 0
    told = [body if name != "mailgun" else str(parse_qs(body)) for _, _, body in provider.took]
    assert brief.deliveries.counted() == {"sent": READERS}
    for row in brief.deliveries.select_related("subscriber"):
        (mine,) = [body for body in told if row.message_id.strip("<>") in body]
        assert row.subscriber.address in mine and "/unsubscribe/" in mine and "1 of 7" in mine
        for header in ("List-Unsubscribe-Post", "List-Id", "Auto-Submitted"):
            assert header.lower() in mine.lower(), header
    assert KEY in str(provider.took[0][1]) or "Basic " in str(provider.took[0][1])
    assert len(provider.lines) == 2  # a line for each group, none for each mail


@pytest.mark.parametrize("name", [name for name, provider in PROVIDERS.items() if provider.untracks])
def test_providers_are_asked_to_track_nothing(brief, by, name):
    with by(Provider(name)) as provider:
        send()
    asked = {
        "mailgun": ["o:tracking-clicks=no", "o:tracking-opens=no"],
        "postmark": ['"TrackLinks": "None"', '"TrackOpens": false'],
        "sparkpost": ['"click_tracking": false', '"open_tracking": false'],
    }
    body = provider.took[0][2].replace("%3A", ":")
    assert all(one in body for one in asked[name])


def test_postmark_keeps_our_message_id(brief, by):
    with by(Provider("postmark")) as provider:
        send()
    assert '"X-PM-KeepID", "Value": "true"' in provider.took[0][2]


def test_a_refused_mail_has_failed_and_says_nothing_about_its_reader(brief, by):
    no = (400, {"message": "'to' parameter is not a valid address"})
    with by(Provider("mailgun", lambda number: no if number == 3 else None)) as provider:
        tally = send()[1]
    assert (tally.sent, tally.failed, len(provider.took)) == (READERS - 1, 1, READERS - 1)
    (row,) = brief.deliveries.filter(state="failed")
    assert row.last_code == 554 and "not a valid address" in row.last_said
    assert not Subscriber.objects.exclude(state="confirmed").exists() and not Suppression.objects.exists()


def test_a_reader_whom_the_provider_does_not_write_to_any_more_is_one_whose_mail_came_back(brief, by):
    rows = list(brief.deliveries.order_by("pk").select_related("subscriber"))
    said = inactive(rows[2].subscriber.address)
    with by(Provider("postmark", lambda number: (422, said) if number == 3 else None)):
        tally = send()[1]
    assert (tally.sent, tally.failed) == (READERS - 1, 1)
    gone = Subscriber.objects.get(pk=rows[2].subscriber_id)
    assert gone.state == "unsubscribed" and Suppression.objects.get().reason == "hard"


def test_a_no_in_words_that_nobody_knows_is_a_no(brief, by):
    said = {"ErrorCode": 406, "Message": "This one is on our list."}
    with by(Provider("postmark", lambda number: (422, said) if number == 3 else None)):
        tally = send()[1]
    (row,) = brief.deliveries.filter(state="failed")
    assert (tally.sent, tally.failed) == (READERS - 1, 1) and "on our list" in row.last_said


@pytest.mark.parametrize("ending", [drops, is_silent, (500, "oops"), (504, ""), (200, "no JSON")])
def test_a_mail_whose_answer_is_lost_is_uncertain_and_never_sent_again(brief, by, ending):
    with by(Provider("mailgun", lambda number: ending if number == 3 else None), timeout=(1, 0.4)) as provider:
        assert [send()[1].uncertain for _ in range(3)] == [1, 0, 0]
    assert brief.deliveries.counted() == {"in_doubt": 1, "sent": READERS - 1}
    copies = {row.state: set() for row in brief.deliveries.all()}
    for row in brief.deliveries.all():
        copies[row.state].add(sum(row.message_id in str(parse_qs(body)) for _, _, body in provider.took))
    accepted = not (isinstance(ending, tuple) and ending[0] >= 500)
    assert copies == {"sent": {1}, "in_doubt": {1 if accepted else 0}}


@pytest.mark.parametrize("status", [401, 402, 403, 404, 429, 503])
def test_a_provider_that_takes_nothing_now_is_left_alone_and_nobody_has_failed(brief, by, status):
    with by(Provider("mailgun", lambda number: (status, "no") if number <= 1 else None)) as provider:
        worker, tally = send()
        assert brief.deliveries.counted() == {"pending": READERS} and worker.resume_at is not None
        assert (tally.sent, provider.asked) == (0, 1)
        assert send()[1].sent == READERS


def test_a_provider_that_cannot_be_reached_leaves_everybody_waiting(brief, by):
    with by(Provider("postmark")):
        pass
    worker, tally = send()
    assert brief.deliveries.counted() == {"pending": READERS} and worker.resume_at is not None and tally.uncertain == 0


def test_a_stolen_name_is_found_out_before_a_mail_goes(by, settings):
    with by(Provider("postmark")) as provider:
        settings.ANYMAIL["POSTMARK_API_URL"] = provider.url.replace("127.0.0.1", "provider.invalid")
        with pytest.raises(Refused):
            EmailMessage("Hello", "Text", to=["ada@example.org"]).send()


def test_other_mails_get_the_words_of_smtp(by):
    with (
        by(Provider("postmark", lambda number: (422, inactive("ada@example.org")))),
        pytest.raises(SMTPRecipientsRefused),
    ):
        EmailMessage("Hello", "Text", to=["ada@example.org"]).send()
    with by(Provider("mailgun", lambda number: (400, "no"))), pytest.raises(SMTPResponseException, match="5.7.0"):
        EmailMessage("Hello", "Text", to=["ada@example.org"]).send()
    with by(Provider("brevo")) as provider:
        backend = EmailBackend()
        mails = [EmailMessage("Hello", "Text", to=[f"r{n}@example.org"]) for n in range(2)]
        assert backend.send_messages(mails) == 2 and len(provider.lines) == 1
    assert EmailBackend(fail_silently=True).send_messages(mails[:1]) == 0


def test_what_a_provider_cannot_put_into_its_form_is_refused(by):
    mail = EmailMessage("Hello", "Text", to=["ada@example.org"])
    mail.merge_global_data = {"a": "b"}
    with by(Provider("postmark")), pytest.raises(SMTPResponseException, match="5.6.0"):
        mail.send()


def test_the_check_of_mail_sends_by_the_provider_and_says_what_it_says(by, settings):
    settings.SITE_URL, settings.DEFAULT_FROM_EMAIL = "https://deck.example", "brief@deck.example"
    with by(Provider("mailgun")) as provider:
        found = check_mail("you@example.org", lookup=lambda name: None)
    assert found.taken and found.faults == [] and len(provider.took) == 1
    assert any("EMAIL_PROVIDER_SECRET is empty" in line for line in found.advice)
    with by(Provider("mailgun", lambda number: (401, "Forbidden"))):
        found = check_mail("you@example.org", lookup=lambda name: None)
    assert not found.taken and "mailgun did not take the mail" in found.faults[0] and "401" in found.faults[0]


def test_a_provider_is_a_way_to_mail(brief, by):
    with by(Provider("mailgun")):
        assert why_not_sending() == ""

"""Where providers tell what came back: only they, each thing once. The proof and the reading are anymail's own."""

import base64
import hashlib
import hmac
import json
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections
from django.test import Client

from glossary.domain.mail_event import anymail_settings
from glossary.domain.subscriber import SubscriberState
from glossary.models import ProviderEvent, Subscriber, Suppression
from tests.factories import make_readers

pytestmark = pytest.mark.django_db
SECRET = "a secret of the provider"
WHERE = "/mail/events/"


@pytest.fixture
def reader():
    long_ago = datetime.now(UTC) - timedelta(days=60)
    return make_readers(1, confirmed_at=long_ago)[0]


@pytest.fixture
def by(settings):
    """Return a function that sets the provider."""

    def use(name, secret=SECRET):
        settings.EMAIL_PROVIDER, settings.EMAIL_PROVIDER_SECRET = name, secret
        settings.ANYMAIL = anymail_settings(name, key="key", secret=secret, options={})

    return use


def mailgun(address, event="failed", *, token="t" * 50, age=0, key=SECRET, **over):
    """Return what Mailgun sends: its documented example, signed as it signs."""
    stamp = str(int(time.time() - age))
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    told = {
        "event": event,
        "id": "G9Bn5sl1TC6nu79C8C0bwg",
        "timestamp": time.time() - age,
        "severity": "permanent",
        "reason": "bounce",
        "recipient": address,
        "delivery-status": {"code": 550, "message": "5.1.1 No such user", "description": ""},
        "message": {"headers": {"message-id": "2026-05-29.abc@deck.example", "to": address}},
    }
    return {"signature": {"timestamp": stamp, "token": token, "signature": signature}, "event-data": told | over}


def postmark(address, kind="HardBounce", *, number=4323372036854775807, age=0, **over):
    """Return what Postmark sends of a bounce or a complaint."""
    return {
        "RecordType": "SpamComplaint" if kind == "SpamComplaint" else "Bounce",
        "ID": number,
        "Type": kind,
        "TypeCode": 1,
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Description": "The server was unable to deliver your message",
        "Details": "smtp;550 5.1.1 The email account that you tried to reach does not exist." if "Hard" in kind else "",
        "Email": address,
        "BouncedAt": (datetime.now(UTC) - timedelta(seconds=age)).strftime("%Y-%m-%dT%H:%M:%S.1234567Z"),
    } | over


def basic(secret=SECRET, user="mail"):
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}


def post(client, body, headers=None, kind="application/json"):
    body = body if isinstance(body, bytes | str) else json.dumps(body)
    return client.post(WHERE, body, content_type=kind, headers=headers or {}).status_code


def state():
    return [list(model.objects.order_by("pk").values()) for model in (Subscriber, Suppression, ProviderEvent)]


def gone():
    return Subscriber.objects.get().state == SubscriberState.UNSUBSCRIBED


def test_without_a_provider_or_its_secret_there_is_no_such_page(client, by, reader):
    assert post(client, mailgun(reader.address)) == 404 and client.get(WHERE).status_code == 404
    by("mailgun", secret="")
    assert post(client, mailgun(reader.address, key="key")) == 404
    by("postmark", secret="")
    assert post(client, postmark(reader.address)) == 404 and not gone()


def test_with_one_it_takes_posts_and_says_to_a_head_that_it_is_there(client, by):
    by("mailgun")
    assert client.head(WHERE).status_code == 200
    for method in (client.get, client.put, client.delete, client.options):
        assert method(WHERE).status_code == 405


def test_a_bounce_that_mailgun_signs_ends_it_and_the_same_again_changes_nothing(
    by, reader, django_assert_max_num_queries
):
    by("mailgun")
    client = Client(enforce_csrf_checks=True)
    with django_assert_max_num_queries(19):
        assert post(client, mailgun(reader.address)) == 200
    assert gone() and Suppression.objects.get().reason == "hard"
    before = state()
    assert [post(client, mailgun(reader.address)) for _ in range(3)] == [200] * 3
    assert state() == before


def test_a_bounce_with_postmarks_name_and_password_ends_it_and_the_same_again_changes_nothing(client, by, reader):
    by("postmark")
    assert post(client, postmark(reader.address), basic()) == 200
    assert gone() and Suppression.objects.get().reason == "hard"
    before = state()
    assert [post(client, postmark(reader.address), basic()) for _ in range(3)] == [200] * 3
    assert state() == before


def test_brevo_and_sparkpost_tell_in_their_own_words(client, by, reader):
    by("brevo")
    told = {"event": "soft_bounce", "email": reader.address, "message-id": "<1@x>", "reason": "full"}
    for day in (2, 1, 0):
        epoch = int((time.time() - day * 86400) * 1000)
        assert [post(client, told | {"ts_epoch": epoch}, basic()) for _ in range(2)] == [200, 200]
        assert gone() == (day == 0)
    Subscriber.objects.update(state="confirmed", left_at=None, left_how="")
    by("sparkpost")
    event = {"type": "spam_complaint", "event_id": "92356927693813856", "timestamp": str(int(time.time()))}
    told = [{"msys": {}}, {"msys": {"message_event": event | {"raw_rcpt_to": reader.address}}}]
    assert post(client, told, basic()) == 200 and gone()
    assert Suppression.objects.get().reason == "complaint"


def test_complaints_end_it_and_what_was_only_delayed_or_delivered_does_not(client, by, reader):
    by("mailgun")
    for number, (event, over) in enumerate(
        [("delivered", {}), ("opened", {}), ("failed", {"severity": "temporary"}), ("accepted", {}), ("new", {})]
    ):
        assert post(client, mailgun(reader.address, event, token=f"{number}" * 50, **over)) == 200
    assert not gone() and not ProviderEvent.objects.exists()
    assert post(client, mailgun(reader.address, "complained", token="9" * 50)) == 200
    assert gone() and Suppression.objects.get().reason == "complaint"


FORGED = {
    "another key": lambda address: mailgun(address, key="another key of somebody"),
    "the key of the interface": lambda address: mailgun(address, key="key"),
    "no signature": lambda address: {"event-data": mailgun(address)["event-data"]},
    "an empty signature": lambda address: mailgun(address) | {"signature": {}},
    "a signature that is a list": lambda address: mailgun(address) | {"signature": []},
    "half a signature": lambda address: changed(mailgun(address), "signature", lambda text: text[:-1]),
    "a token of another": lambda address: changed(mailgun(address), "token", lambda text: "u" * 50),
    "another moment": lambda address: changed(mailgun(address), "timestamp", lambda text: str(int(text) + 1)),
    "a number for a signature": lambda address: changed(mailgun(address), "signature", lambda text: 7),
    "no ASCII": lambda address: changed(mailgun(address), "token", lambda text: "é" * 50),
    "of last week": lambda address: mailgun(address, age=7 * 86400),
    "of two days ago": lambda address: mailgun(address, age=2 * 86400),
    "of next week": lambda address: mailgun(address, age=-7 * 86400),
}


def changed(body, field, change):
    body["signature"][field] = change(body["signature"][field])
    return body


@pytest.mark.parametrize("name", FORGED)
def test_what_mailgun_did_not_sign_or_signed_long_ago_changes_nothing(client, by, reader, name):
    by("mailgun")
    before = state()
    assert post(client, FORGED[name](reader.address)) in {400, 403}
    assert state() == before


def test_a_signature_that_was_seen_is_worthless_with_other_words(client, by, reader):
    other = make_readers(1, domain="elsewhere.example", confirmed_at=datetime.now(UTC) - timedelta(days=60))[0]
    by("mailgun")
    assert post(client, mailgun(reader.address, severity="permanent")) == 200
    before = state()
    assert post(client, mailgun(other.address)) == 200  # Mailgun's signature does not cover who it is about
    assert state() == before


@pytest.mark.parametrize(
    "headers",
    [{}, basic("wrong"), basic(SECRET + "x"), basic(user="postmark"), {"authorization": "Basic %%%"}]
    + [{"authorization": "Bearer " + SECRET}, {"authorization": "Basic"}, basic("\u00e9")],
)
def test_whoever_has_not_postmarks_password_changes_nothing(client, by, reader, headers):
    by("postmark")
    before = state()
    assert post(client, postmark(reader.address), headers) in {400, 403}
    assert state() == before


def test_what_is_no_proof_for_one_provider_is_none_for_another(client, by, reader):
    by("postmark")
    assert post(client, mailgun(reader.address)) == 403
    by("mailgun")
    assert post(client, postmark(reader.address), basic()) == 403
    assert not gone()


GARBLED = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"7",
    b'"text"',
    b"\xff\xfe{}",
    b"{}" * 1000,
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"RecordType": "Bounce", "Email": ["a"], "ID": {}, "Type": [], "BouncedAt": 7}',
    b'{"RecordType": "Bounce", "Email": "a@b.org", "Type": "HardBounce", "BouncedAt": "2026-99-99T00:00:00Z"}',
    b'{"RecordType": "Inbound", "FromFull": {}}',
    b'{"RecordType": "Bounce", "Email": "\\ud800@b.org", "Type": "HardBounce", "ID": "\\ud800"}',
    b'{"RecordType": "Bounce", "Email": "a\\u0000@b.org", "Type": "HardBounce", "ID": 1}',
    b'{"RecordType": "Bounce", "Email": "' + b"a" * 900_000 + b'@b.org", "Type": "HardBounce", "ID": 1}',
    b'{"RecordType": "Bounce", "Email": "a@b.org", "Type": "HardBounce", "ID": 1e999, "Metadata": []}',
]


@pytest.mark.parametrize("number", range(len(GARBLED)))
def test_what_cannot_be_read_is_refused_and_never_an_error_of_ours(client, by, reader, number):
    by("postmark")
    before = state()[:2]
    assert post(client, GARBLED[number], basic()) in {200, 400, 415}
    assert state()[:2] == before
    by("mailgun")
    assert post(client, GARBLED[number]) in {400, 403, 415}
    assert state()[:2] == before


@pytest.mark.parametrize(
    "field", ["event", "timestamp", "recipient", "reason", "delivery-status", "message", "severity"]
)
@pytest.mark.parametrize("value", [None, [], {}, 1e308, float("inf"), float("nan"), -1, "x" * 10_000, True])
def test_no_value_of_a_signed_field_is_an_error_of_ours(client, by, reader, field, value):
    by("mailgun")
    assert post(client, mailgun(reader.address, **({"event": value} if field == "event" else {field: value}))) in {
        200,
        400,
    }


def test_what_is_too_long_or_no_json_is_refused_before_it_is_read(client, by, reader):
    by("postmark")
    long = json.dumps(postmark(reader.address, Content="x" * 1_000_001))
    assert post(client, long, basic()) == 413
    assert post(client, json.dumps(postmark(reader.address)), basic(), kind="text/plain") == 415
    form = "signature=x&token=y&timestamp=1"
    by("mailgun")
    assert post(client, form, kind="application/x-www-form-urlencoded") == 415 and not gone()


def test_news_that_names_its_zone_badly_or_not_is_of_utc(client, by, reader):
    by("postmark")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    assert post(client, postmark(reader.address, BouncedAt=now), basic()) == 200 and gone()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="Requests at once need PostgreSQL (DATABASE_URL).")
def test_the_same_news_ten_times_at_once_counts_once(by, reader):
    by("postmark")
    answers, start = [], threading.Barrier(10)

    def tell():
        start.wait()
        answers.append(post(Client(), postmark(reader.address, "SoftBounce"), basic()))
        connections.close_all()

    threads = [threading.Thread(target=tell) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 10 and ProviderEvent.objects.count() == 1 and Subscriber.objects.get().soft_days == 1
    assert connection.vendor == "postgresql"

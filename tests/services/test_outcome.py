"""What becomes of a mail that was not taken: refused, put off, uncertain, or never offered."""

from datetime import timedelta

import pytest

from glossary.models import (
    Delivery,
    Subscriber,
    Suppression,
)
from glossary.services.brief import make_brief
from glossary.services.delivery import send_due
from glossary.services.subscription import erase
from tests.factories import make_dealt_deck
from tests.sending import READERS, states, worker_for
from tests.sink import DROP, Sink

pytestmark = pytest.mark.django_db


def test_an_uncertain_mail_is_never_sent_again_by_itself(brief, clock):
    with Sink(lambda step, said: DROP if step == "body" else None) as sink:
        send_due(worker_for(sink, clock))
    uncertain = set(brief.deliveries.uncertain(clock.now).values_list("message_id", flat=True))
    assert uncertain == set(sink.ids()) and len(uncertain) == 2  # after the second broken line the server is left alone
    with Sink() as other:
        for _ in range(3):
            clock.pass_by(minutes=10)
            send_due(worker_for(other, clock))
    assert not uncertain & set(other.ids())
    assert states(brief) == {"in_doubt": 2, "sent": READERS - 2}


def test_what_the_server_refuses_for_good_has_failed_with_its_words(brief, clock):
    refused = set(brief.deliveries.values_list("subscriber__address", flat=True)[::9])
    script = lambda step, said: "550 no such user" if step == "RCPT" and said[9:-1] in refused else None  # noqa: E731
    with Sink(script) as sink:
        tally = send_due(worker_for(sink, clock))
    failed = brief.deliveries.filter(state="failed")
    assert set(failed.values_list("subscriber__address", "last_code", "last_said")) == {
        (one, 550, "no such user") for one in refused
    }
    assert (tally.sent, tally.failed) == (READERS - len(refused), len(refused))


@pytest.mark.parametrize("step", ["RCPT", "body"])
@pytest.mark.parametrize("code", ["550 5.1.1", "451 4.2.1"])
def test_what_a_server_says_is_kept_without_the_readers_address(brief, clock, step, code, caplog):
    reader = brief.deliveries.order_by("pk")[3].subscriber
    local = reader.address.partition("@")[0]

    def script(at, said):
        if at == step and local.lower() in said.lower():
            return f"{code} <{reader.address.upper()}>: user {local}, {reader.address}, is not here"
        return None

    with Sink(script) as sink:
        send_due(worker_for(sink, clock))
    row = brief.deliveries.get(subscriber=reader)
    assert row.last_said == f"{code[4:]} <reader>: user <reader>, <reader>, is not here"
    assert local.lower() not in caplog.text.lower()
    erase(reader)
    row.refresh_from_db()
    assert (row.subscriber, row.last_said) == (None, "")


def test_a_lost_line_is_told_without_an_address(brief, clock, caplog):
    with Sink(lambda step, said: "xyz ada@example.org" if step == "RCPT" else None) as sink:
        for _ in range(3):
            send_due(worker_for(sink, clock))
    assert "the mail server takes nothing" in caplog.text and "ada@" not in caplog.text
    assert not brief.deliveries.filter(last_said__contains="@").exists()


def test_a_mail_refused_for_now_comes_back_later_and_later(brief, clock):
    one = brief.deliveries.order_by("pk")[7]
    Subscriber.objects.filter(pk=one.subscriber_id).update(address="slow@slow.example")
    script = lambda step, said: "451 later" if step == "RCPT" and "slow@" in said else None  # noqa: E731
    waits = []
    with Sink(script) as sink:
        for _ in range(5):
            send_due(worker_for(sink, clock))
            one.refresh_from_db()
            waits.append((one.not_before - clock.now) / timedelta(minutes=1))
            clock.now = one.not_before
    assert one.attempt == 5 and one.last_code == 451
    for wait, base in zip(waits, [1, 5, 15, 60, 60], strict=True):
        assert base <= wait <= base * 1.2


def test_a_domain_that_says_not_now_three_times_is_left_alone(brief, clock):
    rows = brief.deliveries.order_by("pk")
    for number, row in enumerate(rows[:10]):
        Subscriber.objects.filter(pk=row.subscriber_id).update(address=f"r{number}@busy.example")
    script = lambda step, said: "450 not now" if step == "RCPT" and "busy" in said else None  # noqa: E731
    with Sink(script, extensions=()) as sink:
        worker = worker_for(sink, clock)
        send_due(worker)
        asked = [said for step, said in sink.seen if step == "RCPT" and "busy" in said]
        assert states(brief) == {"pending": 10, "sent": READERS - 10}
        assert len(asked) == 10  # its first group was on its way
        clock.pass_by(seconds=90)
        send_due(worker)
        assert len([said for step, said in sink.seen if step == "RCPT" and "busy" in said]) == 10
    assert worker.busy["busy.example"] > clock.now


def test_a_server_that_cannot_be_reached_is_left_alone_and_nothing_is_lost(brief, clock):
    with Sink() as sink:
        pass
    worker = worker_for(sink, clock)
    send_due(worker)
    assert states(brief) == {"pending": READERS} and worker.resume_at > clock.now
    assert brief.deliveries.filter(attempt=0, owner="").count() == READERS
    with Sink() as up:
        worker.transport = worker_for(up, clock).transport
        assert send_due(worker).sent == 0  # it rests
        clock.now = worker.resume_at
        assert send_due(worker).sent == READERS


def put_off(brief, clock, *, said="451 later"):
    """Let every server put mails off until the window of the brief is over."""
    with Sink(lambda step, spoken: said if step == "RCPT" else None, extensions=()) as sink:
        send_due(worker_for(sink, clock))
        clock.now = brief.window_ends
        send_due(worker_for(sink, clock))


def test_a_mail_that_was_put_off_until_it_expired_came_back_for_now(brief, clock):
    put_off(brief, clock)
    tried = brief.deliveries.filter(last_code=451)
    assert states(brief) == {"expired": READERS} and 0 < tried.count() < READERS  # a busy domain is left alone
    assert set(tried.values_list("last_said", "subscriber__soft_days")) == {("later", 1)}
    untried = brief.deliveries.filter(last_code=None)
    assert set(untried.values_list("last_said", "subscriber__soft_days")) == {("The window of the brief was over.", 0)}
    with Sink() as sink:
        for _ in range(3):
            send_due(worker_for(sink, clock))
    assert set(tried.values_list("subscriber__soft_days", flat=True)) == {1}  # nothing counts twice


def test_three_days_of_mails_that_were_put_off_end_it(brief, clock):
    reader = brief.deliveries.first().subscriber
    Subscriber.objects.exclude(pk=reader.pk).update(state="unsubscribed", left_at=clock.now)
    for days in range(1, 5):
        coming = make_brief(make_dealt_deck(brief.deck.day + timedelta(days=days)), now=clock.now)
        assert coming.recipients == (1 if days <= 3 else 0)
        put_off(coming, clock, said="452 4.2.2 mailbox full")
        clock.pass_by(hours=4)
        reader.refresh_from_db()
        assert (reader.state, reader.soft_days) == ("unsubscribed" if days >= 3 else "confirmed", min(days, 3))
    assert Suppression.objects.get().reason == "soft" and reader.left_how == "mail came back on three days"


def test_a_server_that_puts_off_because_of_us_says_nothing_about_the_reader(brief, clock):
    put_off(brief, clock, said="421 4.7.0 too many from your address")
    assert not Subscriber.objects.filter(soft_days__gt=0).exists() and states(brief) == {"expired": READERS}


def test_a_first_brief_that_is_put_off_for_the_last_time_came_back_for_now(brief, clock):
    row = brief.deliveries.order_by("pk")[0]
    brief.deliveries.exclude(pk=row.pk).delete()
    Delivery.objects.update(alone=True)
    with Sink(lambda step, said: "452 full" if step == "RCPT" else None) as sink:
        for _ in range(8):
            assert Subscriber.objects.get(pk=row.subscriber_id).soft_days == 0
            send_due(worker_for(sink, clock))
            clock.pass_by(hours=2)
    row.refresh_from_db()
    assert (row.state, row.attempt) == ("failed", 8)
    assert Subscriber.objects.get(pk=row.subscriber_id).soft_days == 1

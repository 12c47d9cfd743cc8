"""A server that refuses: one mailbox that is gone, or everybody, which is no fault of the readers."""

import pytest

from glossary.domain.roles import Role
from glossary.models import (
    Notice,
    Subscriber,
    Suppression,
)
from glossary.services.brief import resume_brief
from glossary.services.delivery import send_due
from tests.factories import make_brief_of, make_user
from tests.sending import READERS, Clock, states, worker_for
from tests.sink import Sink

pytestmark = pytest.mark.django_db


def test_a_mailbox_that_is_gone_gets_no_more_once_the_run_is_over(brief, clock):
    gone = set(brief.deliveries.values_list("subscriber__address", flat=True)[::20])
    script = lambda step, said: "550 5.1.1 no such user" if step == "RCPT" and said[9:-1] in gone else None  # noqa: E731
    with Sink(script) as sink:
        send_due(worker_for(sink, clock))
    left = Subscriber.objects.filter(state="unsubscribed")
    assert set(left.values_list("address", flat=True)) == gone and len(gone) == 3
    assert Suppression.objects.filter(reason="hard").count() == 3


PLAIN, PIPED, CHUNKED = (), ("PIPELINING",), ("PIPELINING", "CHUNKING")


@pytest.mark.parametrize(
    ("step", "answer", "extensions"),
    [
        ("RCPT", "550 relay not permitted", PLAIN),
        ("RCPT", "550 5.1.1 no such user", PIPED),  # a server that says so of everybody is wrong
        ("RCPT", "550 5.1.1 no such user", CHUNKED),
        ("RCPT", "553 that domain is not in my list of allowed rcpthosts", PIPED),
        ("body", "550 5.1.1 rejected", PIPED),
        ("body", "550 5.1.1 rejected", CHUNKED),
        ("MAIL", "550 5.1.0 bad sender", PLAIN),
        ("MAIL", "550 5.1.1 bad sender", PIPED),
    ],
)
def test_a_server_that_refuses_everybody_ends_no_subscription_and_the_brief_waits(
    brief, clock, step, answer, extensions
):
    keeper, other = make_user(Role.SUBSCRIBER_ADMIN), make_user(Role.EDITOR)
    with Sink(lambda at, said: answer if at == step else None, extensions=extensions) as sink:
        worker = worker_for(sink, clock)
        tally = send_due(worker)
        worker.transport.close()
        asked = len(sink.seen)
        assert send_due(worker_for(sink, clock)).failed == 0 and len(sink.seen) == asked
    brief.refresh_from_db()
    assert (brief.state, states(brief), tally.failed) == ("paused", {"pending": READERS}, 0)
    assert "refused all of the first 20 mails" in brief.trouble == tally.why_not
    assert Subscriber.objects.confirmed().count() == READERS and not Suppression.objects.exists()
    assert not Subscriber.objects.filter(soft_days__gt=0).exists()
    notice = Notice.objects.get()
    assert (notice.person, notice.kind) == (keeper, "brief") and brief.trouble in notice.text and other
    with Sink() as good:
        resume_brief(brief, by=keeper, now=clock.now)
        assert send_due(worker_for(good, clock)).sent == READERS
    brief.refresh_from_db()
    assert brief.trouble == ""


def test_a_server_that_begins_to_refuse_stops_the_brief_and_nobody_is_lost(settings):
    settings.EMAIL_HOST = "127.0.0.1"
    brief, clock, taken = make_brief_of(100), Clock(), []

    def script(step, said):
        if step == "body":
            taken.append(said)
        return "550 5.2.1 daily limit" if step == "RCPT" and len(taken) > 30 else None

    with Sink(script) as sink:
        send_due(worker_for(sink, clock))
    brief.refresh_from_db()
    assert brief.state == "paused" and "in the same words: “daily limit”" in brief.trouble
    assert sum(states(brief).values()) == 100 and set(states(brief)) == {"sent", "pending"}
    assert not Suppression.objects.exists()


def test_a_cap_does_not_hide_that_everybody_is_refused(brief, clock, settings):
    settings.EMAIL_MAX_PER_HOUR = 60
    with Sink(lambda step, said: "550 5.1.1 no such user" if step == "RCPT" else None) as sink:
        for _ in range(5):
            send_due(worker_for(sink, clock))
            clock.pass_by(minutes=1)
    brief.refresh_from_db()
    assert brief.state == "paused" and len([1 for step, _ in sink.seen if step == "RCPT"]) == 3
    assert not Suppression.objects.exists()

"""A sender: it dies at any step, shares its mails with others, and loses what its lease no longer covers."""

from collections import Counter
from datetime import timedelta

import pytest

from glossary.domain.brief import DeliveryState
from glossary.models import (
    Brief,
    Delivery,
)
from glossary.services.delivery import send_due
from glossary.services.worker import make_worker
from tests.sending import HIRED, READERS, Failpoint, Killed, hang_up, states, worker_for
from tests.sink import Sink

pytestmark = pytest.mark.django_db


def again(brief):
    """Put every mail and the brief back to where they were."""
    Delivery.objects.update(state="pending", owner="", lease_until=None, attempt=0, message_id="", last_code=None)
    Brief.objects.update(state="queued", started_at=None, ended_at=None)


STEPS = {  # how often each step is met on the way of 45 mails in three groups
    "claimed": 2,
    "connect": 1,
    "envelope": 3,
    "before doubt": 3,
    "in doubt": 3,
    "body": READERS,
    "answer": READERS,
    "noted": 3,
    "before flush": 1,
    "flushed": 1,
}


def test_a_worker_that_dies_at_any_step_loses_nobody_and_repeats_nothing(brief, clock):
    for step, times in STEPS.items():
        for at in sorted({1, (times + 1) // 2, times}):
            again(brief)
            with Sink() as sink:
                with pytest.raises(Killed):
                    send_due(worker_for(sink, clock, probe=Failpoint(step, at)))
                hang_up(HIRED[-1])
                clock.pass_by(minutes=1)  # the leases of the dead run out
                other = worker_for(sink, clock)
                send_due(other)
                other.transport.close()
            copies = Counter(sink.recipients())
            sent = set(brief.deliveries.filter(state="sent").values_list("subscriber__address", flat=True))
            uncertain = set(brief.deliveries.uncertain(clock.now).values_list("subscriber__address", flat=True))
            assert set(copies.values()) <= {1}, (step, at)
            assert sent <= set(copies) <= sent | uncertain, (step, at)
            assert len(sent | uncertain) == READERS and len(uncertain) <= 20, (step, at)
            assert uncertain or step in {"claimed", "connect", "envelope", "before doubt", "flushed"}, (step, at)


def test_steps_are_met_as_often_as_the_test_above_believes(brief, clock):
    met = Counter()
    with Sink() as sink:
        worker = worker_for(sink, clock, probe=lambda step: met.update([step]))
        send_due(worker)
        worker.transport.close()
    assert met == STEPS


def test_two_workers_share_the_mails(brief, clock):
    with Sink() as sink:
        other = worker_for(sink, clock)

        def meanwhile(step):
            if step == "in doubt" and not other.tally.sent:
                send_due(other)

        Delivery.objects.filter(pk__in=list(brief.deliveries.values_list("pk", flat=True)[:20])).update(
            not_before=clock.now + timedelta(minutes=1)
        )
        clock.pass_by(seconds=1)
        first = worker_for(sink, clock, probe=meanwhile)
        send_due(first)
        clock.pass_by(minutes=2)
        send_due(other)
    assert Counter(sink.recipients()).most_common(1)[0][1] == 1 and states(brief) == {"sent": READERS}


def test_a_lease_that_ran_out_takes_the_rows_from_its_worker(brief, clock):
    with Sink() as sink:
        slow = worker_for(sink, clock)

        def too_long(step):
            if step == "before doubt":
                clock.pass_by(minutes=5)
                slow.stopped.set()

        slow.probe = too_long
        send_due(slow)
        assert sink.accepted == [] and not brief.deliveries.filter(state=DeliveryState.IN_DOUBT).exists()
        send_due(worker_for(sink, clock))
    assert states(brief) == {"sent": READERS}


def test_a_lease_outlasts_two_waits_for_the_server(settings):
    worker = make_worker()
    assert worker.lease > 2 * worker.needs >= timedelta(seconds=2 * 6 * settings.EMAIL_TIMEOUT)

"""The ledger: each row has one owner at a time, and only its owner changes it."""

from datetime import UTC, datetime, timedelta

import pytest

from glossary.domain.brief import BriefState, DeliveryState
from glossary.models import Subscriber
from glossary.services import ledger
from glossary.services.ledger import Settled
from tests.factories import make_brief_of

pytestmark = pytest.mark.django_db
SOON = timedelta(minutes=1)


@pytest.fixture
def brief():
    made = make_brief_of(4)
    made.state, made.started_at = BriefState.SENDING, made.made_at
    made.save()
    return made


@pytest.fixture
def now(brief):
    return datetime.now(UTC)


def claim(brief, owner, *, now, limit=10):
    return ledger.claim(brief.pk, owner=owner, now=now, lease=now + SOON, limit=limit)


def doubt(brief, rows, owner, *, now, sent=()):
    return ledger.doubt(
        [(row.pk, f"<{row.pk}@x>") for row in rows],
        sent=sent,
        owner=owner,
        now=now,
        needs=now + SOON / 2,
        lease=now + SOON,
        day=brief.deck.day,
        written=now,
    )


def test_no_two_workers_get_the_same_row(brief, now):
    mine, yours = claim(brief, "me", now=now, limit=3), claim(brief, "you", now=now)
    assert (len(mine), len(yours)) == (3, 1) and not {row.pk for row in mine} & {row.pk for row in yours}
    assert claim(brief, "me", now=now) == []


def test_what_nobody_sent_before_the_lease_ran_out_is_free_again(brief, now):
    rows = claim(brief, "me", now=now)
    assert ledger.reclaim(now=now) == 0 and ledger.reclaim(now=now + SOON) == 4
    assert doubt(brief, rows, "me", now=now + SOON) == set()


def test_what_is_in_doubt_is_not_free_again(brief, now):
    rows = claim(brief, "me", now=now)
    assert doubt(brief, rows, "me", now=now) == {row.pk for row in rows}
    assert ledger.reclaim(now=now + SOON) == 0 and claim(brief, "you", now=now + SOON) == []


def test_only_those_are_in_doubt_whose_reader_still_wants_it_and_whose_worker_has_time(brief, now):
    rows = claim(brief, "me", now=now)
    Subscriber.objects.filter(pk=rows[0].subscriber).update(state="unsubscribed", left_at=now)
    assert doubt(brief, rows, "me", now=now + SOON) == set()
    assert doubt(brief, rows, "you", now=now) == set()
    assert doubt(brief, rows, "me", now=now) == {row.pk for row in rows[1:]}


def test_the_doubt_of_one_group_notes_that_the_group_before_has_gone(brief, now):
    first, second = claim(brief, "me", now=now, limit=2), claim(brief, "me", now=now)
    doubt(brief, first, "me", now=now)
    doubt(brief, second, "me", now=now, sent=[row.pk for row in first])
    assert brief.deliveries.counted() == {"sent": 2, "in_doubt": 2}
    assert ledger.mark_sent([row.pk for row in second], owner="you", now=now) == 0
    assert ledger.mark_sent([row.pk for row in second], owner="me", now=now) == 2


def test_a_worker_settles_and_releases_its_own_rows_only(brief, now):
    rows = claim(brief, "me", now=now)
    refused = Settled(rows[0].pk, DeliveryState.FAILED, 1, code=550, said="No ada@example.org here.")
    for owner in ("you", "me"):
        ledger.settle([refused], owner=owner, now=now)
        ledger.release([row.pk for row in rows[2:]], owner=owner, now=now)
        done = {"failed": 1, "claimed": 1, "pending": 2} if owner == "me" else {"claimed": 4}
        assert brief.deliveries.counted() == done
    row = brief.deliveries.get(pk=rows[0].pk)
    assert (row.attempt, row.last_code, row.owner) == (1, 550, "") and "ada@" not in row.last_said
    assert ledger.give_back([row.pk], now=now) == 1 and brief.deliveries.counted() == {"claimed": 1, "pending": 3}

"""What became of the mails of a group, and what the next mails have from it."""

import logging
import random
from collections.abc import Sequence
from datetime import datetime

from glossary.domain.address import without_addresses
from glossary.domain.brief import ALONE_TRIES, BUSY, BUSY_FOR, POISON, POISONED, DeliveryState, wait_after
from glossary.domain.mail import Fate, Reply, Results, Stopped
from glossary.domain.subscriber import SubscriberState
from glossary.models import Delivery
from glossary.services import ledger
from glossary.services.ledger import Row, Settled
from glossary.services.worker import Worker

logger = logging.getLogger(__name__)
MAX_SAID = 1000  # characters of a server's words that are looked at


def note_results(results: Results, rows: dict[int, Row], left: Sequence[int], worker: Worker, *, now: datetime) -> None:
    """Note what became of each mail of a group; `left` has the keys of those that did not go at the last check."""
    _note_line(results, worker, now=now)
    gone, settled = set(left), []
    for key, (fate, reply) in results.fates.items():
        if fate == Fate.TAKEN:
            _note_taken(rows[key], worker)
        elif key not in gone:
            if reply is not None:
                _note_no(rows[key], fate, reply, worker)
            settled.append(_settled(rows[key], fate, reply, results, worker, now=now))
    ledger.settle(settled, owner=worker.owner, now=now)
    if left:
        _leave_out(left, worker, now=now)


def _note_taken(row: Row, worker: Worker) -> None:
    worker.sent.append(row.pk)
    worker.fuse.take()
    if worker.refusals:
        worker.refusals.pop(row.address.rpartition("@")[2], None)


def _note_no(row: Row, fate: Fate, reply: Reply, worker: Worker) -> None:
    """Keep what a refusal may mean for the reader until the run is over."""
    if fate == Fate.REFUSED:
        worker.fuse.refuse(reply.text)
        worker.refused.append((row.pk, row.subscriber, reply))
    elif fate == Fate.LATER and row.subscriber is not None and _was_last(row):
        worker.given_up.append((row.subscriber, reply))


def _was_last(row: Row) -> bool:
    """Return whether a try of this mail was the last, as no window ends it."""
    return row.alone and row.attempt + 1 >= ALONE_TRIES


def _settled(row: Row, fate: Fate, reply: Reply | None, results: Results, worker: Worker, *, now: datetime) -> Settled:
    """Return what a mail that was not taken comes to."""
    code, said = (reply.code, reply.text) if reply else (None, str(results.lost or ""))
    said = without_addresses(said[:MAX_SAID], row.address)
    if fate == Fate.UNKNOWN:
        worker.tally.uncertain += 1
        return Settled(row.pk, DeliveryState.IN_DOUBT, code=code, said=said)
    if fate == Fate.REFUSED:
        worker.tally.failed += 1
        return Settled(row.pk, DeliveryState.FAILED, 1, code=code, said=said)
    broke_here = fate == Fate.UNSENT and results.at == row.pk and not isinstance(results.lost, Stopped)
    if fate == Fate.UNSENT and not broke_here:
        return Settled(row.pk, DeliveryState.PENDING)
    worker.tally.later += 1
    if _was_last(row):
        return Settled(row.pk, DeliveryState.FAILED, 1, code=code, said=said)
    waits = now + wait_after(row.attempt + 1, random.random())
    if fate == Fate.LATER:
        domain = row.address.rpartition("@")[2]
        worker.refusals[domain] = worker.refusals.get(domain, 0) + 1
        if worker.refusals[domain] >= BUSY:
            worker.busy[domain] = now + BUSY_FOR
            worker.refusals.pop(domain)
    return Settled(row.pk, DeliveryState.PENDING, 1, not_before=waits, code=code, said=said)


def poisoned(row: Row, why: str, *, now: datetime) -> Settled:
    """Return what a mail that cannot be written comes to: another try, and after some none."""
    if row.attempt + 1 >= POISON:
        logger.error("delivery %s is set aside: %s", row.pk, without_addresses(why, row.address))
        return Settled(row.pk, DeliveryState.FAILED, 1, said=f"{POISONED}: {why}")
    return Settled(row.pk, DeliveryState.PENDING, 1, not_before=now + wait_after(row.attempt + 1, 0), said=why)


def _note_line(results: Results, worker: Worker, *, now: datetime) -> None:
    """Leave a server alone for a while that could not be reached, or that broke off twice without taking a mail."""
    took = any(fate == Fate.TAKEN for fate, _ in results.fates.values())
    if results.lost is None or took:
        worker.failures, worker.resume_at = 0, None
        return
    if isinstance(results.lost, Stopped):
        return
    worker.failures += 1
    if results.at is None or worker.failures > 1:
        worker.resume_at = now + wait_after(worker.failures, random.random())
        why = without_addresses(str(results.lost))
        logger.warning("the mail server takes nothing, trying again at %s: %s", worker.resume_at, why)


def _leave_out(keys: Sequence[int], worker: Worker, *, now: datetime) -> None:
    """Say of mails that did not go at the last check why: the reader left, the window is over, or the brief rests."""
    rows = Delivery.objects.filter(pk__in=keys, owner=worker.owner, state=DeliveryState.CLAIMED)
    settled = []
    for row in rows.select_related("subscriber", "brief__deck"):
        reader, day = row.subscriber, row.brief.deck.day
        if reader is None or reader.state != SubscriberState.CONFIRMED:
            settled.append(Settled(row.pk, DeliveryState.SUPPRESSED, said="The reader left."))
        elif (reader.paused_until and reader.paused_until > day) or (
            reader.weekdays_only and day.weekday() >= 5 and not row.alone
        ):
            settled.append(Settled(row.pk, DeliveryState.SUPPRESSED, said="The reader paused it."))
        else:  # past its window `end_briefs` stops it, with what that means
            settled.append(Settled(row.pk, DeliveryState.PENDING))
    worker.tally.left_out += sum(one.state != DeliveryState.PENDING for one in settled)
    ledger.settle(settled, owner=worker.owner, now=now)

"""Sending the brief so that a crash loses nobody and nobody gets it twice.

A mail is claimed under a lease, then its group is noted as in doubt, then the bodies go, then they are noted as sent
together with the next group's doubt: one write a group. A worker that dies before the doubt leaves rows that come back
when the lease ends; one that dies after it leaves at most a group that staff see as uncertain.
"""

import logging
import random
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from glossary.domain.address import without_addresses
from glossary.domain.brief import (
    ALONE_TRIES,
    BUSY,
    BUSY_FOR,
    IN_FLIGHT,
    POISON,
    POISONED,
    BriefState,
    DeliveryState,
    pace,
    wait_after,
)
from glossary.domain.errors import IllegalMove
from glossary.domain.fuse import Fuse
from glossary.domain.mail import Fate, Mail, Reply, Results, Stopped
from glossary.domain.subscriber import SubscriberState
from glossary.models import Brief, Correction, Delivery, Subscriber
from glossary.services import ledger
from glossary.services.arming import begin_run, why_not_sending
from glossary.services.bounce import note_delay, note_refusal
from glossary.services.brief import end_briefs, halt_brief, note_trouble, start_queued, take_turn
from glossary.services.brief_mail import Written, deck_state, write_brief
from glossary.services.clock import moment
from glossary.services.ledger import Row, Settled
from glossary.services.transport import Transport, open_transport

logger = logging.getLogger(__name__)
GROUPS_A_CLAIM = 10
MAX_SAID = 1000  # characters of a server's words that are looked at
UNSEEN = timedelta(seconds=10)  # that a correction may have been on its way into the database when words were read
ASK_AGAIN = timedelta(seconds=5)  # whether the readers of a group still want it is known for so long
LOOK_AGAIN = timedelta(seconds=2)  # the words of the deck are looked at again so often


@dataclass
class Tally:
    """What a worker did, and which briefs it found missed.

    `why_not` says why nothing could leave; `next_at` when there is something to do again.
    """

    sent: int = 0
    failed: int = 0
    later: int = 0
    left_out: int = 0
    uncertain: int = 0
    why_not: str = ""
    missed: list[str] = field(default_factory=list)
    next_at: datetime | None = None


def _nothing(step: str) -> None:
    """Stand in for the probe of a test."""


@dataclass
class Worker:
    """One sender: its name in the ledger, its way out, and what it remembers of servers that said “not now”.

    `probe` is called with the name of each step, so that a test can make it die there.
    """

    transport: Transport
    clock: Callable[[], datetime] = moment
    probe: Callable[[str], None] = _nothing
    stopped: threading.Event = field(default_factory=threading.Event)
    owner: str = field(default_factory=lambda: uuid.uuid4().hex)
    lease: timedelta = timedelta(seconds=15)  # longer than two waits for the server
    needs: timedelta = timedelta(seconds=5)  # of the lease, left when a group begins
    refusals: dict[str, int] = field(default_factory=dict)
    busy: dict[str, datetime] = field(default_factory=dict)
    failures: int = 0
    resume_at: datetime | None = None
    sent: list[int] = field(default_factory=list)
    fuse: Fuse = field(default_factory=Fuse)
    refused: list[tuple[int, int | None, Reply]] = field(default_factory=list)  # row, reader, what was said
    given_up: list[tuple[int, Reply]] = field(default_factory=list)  # reader of a mail put off at its last try, and why
    tally: Tally = field(default_factory=Tally)

    def rest(self, now: datetime) -> bool:
        """Return whether the server is left alone for now, after it could not be reached."""
        return self.resume_at is not None and now < self.resume_at


def make_worker() -> Worker:
    """Return a worker for the mail server of the settings; its lease outlasts two of the longest waits."""
    patience = timedelta(seconds=settings.EMAIL_TIMEOUT * 6)
    return Worker(open_transport(), lease=patience * 2.5, needs=patience)


def send_due(worker: Worker, *, until: datetime | None = None) -> Tally:
    """Send what is due of all briefs, until nothing is or the moment `until` has come; return what was done.

    Safe to run in many processes at once. Where this machine may not send, briefs past their window are ended all the
    same and nothing else is done.
    """
    worker.tally = Tally(why_not=why_not_sending())
    now = worker.clock()
    if worker.sent:  # the database was away when they went
        _flush(worker)
    ledger.reclaim(now=now)
    worker.tally.missed += end_briefs(now=now)
    if worker.tally.why_not:
        return worker.tally
    start_queued(now=now)
    briefs = _with_work(now)
    if briefs and (why := begin_run()):
        worker.tally.why_not = why
        return worker.tally
    for brief in briefs:
        try:
            _send_brief(brief, worker, until=until)
        except IllegalMove as error:
            worker.tally.why_not = str(error)
            note_trouble(brief, str(error), now=worker.clock())
    worker.tally.missed += end_briefs(now=worker.clock())
    if worker.tally.next_at is None:
        worker.tally.next_at = worker.resume_at
    return worker.tally


def _with_work(now: datetime) -> list[Brief]:
    """Return the briefs with mails to send: first those with mails that go alone, which are few; then the oldest."""
    waiting = Delivery.objects.filter(brief=OuterRef("pk"), state=DeliveryState.PENDING, not_before__lte=now)
    sending = Q(state=BriefState.SENDING, window_ends__gt=now) & Exists(waiting)
    alone = Exists(waiting.filter(alone=True)) & ~Q(state=BriefState.PAUSED)
    briefs = Brief.objects.filter(sending | alone).annotate(has_alone=alone)
    return list(briefs.select_related("deck").order_by("-has_alone", "pk"))


def _send_brief(brief: Brief, worker: Worker, *, until: datetime | None) -> None:
    written = _write(brief, worker)
    told = bool(written.text)
    worker.fuse, worker.refused = Fuse(), []
    if brief.trouble:
        note_trouble(brief, "", now=worker.clock())
    cap = settings.EMAIL_MAX_PER_HOUR
    group_size, interval = pace(cap) if cap else (IN_FLIGHT, timedelta(0))
    while not worker.stopped.is_set():
        now = worker.clock()
        if worker.rest(now) or (until is not None and now >= until):
            worker.tally.next_at = worker.resume_at if worker.rest(now) else now
            break
        if cap and not take_turn(now=now, until=now + interval):
            worker.tally.next_at = now + interval
            break
        if now - written.read_at >= LOOK_AGAIN:
            same = deck_state(brief.deck_id) == written.state
            written = replace(written, read_at=now) if same else _write(brief, worker)
        size = group_size if cap else IN_FLIGHT * GROUPS_A_CLAIM
        rows = _claim(brief, worker, size, now=now, first_briefs_first=bool(cap))
        worker.probe("claimed")
        if not rows:
            break
        readers = [row.subscriber for row in rows if row.subscriber is not None]
        corrections = ledger.corrections_of(brief.pk, readers) if told else {}
        since = _since(rows)
        for place in range(0, len(rows), IN_FLIGHT):
            if worker.stopped.is_set() or worker.rest(worker.clock()):
                ledger.release([row.pk for row in rows[place:]], owner=worker.owner, now=worker.clock())
                break
            before = len(worker.refused)
            _send_group(rows[place : place + IN_FLIGHT], written, corrections, since, worker)
            if len(worker.refused) > before and _is_blown(brief, worker, first=not before):
                ledger.release([row.pk for row in rows[place:]], owner=worker.owner, now=worker.clock())
                break
        if cap:
            _flush(worker)
    _flush(worker)
    _note_refused(brief, worker)


def _claim(brief: Brief, worker: Worker, size: int, *, now: datetime, first_briefs_first: bool) -> list[Row]:
    """Take mails that are due. Under a cap those who wait for their first brief come before the hours of the others."""
    rows: list[Row] = []
    lease = now + worker.lease
    if first_briefs_first:
        rows = ledger.claim(brief.pk, owner=worker.owner, now=now, lease=lease, limit=size, alone=True)
    if len(rows) < size:
        rows += ledger.claim(brief.pk, owner=worker.owner, now=now, lease=lease, limit=size - len(rows))
    return rows


def _is_blown(brief: Brief, worker: Worker, *, first: bool = False, over: bool = False) -> bool:
    """Return whether so much is refused that it is not the readers' fault; the brief is paused then, with the reason.

    What was refused waits again. At the first refusal of a run the earlier ones are counted in, once.
    """
    if first:
        counts = brief.deliveries.counted()
        worker.fuse.taken = max(worker.fuse.taken, counts.get(DeliveryState.SENT, 0))
        worker.fuse.refused = max(worker.fuse.refused, counts.get(DeliveryState.FAILED, 0))
    why, now = worker.fuse.blown(over=over), worker.clock()
    if not why:
        return False
    if halt_brief(brief, why, now=now):
        worker.tally.failed -= ledger.give_back([key for key, _, _ in worker.refused], now=now)
    worker.tally.why_not = why
    worker.refused = []
    return True


def _note_refused(brief: Brief, worker: Worker) -> None:
    """Draw the consequences for readers whose own mail was refused for good: a mailbox that is gone gets no more.

    It waits for the end of the run, as a server that refuses everybody says nothing about anybody. Where none was taken
    yet and more are to go, nothing is said about the readers either; they come again in the next brief.
    """
    for reader, reply in worker.given_up:
        note_delay(reader, reply.code, reply.text, now=worker.clock())
    worker.given_up = []
    if not worker.refused or _is_blown(brief, worker, over=True):
        return
    waiting = [DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.IN_DOUBT]
    if worker.fuse.taken or not brief.deliveries.filter(state__in=waiting).exists():
        for _, named, reply in worker.refused:
            if named is not None:
                note_refusal(named, reply.code, reply.text, step=reply.step, now=worker.clock())
    worker.refused = []


def _write(brief: Brief, worker: Worker) -> Written:
    corrections = Correction.objects.filter(shown__brief=brief).distinct()
    return write_brief(brief, corrections=list(corrections), now=worker.clock())


def _since(rows: Sequence[Row]) -> dict[int, datetime]:
    """Return when readers of mails that go alone confirmed; a query only where there are any."""
    alone = [row.subscriber for row in rows if row.alone and row.subscriber is not None]
    if not alone:
        return {}
    readers = Subscriber.objects.filter(pk__in=alone, confirmed_at__isnull=False)
    return {pk: at for pk, at in readers.values_list("pk", "confirmed_at") if at is not None}


def _send_group(
    rows: Sequence[Row],
    written: Written,
    corrections: dict[int, list[int]],
    since: dict[int, datetime],
    worker: Worker,
) -> None:
    """Send one group; whatever the server does, each row says afterwards what became of it."""
    now = worker.clock()
    mails, named, settled = [], [], []
    for row in rows:
        waits = worker.busy.get(row.address.rpartition("@")[2]) if worker.busy else None
        if not row.address:
            settled.append(Settled(row.pk, DeliveryState.SUPPRESSED, said="The reader was erased."))
        elif waits is not None and waits > now:
            settled.append(Settled(row.pk, DeliveryState.PENDING, not_before=waits))
        else:
            try:
                reader = row.subscriber or 0
                message_id, message = written.fill(
                    row.address, row.handle, corrections.get(reader, ()), since=since.get(reader)
                )
            except (ValueError, KeyError) as error:
                settled.append(_poisoned(row, str(error), now=now))
            else:
                mails.append(Mail(row.pk, written.sender, row.address, message))
                named.append((row.pk, message_id))
    ledger.settle(settled, owner=worker.owner, now=now)
    if mails:
        _transmit({row.pk: row for row in rows}, mails, dict(named), written, worker)


def _transmit(
    rows: dict[int, Row], mails: Sequence[Mail], named: dict[int, str], written: Written, worker: Worker
) -> None:
    asked = worker.clock()
    ends = asked + worker.lease
    left: list[int] = []
    may: set[int] = set()

    def commit(going: Sequence[Mail]) -> set[int]:
        nonlocal asked, ends, may
        now = asked = worker.clock()
        ends = now + worker.lease
        worker.probe("before doubt")
        may = ledger.doubt(
            [(mail.key, named[mail.key]) for mail in going],
            sent=worker.sent,
            owner=worker.owner,
            now=now,
            needs=now + worker.needs,
            lease=ends,
            day=written.deck.day,
            written=written.read_at - UNSEEN,
        )
        worker.tally.sent += len(worker.sent)
        worker.sent = []
        left.extend(mail.key for mail in going if mail.key not in may)
        return may

    def go_on() -> bool:
        """Say before each body whether it may go; what was asked long ago is asked again, for the whole group."""
        nonlocal asked
        now = worker.clock()
        if now - asked >= ASK_AGAIN:
            if not ledger.still_go(may, owner=worker.owner, now=now, day=written.deck.day):
                return False
            asked = now
        return now + worker.needs < ends

    results = worker.transport.send(mails, commit=commit, go_on=go_on, probe=worker.probe)
    now = worker.clock()
    _note_line(results, worker, now=now)
    gone, settled = set(left), []
    for key, (fate, reply) in results.fates.items():
        if fate == Fate.TAKEN:
            worker.sent.append(key)
            worker.fuse.take()
            if worker.refusals:
                worker.refusals.pop(rows[key].address.rpartition("@")[2], None)
        elif key not in gone:
            if fate == Fate.REFUSED and reply is not None:
                worker.fuse.refuse(reply.text)
                worker.refused.append((key, rows[key].subscriber, reply))
            reader = rows[key].subscriber
            if fate == Fate.LATER and reply is not None and reader is not None and _was_last(rows[key]):
                worker.given_up.append((reader, reply))
            settled.append(_settled(rows[key], fate, reply, results, worker, now=now))
    ledger.settle(settled, owner=worker.owner, now=now)
    if left:
        _leave_out(left, worker, now=now)
    worker.probe("noted")


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


def _poisoned(row: Row, why: str, *, now: datetime) -> Settled:
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
        elif not row.alone and row.brief.window_ends <= now:
            settled.append(Settled(row.pk, DeliveryState.PENDING))  # `end_briefs` stops it, with what that means
        else:
            settled.append(Settled(row.pk, DeliveryState.PENDING))
    worker.tally.left_out += sum(one.state != DeliveryState.PENDING for one in settled)
    ledger.settle(settled, owner=worker.owner, now=now)


def _flush(worker: Worker) -> None:
    """Note what went, when no next group does it along with its own."""
    worker.probe("before flush")
    worker.tally.sent += len(worker.sent)
    ledger.mark_sent(worker.sent, owner=worker.owner, now=worker.clock())
    worker.sent = []
    worker.probe("flushed")

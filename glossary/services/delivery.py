"""Sending the brief so that a crash loses nobody and nobody gets it twice.

A mail is claimed under a lease, then its group is noted as in doubt, then the bodies go, then they are noted as sent
together with the next group's doubt: one write a group. A worker that dies before the doubt leaves rows that come back
when the lease ends; one that dies after it leaves at most a group that staff see as uncertain.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from glossary.domain.brief import IN_FLIGHT, BriefState, DeliveryState, pace
from glossary.domain.errors import IllegalMove
from glossary.domain.fuse import Fuse
from glossary.models import Brief, Correction, Delivery, Subscriber
from glossary.services import ledger
from glossary.services.arming import begin_run, why_not_sending
from glossary.services.brief import end_briefs, note_trouble, start_queued, take_turn
from glossary.services.brief_mail import Written, deck_state, write_brief
from glossary.services.fuse import is_blown, note_refused
from glossary.services.group import send_rows
from glossary.services.ledger import Row
from glossary.services.worker import Tally, Worker, flush

GROUPS_A_CLAIM = 10
LOOK_AGAIN = timedelta(seconds=2)  # the words of the deck are looked at again so often


def send_due(worker: Worker, *, until: datetime | None = None) -> Tally:
    """Send what is due of all briefs, until nothing is or the moment `until` has come; return what was done.

    Safe to run in many processes at once. Where this machine may not send, briefs past their window are ended all the
    same and nothing else is done.
    """
    worker.tally = Tally(why_not=why_not_sending())
    now = worker.clock()
    if worker.sent:  # the database was away when they went
        flush(worker)
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
            send_rows(rows[place : place + IN_FLIGHT], written, corrections, since, worker)
            if len(worker.refused) > before and is_blown(brief, worker, first=not before):
                ledger.release([row.pk for row in rows[place:]], owner=worker.owner, now=worker.clock())
                break
        if cap:
            flush(worker)
    flush(worker)
    note_refused(brief, worker)


def _claim(brief: Brief, worker: Worker, size: int, *, now: datetime, first_briefs_first: bool) -> list[Row]:
    """Take mails that are due. Under a cap those who wait for their first brief come before the hours of the others."""
    rows: list[Row] = []
    lease = now + worker.lease
    if first_briefs_first:
        rows = ledger.claim(brief.pk, owner=worker.owner, now=now, lease=lease, limit=size, alone=True)
    if len(rows) < size:
        rows += ledger.claim(brief.pk, owner=worker.owner, now=now, lease=lease, limit=size - len(rows))
    return rows


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

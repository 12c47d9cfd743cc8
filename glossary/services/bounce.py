"""Mail that came back, and readers who called it spam: when nothing is sent to them any more."""

from datetime import datetime, timedelta

from django.db import transaction

from glossary.domain.address import address_key
from glossary.domain.bounce import (
    SOFT_DAYS,
    SOFT_WITHIN,
    BounceKind,
    Step,
    kind_of_refusal,
    read_report,
    returned_ids,
)
from glossary.domain.subscriber import SubscriberState, SuppressionReason
from glossary.models import Subscriber
from glossary.services.clock import moment, today
from glossary.services.suppression import suppress

REASONS = {
    BounceKind.HARD: (SuppressionReason.HARD, "mail came back"),
    BounceKind.COMPLAINT: (SuppressionReason.COMPLAINT, "called it spam"),
}


def note_refusal(
    reader_id: int, code: int, said: str, *, step: Step | None = None, now: datetime | None = None
) -> BounceKind:
    """Draw the consequence of a mail server's refusal of a mail to one reader at a step; return what it was."""
    kind = kind_of_refusal(code, said, step)
    reader = Subscriber.objects.filter(pk=reader_id).first()
    if reader is not None:
        note_bounce(reader, kind, now=now)
    return kind


def note_delay(reader_id: int, code: int, said: str, *, now: datetime | None = None) -> None:
    """Draw the consequence of a mail that a server put off until it was given up: it came back for now.

    A server that puts off because of the sender, by its longer code, says nothing about the reader.
    """
    reader = Subscriber.objects.filter(pk=reader_id).first()
    if reader is not None and kind_of_refusal(code, said) != BounceKind.BLOCKED:
        note_bounce(reader, BounceKind.SOFT, now=now)


@transaction.atomic
def note_bounce(reader: Subscriber, kind: BounceKind, *, now: datetime | None = None) -> bool:
    """Note what came back from a reader; return whether nothing is sent to them any more.

    A mailbox that is gone, and a complaint, end it at once; what came back for now, on the third distinct day within
    thirty. A refusal that is about the sender ends nothing. The same bounce told twice counts once. Who left through
    the mail provider has left, and may come back by asking.
    """
    row = Subscriber.objects.select_for_update().get(pk=reader.pk)
    if kind == BounceKind.BLOCKED:
        return False
    if kind == BounceKind.LEFT:
        return _leave(row, "mail provider", now=now)
    if kind == BounceKind.SOFT:
        day = today(now)
        if row.soft_on is not None and row.soft_on >= day:
            return row.state == SubscriberState.UNSUBSCRIBED
        recent = [on for on in (row.soft_before, row.soft_on) if on and day - on <= timedelta(days=SOFT_WITHIN)]
        row.soft_days, row.soft_before, row.soft_on = len(recent) + 1, row.soft_on, day
        row.save(update_fields=["soft_days", "soft_before", "soft_on"])
        if row.soft_days < SOFT_DAYS:
            return False
        return _end(row, SuppressionReason.SOFT, "mail came back on three days", now=now)
    reason, how = REASONS[kind]
    return _end(row, reason, how, now=now)


def take_report(raw: bytes, *, now: datetime | None = None, dry_run: bool = False) -> int:
    """Draw the consequences of a delivery or abuse report, as it came by mail; return of how many readers it told.

    Anybody can write such a mail. It counts for a reader only where it brings back the Message-ID of a mail to that
    very reader, which nobody else knows. The same report told again changes nothing more. Raises ValueError for a mail
    that is too long.
    """
    named, returned = 0, returned_ids(raw)
    for bounce in read_report(raw):
        try:
            key = address_key(bounce.address)
        except ValueError:
            continue
        reader = Subscriber.objects.filter(key=key).first()
        if reader is not None and reader.deliveries.filter(message_id__in=returned).exists():
            named += 1
            if not dry_run:
                note_bounce(reader, bounce.kind, now=now)
    return named


def _end(row: Subscriber, reason: SuppressionReason, how: str, *, now: datetime | None) -> bool:
    suppress(row.key, reason, now=now)
    return _leave(row, how, now=now)


def _leave(row: Subscriber, how: str, *, now: datetime | None) -> bool:
    if row.state != SubscriberState.UNSUBSCRIBED:
        row.state, row.left_at, row.left_how = SubscriberState.UNSUBSCRIBED, moment(now), how
        row.save(update_fields=["state", "left_at", "left_how"])
    return True

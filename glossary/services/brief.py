"""The brief at the desk: its rows, the machine that may send it, and what staff decide about it."""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import DateTimeField, Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from glossary.domain.address import without_addresses
from glossary.domain.brief import WINDOW, BriefState, DeliveryState, Progress, Verdict
from glossary.domain.claim import Part
from glossary.domain.correction import NEEDS_WHY
from glossary.domain.deck import DeckState
from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Action
from glossary.models import (
    Brief,
    Correction,
    CorrectionShown,
    Deck,
    Delivery,
    Edition,
    Installation,
    NoticeKind,
    Subscriber,
)
from glossary.services import ledger
from glossary.services.arming import armed_host, host_name, why_not_sending
from glossary.services.bounce import note_delay
from glossary.services.brief_mail import TEMPLATE_VERSION
from glossary.services.clock import moment
from glossary.services.notice import tell_those_who_may
from glossary.services.roles import require
from glossary.services.trail import record

logger = logging.getLogger(__name__)
NOT_BEGUN = (DeliveryState.EXPIRED, DeliveryState.PENDING)
MAX_TROUBLE = 300  # characters
GIVEN_UP = 200  # mails in one transaction, each of which may end a subscription
CHANGED = "Somebody else changed this brief in the meantime. Look at it as it stands now, then try again."


def make_brief(deck: Deck, *, now: datetime) -> Brief:
    """Make the brief of a deck and a row for each reader who is confirmed at this instant; in the transaction that
    publishes the deck, with statements over all readers, none for each."""
    brief = Brief.objects.create(
        deck=deck, host=armed_host(), made_at=now, window_ends=now + WINDOW, template_version=TEMPLATE_VERSION
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO glossary_delivery (brief_id, subscriber_id, state, owner, attempt, not_before, last_said,"
            " message_id, at, alone) SELECT %s, id, 'pending', '', 0, %s, '', '', %s, %s FROM glossary_subscriber"
            " WHERE state = 'confirmed' AND (paused_until IS NULL OR paused_until <= %s) AND (NOT weekdays_only OR %s)"
            " ORDER BY id",
            [brief.pk, *[connection.ops.adapt_datetimefield_value(now)] * 2, False, deck.day, deck.day.weekday() < 5],
        )
        brief.recipients = cursor.rowcount
    if not brief.recipients:
        brief.state, brief.started_at, brief.ended_at = BriefState.SENT, now, now
    brief.save(update_fields=["recipients", "state", "started_at", "ended_at"])
    if brief.recipients:
        _tell_corrections(brief, now=now)
    return brief


def _tell_corrections(brief: Brief, *, now: datetime) -> None:
    """Note whom this brief tells of a correction: those whose ledger shows the wrong words, and who were not told.

    What counts is when the words of their mail were read, not when the mail arrived or staff settled it; and only what
    a mail carries, which is the headword and the definition of a card.

    Who was to be told by a brief that did not reach them is told by this one.
    """
    carried = Q(sentence__isnull=True) | Q(sentence__part__in=[Part.HEADWORD, Part.DEFINITION])
    told = Correction.objects.filter(carried, kind__in=NEEDS_WHY, at__lte=now).noticed(now.date())
    for correction in told.order_by("pk"):
        had = Q(pk=correction.from_edition_id)
        if correction.sentence_id is not None:
            had |= Q(claims__sentence=correction.sentence_id)
        else:  # who had what the words that were taken back had replaced was perhaps told the new ones
            had |= Q(pk__in=correction.editions_before())
        wrong = Brief.objects.filter(
            deck__cards__edition__in=Edition.objects.filter(had).values("pk"), deck__published_at__lt=correction.at
        )
        briefs = list(wrong.exclude(pk=brief.pk).distinct().values_list("pk", flat=True))
        if not briefs:
            continue
        missed = Delivery.objects.filter(
            brief=OuterRef("brief"),
            subscriber=OuterRef("subscriber"),
            state__in=[DeliveryState.FAILED, DeliveryState.EXPIRED, DeliveryState.SUPPRESSED],
        )
        CorrectionShown.objects.filter(Exists(missed), correction=correction).delete()
        marks = ", ".join(["%s"] * len(briefs))
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO glossary_correctionshown (correction_id, subscriber_id, brief_id)"
                " SELECT %s, new.subscriber_id, new.brief_id FROM glossary_delivery new WHERE new.brief_id = %s"
                " AND EXISTS (SELECT 1 FROM glossary_delivery old WHERE old.subscriber_id = new.subscriber_id"
                f" AND old.brief_id IN ({marks}) AND old.written_at < %s)"
                " ON CONFLICT DO NOTHING",
                [correction.pk, brief.pk, *briefs, connection.ops.adapt_datetimefield_value(correction.at)],
            )


@transaction.atomic
def queue_first_brief(subscriber: Subscriber, *, now: datetime | None = None) -> Delivery | None:
    """Leave a row for the latest brief to a reader who just confirmed; return it, or None where there is none to send.

    It counts in the ledger: a reader who is among the brief's readers already gets no second one. Whose row ended
    without a mail, because they had left or paused it or its window was over, is sent it after all.
    """
    if subscriber.state != "confirmed":
        raise IllegalMove("Only a reader who confirmed gets a brief.")
    at = moment(now)
    brief = (
        Brief.objects.exclude(state=BriefState.MISSED).filter(deck__state=DeckState.PUBLISHED).order_by("-pk").first()
    )
    if brief is None:
        return None
    row = Delivery(brief=brief, subscriber=subscriber, not_before=at, at=at, alone=True)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        rows = Delivery.objects.filter(brief=brief, subscriber=subscriber)
        waits = {"alone": True, "attempt": 0, "not_before": at, "at": at, "last_code": None, "last_said": ""}
        never_left = rows.filter(state__in=[DeliveryState.SUPPRESSED, DeliveryState.EXPIRED], message_id="")
        return rows.first() if never_left.update(state=DeliveryState.PENDING, **waits) else None
    return row


def progress_of(brief: Brief, *, now: datetime | None = None) -> Progress:
    """Return how far a brief is; two queries."""
    rows = brief.deliveries.all()
    return Progress(
        counts=rows.counted(),
        uncertain=rows.uncertain(moment(now)).count(),
        started_at=brief.started_at,
        per_hour=settings.EMAIL_MAX_PER_HOUR,
    )


def start_queued(*, now: datetime) -> int:
    """Begin the briefs that wait, within their window; return how many began. The caller may send from this machine."""
    return Brief.objects.filter(state=BriefState.QUEUED, window_ends__gt=now).update(
        state=BriefState.SENDING,
        started_at=Coalesce("started_at", Value(now, output_field=DateTimeField())),
        host=host_name(),
    )


def end_briefs(*, now: datetime) -> list[str]:
    """End what is over: mails past the window of their brief, briefs of which nothing is left to send.

    A brief that was not begun by its window's end is missed, and those who keep subscribers are told; one that was half
    sent stops there. Return the missed ones by name.
    """
    missed = []
    over = Brief.objects.filter(window_ends__lte=now)
    while _give_up(now=now):
        pass
    ledger.expire(now=now)
    for brief in over.open().select_related("deck"):
        with transaction.atomic():
            begun = brief.deliveries.filter(alone=False).exclude(state__in=NOT_BEGUN).exists()
            end = BriefState.SENT if begun else BriefState.MISSED
            if Brief.objects.open().filter(pk=brief.pk).update(state=end, ended_at=now) and not begun:
                why = brief.trouble or why_not_sending()
                _raise_alarm(brief, "missed", f"{why} No reader got it; on its page it can be sent late.", now=now)
                missed.append(str(brief))
    left = Delivery.objects.filter(brief=OuterRef("pk")).filter(
        Q(state__in=[DeliveryState.PENDING, DeliveryState.CLAIMED])
        | Q(state=DeliveryState.IN_DOUBT, lease_until__gt=now)
    )
    Brief.objects.filter(~Exists(left), state=BriefState.SENDING).update(state=BriefState.SENT, ended_at=now)
    return missed


@transaction.atomic
def note_trouble(brief: Brief, why: str, *, now: datetime) -> bool:
    """Keep why a brief cannot be sent as it is, and tell those who keep subscribers, once; empty where all is well.

    Return whether that is news.
    """
    why = why[:MAX_TROUBLE]
    if not Brief.objects.filter(pk=brief.pk).exclude(trouble=why).update(trouble=why):
        return False
    if why:
        _raise_alarm(brief, "could not be written", why, now=now)
    return bool(why)


@transaction.atomic
def halt_brief(brief: Brief, why: str, *, now: datetime) -> bool:
    """Stop a brief that must not go on as it does, with the reason, and tell those who keep subscribers, once.

    Return whether it stands still: one that is over cannot.
    """
    moving = Brief.objects.filter(pk=brief.pk, state__in=[BriefState.QUEUED, BriefState.SENDING])
    if not moving.update(state=BriefState.PAUSED, trouble=why[:MAX_TROUBLE]):
        return Brief.objects.filter(pk=brief.pk, state=BriefState.PAUSED).exists()
    _raise_alarm(brief, "paused", f"{why} It is paused. Mend what is wrong, then let it go on.", now=now)
    return True


def _raise_alarm(brief: Brief, verb: str, why: str, *, now: datetime) -> None:
    """Say in the log, in the trail and to those who keep subscribers what is wrong with a brief."""
    why = without_addresses(why)
    logger.error("%s: %s: %s", brief, verb, why)
    record(None, verb, str(brief), now=now, deck=brief.deck, reason=why)
    path = reverse("admin:glossary_brief_change", args=[brief.pk])
    tell_those_who_may(
        Action.KEEP_SUBSCRIBERS, NoticeKind.BRIEF, deck=brief.deck, path=path, now=now, text=f"{brief}: {why}"
    )


@transaction.atomic
def _give_up(*, now: datetime) -> int:
    """Stop some mails that servers put off until the window was over, with what that means for their readers."""
    stopped = {reader: (code, said) for reader, code, said in ledger.expire_refused(now=now, limit=GIVEN_UP)}
    readers = Subscriber.objects.filter(pk__in=stopped).order_by("key")  # in the order in which all lock readers
    for reader in readers.values_list("pk", flat=True):
        note_delay(reader, *stopped[reader], now=now)
    return len(stopped)


@transaction.atomic
def pause_brief(brief: Brief, *, by: User, now: datetime | None = None) -> None:
    """Stop sending: what is on its way arrives, at most 20 mails a worker. Raises IllegalMove if nothing is open."""
    require(by, Action.KEEP_SUBSCRIBERS)
    moving = [BriefState.QUEUED, BriefState.SENDING]
    if not Brief.objects.filter(pk=brief.pk, state__in=moving).update(state=BriefState.PAUSED):
        raise IllegalMove(CHANGED)
    record(by, "paused", str(brief), now=moment(now), deck=brief.deck)


@transaction.atomic
def resume_brief(brief: Brief, *, by: User, now: datetime | None = None) -> None:
    """Go on with a paused brief; raises IllegalMove for any other, or past its window."""
    require(by, Action.KEEP_SUBSCRIBERS)
    at = moment(now)
    paused = Brief.objects.filter(pk=brief.pk, state=BriefState.PAUSED, window_ends__gt=at)
    if not paused.update(state=BriefState.QUEUED, trouble=""):
        raise IllegalMove(CHANGED)
    record(by, "resumed", str(brief), now=at, deck=brief.deck)


@transaction.atomic
def send_late(brief: Brief, *, by: User, now: datetime | None = None) -> int:
    """Send a missed brief all the same, or what is left of a half-sent one, for another 20 hours; return how many mails
    wait again."""
    require(by, Action.KEEP_SUBSCRIBERS)
    at = moment(now)
    left = Exists(Delivery.objects.filter(brief=OuterRef("pk"), state=DeliveryState.EXPIRED))
    stopped = Brief.objects.filter(Q(state=BriefState.MISSED) | (Q(state=BriefState.SENT) & left), pk=brief.pk)
    if not stopped.update(state=BriefState.QUEUED, ended_at=None, started_at=None, window_ends=at + WINDOW, trouble=""):
        raise IllegalMove(CHANGED)
    rows = brief.deliveries.filter(state=DeliveryState.EXPIRED)
    waiting = rows.update(state=DeliveryState.PENDING, not_before=at, at=at, last_said="")
    record(by, "sends late", str(brief), now=at, deck=brief.deck)
    return waiting


@transaction.atomic
def settle_uncertain(
    brief: Brief, verdicts: Iterable[tuple[int, Verdict]], *, by: User, now: datetime | None = None
) -> int:
    """Settle uncertain mails by their key: arrived, send again, or leave it; return how many were settled.

    A mail that is not uncertain any more, because somebody else settled it, is passed over. The one that is sent again
    has the same Message-ID and the same bytes, so that most servers drop a second copy.
    """
    require(by, Action.KEEP_SUBSCRIBERS)
    at, done = moment(now), 0
    who = by.get_username()
    changes: dict[Verdict, dict[str, object]] = {
        Verdict.ARRIVED: {"state": DeliveryState.SENT, "last_said": f"{who}: it arrived."},
        Verdict.LEAVE: {"state": DeliveryState.FAILED, "last_said": f"{who}: left as uncertain."},
        Verdict.AGAIN: {  # `written_at` stays: the first copy may have arrived
            "state": DeliveryState.PENDING,
            "last_said": f"{who}: sent again.",
            "alone": True,
            "attempt": 0,
            "not_before": at,
        },
    }
    chosen: dict[Verdict, list[int]] = {}
    for key, verdict in verdicts:
        chosen.setdefault(verdict, []).append(key)
    for verdict, keys in chosen.items():
        rows = brief.deliveries.uncertain(at).filter(pk__in=keys)
        if count := rows.update(owner="", lease_until=None, at=at, **changes[verdict]):
            said = f"{count} uncertain: {verdict.value}"
            record(by, "settled", str(brief), now=at, deck=brief.deck, reason=said)
            done += count
    return done


def take_turn(*, now: datetime, until: datetime) -> bool:
    """Return whether a group may leave now under EMAIL_MAX_PER_HOUR; the next one may from `until`."""
    free = Q(mail_free_at__isnull=True) | Q(mail_free_at__lte=now)
    return bool(Installation.objects.filter(free).update(mail_free_at=until))

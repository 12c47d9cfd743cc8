"""A reader's own acts: confirming, leaving, pausing, taking their data along, being forgotten."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.link_token import Purpose, make_token, read_token
from glossary.domain.names import clean_line
from glossary.domain.roles import Action
from glossary.domain.subscriber import SubscriberState, SuppressionReason
from glossary.models import ConfirmationLink, Delivery, SignUp, Subscriber
from glossary.services.brief import queue_first_brief
from glossary.services.clock import moment, today
from glossary.services.confirmation import token_hash
from glossary.services.roles import require
from glossary.services.sign_up import ask
from glossary.services.suppression import MAX_REASON, lift_for_owner, suppress
from glossary.services.trail import record

LONGEST_PAUSE = timedelta(days=366)
MAX_TOKEN = 64  # characters; ours are shorter


def waiting_for(token: str, *, now: datetime | None = None) -> Subscriber | None:
    """Return the reader whom a confirmation link belongs to, while it may be used; None for any other."""
    if not token or len(token) > MAX_TOKEN or not token.isascii():
        return None
    found = ConfirmationLink.objects.standing(moment(now)).filter(token_hash=token_hash(token))
    return Subscriber.objects.filter(links__in=found).first()


@transaction.atomic
def confirm(token: str, *, now: datetime | None = None) -> Subscriber | None:
    """Begin to send the brief to whoever holds this link; None where it was used, is too old, or is none of ours.

    The link is used up by a DELETE whose rows are counted, so that two clicks at once confirm once; the links of other
    mails to the same reader go with it. A pause is over, and what kept
    mail from the address is lifted, as its owner asks for it anew.
    """
    at = moment(now)
    reader = waiting_for(token, now=at)
    if reader is None:
        return None
    locked = Subscriber.objects.select_for_update().filter(pk=reader.pk).first()
    if locked is None or not reader.links.standing(at).filter(token_hash=token_hash(token)).delete()[0]:
        return None
    reader.links.all().delete()
    Subscriber.objects.filter(pk=reader.pk).update(
        state=SubscriberState.CONFIRMED,
        confirmed_at=at,
        left_at=None,
        left_how="",
        soft_days=0,
        soft_on=None,
        paused_until=None,
    )
    lift_for_owner(reader.key)
    reader.refresh_from_db()
    queue_first_brief(reader, now=at)
    return reader


def first_brief_of(reader: Subscriber) -> Delivery | None:
    """Return the latest mail of the ledger for a reader who just confirmed; None where no brief was made yet.

    Its state tells whether it is on its way or was sent before.
    """
    return reader.deliveries.order_by("-brief").first()


def reader_of(token: str, purpose: Purpose) -> tuple[bool, Subscriber | None]:
    """Return whether a link of a mail is one of ours for this purpose, and its reader if they are still there."""
    handle = read_token(settings.LINK_KEY.encode(), purpose, token) if settings.LINK_KEY else None
    return handle is not None, Subscriber.objects.filter(handle=handle).first() if handle else None


def link_of(reader: Subscriber, purpose: Purpose) -> str:
    """Return the token for a reader's link."""
    return make_token(settings.LINK_KEY.encode(), purpose, reader.handle)


@transaction.atomic
def leave(reader: Subscriber, *, how: str, now: datetime | None = None) -> bool:
    """Send a reader nothing any more; return whether they still got it. To leave twice changes nothing."""
    staying = Subscriber.objects.filter(pk=reader.pk).exclude(state=SubscriberState.UNSUBSCRIBED)
    if not staying.update(state=SubscriberState.UNSUBSCRIBED, left_at=moment(now), left_how=how):
        return False
    reader.links.all().delete()
    return True


def ask_back(reader: Subscriber, *, now: datetime | None = None) -> None:
    """Send a reader who left by mistake the link with which they come back."""
    ask(reader.address, now=now)


def pause(reader: Subscriber, until: date | None, *, now: datetime | None = None) -> None:
    """Send nothing before `until`, at most a year ahead; None ends a pause. Raises IllegalMove for another day."""
    if until is not None and not today(now) < until <= today(now) + LONGEST_PAUSE:
        raise IllegalMove("Choose a day after today, within a year.")
    Subscriber.objects.filter(pk=reader.pk).update(paused_until=until)


def set_weekdays_only(reader: Subscriber, on: bool) -> None:
    """Send the brief on Mondays to Fridays only, or every day."""
    Subscriber.objects.filter(pk=reader.pk).update(weekdays_only=on)


def export_of(reader: Subscriber) -> dict[str, Any]:
    """Return all that is kept of a reader, as plain data; three queries."""
    sent = reader.deliveries.order_by("pk").values_list(
        "brief__deck__day", "state", "at", "message_id", "last_code", "last_said"
    )
    shown = reader.corrections_shown.order_by("pk").values_list("correction__on", "correction__was", "correction__now")
    term = reader.term
    return {
        "address": reader.address,
        "state": reader.state,
        "asked_at": reader.asked_at.isoformat(),
        "asked_on_the_page_of": term.get_absolute_url() if term else None,
        "wording_agreed_to": reader.wording,
        "confirmed_at": reader.confirmed_at.isoformat() if reader.confirmed_at else None,
        "left_at": reader.left_at.isoformat() if reader.left_at else None,
        "left_how": reader.left_how,
        "paused_until": reader.paused_until.isoformat() if reader.paused_until else None,
        "weekdays_only": reader.weekdays_only,
        "days_on_which_mail_came_back": reader.soft_days,
        "briefs": [
            {
                "day": day.isoformat(),
                "state": state,
                "at": at.isoformat(),
                "message_id": message,
                "code_of_the_mail_server": code,
                "words_of_the_mail_server": said,
            }
            for day, state, at, message, code, said in sent
        ],
        "corrections_told": [{"on": on.isoformat(), "was": was, "now": now} for on, was, now in shown],
    }


@transaction.atomic
def erase(reader: Subscriber, *, now: datetime | None = None) -> None:
    """Forget a reader: their row and their wishes go, their rows of the ledger lose their name and what servers said.

    What stays is a keyed hash, so that no import or backup writes to them again.
    """
    suppress(reader.key, SuppressionReason.ERASED, now=now)
    SignUp.objects.filter(key=reader.key).delete()
    reader.deliveries.update(last_said="")
    Subscriber.objects.filter(pk=reader.pk).delete()


@transaction.atomic
def export_for(reader: Subscriber, *, by: User, now: datetime | None = None) -> dict[str, Any]:
    """Return all that is kept of a reader to staff who answer their letter; the trail knows it without the address."""
    require(by, Action.KEEP_SUBSCRIBERS)
    record(by, "exported a subscriber", f"subscriber {reader.pk}", now=moment(now))
    return export_of(reader)


@transaction.atomic
def end_for(reader: Subscriber, *, by: User, forget: bool, why: str, now: datetime | None = None) -> None:
    """Unsubscribe or forget a reader who asked staff for it. Raises BadText where the reason is missing."""
    require(by, Action.KEEP_SUBSCRIBERS)
    why = clean_line(why, limit=MAX_REASON, what="The reason")
    if not why:
        raise BadText("Say in a sentence how they asked: it stays in the trail.")
    verb = "erased a subscriber" if forget else "unsubscribed a subscriber"
    record(by, verb, f"subscriber {reader.pk}", now=moment(now), reason=why)
    if forget:
        erase(reader, now=now)
    else:
        leave(reader, how="staff", now=now)

"""Addresses that nothing is sent to: known by a keyed hash only, so that the list tells nobody's address."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from glossary.domain.address import address_key
from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.link_token import suppression_key
from glossary.domain.names import clean_line
from glossary.domain.roles import Action
from glossary.domain.subscriber import SubscriberState, SuppressionReason
from glossary.models import Subscriber, Suppression
from glossary.services.clock import moment, today
from glossary.services.roles import require
from glossary.services.trail import record

MAX_REASON = 300  # characters

# Which reason stays where two meet: an erased reader's wish, then a complaint, then what staff said, then bounces.
WEIGHT = [
    SuppressionReason.SOFT,
    SuppressionReason.HARD,
    SuppressionReason.STAFF,
    SuppressionReason.COMPLAINT,
    SuppressionReason.ERASED,
]


def key_of(address_key: str) -> str:
    """Return the keyed hash under which an address is suppressed."""
    return suppression_key(settings.LINK_KEY.encode(), address_key)


@transaction.atomic
def suppress(address_key: str, reason: SuppressionReason, *, now: datetime | None = None) -> Suppression:
    """Note that nothing is sent to this address any more; a weightier reason takes the place of a lighter one.

    A link that was mailed before confirms nothing any more: only who asks after this asks anew.
    """
    reader = (
        Subscriber.objects.select_for_update().filter(key=address_key).first()
    )  # before its links, as `confirm` does
    if reader is not None:
        reader.links.all().delete()
    row, made = Suppression.objects.get_or_create(
        key=key_of(address_key), defaults={"reason": reason, "on": today(now)}
    )
    if not made and WEIGHT.index(reason) > WEIGHT.index(SuppressionReason(row.reason)):
        row.reason, row.on = reason, today(now)
        row.save(update_fields=["reason", "on"])
    return row


def lift_for_owner(address_key: str) -> None:
    """Let mail go to an address again because its owner asked for it anew; what staff hold back only they lift."""
    Suppression.objects.filter(key=key_of(address_key)).exclude(held=True).delete()


@transaction.atomic
def replay_erasures(keys: Iterable[str], *, now: datetime | None = None) -> int:
    """Erase again the readers whom a restored backup brought back; return how many.

    `keys` are the keyed hashes of erased addresses, as they stood in `Suppression` before the restore. Readers are
    compared one by one, because a hash leads to no address.
    """
    wanted = set(keys)
    for key in sorted(wanted):
        Suppression.objects.get_or_create(key=key, defaults={"reason": SuppressionReason.ERASED, "on": today(now)})
    back = [row.pk for row in Subscriber.objects.only("key").iterator() if key_of(row.key) in wanted]
    Subscriber.objects.filter(pk__in=back).delete()
    return len(back)


@transaction.atomic
def suppress_address(address: str, *, by: User, why: str, now: datetime | None = None) -> Suppression:
    """Have nothing sent to an address any more, because staff say so; who reads the brief there leaves it.

    It holds for confirmation mails too, until staff lift it: somebody may sign up an address that is not theirs.
    Raises BadText for what is no address or a missing reason. The trail has the reason and not the address.
    """
    require(by, Action.KEEP_SUBSCRIBERS)
    key, why = _key_typed(address), _reason(why)
    row = suppress(key, SuppressionReason.STAFF, now=now)
    Suppression.objects.filter(pk=row.pk).update(held=True)
    Subscriber.objects.filter(key=key).exclude(state=SubscriberState.UNSUBSCRIBED).update(
        state=SubscriberState.UNSUBSCRIBED,
        left_at=moment(now),
        left_how="staff",
    )
    record(by, "suppressed an address", f"suppression {row.pk}", now=moment(now), reason=why)
    return row


@transaction.atomic
def lift_suppression(address: str, *, by: User, why: str, now: datetime | None = None) -> None:
    """Let mail go to an address again, whatever kept it away; the reader has to ask for the brief themselves.

    Raises BadText for what is no address or a missing reason, IllegalMove for an address that is not suppressed.
    """
    require(by, Action.KEEP_SUBSCRIBERS)
    key, why = _key_typed(address), _reason(why)
    row = find_suppression(address)
    if row is None:
        raise IllegalMove("Mail to this address is not held back.")
    record(by, "lifted a suppression", f"suppression {row.pk}", now=moment(now), reason=why)
    Suppression.objects.filter(key=key_of(key)).delete()


def find_suppression(address: str) -> Suppression | None:
    """Return why nothing is sent to this address; None where it may be written to. Raises BadText for no address."""
    return Suppression.objects.filter(key=key_of(_key_typed(address))).first()


def _key_typed(address: str) -> str:
    try:
        return address_key(address)
    except ValueError as error:
        raise BadText("That does not look like an e-mail address. Write it as name@example.org.") from error


def _reason(why: str) -> str:
    why = clean_line(why, limit=MAX_REASON, what="The reason")
    if not why:
        raise BadText("Say in a sentence why: it stays in the trail.")
    return why

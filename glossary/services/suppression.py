"""Addresses that nothing is sent to: known by a keyed hash only, so that the list tells nobody's address."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction

from glossary.domain.link_token import suppression_key
from glossary.domain.subscriber import SuppressionReason
from glossary.models import Subscriber, Suppression
from glossary.services.clock import today

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


def suppress(address_key: str, reason: SuppressionReason, *, now: datetime | None = None) -> Suppression:
    """Note that nothing is sent to this address any more; a weightier reason takes the place of a lighter one."""
    row, made = Suppression.objects.get_or_create(
        key=key_of(address_key), defaults={"reason": reason, "on": today(now)}
    )
    if not made and WEIGHT.index(reason) > WEIGHT.index(SuppressionReason(row.reason)):
        row.reason, row.on = reason, today(now)
        row.save(update_fields=["reason", "on"])
    return row


def lift_for_owner(address_key: str) -> None:
    """Let mail go to an address again because its owner asked for it anew; a complaint is not lifted so."""
    Suppression.objects.filter(key=key_of(address_key)).exclude(reason=SuppressionReason.COMPLAINT).delete()


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

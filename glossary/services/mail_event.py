"""Drawing the consequences of what a mail provider tells: of each thing once, all of a request or nothing."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from glossary.domain.address import address_key
from glossary.domain.bounce import BounceKind
from glossary.domain.link_token import event_key
from glossary.domain.mail_event import NEWS_FOR, MailEvent
from glossary.domain.subscriber import SuppressionReason
from glossary.models import ProviderEvent, Subscriber
from glossary.services.bounce import note_bounce
from glossary.services.clock import moment
from glossary.services.suppression import suppress


@transaction.atomic
def take_events(events: Sequence[MailEvent], *, provider: str, now: datetime | None = None) -> int:
    """Draw the consequences of what a provider told; return how many things were new. All of them, or none.

    A thing is claimed by its row, so that a request that comes twice, or twice at once, counts once. What is older than
    a fortnight, or than the reader's own last yes, changes nothing; a complaint always counts.
    """
    at, fresh = moment(now), 0
    named = [(key, event) for event in events if (key := _key_of(event.address))]
    for key, event in sorted(named, key=lambda pair: (pair[0], pair[1].at)):  # one order, so that no two wait in a ring
        when = min(event.at, at)
        if at - when > NEWS_FOR:
            continue
        claim = event_key(settings.LINK_KEY.encode(), provider, event.id)
        if not ProviderEvent.objects.get_or_create(key=claim, defaults={"kind": event.kind, "at": at})[1]:
            continue
        fresh += 1
        reader = Subscriber.objects.filter(key=key).first()
        if event.kind == BounceKind.COMPLAINT:
            suppress(key, SuppressionReason.COMPLAINT, now=at)
        elif reader is not None and reader.confirmed_at is not None and when < reader.confirmed_at:
            continue
        if reader is not None:
            note_bounce(reader, event.kind, now=when)
    return fresh


def _key_of(address: str) -> str:
    try:
        address.encode("utf-8")
        return address_key(address)
    except ValueError:
        return ""

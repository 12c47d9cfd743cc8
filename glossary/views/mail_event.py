"""Where a mail provider tells what became of mails. django-anymail proves that it is the provider, and reads it."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from glossary.domain.mail_event import (
    PROVIDERS,
    SIGNED_FOR,
    MailEvent,
    Provider,
    event_id,
    found_in,
    kind_of_event,
)
from glossary.services.mail_event import take_events

logger = logging.getLogger(__name__)
UNREADABLE = (  # what reading a stranger's JSON can come to
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    OverflowError,
    OSError,
    RecursionError,
    ImproperlyConfigured,  # anymail's word for news of another sort than this address is for
)


class Stale(SuspiciousOperation):
    """A signature that is older than it may be."""


@csrf_exempt  # providers have no cookie; their signature, or their name and password, is the proof
@never_cache
def mail_events(request: HttpRequest) -> HttpResponse:
    """Take what the provider of the settings tells; there is no such page where none is set, or without a secret.

    Whoever is not the provider gets 403, what cannot be read 400; nothing changes then. The same again gets 200.
    """
    provider = PROVIDERS.get(settings.EMAIL_PROVIDER)
    if provider is None or not settings.EMAIL_PROVIDER_SECRET:
        raise Http404
    if request.method == "HEAD":  # some ask so whether anybody is there
        return HttpResponse()
    if request.method != "POST":
        return HttpResponseNotAllowed(["HEAD", "POST"])
    if request.content_type != "application/json":
        return _no(415, "no JSON")
    try:
        events = _read(request, provider)
    except RequestDataTooBig as error:
        return _no(413, str(error))
    except SuspiciousOperation as error:
        return _no(403, str(error))
    except UNREADABLE as error:
        return _no(400, repr(error))
    take_events(events, provider=settings.EMAIL_PROVIDER)
    return HttpResponse()


def _no(status: int, why: str) -> HttpResponse:
    logger.warning("news of a mail provider refused with %s: %.200s", status, why)
    return HttpResponse(status=status)


def _read(request: HttpRequest, provider: Provider) -> list[MailEvent]:
    """Return what a request tells of readers; raises SuspiciousOperation where it does not prove itself.

    anymail would hand its events to whoever listens; its view is asked for the proof and the reading alone.
    """
    made: Callable[[], Any] = import_string(provider.view)
    view = made()
    view.run_validators(request)
    now = timezone.now()
    told = [_event(one, provider, now=now) for one in view.parse_events(request)]
    return [event for event in told if event is not None]


def _event(one: Any, provider: Provider, *, now: datetime) -> MailEvent | None:
    signed = found_in(one.esp_event, provider.signed)
    if provider.signed and abs(now.timestamp() - float(signed)) > SIGNED_FOR.total_seconds():
        raise Stale("the signature is old")
    said = str(one.mta_response or one.description or "")
    kind = kind_of_event(provider, one.event_type, reason=one.reject_reason or "", said=said, raw=one.esp_event)
    if kind is None:
        return None
    at = one.timestamp
    if at is not None and timezone.is_naive(at):
        at = at.replace(tzinfo=UTC)
    address = str(one.recipient or "")
    own, mail = str(one.event_id or ""), str(one.message_id or "")
    named = event_id(provider, own, what=one.event_type, address=address, message_id=mail, at=at)
    return MailEvent(id=named, address=address, kind=kind, at=at or now)

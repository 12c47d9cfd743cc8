"""The desk's clock: the editorial day decides every date that readers see."""

from datetime import date, datetime

from django.conf import settings
from django.utils import timezone

from glossary.domain.deck import editorial_day


def moment(now: datetime | None = None) -> datetime:
    """Return `now`, or the present instant."""
    return now or timezone.now()


def today(now: datetime | None = None) -> date:
    """Return the calendar day at the desk, in the editorial time zone."""
    return editorial_day(moment(now), settings.EDITORIAL_TIME_ZONE)

"""How this site began: written down once, with the first term that is published, and read ever after."""

from datetime import datetime

from django.conf import settings

from glossary.domain.origin import BORN, Origin
from glossary.models import Installation
from glossary.services.clock import today

MAX_NAME = 100


def origin() -> Origin:
    """Return how the site began; one query. Before it has published anything: how it would begin now."""
    row = Installation.objects.exclude(first_url="").first()
    if row is None or row.first_on is None:
        return Origin(settings.SITE_URL, settings.SITE_NAME, BORN)
    return Origin(row.first_url, row.first_name, row.first_on)


def note_origin(*, now: datetime) -> None:
    """Write down how the site begins, unless that is done; called in the transaction that first publishes a term."""
    if Installation.objects.exclude(first_url="").exists():
        return
    begins = {"first_url": settings.SITE_URL, "first_name": settings.SITE_NAME[:MAX_NAME], "first_on": today(now)}
    if not Installation.objects.update(**begins):
        Installation.objects.get_or_create(defaults={"made_at": now, **begins})

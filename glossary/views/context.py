"""What every page of the readers' site knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from glossary.models import Installation


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the site's name and address, and whether this is a demonstration (asked of the database when used)."""
    return {
        "SITE_NAME": settings.SITE_NAME,
        "SITE_URL": settings.SITE_URL,
        "single_desk": settings.SINGLE_PERSON_DESK,
        "canonical": f"{settings.SITE_URL}{request.path}",
        "site_picture": f"{settings.SITE_URL}{reverse('picture')}",
        "demo": SimpleLazyObject(lambda: Installation.objects.filter(demo=True).exists()),
    }

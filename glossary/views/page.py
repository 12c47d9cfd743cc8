"""The pages that say what this site is and how it works."""

from django.conf import settings
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from glossary.models import Deck


@require_safe
def how_we_check(request: HttpRequest) -> TemplateResponse:
    """Say how a card is checked, and openly where one person does it all."""
    return TemplateResponse(request, "glossary/how_we_check.html", {"single": settings.SINGLE_PERSON_DESK})


@require_safe
def about(request: HttpRequest) -> TemplateResponse:
    """Say what this site is."""
    return TemplateResponse(request, "glossary/about.html", {})


@require_safe
def start(request: HttpRequest) -> TemplateResponse:
    """Say how to get the seven cards: by e-mail once sign-up is open on this site, here every day."""
    return TemplateResponse(request, "glossary/start.html", {"deck": Deck.objects.published().first()})

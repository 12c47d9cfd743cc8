"""The pages that say what this site is and how it works."""

from django.conf import settings
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from glossary.models import Deck
from glossary.views.ready_page import public_page, shows_only


@public_page
@require_safe
def how_we_check(request: HttpRequest) -> TemplateResponse:
    """Say how a card is checked, and openly where one person does it all."""
    response = TemplateResponse(request, "glossary/how_we_check.html", {"single": settings.SINGLE_PERSON_DESK})
    shows_only(response)
    return response


@public_page
@require_safe
def about(request: HttpRequest) -> TemplateResponse:
    """Say what this site is."""
    response = TemplateResponse(request, "glossary/about.html", {})
    shows_only(response)
    return response


@public_page
@require_safe
def start(request: HttpRequest) -> TemplateResponse:
    """Say how to get the seven cards: by e-mail once sign-up is open on this site, here every day."""
    response = TemplateResponse(request, "glossary/start.html", {"deck": Deck.objects.published().first()})
    shows_only(response, any_deck=True)
    return response

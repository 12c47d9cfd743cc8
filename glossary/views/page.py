"""The pages that say what this site is, how it works, and whom to write to."""

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from glossary.domain.mail_event import PROVIDERS
from glossary.services.arming import can_mail
from glossary.services.clock import today
from glossary.views.ready_page import public_page, shows_only

SECURITY_DAYS = 180  # for which security.txt holds; RFC 9116 asks for less than a year


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
    """Say what this site is, and who answers for it."""
    response = TemplateResponse(request, "glossary/about.html", _publisher())
    shows_only(response)
    return response


@public_page
@require_safe
def contact(request: HttpRequest) -> TemplateResponse:
    """Say whom to write to about what."""
    response = TemplateResponse(request, "glossary/contact.html", _publisher())
    shows_only(response)
    return response


@public_page
@require_safe
def privacy(request: HttpRequest) -> TemplateResponse:
    """Say what is kept of whom, what for, and until when."""
    provider = PROVIDERS.get(settings.EMAIL_PROVIDER)
    context = {**_publisher(), "mails": can_mail(), "provider": provider.name if provider else ""}
    response = TemplateResponse(request, "glossary/privacy.html", context)
    shows_only(response)
    return response


@public_page
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Say where faults of safety are told (RFC 9116)."""
    until = datetime.combine(today() + timedelta(days=SECURITY_DAYS), time(), UTC)
    contact_page = f"{settings.SITE_URL}{reverse('contact')}"
    lines = [
        *([f"Contact: mailto:{settings.CONTACT_EMAIL}"] if settings.CONTACT_EMAIL else []),
        f"Contact: {contact_page}",
        f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL}{reverse('security-txt')}",
        f"Policy: {contact_page}#safety",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@csrf_exempt  # any POST gets 405
@require_safe
def change_password(request: HttpRequest) -> HttpResponseRedirect:
    """Lead a password manager to where staff change their password."""
    return redirect("admin:password_change")


def _publisher() -> dict[str, str]:
    return {
        "imprint": ", ".join(filter(None, [settings.PUBLISHER, settings.POSTAL_ADDRESS])),
        "contact_email": settings.CONTACT_EMAIL,
    }

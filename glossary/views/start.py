"""Signing up for the free brief, and confirming it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from glossary.domain.errors import BadText
from glossary.domain.names import MAX_SLUG
from glossary.domain.network import network_of
from glossary.domain.sign_up import AGREED
from glossary.domain.subscriber import MAX_ADDRESS
from glossary.forms.start import TRAP, clean_address, is_stamped, make_stamp
from glossary.models import Deck
from glossary.services.clock import today
from glossary.services.sign_up import ask, closed_because
from glossary.services.subscription import confirm as confirm_brief
from glossary.services.subscription import first_brief_of, waiting_for


@csrf_exempt  # a cookie would be needed; the mail that has to be confirmed is the protection
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Ask for an address; leave the wish of whoever sent one. The answer is the same for every address."""
    if closed_because():
        return TemplateResponse(request, "glossary/start_closed.html", {"deck": Deck.objects.published().first()})
    typed = request.POST.get("address", "")
    context = {
        "agreed": AGREED,
        "slug": (request.POST.get("term") or request.GET.get("term", ""))[:MAX_SLUG],
        "address": typed[:MAX_ADDRESS],
    }
    if request.method != "POST":
        return TemplateResponse(request, "glossary/start.html", context | {"stamp": make_stamp(today())})
    stamped = is_stamped(request.POST.get("stamp", ""), today=today())
    try:
        address = clean_address(typed)
        if stamped and not request.POST.get(TRAP):
            ask(address, slug=context["slug"], network=_network(request))
    except BadText as error:
        context |= {"stamp": make_stamp(today()), "error": str(error)}
        page = TemplateResponse(request, "glossary/start.html", context)
        page.status_code = 400
        return page
    if not stamped:
        return TemplateResponse(request, "glossary/start.html", context | {"stamp": make_stamp(today()), "again": True})
    return TemplateResponse(request, "glossary/start_sent.html", context)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show the button that confirms; only pressing it does, so that programs which open links confirm nothing."""
    if request.method == "POST":
        reader = confirm_brief(token)
        template = "glossary/start_confirmed.html" if reader else "glossary/start_used.html"
        mail = first_brief_of(reader) if reader else None
        return _private(TemplateResponse(request, template, {"reader": reader, "mail": mail}))
    reader = waiting_for(token)
    template = "glossary/start_confirm.html" if reader else "glossary/start_used.html"
    return _private(TemplateResponse(request, template, {"reader": reader, "agreed": AGREED}))


def _network(request: HttpRequest) -> str:
    """Return where a request comes from, as far as that may be believed."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    return network_of(request.META.get("REMOTE_ADDR", ""), forwarded, settings.TRUSTED_PROXIES)


def _private(answer: TemplateResponse) -> TemplateResponse:
    """Keep the address of this page, which is a secret, from other sites."""
    answer["Referrer-Policy"] = "no-referrer"
    return answer

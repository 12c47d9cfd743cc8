"""A reader's own pages, behind the signed links of their mails: leaving, pausing, taking along, being forgotten."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from glossary.domain.errors import IllegalMove
from glossary.domain.link_token import Purpose
from glossary.domain.subscriber import SubscriberState
from glossary.models import Subscriber
from glossary.services.clock import today
from glossary.services.subscription import (
    ask_back,
    erase,
    export_of,
    leave,
    link_of,
    pause,
    reader_of,
    set_weekdays_only,
)

PAUSES = [("a week", 7), ("two weeks", 14), ("a month", 30)]
FIELDS = {"pause": "until", "erase": "sure"}  # by the button: the field that a refusal is about


@csrf_exempt  # mail programs send it by themselves, without a cookie (RFC 8058); the link is the proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Show the button that leaves; a POST leaves at once, however often it comes, and is answered with 200.

    What the buttons of the page do stands in their addresses, so that the body of a POST is never read: mail programs
    send what they like. The page leads to nothing that its link may not do itself; the header of each brief hands that
    link to mail providers, and it neither exports nor erases.
    """
    ours, reader = reader_of(token, Purpose.UNSUBSCRIBE)
    if not ours:
        return _private(TemplateResponse(request, "glossary/link_broken.html", {}, status=404))
    do = request.GET.get("do", "") if request.method == "POST" else ""
    if do == "back" and reader is not None:
        ask_back(reader)
        return _private(TemplateResponse(request, "glossary/start_sent.html", {"address": reader.address}))
    gone = reader is None or reader.state == SubscriberState.UNSUBSCRIBED
    said = error = ""
    if request.method == "POST" and reader is not None and not gone:
        if do in {"pause", "weekdays"}:
            try:
                said = _change(do, request.GET, reader)
            except IllegalMove as refusal:
                error = str(refusal)
        else:
            gone = leave(reader, how="page" if do == "leave" else "one click") or True
    context = {"gone": gone, "reader": reader, "said": said, "error": error, "pauses": PAUSES}
    return _private(TemplateResponse(request, "glossary/unsubscribe.html", context))


@csrf_exempt  # no cookie for readers; the link is the proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Show how a reader gets the brief, and what can be changed; each change is a button."""
    ours, reader = reader_of(token, Purpose.PREFERENCES)
    if not ours:
        return _private(TemplateResponse(request, "glossary/link_broken.html", {}, status=404))
    if reader is None:
        return _private(TemplateResponse(request, "glossary/unsubscribe.html", {"gone": True, "reader": None}))
    said = error = wrong = ""
    if request.method == "POST":
        if request.POST.get("do") == "export":
            answer = JsonResponse(export_of(reader), json_dumps_params={"indent": 2, "ensure_ascii": False})
            answer["Content-Disposition"] = 'attachment; filename="my-data.json"'
            answer["Referrer-Policy"] = "no-referrer"
            return answer
        if request.POST.get("do") == "erase" and request.POST.get("sure"):
            erase(reader)
            return _private(TemplateResponse(request, "glossary/erased.html", {}))
        try:
            said = _change(request.POST.get("do", ""), request.POST, reader)
        except IllegalMove as refusal:
            error, wrong = str(refusal), FIELDS.get(request.POST.get("do", ""), "")
        reader.refresh_from_db()
    context = {
        "reader": reader,
        "said": said,
        "error": error,
        "wrong": wrong,
        "paused": reader.paused_until is not None and reader.paused_until > today(),
        "pauses": [(name, days) for name, days in PAUSES],
        "tomorrow": today() + timedelta(days=1),
        "leave": link_of(reader, Purpose.UNSUBSCRIBE),
    }
    return _private(TemplateResponse(request, "glossary/preferences.html", context))


def _change(do: str, given: QueryDict, reader: Subscriber) -> str:
    """Do what a button says and return it as a sentence; raises IllegalMove for what cannot be done."""
    match do:
        case "pause":
            pause(reader, _day(given))
            return "Your brief is paused."
        case "resume":
            pause(reader, None)
            return "The pause is over: the next brief comes to you."
        case "weekdays":
            set_weekdays_only(reader, True)
            return "You get the brief from Monday to Friday."
        case "every-day":
            set_weekdays_only(reader, False)
            return "You get the brief every day."
        case "erase":
            raise IllegalMove("Tick the box first: what is erased cannot be brought back.")
    raise IllegalMove("Press one of the buttons on this page.")


def _day(given: QueryDict) -> date:
    """Return the day until which a reader wants to pause; raises IllegalMove for what is none."""
    days = given.get("days", "")
    if days.isascii() and days.isdecimal() and len(days) <= 3:
        return today() + timedelta(days=int(days))
    try:
        return date.fromisoformat(given.get("until", ""))
    except ValueError as error:
        raise IllegalMove("Choose the day on which the brief should come again.") from error


def _private(answer: TemplateResponse) -> TemplateResponse:
    """Keep the address of this page, which is a secret, from other sites and from search engines."""
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer

"""The public log of corrections."""

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from glossary.models import Correction
from glossary.views.ready_page import public_page

CORRECTIONS_A_PAGE = 30
MAX_DIGITS = 18  # of a key that a database takes


@public_page
@require_safe
def corrections(request: HttpRequest) -> TemplateResponse:
    """List what readers are told of words that they had, newest first; `at` names one whose page is wanted."""
    told = Correction.objects.public()
    wanted, at = request.GET.get("page"), request.GET.get("at", "")
    if wanted is None and at.isascii() and at.isdecimal() and len(at) <= MAX_DIGITS:
        wanted = str(told.filter(pk__gt=int(at)).count() // CORRECTIONS_A_PAGE + 1)
    page = Paginator(told.for_readers(), CORRECTIONS_A_PAGE).get_page(wanted)
    return TemplateResponse(request, "glossary/corrections.html", {"page": page})

"""The public log of corrections."""

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from glossary.models import Correction
from glossary.views.ready_page import public_page

CORRECTIONS_A_PAGE = 30


@public_page
@require_safe
def corrections(request: HttpRequest) -> TemplateResponse:
    """List what readers are told of words that they had, newest first."""
    page = Paginator(Correction.objects.public().for_readers(), CORRECTIONS_A_PAGE).get_page(request.GET.get("page"))
    return TemplateResponse(request, "glossary/corrections.html", {"page": page})

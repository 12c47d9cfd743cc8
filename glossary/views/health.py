"""For operators: whether the server answers, and whether it is ready."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from glossary.services.health import what_is_amiss


@csrf_exempt  # any POST gets 405
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process answers; asks nothing of the database."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@csrf_exempt  # any POST gets 405
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say that database, migrations and tick are as they should be, or in a sentence what is not, with 503."""
    amiss = what_is_amiss()
    return HttpResponse(f"{amiss or 'ready'}\n", status=503 if amiss else 200, content_type="text/plain; charset=utf-8")

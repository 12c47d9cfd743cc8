"""The desk's page for bringing in a file of terms: tried first, then for real, with its progress as it goes."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.html import format_html

from glossary.desk import member
from glossary.domain.intake import COLUMNS
from glossary.domain.intake_file import BadFile, read_rows
from glossary.domain.roles import Action
from glossary.forms.intake import IntakeForm
from glossary.services.intake import Tally, import_rows
from glossary.services.roles import may

EVERY = 100  # rows between two lines of progress
SHOWN_REFUSALS = 300
MARK = "<!-- what became of the rows -->"


def intake_view(site: AdminSite, request: HttpRequest) -> HttpResponseBase:
    """Show the form; on POST stream what becomes of each row, so that ten thousand rows show their progress."""
    if not may(request.user, Action.WRITE):
        raise PermissionDenied("You may not write terms.")
    form = IntakeForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": "Bring in terms",
        "form": form,
        "columns": COLUMNS,
    }
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return TemplateResponse(request, "admin/glossary/term/intake.html", context, status=status)
    dry_run = request.POST.get("do") != "import"
    page = render_to_string(
        "admin/glossary/term/intake.html", {**context, "running": True, "dry_run": dry_run}, request
    )
    head, _, tail = page.partition(MARK)
    rows = _outcomes(form, by=member(request), dry_run=dry_run)
    response = StreamingHttpResponse(_joined(head, rows, tail))
    response["X-Accel-Buffering"] = "no"  # a proxy that collects the page would hide the progress
    response["Cache-Control"] = "no-store"
    return response


def _joined(head: str, rows: Iterator[str], tail: str) -> Iterator[str]:
    yield head
    yield from rows
    yield tail


def _outcomes(form: IntakeForm, *, by: User, dry_run: bool) -> Iterator[str]:
    """Yield a line for each refused row and each hundred rows, then the sum."""
    tally, refusals = Tally(), 0
    file = form.cleaned_data["file"].file
    try:
        for number, outcome in enumerate(import_rows(read_rows(file, form.format()), by=by, dry_run=dry_run), start=1):
            tally.add(outcome)
            if outcome.refused:
                refusals += 1
                if refusals <= SHOWN_REFUSALS:
                    yield format_html("<li>{}</li>", str(outcome))
            if number % EVERY == 0:
                yield format_html('<li class="dk-quiet">{} rows so far</li>', number)
    except BadFile as fault:
        yield format_html('<li class="dk-refuse">{}</li>', str(fault))
        return
    if refusals > SHOWN_REFUSALS:
        yield format_html("<li>and {} more rows that were refused</li>", refusals - SHOWN_REFUSALS)
    done = "Nothing was written. It would be" if dry_run else "Done"
    yield format_html("<li><b>{}: {}</b></li>", done, str(tally))

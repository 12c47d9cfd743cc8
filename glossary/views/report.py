"""Reporting an error: the exact words, what is wrong with them, no account and no cookie."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from glossary.domain.network import network_of
from glossary.domain.report import MAX_QUOTE, find_sentence
from glossary.domain.term import Stage
from glossary.forms.report import ReportForm
from glossary.models import Claim, Edition, Publication, Term
from glossary.services.arming import can_mail
from glossary.services.report import (
    ReportDraft,
    TooManyReports,
    file_report,
    form_age,
    form_stamp,
    reportable_lines,
)
from glossary.services.version import published_edition, term_once_public
from glossary.views.address import beside_its_term
from glossary.views.ready_page import public_page

STALE_FORM = "This form was opened too long ago. Everything you typed is still here: please send it once more."


@beside_its_term("report", merged=True)
@csrf_exempt  # it changes nothing that belongs to whoever sends it, and needs no cookie
@never_cache  # each form has its own moment
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form; on POST keep the report. A machine in a trap gets the answer that readers get; a flood, 429."""
    term = term_once_public(slug)
    if term is None:
        raise Http404
    if request.method != "POST":
        return _page(request, term, ReportForm(), asked=request.GET.get("v", ""))
    return _post(request, term)


@beside_its_term("report-thanks", merged=True)
@public_page
@require_safe
def thanks(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what happens with a report."""
    term = term_once_public(slug)
    if term is None:
        raise Http404
    context = {"term": term, "shown": term.shown() if term.published else None, "changed": "changed" in request.GET}
    return TemplateResponse(request, "glossary/report_thanks.html", context)


def _post(request: HttpRequest, term: Term) -> HttpResponse:
    had = Publication.objects.filter(term=term).values("edition_id")
    lines = Claim.objects.filter(edition__in=had).select_related("sentence", "edition")
    form = ReportForm(request.POST, claims=lines)
    asked, age = request.POST.get("v", ""), form_age(request.POST.get("opened", ""))
    if not form.is_valid():
        return _page(request, term, form, asked=asked, status=422)
    if age is None:
        return _page(request, term, form, asked=asked, status=422, refused=STALE_FORM)
    data = form.cleaned_data
    edition = published_edition(term, asked) or term.published or _last_edition(term)
    draft = ReportDraft(data["said"], data["quote"], data["claim"], data["email"] if can_mail() else "")
    if not data["website"]:
        try:
            file_report(term, edition, draft, network=_network(request), age=age)
        except TooManyReports as full:
            answer = _page(request, term, form, asked=asked, status=429, refused=str(full))
            answer["Retry-After"] = str(full.seconds)
            return answer
    changed = "?changed" if term.published_id != edition.pk else ""
    return HttpResponseRedirect(f"{reverse('report-thanks', args=[term.slug])}{changed}", status=303)


def _page(
    request: HttpRequest, term: Term, form: ReportForm, *, asked: str, status: int = 200, refused: str = ""
) -> HttpResponse:
    read = published_edition(term, asked) or term.published
    lines = reportable_lines(term, read)
    typed = request.POST if form.is_bound else request.GET
    quote = typed.get("quote", "").replace("\x00", "")[:MAX_QUOTE]
    chosen = typed.get("claim", "")
    if quote and not chosen and not form.is_bound:
        place = find_sentence(quote, [line.sentence.text for line in lines])
        chosen = str(lines[place].pk) if place is not None else ""
    context = {
        "term": term,
        "shown": term.shown() if term.stage == Stage.PUBLISHED else None,
        "lines": lines,
        "quote": quote,
        "chosen": chosen,
        "form": form,
        "said": typed.get("said", "") if form.is_bound else "",
        "email": typed.get("email", "") if form.is_bound else "",
        "refused": refused,
        "stamp": form_stamp() if form_age(typed.get("opened", "")) is None else typed.get("opened", ""),
        "mails": can_mail(),
        "asked": read.digest if read is not None else "",
        "gone": read is not None and read.pk != term.published_id,
    }
    return TemplateResponse(request, "glossary/report.html", context, status=status)


def _last_edition(term: Term) -> Edition:
    newest = Publication.objects.filter(term=term).select_related("edition").first()
    if newest is None:
        raise Http404
    return newest.edition


def _network(request: HttpRequest) -> str:
    forwarded = request.headers.get("X-Forwarded-For", "")
    return network_of(request.META.get("REMOTE_ADDR", ""), forwarded, settings.TRUSTED_PROXIES)

"""Term pages and the A-Z list."""

from collections import defaultdict
from typing import Any
from urllib.parse import quote, unquote

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from glossary.domain.correction import CorrectionKind
from glossary.domain.json_ld import Amended, Site, term_page
from glossary.domain.names import is_slug, squeezed_key
from glossary.domain.search import read_query
from glossary.domain.term import Stage, Words
from glossary.models import Correction, FactCheck, Term
from glossary.models.term_for_readers import terms_around
from glossary.services.clock import moment, today
from glossary.services.evidence import what_was_checked
from glossary.services.lexicon import mentions_on
from glossary.services.names import address_of_meanings, find_addressed, meanings
from glossary.services.search_index import printed_names
from glossary.services.tag import counted_topics
from glossary.views.address import beside_its_term
from glossary.views.ready_page import public_page, shows_only

ALL_ON_ONE_PAGE = 400  # terms; above that the list shows one letter at a time
PAGE_SIZE = 200
LETTERS = ["#", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ"]


@public_page
@require_safe
def terms(request: HttpRequest) -> TemplateResponse:
    """List the published terms from A to Z; letters without terms are no links."""
    counts = dict(Term.objects.published().values_list("letter").annotate(n=Count("pk")).order_by())
    total = sum(counts.values())
    listed = Term.objects.for_readers().in_order()
    wanted = request.GET.get("letter", "").upper()
    by_letter = total > ALL_ON_ONE_PAGE or (wanted in counts and "letter" in request.GET)
    letter = wanted if wanted in counts else next((one for one in LETTERS if one in counts), "")
    page = Paginator(listed.filter(letter=letter) if by_letter else listed, PAGE_SIZE if by_letter else ALL_ON_ONE_PAGE)
    shown = page.get_page(request.GET.get("page"))
    shelves: dict[str, list[Term]] = defaultdict(list)
    for term in shown:
        shelves[term.letter].append(term)
    context = {
        "total": total,
        "letters": [(one, one in counts) for one in LETTERS],
        "by_letter": total > ALL_ON_ONE_PAGE,
        "chosen": letter if by_letter else "",
        "shelves": [(one, shelves[one]) for one in LETTERS if one in shelves],
        "page": shown,
        "topics": counted_topics(),
        "today": today(),
    }
    return TemplateResponse(request, "glossary/terms.html", context)


@public_page
@require_safe
def term(request: HttpRequest, name: str) -> HttpResponse:
    """Show a term under its one address; every other spelling of it gets exactly one redirect there."""
    exact = request.path.endswith("/")
    around = terms_around(name) if is_slug(name) else []
    found = next((one for one in around if one.slug == name), None)
    if found is None or found.stage == Stage.MERGED or not exact:
        several = meanings(name) if found is None else []
        target = None if several else find_addressed(name, merged=False)
        if several:
            return _several(request, name, several)
        if target is None:
            raise Http404
        return _moved(request, target.get_absolute_url())
    if found.published_at is None and found.stage != Stage.RETIRED:
        raise Http404
    near = [one for one in around if one.stage == Stage.PUBLISHED and one is not found]
    shown = found.shown()
    if found.stage != Stage.PUBLISHED or shown is None:
        return _gone(request, found)
    words, check = shown
    newer = _successor(found)
    near = [one for one in near if one.shown()]
    namesakes = [one for one in meanings(words.headword) if one.pk != found.pk] if found.ambiguous else []
    mentions = mentions_on(words, own=found.pk)
    late = found.overdue_on is not None and found.overdue_on <= today()
    context = {
        "term": found,
        "words": words,
        "mentions": mentions,
        "check": check,
        "checked": what_was_checked(found.published) if found.published else None,
        "late": late,
        "newer": newer if newer and newer[1] == words.successor else None,
        "today": today(),
        "parts_rechecked_on": check.parts_rechecked_on(today()),
        "near": near,
        "notices": list(found.corrections.noticed(today()).for_readers()) if found.was_corrected else [],
        "namesakes": namesakes,
        "tags": found.tags.all(),
        "canonical": f"{settings.SITE_URL}{found.get_absolute_url()}",
        "picture": f"{settings.SITE_URL}{reverse('term-picture', args=[found.slug])}",
    }
    context["json_ld"] = _json_ld(found, words, check, context["notices"])
    response = _dated(TemplateResponse(request, "glossary/term.html", context), found)
    named = {name.term for one in mentions.every for name in one.names}
    shows_only(response, terms=[found, *near, *namesakes, *named, *filter(None, [found.successor_id])])
    return response


def _json_ld(term: Term, words: Words, check: FactCheck, notices: list[Correction]) -> dict[str, Any]:
    """Return what search engines read of a term's page."""
    site = Site(
        name=settings.SITE_NAME,
        home=f"{settings.SITE_URL}{reverse('home')}",
        terms=f"{settings.SITE_URL}{reverse('terms')}",
        how_we_check=f"{settings.SITE_URL}{reverse('how-we-check')}",
    )
    amended = [
        Amended(f"{row.why} {row.sequel}".strip(), f"{settings.SITE_URL}{row.get_absolute_url()}", row.on)
        for row in notices
    ]
    changed = term.last_change(moment())
    assert check.stamp_on is not None  # a check that stands has its date
    return term_page(
        words,
        site=site,
        address=f"{settings.SITE_URL}{term.get_absolute_url()}",
        checked_on=check.stamp_on,
        changed_on=today(changed),
        amended=amended,
    )


def _dated(answer: TemplateResponse, term: Term) -> TemplateResponse:
    """Say when readers last got something else of the term. Links beside the words may change without it, so what
    decides whether a kept copy is still good is the ETag.
    """
    changed = term.last_change(moment())
    if changed is not None:
        answer["Last-Modified"] = http_date(changed.timestamp())
    return answer


@beside_its_term("term-peek", merged=False)
@public_page
@require_safe
def peek(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what a link to a term previews: its published definition and date, as a fragment of a page."""
    found = Term.objects.published().select_related("published").filter(slug=slug).first()
    shown = found.shown() if found is not None else None
    if found is None or shown is None:
        raise Http404
    late = found.overdue_on is not None and found.overdue_on <= today()
    context = {"term": found, "words": shown[0], "check": shown[1], "late": late}
    response = TemplateResponse(request, "glossary/_peek.html", context)
    response["X-Robots-Tag"] = "noindex"
    shows_only(response, terms=[found])
    return response


def _gone(request: HttpRequest, term: Term) -> TemplateResponse:
    """Say that a card was taken back or closed, since when and why, and what to read instead."""
    last = term.publications.select_related("edition").first()
    edition = last.edition if last is not None else None
    context = {
        "term": term,
        "name": edition.headword_as_read if edition is not None else "",
        "successor": _successor(term),
        "retraction": term.corrections.filter(kind=CorrectionKind.RETRACTION, from_edition=edition).first(),
    }
    gone = TemplateResponse(request, "410.html", context, status=410)
    shows_only(gone, terms=[term, *filter(None, [term.successor_id])])
    return gone


def _several(request: HttpRequest, name: str, terms: list[Term]) -> HttpResponse:
    """Show what an ambiguous name may mean, under one address; it never leads to a term, as nobody knows which."""
    key = squeezed_key(name)
    printed = [one for term in terms if (pair := term.shown()) for one in printed_names(pair[0])]
    address = f"{reverse('terms')}{quote(address_of_meanings(name, printed), safe='')}/"
    if request.path != unquote(address):
        return _moved(request, address)
    context = {
        "name": next((one for one in printed if squeezed_key(one) == key), read_query(name).text),
        "terms": terms,
        "today": today(),
        "canonical": f"{settings.SITE_URL}{address}",
    }
    return TemplateResponse(request, "glossary/meanings.html", context)


def _moved(request: HttpRequest, address: str) -> HttpResponsePermanentRedirect:
    query = request.META.get("QUERY_STRING", "")
    response = redirect(f"{address}?{query}" if query else address, permanent=True)
    assert isinstance(response, HttpResponsePermanentRedirect)
    return response


def _successor(term: Term) -> tuple[str, str] | None:
    """Return address and checked headword of the term to read instead, if readers can find it."""
    if term.successor_id is None:
        return None
    successor = Term.objects.for_readers().filter(pk=term.successor_id).first()
    shown = successor.shown() if successor is not None else None
    return (successor.get_absolute_url(), shown[0].headword) if successor is not None and shown else None

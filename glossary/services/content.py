"""The content report: links, aliases and terms that lead nowhere, and cards whose time has come."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.db.models import Q

from glossary.domain.content import LooseEnd, csv_cell, mentioned
from glossary.domain.doubt import DoubtKind
from glossary.domain.names import squeezed_key
from glossary.domain.term import Stage
from glossary.models import Alias, Claim, Doubt, Edition, Name, OldSlug, Term
from glossary.services.clock import today

OWN_LINK = re.compile(r"/terms/([^/?#]+)/?(?:[?#].*)?$")
DOUBTS = {DoubtKind.DEAD_LINK: LooseEnd.BROKEN, DoubtKind.REDIRECTED: LooseEnd.REDIRECTED}


@dataclass(frozen=True)
class LooseRow:
    """A row of the report: what it is about, what is wrong, and the page of the desk on which it is mended."""

    kind: LooseEnd
    subject: str
    says: str
    path: str


def content_report(*, now: datetime | None = None) -> list[LooseRow]:
    """Return every loose end, by kind and name: at most ten queries, and time that grows with the text alone."""
    rows = [*_source_links(), *_links_between_terms(), *_overdue(now), *_orphans(), *_unlinked()]
    order = {kind: place for place, kind in enumerate(LooseEnd)}
    return sorted(rows, key=lambda row: (order[row.kind], row.subject.casefold(), row.says))


class Writable(Protocol):
    """What a table can be written into: a file, the output of a command, an answer to a request."""

    def write(self, text: str, /) -> object:
        """Take some text."""


def write_csv(out: Writable, rows: Iterable[LooseRow]) -> None:
    """Write rows as CSV with a header, each cell such that no spreadsheet takes it for a formula."""
    table = csv.writer(out)
    table.writerow(["kind", "subject", "what", "fix"])
    for row in rows:
        table.writerow([csv_cell(cell) for cell in (row.kind, row.subject, row.says, f"{settings.SITE_URL}{row.path}")])


def _source_links() -> Iterator[LooseRow]:
    """Yield what the watch and the checkers found of the ways to sources: one query."""
    doubts = Doubt.objects.open().filter(kind__in=list(DOUBTS), source__isnull=False).select_related("source")
    for doubt in doubts:
        yield LooseRow(DOUBTS[DoubtKind(doubt.kind)], str(doubt.source), doubt.reason, doubt.get_desk_url())


def _links_between_terms() -> Iterator[LooseRow]:
    """Yield the links in published words to pages of this site that are gone, or that redirect: three queries."""
    claims = Claim.objects.filter(edition__published_for__isnull=False).exclude(sentence__links=[])
    links: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims.select_related("sentence__term"):
        for link in claim.sentence.links:
            if link.startswith(f"{settings.SITE_URL}/") and (found := OWN_LINK.search(link)):
                links[found[1]].append(claim)
    live = set(Term.objects.published().filter(slug__in=links).values_list("slug", flat=True))
    passed_on = set(OldSlug.objects.filter(slug__in=links, term__stage=Stage.PUBLISHED).values_list("slug", flat=True))
    for slug in sorted(set(links) - live):
        moved = slug in passed_on
        kind = LooseEnd.REDIRECTED if moved else LooseEnd.BROKEN
        says = f"links to “{slug}”, which {'has another address today' if moved else 'readers cannot find'}"
        for claim in links[slug]:
            term = claim.sentence.term
            yield LooseRow(kind, str(term), f"Line {claim.place} {says}.", term.get_desk_url())


def _overdue(now: datetime | None) -> Iterator[LooseRow]:
    """Yield the published cards that are due for another look: one query."""
    day = today(now)
    for term in Term.objects.published().filter(due_on__lte=day).select_related("published"):
        if term.due_on is not None and term.published is not None:
            late = (day - term.due_on).days
            days = f"{late} day{'' if late == 1 else 's'}"
            says = f"Due since {term.due_on:%B} {term.due_on.day}, {term.due_on.year}: {days}."
            yield LooseRow(LooseEnd.OVERDUE, str(term), says, term.published.get_check_url())


def _orphans() -> Iterator[LooseRow]:
    """Yield the aliases by which nobody gets anywhere: three queries.

    Aliases of retired, withdrawn or binned terms, and hidden ones of published terms whose name leads elsewhere.
    Those of merged terms lead to the term that took them in.
    """
    closed = Q(term__stage=Stage.RETIRED) | Q(term__binned_at__isnull=False)
    closed |= Q(term__stage=Stage.DRAFT, term__published_at__isnull=False)
    for alias in Alias.objects.filter(closed).select_related("term"):
        state = {Stage.RETIRED: "is retired"}.get(Stage(alias.term.stage), "is withdrawn")
        state = "is in the bin" if alias.term.binned_at else state
        yield LooseRow(LooseEnd.ORPHAN, alias.text, f"Its term “{alias.term}” {state}.", alias.term.get_desk_url())
    hidden = list(Alias.objects.filter(term__stage=Stage.PUBLISHED, shown=False).select_related("term"))
    keys = {squeezed_key(alias.text) for alias in hidden}
    rows = Name.objects.public().filter(key__in=keys).values_list("key", "term_id", "meanings__term_id")
    leads = {(key, owner) for key, *owners in rows for owner in owners if owner is not None}
    for alias in hidden:
        if (squeezed_key(alias.text), alias.term_id) not in leads:
            says = f"Hidden name of “{alias.term}”, and it does not lead there. Save the term again."
            yield LooseRow(LooseEnd.ORPHAN, alias.text, says, alias.term.get_desk_url())


def _unlinked() -> Iterator[LooseRow]:
    """Yield the published terms that no other published card mentions: two queries."""
    rows = list(
        Edition.objects.filter(published_for__isnull=False).order_by("term_id").values_list("term_id", "words_json")
    )
    names: dict[str, frozenset[int]] = {}
    for term, words in rows:
        for name in (words["headword"], *(alias["text"] for alias in words["aliases"])):
            names[name] = names.get(name, frozenset()) | {term}
    seen = mentioned(_texts(rows), names)
    for one in Term.objects.published().only("pk", "headword").order_by("pk"):
        if one.pk not in seen:
            says = "No other card mentions it: readers come to it by search and the A–Z list alone."
            yield LooseRow(LooseEnd.UNLINKED, str(one), says, one.get_desk_url())


def _texts(rows: Iterable[tuple[int, dict[str, str]]]) -> Iterator[tuple[int, str]]:
    for term, words in rows:
        yield term, "\n".join(words[part] for part in ("definition", "body", "example"))

"""How the terms of a file stand to one another: names become terms, also those of later rows; circles are refused."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.intake import Row, quoted
from glossary.domain.names import clean_line, squeezed_key
from glossary.domain.relations import Relation, Relations, circle
from glossary.models import Name, Term
from glossary.services.relations import MAX_VENDOR, relate_term, relations_of

LISTS = ("prerequisites", "broader", "related")
GRAPHS = {"prerequisites": Relation.PREREQUISITE, "broader": Relation.BROADER}


class NotYet(IllegalMove):
    """A row names a term that is not there, but may come in a later row."""


@dataclass(frozen=True)
class Waiting:
    """A row whose words were taken and whose relations wait for the end of the file."""

    row: Row
    slug: str


class FileRelations:
    """The relations that the rows of one file ask for.

    Terms are named by their addresses, which the new ones of a dry run have too. A dry run keeps the edges of the rows
    it has seen, as their batches are rolled back, and finds the circles over them and over what stands in the database.
    """

    def __init__(self, by: User, now: datetime | None, *, dry_run: bool) -> None:
        self.by, self.now, self.dry_run = by, now, dry_run
        self.slugs: dict[str, str] = {}  # key of a name that a row claimed → address
        self.headwords: dict[str, str] = {}  # address → headword
        self.edges: dict[Relation, dict[str, tuple[str, ...]]] = {relation: {} for relation in GRAPHS.values()}
        self.waiting: list[Waiting] = []

    def claim(self, slug: str, headword: str, keys: Collection[str]) -> None:
        """Remember the names of a row that was taken."""
        self.headwords[slug] = headword
        self.slugs.update(dict.fromkeys(keys, slug))

    def take(self, row: Row, term: Term) -> bool:
        """Give a term the relations that its row names; return whether that changes any.

        What names no term yet waits for the end of the file. Raises IllegalMove for a circle, with the way round.
        """
        try:
            return self._relate(row, term)
        except NotYet:
            self.waiting.append(Waiting(row, term.slug))
            return False

    def finish(self) -> list[tuple[Row, str]]:
        """Give the terms that waited their relations; return the rows whose relations are refused, and why."""
        refused = []
        for one in self.waiting:
            try:
                with transaction.atomic():
                    there = Term.objects.filter(slug=one.slug).first()
                    self._relate(one.row, there or Term(slug=one.slug, headword=one.row.headword))
            except (BadText, IllegalMove) as error:
                refused.append((one.row, f"The words were taken, how it stands to other terms was not. {error}"))
        self.waiting = []
        return refused

    def _relate(self, row: Row, term: Term) -> bool:
        there = relations_of(term) if term.pk else Relations()
        names = [name for part in LISTS for name in getattr(row, part) or ()]
        found = self._addresses([*names, *([row.contrast] if row.contrast else [])])
        wanted = {
            part: tuple(dict.fromkeys(found[squeezed_key(name)] for name in given))
            for part in LISTS
            if (given := getattr(row, part)) is not None
        }
        contrast = found[squeezed_key(row.contrast)] if row.contrast else ""
        if term.slug in {*wanted.get("related", ()), contrast}:
            raise IllegalMove("A term is neither related to itself nor taken for itself.")
        vendor = there.vendor
        if row.vendor is not None:
            vendor = clean_line(row.vendor, limit=MAX_VENDOR, what="The vendor")
        for part, relation in GRAPHS.items():
            if part in wanted:
                self._check_circle(term, wanted[part], relation)
                self.edges[relation][term.slug] = wanted[part]
        keys = dict(Term.objects.filter(slug__in=set(found.values())).values_list("slug", "pk"))
        known = {part: tuple(sorted(keys.get(slug, 0) for slug in slugs)) for part, slugs in wanted.items()}
        asked = replace(
            there,
            vendor=vendor,
            prerequisites=known.get("prerequisites", there.prerequisites),
            broader=known.get("broader", there.broader),
            related=known.get("related", there.related),
        )
        if row.contrast is not None:
            asked = replace(asked, contrast=keys.get(contrast, 0) if contrast else None)
        if not self.dry_run and asked != there:
            relate_term(term, asked, by=self.by, now=self.now)
        return asked != there

    def _addresses(self, names: list[str]) -> dict[str, str]:
        """Return the address of the term behind each name, by its key; raises NotYet, or IllegalMove for several."""
        asked = {squeezed_key(name): name for name in names}
        rows = Name.objects.filter(key__in=asked).values_list("key", "ambiguous", "term__slug")
        found: dict[str, str] = {}
        for key, ambiguous, slug in rows:
            if ambiguous or slug is None:
                raise IllegalMove(f"More than one term goes by the name {quoted(asked[key])}. Give a name of its own.")
            found[key] = slug
        if self.dry_run:
            found = {key: self.slugs[key] for key in asked if key in self.slugs} | found
        for key, name in asked.items():
            if key not in found:
                raise NotYet(f"No term goes by the name {quoted(name)}. Bring it in, or correct the name.")
        return found

    def _check_circle(self, term: Term, targets: Collection[str], relation: Relation) -> None:
        """Raise IllegalMove if these edges would close a circle, naming the way round."""

        def further(slugs: Collection[str]) -> Mapping[str, Collection[str]]:
            known = self.edges[relation] if self.dry_run else {}
            ways: dict[str, list[str]] = {slug: list(known[slug]) for slug in slugs if slug in known}
            through = Term.prerequisites.through if relation == Relation.PREREQUISITE else Term.broader.through
            rows = through.objects.filter(from_term__slug__in=[slug for slug in slugs if slug not in known])
            for start, end in rows.values_list("from_term__slug", "to_term__slug"):
                ways.setdefault(start, []).append(end)
            return ways

        if way := circle(term.slug, targets, further):
            names = dict(Term.objects.filter(slug__in=way).values_list("slug", "headword"))
            told = " → ".join(names.get(slug) or self.headwords.get(slug) or slug for slug in way)
            raise IllegalMove(f"This would run in a circle ({relation.value}): {told}. Take one of them out.")

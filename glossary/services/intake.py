"""Bringing in rows of a file as drafts: each becomes working text through `save_term`, or a sentence why not."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice

from django.contrib.auth.models import User
from django.db import transaction
from taggit.models import Tag

from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.intake import AliasGiven, BadRow, Row, quoted
from glossary.domain.names import slug_for, sort_key, squeezed_key
from glossary.domain.roles import Action
from glossary.domain.term import AliasDraft, AliasKind, CardDraft, Stage
from glossary.domain.volatility import Volatility
from glossary.models import Name, Term
from glossary.services.intake_relations import FileRelations
from glossary.services.names import NameTaken
from glossary.services.relations import terms_named
from glossary.services.roles import require
from glossary.services.term import TermDetails, save_term

DRY_BATCH = 50  # rows tried in one transaction, which SQLite's other writers wait for


class Fate(StrEnum):
    """What became of a row, or would."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    BAD = "bad"


@dataclass(frozen=True)
class Outcome:
    """What became of one row; a refused one has its reason, a sentence."""

    line: int
    fate: Fate
    headword: str = ""
    reason: str = ""

    @property
    def refused(self) -> bool:
        """Whether nothing of the row was taken."""
        return self.fate in {Fate.CONFLICT, Fate.BAD}

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason or self.fate.value}"


@dataclass
class Tally:
    """How many rows had which fate."""

    counts: Counter[Fate] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Count one more row."""
        self.counts[outcome.fate] += 1

    @property
    def refused(self) -> int:
        """Rows of which nothing was taken."""
        return self.counts[Fate.CONFLICT] + self.counts[Fate.BAD]

    def __str__(self) -> str:
        return ", ".join(f"{fate.value}: {self.counts[fate]:,}" for fate in Fate)


def import_rows(
    rows: Iterable[Row | BadRow],
    *,
    by: User,
    dry_run: bool,
    now: datetime | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Outcome]:
    """Yield the outcome of each row in order; the work is done as the outcomes are taken.

    Each row is a transaction of its own, so that what came before a stop stays; the same file can be brought in
    again. A dry run tries batches of rows in transactions that are rolled back. What it cannot foresee is a name that
    an earlier batch of the same file would have set free. `progress` is told the number of rows done. Names and
    addresses of the rows taken are kept until the end, to refuse a second row for the same term. A row whose relations
    name a term of a later row gets them at the end; if they are refused there, a second outcome for its line says so.

    Raises PermissionDenied at once for whom may not write, and passes on what reading the rows raises.
    """
    require(by, Action.WRITE)
    return _outcomes(rows, _Desk(by, now, dry_run=dry_run), dry_run=dry_run, progress=progress)


def _outcomes(
    rows: Iterable[Row | BadRow], desk: "_Desk", *, dry_run: bool, progress: Callable[[int], None] | None
) -> Iterator[Outcome]:
    done = 0
    waiting = iter(rows)
    while batch := list(islice(waiting, DRY_BATCH if dry_run else 1)):
        if dry_run:
            with transaction.atomic():
                outcomes = [desk.take(row) for row in batch]
                transaction.set_rollback(True)
        else:
            outcomes = [desk.take(row) for row in batch]
        for outcome in outcomes:
            done += 1
            if progress is not None:
                progress(done)
            yield outcome
    for row, reason in desk.relations.finish():
        yield Outcome(row.line, Fate.CONFLICT, row.headword, reason)


class _Desk:
    """One import: who brings in what, the list of tags, and what the rows so far have claimed."""

    def __init__(self, by: User, now: datetime | None, *, dry_run: bool) -> None:
        self.by = by
        self.now = now
        self.relations = FileRelations(by, now, dry_run=dry_run)
        self.tags = {tag.name.casefold(): tag for tag in Tag.objects.all()}
        self.addresses: dict[str, int] = {}  # slug → line
        self.names: dict[str, tuple[int, bool]] = {}  # key → line, and whether it is marked as ambiguous there

    def take(self, row: Row | BadRow) -> Outcome:
        """Bring in one row, all of it or nothing."""
        if isinstance(row, BadRow):
            return Outcome(row.line, Fate.BAD, reason=row.reason)
        try:
            with transaction.atomic():
                fate, slug, draft = self._write(row)
        except BadText as error:
            return Outcome(row.line, Fate.BAD, row.headword, str(error))
        except IllegalMove as error:
            return Outcome(row.line, Fate.CONFLICT, row.headword, str(error))
        self.addresses[slug] = row.line
        self.names.update({key: (row.line, mark) for key, mark in _keys(draft).items()})
        self.relations.claim(slug, draft.headword, _keys(draft))
        return Outcome(row.line, fate, draft.headword)

    def _write(self, row: Row) -> tuple[Fate, str, CardDraft]:
        draft = _draft(row, None).cleaned()
        term = _find(row, draft.headword)
        if term is not None:
            draft = _draft(row, term).cleaned()
        slug = term.slug if term else row.slug or slug_for(draft.headword)
        self._check_free_in_file(slug, draft)
        if term is None:
            fate = Fate.CREATE
            term = self._save(None, draft, self._details(row, None))
        else:
            fate = self._update(term, draft, self._details(row, term))
        if row.readers is not None and row.readers != term.readers_need:
            Term.objects.filter(pk=term.pk).update(readers_need=row.readers)
            fate = Fate.CREATE if fate == Fate.CREATE else Fate.UPDATE
        if row.says_relations and self.relations.take(row, term) and fate == Fate.UNCHANGED:
            fate = Fate.UPDATE
        return fate, slug, draft

    def _update(self, term: Term, draft: CardDraft, details: TermDetails) -> Fate:
        if not _changed(term, draft, details):
            return Fate.UNCHANGED
        self._save(term, draft, details)
        return Fate.UPDATE

    def _save(self, term: Term | None, draft: CardDraft, details: TermDetails) -> Term:
        try:
            return save_term(term, draft, details=details, by=self.by, now=self.now)
        except NameTaken as error:
            other = error.other
            if squeezed_key(other.headword) != squeezed_key(draft.headword):
                raise
            raise IllegalMove(
                f"“{other.headword}” is there already, at the address “{other.slug}”. Give that slug to change it."
            ) from error

    def _details(self, row: Row, term: Term | None) -> TermDetails:
        """Return what the row says of the term besides its words, and what stands there where it says nothing."""
        there = _details_of(term) if term else TermDetails(slug=row.slug)
        topic = there.topic
        if row.topic is not None:
            topic = self._tag(row.topic) if row.topic else None
        tags = [tag for tag in there.tags if tag == topic or tag != there.topic]
        if row.tags is not None:
            tags = [self._tag(name) for name in row.tags]
        return replace(
            there,
            topic=topic,
            tags=tags,
            level=there.level if row.level is None else row.level,
            volatility=row.volatility or there.volatility,
            successor=self._successor(row, there.successor),
        )

    def _successor(self, row: Row, there: Term | None) -> Term | None:
        """Return the published term that the row says has succeeded it; what stands there where it says nothing."""
        if row.successor is None:
            return there
        return terms_named([row.successor])[0] if row.successor else None

    def _tag(self, name: str) -> Tag:
        tag = self.tags.get(name.casefold())
        if tag is None:
            raise IllegalMove(f"There is no tag {quoted(name)}. Publishers keep the list of tags.")
        return tag

    def _check_free_in_file(self, slug: str, draft: CardDraft) -> None:
        """Raise IllegalMove if an earlier row was about the same term, or took one of the names."""
        if slug in self.addresses:
            raise IllegalMove(f"Line {self.addresses[slug]:,} has the same address already, “{slug}”.")
        for key, ambiguous in _keys(draft).items():
            line, marked = self.names.get(key, (0, False))
            if line and not (ambiguous and marked):
                name = next(n for n in _names(draft) if squeezed_key(n) == key)
                raise IllegalMove(f"Line {line:,} has the name “{name}” already.")


def _find(row: Row, headword: str) -> Term | None:
    """Return the term that the row is about, locked; None for a new one. Raises IllegalMove if it is not open."""
    terms = Term.objects.select_for_update(of=("self",)).select_related("topic", "successor")
    if row.slug:
        term = terms.filter(slug=row.slug).first()
        if term is not None:
            _check_open(term)
        return term
    key = squeezed_key(headword)
    name = Name.objects.filter(key=key).first()
    if name is None:
        same = terms.filter(sort_key=sort_key(headword)).order_by("pk")
        for term in (term for term in same if squeezed_key(term.headword) == key):
            _check_open(term)
        return None
    if name.term_id is not None:
        term = terms.get(pk=name.term_id)
        if squeezed_key(term.headword) != key:
            raise NameTaken(headword, term)
        return term
    meant = [term for term in terms.filter(meanings__name=name) if term.headword == headword]
    if len(meant) != 1:
        raise IllegalMove(f"“{headword}” is an ambiguous name. Give the slug of the term that the row is about.")
    return meant[0]


def _check_open(term: Term) -> None:
    if term.stage not in {Stage.DRAFT, Stage.PUBLISHED}:
        raise IllegalMove(f"“{term.headword}” is {term.stage}; its words cannot be changed.")
    if term.binned_at is not None:
        raise IllegalMove(f"“{term.headword}” is in the bin. Restore it first, or choose another headword.")


def _draft(row: Row, term: Term | None) -> CardDraft:
    """Return the working text with what the row says in place of what stands there."""
    there = term.draft() if term else CardDraft(row.headword)
    given = {part: getattr(row, part) for part in ("definition", "body", "example") if getattr(row, part) is not None}
    aliases = there.aliases
    if row.aliases is not None:
        known = {alias.text: alias for alias in aliases}
        aliases = tuple(_alias(alias, known.get(alias.text)) for alias in row.aliases)
    return replace(there, headword=row.headword, aliases=aliases, **given)


def _alias(given: AliasGiven, there: AliasDraft | None) -> AliasDraft:
    """Return the alias as given; of one that is there already, what the row does not say stays."""
    there = there or AliasDraft(given.text, AliasKind.SPELLING)
    return AliasDraft(
        given.text,
        given.kind or there.kind,
        there.shown if given.shown is None else given.shown,
        there.ambiguous if given.ambiguous is None else given.ambiguous,
    )


def _details_of(term: Term) -> TermDetails:
    return TermDetails(
        topic=term.topic,
        tags=list(term.tags.all()),
        level=term.level,
        volatility=Volatility(term.volatility),
        successor=term.successor,
        sources=list(term.sources.all()),
    )


def _changed(term: Term, draft: CardDraft, details: TermDetails) -> list[str]:
    """Return the parts in which the term would become another."""
    there, was = term.draft(), _details_of(term)
    parts = ["headword", "definition", "body", "example", "aliases"]
    changed = [part for part in parts if getattr(there, part) != getattr(draft, part)]
    changed += [
        part for part in ("topic", "level", "volatility", "successor") if getattr(was, part) != getattr(details, part)
    ]
    filed = {*details.tags, *([details.topic] if details.topic else [])}
    return [*changed, "tags"] if filed != set(was.tags) else changed


def _names(draft: CardDraft) -> list[str]:
    return [draft.headword, *(alias.text for alias in draft.aliases)]


def _keys(draft: CardDraft) -> dict[str, bool]:
    """Return the keys under which the draft is found, each with whether it is marked as ambiguous."""
    marks = {squeezed_key(alias.text): alias.ambiguous for alias in draft.aliases}
    return marks | {squeezed_key(draft.headword): draft.ambiguous}

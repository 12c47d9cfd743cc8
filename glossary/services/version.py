"""What readers had before: whether words that somebody read are still true, and what changed between editions."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.paginator import Page, Paginator

from glossary.domain.claim import Line
from glossary.domain.correction import CorrectionKind
from glossary.domain.diff import Change, LineDiff, compare_lines
from glossary.domain.footnote import is_made_of
from glossary.domain.term import Stage, Words
from glossary.domain.version import (
    REPEATABLE,
    STANDING_AT_THE_END,
    Ending,
    Fate,
    Standing,
    Told,
    fates_of,
    standing_of,
    told_on,
)
from glossary.models import Claim, Correction, Edition, FactCheck, Publication, Term
from glossary.services.clock import today
from glossary.services.evidence import what_was_checked

CHANGES_A_PAGE = 10  # publications
DIGEST_LENGTH = 64


@dataclass(frozen=True)
class End:
    """What became of a card of which readers have no words any more, and when; `into` is where it was merged into."""

    ending: Ending
    on: date | None
    because: str
    into: str = ""


@dataclass(frozen=True)
class Version:
    """An edition that readers had, as it is to be judged today: by its own fate, not by that of the card.

    `words` and `check` are those of the edition where they may be repeated, None elsewhere. `on` is the day from which
    the standing holds; None where it is not known, as for words that somebody changed behind the services. `name` is a
    headword that may be shown. `end` is what became of the card later, where that is not what the standing says, and
    `retraction` what the log of corrections says of words, or a card, that were taken back.
    """

    term: Term
    edition: Edition
    name: str
    standing: Standing
    on: date | None
    fates: tuple[Fate, ...]
    words: Words | None
    check: FactCheck | None
    late: bool
    now: Words | None
    end: End | None = None
    retraction: Correction | None = None


@dataclass(frozen=True)
class ShownChange:
    """One publication: when, which edition, and by words what is different from what readers had before it.

    `rows` is None for words that cannot be shown; `first` says that nothing before them can be shown.
    """

    at: datetime
    edition: Edition
    rows: tuple[LineDiff, ...] | None
    first: bool = False
    current: bool = False


def term_once_public(slug: str) -> Term | None:
    """Return the term that readers know, or knew, under this address."""
    asked = Term.objects.select_related("published", "merged_into__published").prefetch_related(
        "published__fact_checks"
    )
    found = asked.filter(slug=slug).first()
    return found if found is not None and found.published_at is not None else None


def published_edition(term: Term, digest: str) -> Edition | None:
    """Return the edition of this digest if readers ever had it: anything else does not exist for them."""
    if len(digest) != DIGEST_LENGTH or not digest.isascii() or not digest.isalnum():
        return None
    had = Publication.objects.filter(term=term).values("edition_id")
    return Edition.objects.with_check().filter(term=term, digest=digest, pk__in=had).first()


def is_still_true(term: Term, edition: Edition, *, now: datetime | None = None) -> Version:
    """Judge an edition that readers had by what stands today and by the corrections made since; five queries."""
    shown = term.shown() if term.stage == Stage.PUBLISHED else None
    current = shown is not None and term.published_id == edition.pk
    rows = list(term.corrections.order_by("pk"))
    told = [Told(CorrectionKind(row.kind), row.was, row.now, row.why, row.on) for row in rows if not row.is_retraction]
    checked = what_was_checked(edition)
    check = edition.check_standing()
    texts = set(Claim.objects.filter(edition=term.published_id or 0).values_list("sentence__text", flat=True))
    followed_at = None if current else _followed_at(term, edition)
    end = _end_of(term) if shown is None else None
    last_until = end.ending if end is not None and followed_at is None else None
    fates = fates_of({text for _, text in checked.lines}, told, texts) if last_until is None else []
    broken = shown is None and end is None  # the card's words were changed behind the services
    standing = standing_of(fates, current=current, withdrawn=check is None or broken, last_until=last_until)
    good = standing in REPEATABLE and end is None and not checked.doubted and bool(checked.lines)
    words = edition.words if good else None
    known = words or (shown[0] if shown else None)
    said_by_standing = standing == Standing.WITHDRAWN and end is not None and end.ending == Ending.TAKEN_BACK
    return Version(
        term=term,
        edition=edition,
        name=known.headword if known else edition.headword_as_read or "This card",
        standing=standing,
        on=_since(standing, fates, edition, check, end, followed_at),
        fates=tuple(fates),
        words=words,
        check=check if good else None,
        late=current and term.overdue_on is not None and term.overdue_on <= today(now),
        now=shown[0] if shown else None,
        end=None if said_by_standing else end,
        retraction=_retraction(rows, edition, end),
    )


def _retraction(rows: list[Correction], edition: Edition, end: End | None) -> Correction | None:
    """Return the newest retraction of these words, or of the words with which the card went later."""
    taken_back = end is not None and end.ending == Ending.TAKEN_BACK
    of_edition = [row for row in rows if row.is_retraction and row.from_edition_id == edition.pk]
    of_card = [row for row in rows if row.is_retraction and taken_back]
    own = of_edition if edition.withdrawn_at is not None else []
    return next(reversed(own or of_card), None)


def _since(
    standing: Standing,
    fates: list[Fate],
    edition: Edition,
    check: FactCheck | None,
    end: End | None,
    followed_at: datetime | None,
) -> date | None:
    """Return the day from which the standing holds."""
    if standing == Standing.WITHDRAWN:
        return today(edition.withdrawn_at) if edition.withdrawn_at is not None else None
    if standing == Standing.CURRENT:
        return check.stamp_on if check is not None else None
    if standing in STANDING_AT_THE_END.values():
        return end.on if end is not None else None
    return told_on(standing, fates) or (today(followed_at) if followed_at is not None else None)


def _followed_at(term: Term, edition: Edition) -> datetime | None:
    """Return when readers got other words after they last had this edition; None where no others came."""
    rows = list(term.publications.order_by("pk").values_list("edition_id", "at"))
    last = max((place for place, (key, _) in enumerate(rows) if key == edition.pk), default=-1)
    return rows[last + 1][1] if last + 1 < len(rows) else None


def _end_of(term: Term) -> End | None:
    """Return what became of a card of which readers have no words; None where it is published, and broken."""
    endings = {Stage.DRAFT: Ending.TAKEN_BACK, Stage.RETIRED: Ending.CLOSED, Stage.MERGED: Ending.MERGED}
    ending = endings.get(Stage(term.stage))
    if ending is None:
        return None
    target = term.merged_into.shown() if term.merged_into is not None else None
    on = today(term.changed_at) if term.changed_at is not None else None
    return End(ending, on, term.closed_because, target[0].headword if target else "")


def what_changed(term: Term, page: str | None) -> tuple[Page[Publication], list[ShownChange]]:
    """Return a page of the publications of a term, newest first, each with its differences; four queries.

    Words that were taken back are not repeated, and what came after them is compared with what came before.
    """
    rows = term.publications.select_related("edition").prefetch_related("edition__fact_checks").order_by("-pk")
    paged = Paginator(rows, CHANGES_A_PAGE).get_page(page)
    start = (paged.number - 1) * CHANGES_A_PAGE
    together = list(rows[start : start + 2 * CHANGES_A_PAGE])  # the next page's too: what came before the last row
    lines = _lines_of({row.edition_id for row in together})
    changes = []
    for place, row in enumerate(together[:CHANGES_A_PAGE]):
        after = _shown(row.edition, lines)
        before = next(
            (found for one in together[place + 1 :] if (found := _shown(one.edition, lines)) is not None), None
        )
        difference: tuple[LineDiff, ...] | None = None
        if after is not None:
            compared = compare_lines(before, after) if before is not None else []
            difference = tuple(change for change in compared if change.change != Change.SAME)
        current = place == 0 and paged.number == 1 and term.published_id == row.edition_id
        changes.append(ShownChange(row.at, row.edition, difference, before is None, current))
    return paged, changes


def _lines_of(editions: set[int]) -> dict[int, list[Line]]:
    found: dict[int, list[Line]] = {key: [] for key in editions}
    claims = Claim.objects.filter(edition__in=editions).select_related("sentence").order_by("place")
    for claim in claims:
        found[claim.edition_id].append(claim.line)
    return found


def _shown(edition: Edition, lines: dict[int, list[Line]]) -> list[Line] | None:
    """Return the lines of an edition that may be repeated: a check of it stands, and the lines are its words."""
    if edition.check_standing() is None:
        return None
    of_edition = lines[edition.pk]
    if not is_made_of(edition.words, [(line.part.value, line.text) for line in of_edition]):
        return None
    return of_edition

"""The lines that the check page shows, with their marks, and what is offered for the selected one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet

from glossary.domain.claim import ClaimKind, LineState, Part, Verdict, lines_of
from glossary.domain.diff import Change, LineDiff, compare_lines
from glossary.domain.errors import IllegalMove
from glossary.domain.fact_check import check_four_eyes
from glossary.domain.fact_sign import fact_sign
from glossary.domain.interval import interval_of
from glossary.domain.passage import rank_passages
from glossary.domain.rewrite import REWRITABLE
from glossary.domain.volatility import Volatility, reason_of
from glossary.domain.wording.findings import Finding
from glossary.domain.wording.places import code_in
from glossary.domain.wording.time_words import BARE, Reading, dated, own_names, time_bound, time_word
from glossary.models import Comment, Edition, Source, SourceText, Suggestion, Term, Waiver
from glossary.models.claim import ClaimLine
from glossary.services.claim import CONFIRMABLE
from glossary.services.clock import today
from glossary.services.comment import threads

PART_TITLES = {
    Part.HEADWORD: "Names",
    Part.ALIAS: "Names",
    Part.DEFINITION: "Definition",
    Part.EXAMPLE: "For example",
    Part.SUCCESSOR: "Newer version",
}
BAD_LETTERS = {Verdict.CONTRADICTED: "C", Verdict.UNVERIFIABLE: "U", Verdict.OUTDATED: "O"}


@dataclass
class Row:
    """One line as the check page draws it; `number` is 0 for a line that readers see and this edition no longer has."""

    number: int
    part: str
    title: str
    text: str
    pieces: Any
    change: Change
    line: ClaimLine | None = None
    mark: str = ""
    mark_class: str = ""
    word: str = ""
    spoken: str = ""
    own: str = ""
    sign: str = ""
    overdue: bool = False
    comments: list[Comment] = field(default_factory=list)
    suggestion: Suggestion | None = None
    findings: list[Finding] = field(default_factory=list)
    waivers: list[Waiver] = field(default_factory=list)
    look_again: str = ""  # how soon, and why
    reading: Reading = BARE

    @property
    def waits(self) -> bool:
        """Whether somebody has to do something about this line."""
        return self.line is not None and self.line.state != LineState.SETTLED

    @property
    def unresolved(self) -> int:
        """How many remarks on this line nobody has resolved."""
        return sum(comment.resolved_at is None for comment in self.comments)


def rows_of(
    term: Term,
    edition: Edition,
    lines: list[ClaimLine],
    user: User,
    found: Sequence[Finding],
    quiet: frozenset[str],
) -> list[Row]:
    """Return the lines of an edition in order, with what readers see instead, woven in where it stood.

    `found` is what the wording rules say of the edition, and `quiet` are those that do not warn.
    """
    before = term.published.words if term.published and term.published_id != edition.pk else edition.words
    said = threads(edition)
    waiting = {s.claim_id: s for s in Suggestion.objects.waiting().filter(claim__edition=edition).select_related("by")}
    names = [line.claim.sentence.text for line in lines if line.claim.sentence.part in {Part.HEADWORD, Part.ALIAS}]
    noticed: dict[str, list[Finding]] = {}
    for one in found:
        noticed.setdefault(one.hash, []).append(one)
    answered: dict[int, list[Waiver]] = {}
    for waiver in Waiver.objects.filter(sentence__claims__edition=edition).select_related("by"):
        answered.setdefault(waiver.sentence_id, []).append(waiver)
    code = code_in(edition.words)
    rows = []
    for diff in compare_lines(lines_of(before), [line.claim.line for line in lines]):
        if diff.after is None:
            rows.append(Row(0, "", "", "", diff.pieces, Change.GONE))
            continue
        line = lines[diff.after - 1]
        row = _row(line, diff, fresh=term.published_id is None)
        row.own = why_not(line, user)
        row.comments = said.get(line.claim.sentence_id, [])
        row.suggestion = waiting.get(line.claim.pk)
        row.findings = noticed.get(line.claim.sentence.hash, [])
        row.waivers = answered.get(line.claim.sentence_id, [])
        row.reading = Reading(
            waived=frozenset(waiver.rule for waiver in row.waivers),
            quiet=quiet,
            names=own_names(edition.words),
            code=code.get(line.claim.sentence.hash, ()),
        )
        if line.check is not None and row.part in REWRITABLE:
            given = ClaimKind(line.check.kind), row.text, Volatility(term.volatility), Volatility(line.check.volatility)
            row.look_again = reason_of(*given, row.reading)
        if line.state == LineState.OPEN and row.part not in {Part.HEADWORD, Part.ALIAS}:
            row.sign = fact_sign(line.claim.line, names) or time_word(row.text, row.reading)
        due = line.due_on(Volatility(term.volatility)) if line.state == LineState.SETTLED else None
        row.overdue = due is not None and due <= today()
        rows.append(row)
    return rows


def why_not(line: ClaimLine, user: User) -> str:
    """Return why this person may not settle the line; empty if they may."""
    typists = line.authors if line.state == LineState.RESPELT else line.writers
    try:
        check_four_eyes(user.pk, typists, single_person_desk=settings.SINGLE_PERSON_DESK)
    except IllegalMove as refusal:
        return str(refusal)
    return ""


def sources_for(term: Term, edition: Edition) -> QuerySet[Source]:
    """Return the sources at hand for a card, its own first: those the editor named, and those its lines rest on."""
    return (
        Source.objects.filter(
            Q(terms=term)
            | Q(evidence__check_row__sentence__claims__edition=edition)
            | Q(suggestions__claim__edition=edition)
        )
        .select_related("publisher", "kept_text")
        .annotate(used=Count("evidence", filter=Q(evidence__check_row__sentence__term=term), distinct=True))
        .order_by("pk")
        .distinct()
    )


def evidence_for(row: Row, sources: list[Source], chosen: int) -> dict[str, Any]:
    """Return what stands at the side of the selected line: the source in hand and its passages, the best first."""
    check = row.line.check if row.line else None
    given = list(check.source_check.evidence.all()) if check else []
    at_hand = {source.pk: source for source in sources}
    source = at_hand.get(chosen) or (at_hand.get(given[0].source_id) if given else None)
    source = source or (sources[0] if sources and row.part not in {Part.HEADWORD, Part.ALIAS} else None)
    kept: SourceText | None = getattr(source, "kept_text", None) if source else None
    passages = rank_passages(kept.text, row.text) if kept else []
    return {
        "given": given,
        "source": source,
        "kept": kept,
        "passages": list(enumerate(passages, start=1)),
        "words": {word.casefold() for word in row.text.split() if len(word) > 3},
    }


def offers_for(row: Row, source: Source | None) -> dict[str, str]:
    """Return the wordings that the desk can offer for a line tied to the moment it was written."""
    bound = time_bound(row.text, row.reading) if row.part in REWRITABLE else []
    as_of = dated(row.text, source.published_on) if bound and source and source.published_on else ""
    first = bound[0] if bound else None
    return {
        "time_word": first.word if first else "",
        "time_interval": interval_of(first.volatility) if first else "",
        "as_of": as_of,
    }


def _row(line: ClaimLine, diff: LineDiff, *, fresh: bool) -> Row:
    part = line.claim.sentence.part
    row = Row(line.number, part, PART_TITLES.get(Part(part), ""), line.claim.sentence.text, diff.pieces, diff.change)
    row.line = line
    if fresh:
        row.change, row.pieces = Change.SAME, ()
    check = line.check
    match line.state:
        case LineState.OPEN:
            row.mark, row.mark_class, row.word, row.spoken = "?", "open", "Open", "open"
        case LineState.READ_AGAIN:
            row.mark, row.mark_class, row.word, row.spoken = "R", "again", "Read again", "to be read again"
        case LineState.RESPELT:
            row.mark, row.mark_class, row.word, row.spoken = "R", "again", "Spelling", "spelling to be confirmed"
        case LineState.STOPPED if check:
            row.mark, row.mark_class = BAD_LETTERS[Verdict(check.verdict)], "bad"
            row.word = row.spoken = check.verdict.capitalize()
        case LineState.SETTLED if check:
            row.mark, row.mark_class, row.word, row.spoken = _settled(line)
    return row


def _settled(line: ClaimLine) -> tuple[str, str, str, str]:
    check = line.check
    assert check is not None
    recent = check.checked_on == today()
    word = "Today" if recent else f"{check.checked_on:%b} {check.checked_on.day}"
    if check.kind == ClaimKind.EXPLANATION:
        return "E", "exp", word, "explanation"
    return "S", "sup" if recent else "car", word, "supported today" if recent else "supported, carried along"


def can_confirm(row: Row | None) -> bool:
    """Return whether one key settles the line, as its evidence stays."""
    return row is not None and row.line is not None and row.line.state in CONFIRMABLE

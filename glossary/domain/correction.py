"""What becomes of words that readers had: what the checker says of them, and what readers are told."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from glossary.domain.claim import Line, Part, Verdict
from glossary.domain.diff import Change, compare_lines
from glossary.domain.errors import IllegalMove
from glossary.domain.typo import DECIDING, TOKEN, UNITS

MAX_WHY = 500  # characters
NOTICE_DAYS = 366  # a notice stays on the term's page for a year at least; in the log it stays for good


class Fate(StrEnum):
    """What the checker says of a sentence that readers no longer get."""

    STILL_TRUE = "still true"
    COULD_MISLEAD = "could mislead"
    NO_LONGER_TRUE = "no longer true"
    WAS_WRONG = "was wrong"


class CorrectionKind(StrEnum):
    """What readers are told of a change; the words of the trade, which mean different things and are not mixed."""

    MINOR = "minor edit"
    CLARIFICATION = "clarification"
    UPDATE = "update"
    CORRECTION = "correction"
    RETRACTION = "retraction"


KIND_OF = {
    Fate.STILL_TRUE: CorrectionKind.MINOR,
    Fate.COULD_MISLEAD: CorrectionKind.CLARIFICATION,
    Fate.NO_LONGER_TRUE: CorrectionKind.UPDATE,
    Fate.WAS_WRONG: CorrectionKind.CORRECTION,
}
VERDICT_OF = {  # what the fate means for the sentence itself, should somebody bring it back
    Fate.NO_LONGER_TRUE: Verdict.OUTDATED,
    Fate.WAS_WRONG: Verdict.CONTRADICTED,
}
PUBLIC = frozenset(CorrectionKind) - {CorrectionKind.MINOR}
NEEDS_WHY = frozenset({CorrectionKind.CORRECTION, CorrectionKind.RETRACTION})


@dataclass(frozen=True)
class Gone:
    """A line that readers had and do not get any more, and what stands in its place.

    `place` counts the old lines from 1. `quiet` lines need no word of the checker: only their spelling, or where a
    link leads, is different.
    """

    place: int
    was: str
    now: str = ""
    quiet: bool = False


@dataclass(frozen=True)
class Said:
    """The checker's word on one such line; `why` is what readers are told."""

    fate: Fate
    why: str = ""


def words_that_go(before: Sequence[Line], after: Sequence[Line], origins: Mapping[str, str]) -> list[Gone]:
    """Return the lines of `before` whose words no longer stand in `after`, in the order of `before`.

    `origins` leads from the hash of a respelt sentence to that of the one it goes back to. Words that only moved to
    another place or part of the card are not gone.
    """
    kept = {line.text for line in after}
    roots = {origins.get(line.hash, line.hash) for line in after}
    found = []
    for change in compare_lines(before, after):
        if change.change not in {Change.GONE, Change.CHANGED} or change.before is None:
            continue
        old = before[change.before - 1]
        new = after[change.after - 1] if change.after is not None else None
        relinked = new is not None and new.text == old.text
        if old.text in kept and not relinked:
            continue
        respelt = origins.get(old.hash, old.hash) in roots
        found.append(Gone(change.before, old.text, new.text if new else "", quiet=relinked or respelt))
    return sorted(found, key=lambda gone: gone.place)


def suggest_fate(gone: Gone, part: Part, verdict: Verdict | None = None) -> Fate | None:
    """Return what the facts suggest of a line that goes; None where only a person can say.

    A line that a checker found contradicted or outdated was wrong or is no longer true. Where a number, a name, a unit
    or a word such as "not" or "all" differs, the new words say something else, so the old ones are no longer true.
    Reworded otherwise they are still true. A line that goes without another in its place is for a person to judge.
    """
    for fate, found in VERDICT_OF.items():
        if verdict == found:
            return fate
    if part in {Part.HEADWORD, Part.ALIAS}:
        return Fate.STILL_TRUE
    if not gone.now:
        return None
    return Fate.STILL_TRUE if _decided_by(gone.was) == _decided_by(gone.now) else Fate.NO_LONGER_TRUE


def check_said(gone: Sequence[Gone], said: Mapping[int, Said]) -> None:
    """Raise IllegalMove unless each line that goes has its word by its place, and a correction says why."""
    for line in gone:
        if line.quiet:
            continue
        word = said.get(line.place)
        if word is None:
            raise IllegalMove(f"Readers had “{_short(line.was)}”. Say what of these old words: still true, or not?")
        if KIND_OF[word.fate] in NEEDS_WHY and not word.why.strip():
            raise IllegalMove(f"“{_short(line.was)}” was wrong: say why, for the readers of these words.")


def sequel(*, put_back: date | None, came_back: date | None) -> str:
    """Return what readers are told besides once a card that was taken back is there again; empty while it is not.

    The same words come back with another check; `came_back` is the day on which the card had words again.
    """
    if put_back is not None:
        return f"The same words were put back on {in_words(put_back)}, after another check."
    return f"The card came back on {in_words(came_back)}, with other words." if came_back is not None else ""


def in_words(day: date) -> str:
    """Return a day as plain text has it: July 3, 2026."""
    return f"{day:%B} {day.day}, {day.year}"


def _decided_by(text: str) -> Counter[str]:
    """Return the words on which hangs what a sentence says: figures, names, units, and words such as “not”."""
    words = TOKEN.findall(text)
    return Counter(
        word.casefold()
        for place, word in enumerate(words)
        if any(c.isdigit() for c in word)
        or (place and any(c.isupper() for c in word))
        or word.casefold() in DECIDING | UNITS
    )


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"

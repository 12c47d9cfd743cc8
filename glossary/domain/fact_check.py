"""The decision about one edition: who may settle a line, what keeps it from passing, and the date it earns."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from glossary.domain.claim import LineState
from glossary.domain.errors import IllegalMove
from glossary.domain.volatility import Volatility, due_on, overdue_on


class Result(StrEnum):
    """What became of an edition: `withdrawn` takes back an earlier pass; `cut` is checked words less one sentence."""

    PASSED = "passed"
    SENT_BACK = "sent back"
    WITHDRAWN = "withdrawn"
    CUT = "cut"


STANDS = frozenset({Result.PASSED, Result.CUT})  # results whose words readers may see with their date
CUT_REVIEW = timedelta(hours=24)  # within which somebody else reads a card from which a sentence was cut


@dataclass(frozen=True)
class CheckedLine:
    """What the decision needs to know of one line: its number from 1, its state, and the check it rests on."""

    number: int
    state: LineState
    checked_on: date | None = None
    volatility: Volatility = Volatility.STABLE
    authors: frozenset[int] = frozenset()
    changed: bool = True  # new or re-opened since the words readers see
    agreed: bool = False  # worded by one person and accepted, word for word, by another


@dataclass(frozen=True)
class Dates:
    """The dates of a passed check. `stamp_on` is the oldest of its lines: what readers are told."""

    stamp_on: date
    newest_on: date
    due_on: date
    overdue_on: date


def check_four_eyes(person: int, authors: Collection[int], *, single_person_desk: bool = False) -> None:
    """Raise IllegalMove if `person` ever typed the words that are to be settled, unless the desk has one person."""
    if person in authors and not single_person_desk:
        raise IllegalMove("These are your own words. Somebody else settles this line.")


def check_passer(
    person: int, lines: Sequence[CheckedLine], makers: Collection[int], *, single_person_desk: bool = False
) -> None:
    """Raise IllegalMove if this person may not say "I read the whole card; it is true".

    Two people who wrote and settled each other's lines may, as may those who agreed on a wording; one who wrote every
    other changed line may not, nor, where no line was changed (a re-order, a cut), one of the `makers` who saved or
    sent this edition.
    """
    if single_person_desk:
        return
    changed = [line for line in lines if line.changed and not line.agreed]
    if not changed and any(line.changed for line in lines):
        return
    if changed and all(person in line.authors for line in changed):
        raise IllegalMove("You wrote all that changed in this card. Somebody else reads it and passes it.")
    if not changed and person in makers:
        raise IllegalMove("You made this edition. Somebody else reads it and passes it.")


def check_settled(lines: Sequence[CheckedLine], *, today: date) -> None:
    """Raise IllegalMove naming every line that keeps the edition from passing."""
    reasons = []
    for state, phrase in (
        (LineState.OPEN, "still open"),
        (LineState.READ_AGAIN, "to be read again"),
        (LineState.RESPELT, "to be confirmed, as only the spelling changed"),
        (LineState.STOPPED, "not supported"),
    ):
        if numbers := [line.number for line in lines if line.state == state]:
            reasons.append(f"{_lines(numbers)} {phrase}")
    overdue = [
        line.number
        for line in lines
        if line.state == LineState.SETTLED and line.checked_on and due_on(line.checked_on, line.volatility) < today
    ]
    if overdue:
        reasons.append(f"{_lines(overdue)} due for a new check")
    if reasons:
        raise IllegalMove(f"The card cannot pass yet: {'; '.join(reasons)}.")


def dates_of(lines: Sequence[CheckedLine]) -> Dates:
    """Return the dates of an edition whose lines are all settled; raises ValueError for one that is not."""
    checked = [(line.checked_on, line.volatility) for line in lines if line.checked_on is not None]
    if len(checked) != len(lines) or not lines:
        raise ValueError("every line needs the date of its check")
    return Dates(
        stamp_on=min(day for day, _ in checked),
        newest_on=max(day for day, _ in checked),
        due_on=min(due_on(day, volatility) for day, volatility in checked),
        overdue_on=min(overdue_on(day, volatility) for day, volatility in checked),
    )


def _lines(numbers: Sequence[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:8]) + (" …" if len(numbers) > 8 else "")
    return f"line {shown} is" if len(numbers) == 1 else f"lines {shown} are"

"""How soon a checked line must be looked at again: classes A (stable) to D (fast) and their dates."""

from calendar import monthrange
from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

from glossary.domain.claim import ClaimKind
from glossary.domain.wording.time_words import class_and_reason


class Volatility(StrEnum):
    """How fast a statement goes stale. Intervals: A 36 months, B 18 months, C 6 months, D 45 days."""

    STABLE = "A"
    SLOW = "B"
    MOVING = "C"
    FAST = "D"


MONTHS = {Volatility.STABLE: 36, Volatility.SLOW: 18, Volatility.MOVING: 6}
FAST_DAYS = 45
GRACE_DAYS = 30  # after the due date, before the stamp says "Re-check due"
FAST_GRACE_DAYS = 7
KIND_CLASS = {
    ClaimKind.NAME: Volatility.STABLE,
    ClaimKind.EXPLANATION: Volatility.STABLE,
    ClaimKind.FACT: Volatility.SLOW,
}


def class_of(kind: ClaimKind, *chosen: Volatility | None) -> Volatility:
    """Return the fastest of the class that the kind of claim has by itself and those that people chose."""
    return max([KIND_CLASS[kind], *(choice for choice in chosen if choice)], key=lambda choice: choice.value)


def wording_class(sentence: str, waived: Collection[str] = ()) -> Volatility | None:
    """Return the class that the words of a sentence ask for; None where they ask for none. `waived` are rule ids."""
    given, _ = class_and_reason(sentence, waived)
    return Volatility(given) if given else None


def reason_of(
    kind: ClaimKind, sentence: str, chosen: Volatility, given: Volatility | None = None, waived: Collection[str] = ()
) -> str:
    """Return what decides how soon a sentence is looked at again: "Class D, as it says “latest”: every 45 days".

    `chosen` is the editor's class for the whole card and `given` the checker's for this sentence.
    """
    said, why = class_and_reason(sentence, waived)
    fastest = class_of(kind, chosen, given, wording_class(sentence, waived))
    if said != fastest:
        why = "an editor chose it for the card" if chosen == fastest else f"it is a {kind.value}"
        why = "the checker chose it" if given == fastest and chosen != fastest != KIND_CLASS[kind] else why
    interval = f"{FAST_DAYS} days" if fastest == Volatility.FAST else f"{MONTHS[fastest]} months"
    return f"Class {fastest.value}, as {why}: every {interval}"


def due_on(checked_on: date, volatility: Volatility) -> date:
    """Return the day on which a line checked on `checked_on` must have been looked at again."""
    if volatility == Volatility.FAST:
        return checked_on + timedelta(days=FAST_DAYS)
    return _add_months(checked_on, MONTHS[volatility])


def overdue_on(checked_on: date, volatility: Volatility) -> date:
    """Return the day from which readers are told "Re-check due": the due date and its days of grace."""
    grace = FAST_GRACE_DAYS if volatility == Volatility.FAST else GRACE_DAYS
    return due_on(checked_on, volatility) + timedelta(days=grace)


def _add_months(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))

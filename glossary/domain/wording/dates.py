"""Dates as running text gives them, and the day from which "As of July 2024" is too old to stand without a look."""

from calendar import month_name, monthrange
from collections.abc import Sequence
from datetime import date

from glossary.domain.interval import Volatility, due_on
from glossary.domain.wording.patterns import Token, tokens_of

MONTHS = {month_name[number].casefold(): number for number in range(1, 13)}
# the last month that such a word may mean; a winter may reach into the next year, and is taken to end with its own
LAST_MONTH = {"early": 4, "spring": 5, "mid": 8, "summer": 8, "autumn": 11, "fall": 11, "late": 12, "winter": 12}


def last_day(text: str) -> date | None:
    """Return the last day that a date in words may mean: "as of July 2024" is July 31, 2024; None without a year."""
    tokens = tokens_of(text)
    year = next((int(token.norm) for token in reversed(tokens) if token.is_year), 0)
    if not year:
        return None
    months = [MONTHS[token.norm] for token in tokens if token.norm in MONTHS]
    if not months:
        return _month_end(year, next((LAST_MONTH[token.norm] for token in tokens if token.norm in LAST_MONTH), 12))
    day = _day_of_month(tokens)
    end = _month_end(year, months[-1])
    return end.replace(day=day) if 0 < day <= end.day else end


def ages_on(text: str, chosen: Volatility) -> date | None:
    """Return the day from which a statement dated by `text` has to be looked at again; None where it names no year.

    A dated statement is of class C at the least; `chosen` is the class of the card, which may be faster.
    """
    day = last_day(text)
    return due_on(day, max(Volatility.MOVING, chosen)) if day else None


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _day_of_month(tokens: Sequence[Token]) -> int:
    return next((int(token.norm) for token in tokens if token.norm.isdecimal() and len(token.norm) < 3), 0)

"""The classes of statements by how fast they go stale, and the days on which they are due and overdue."""

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum


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


def due_on(checked_on: date, volatility: Volatility) -> date:
    """Return the day on which a line checked on `checked_on` must have been looked at again."""
    if volatility == Volatility.FAST:
        return checked_on + timedelta(days=FAST_DAYS)
    return _add_months(checked_on, MONTHS[volatility])


def overdue_on(checked_on: date, volatility: Volatility) -> date:
    """Return the day from which readers are told "Re-check due": the due date and its days of grace."""
    grace = FAST_GRACE_DAYS if volatility == Volatility.FAST else GRACE_DAYS
    return due_on(checked_on, volatility) + timedelta(days=grace)


def interval_of(volatility: Volatility) -> str:
    """Return the interval of a class in words: "45 days", "6 months"."""
    return f"{FAST_DAYS} days" if volatility == Volatility.FAST else f"{MONTHS[volatility]} months"


def _add_months(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))

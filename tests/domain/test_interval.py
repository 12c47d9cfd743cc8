"""The intervals of the classes, in words; their dates are tested with the volatility of lines."""

from datetime import date

from glossary.domain import interval, volatility
from glossary.domain.interval import Volatility, due_on, interval_of, overdue_on


def test_an_interval_is_said_in_days_or_months():
    assert [interval_of(one) for one in Volatility] == ["36 months", "18 months", "6 months", "45 days"]


def test_days_of_grace_follow_the_due_date():
    day = date(2026, 1, 1)
    assert {(overdue_on(day, one) - due_on(day, one)).days for one in Volatility} == {30, 7}


def test_the_lines_are_dated_by_the_same_functions():
    assert (volatility.due_on, volatility.overdue_on) == (interval.due_on, interval.overdue_on)

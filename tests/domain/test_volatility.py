"""How soon to look again."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.claim import ClaimKind
from glossary.domain.volatility import Volatility, class_of, due_on, overdue_on

A, B, C, D = Volatility


@pytest.mark.parametrize(
    ("checked", "volatility", "due", "overdue"),
    [
        (date(2026, 5, 29), A, date(2029, 5, 29), date(2029, 6, 28)),
        (date(2026, 5, 29), B, date(2027, 11, 29), date(2027, 12, 29)),
        (date(2026, 5, 29), C, date(2026, 11, 29), date(2026, 12, 29)),
        (date(2026, 5, 29), D, date(2026, 7, 13), date(2026, 7, 20)),
        (date(2026, 8, 31), C, date(2027, 2, 28), date(2027, 3, 30)),
        (date(2027, 8, 31), C, date(2028, 2, 29), date(2028, 3, 30)),
        (date(2024, 2, 29), A, date(2027, 2, 28), date(2027, 3, 30)),
    ],
)
def test_each_class_has_its_interval_and_its_days_of_grace(checked, volatility, due, overdue):
    assert (due_on(checked, volatility), overdue_on(checked, volatility)) == (due, overdue)


@pytest.mark.parametrize(
    ("kind", "chosen", "found"),
    [
        (ClaimKind.NAME, [None], A),
        (ClaimKind.FACT, [None, A], B),
        (ClaimKind.EXPLANATION, [C], C),
        (ClaimKind.FACT, [B, D], D),
    ],
)
def test_the_fastest_class_decides(kind, chosen, found):
    assert class_of(kind, *chosen) == found


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.sampled_from(list(Volatility)))
def test_nothing_is_due_before_it_was_checked_or_overdue_before_it_is_due(day, volatility):
    assert day < due_on(day, volatility) < overdue_on(day, volatility)

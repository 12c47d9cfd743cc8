"""How soon to look again."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.claim import ClaimKind
from glossary.domain.volatility import Volatility, class_of, due_on, overdue_on, reason_of, wording_class
from glossary.domain.wording.time_words import Reading

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
        (date(2024, 2, 29), B, date(2025, 8, 29), date(2025, 9, 28)),
        (date(2026, 12, 31), B, date(2028, 6, 30), date(2028, 7, 30)),
        (date(2028, 1, 16), D, date(2028, 3, 1), date(2028, 3, 8)),  # over a leap day
        (date(2027, 1, 15), D, date(2027, 3, 1), date(2027, 3, 8)),
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


@pytest.mark.parametrize(("volatility", "months"), [(A, 36), (B, 18), (C, 6)])
@given(day=st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_months_are_counted_by_the_calendar_and_never_spill_into_the_next(volatility, months, day):
    due = due_on(day, volatility)
    assert (due.year - day.year) * 12 + due.month - day.month == months
    assert due.day == day.day or (due.day < day.day and (due + timedelta(days=1)).day == 1)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.sampled_from(list(Volatility)))
def test_nothing_is_due_before_it_was_checked_or_overdue_before_it_is_due(day, volatility):
    assert day < due_on(day, volatility) < overdue_on(day, volatility)


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("It is the latest family.", D),
        ("It is increasingly used in schools.", C),
        ("As of July 2024, it is the latest family.", C),
        ("It translates text.", None),
    ],
)
def test_words_that_go_stale_shorten_the_interval(sentence, found):
    assert wording_class(sentence) == found


def test_a_waived_word_shortens_nothing():
    assert wording_class("It is the latest family.", Reading(waived={"T3a.superlative"})) is None


@pytest.mark.parametrize(
    ("sentence", "chosen", "given", "reason"),
    [
        ("It is the latest family.", B, None, "Class D, as it says “latest”: every 45 days"),
        ("It has a list.", B, None, "Class B, as an editor chose it for the card: every 18 months"),
        ("It has a list.", A, None, "Class B, as it is a fact: every 18 months"),
        ("It has a list.", A, C, "Class C, as the checker chose it: every 6 months"),
    ],
)
def test_the_reason_for_the_interval_is_said(sentence, chosen, given, reason):
    assert reason_of(ClaimKind.FACT, sentence, chosen, given) == reason

"""How fresh the glossary stays, worked out by hand."""

from datetime import date, timedelta

from glossary.domain.freshness import HORIZON, outlook

DAY = date(2026, 6, 1)


def test_terms_fall_due_one_after_another():
    due = {DAY + timedelta(days=1): 2, DAY + timedelta(days=89): 1, DAY + timedelta(days=90): 5}
    ahead = outlook(due, total=10, overdue=1, lines=150, today=DAY)
    assert len(ahead.due_by_day) == HORIZON
    assert (ahead.due_by_day[0], ahead.due_by_day[1], ahead.due_by_day[88], ahead.due_by_day[89]) == (1, 3, 3, 4)
    assert ahead.fresh_at_the_end == 6
    assert ahead.minutes_a_day == 4 * 15 / 90


def test_an_empty_glossary_takes_no_time():
    ahead = outlook({}, total=0, overdue=0, lines=0, today=DAY)
    assert (ahead.fresh_at_the_end, ahead.minutes_a_day) == (0, 0)

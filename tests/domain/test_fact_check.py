"""The decision about one edition, as tables."""

from datetime import date

import pytest

from glossary.domain.claim import LineState
from glossary.domain.errors import IllegalMove
from glossary.domain.fact_check import (
    CheckedLine,
    check_four_eyes,
    check_passer,
    check_settled,
    dates_of,
)
from glossary.domain.volatility import Volatility

ANN, BEN, CORA = 1, 2, 3
TODAY = date(2026, 11, 24)


def line(number=1, state=LineState.SETTLED, checked_on=TODAY, **over):
    return CheckedLine(number, state, checked_on, **over)


def test_nobody_settles_words_they_typed_but_on_a_desk_of_one():
    check_four_eyes(BEN, {ANN})
    check_four_eyes(ANN, {ANN}, single_person_desk=True)
    with pytest.raises(IllegalMove, match="your own words"):
        check_four_eyes(ANN, {ANN, BEN})


@pytest.mark.parametrize(
    ("person", "authors", "makers", "may"),
    [
        (BEN, [{ANN}, {ANN}], {ANN}, True),
        (ANN, [{ANN}, {ANN}], {ANN}, False),
        (ANN, [{ANN}, {BEN}], {ANN}, True),  # they settle each other's lines
        (ANN, [{ANN, BEN}, {ANN}], set(), False),
        (CORA, [set()], {ANN}, True),
    ],
)
def test_who_wrote_all_that_changed_does_not_pass_it(person, authors, makers, may):
    lines = [line(n, authors=frozenset(who)) for n, who in enumerate(authors, 1)]
    if may:
        check_passer(person, lines, makers)
    else:
        with pytest.raises(IllegalMove):
            check_passer(person, lines, makers)
    check_passer(person, lines, makers, single_person_desk=True)


def test_where_no_line_changed_the_maker_does_not_pass_it():
    unchanged = [line(changed=False, authors=frozenset({BEN}))]
    check_passer(BEN, unchanged, {ANN})
    with pytest.raises(IllegalMove, match="made this edition"):
        check_passer(ANN, unchanged, {ANN})


def test_a_wording_that_two_people_agreed_on_is_nobodys_alone():
    agreed = [line(1, authors=frozenset({BEN}), agreed=True), line(2, changed=False, authors=frozenset({ANN}))]
    check_passer(BEN, agreed, {ANN})
    check_passer(ANN, agreed, {ANN})
    with pytest.raises(IllegalMove):
        check_passer(ANN, [*agreed, line(3, authors=frozenset({ANN}))], {ANN})


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (LineState.OPEN, "line 2 is still open"),
        (LineState.READ_AGAIN, "line 2 is to be read again"),
        (LineState.RESPELT, "line 2 is to be confirmed"),
        (LineState.STOPPED, "line 2 is not supported"),
    ],
)
def test_every_line_that_waits_is_named(state, says):
    with pytest.raises(IllegalMove) as refused:
        check_settled([line(1), line(2, state, None)], today=TODAY)
    assert says in str(refused.value)


def test_a_carried_line_that_is_overdue_keeps_the_card_from_passing():
    fast = line(1, checked_on=date(2026, 10, 10), volatility=Volatility.FAST)
    check_settled([fast], today=date(2026, 11, 24))
    with pytest.raises(IllegalMove, match="line 1 is due for a new check"):
        check_settled([fast], today=date(2026, 11, 25))


def test_the_stamp_is_the_oldest_date_and_due_is_the_soonest():
    dates = dates_of(
        [line(1, checked_on=date(2026, 5, 29)), line(2, checked_on=date(2026, 11, 1), volatility=Volatility.FAST)]
    )
    assert (dates.stamp_on, dates.newest_on) == (date(2026, 5, 29), date(2026, 11, 1))
    assert (dates.due_on, dates.overdue_on) == (date(2026, 12, 16), date(2026, 12, 23))
    for lines in ([], [line(checked_on=None)]):
        with pytest.raises(ValueError, match="date of its check"):
            dates_of(lines)

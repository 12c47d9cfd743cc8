"""The order of the queue: each part of the score by its own rule."""

from datetime import date

import pytest

from glossary.domain.doubt import DoubtKind
from glossary.domain.take import Waiting, minutes_for, score_of
from glossary.domain.volatility import Volatility

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("card", "part", "points"),
    [
        (Waiting(due_on=date(2026, 10, 16)), "overdue", 78),
        (Waiting(due_on=date(2020, 1, 1)), "overdue", 120),
        (Waiting(due_on=date(2026, 11, 25)), "overdue", 0),
        (Waiting(next_deck=date(2026, 11, 25)), "deck", 40),
        (Waiting(next_deck=date(2026, 12, 24)), "deck", 0),
        (Waiting(volatility=Volatility.FAST), "volatility", 20),
        (Waiting(readers_need=50, most_needed=500), "readers", 1),
        (Waiting(readers_need=500, most_needed=500), "readers", 10),
        (Waiting(after_cut=True), "cut", 60),
        (Waiting(reports=2), "reports", 60),
        (Waiting(doubts={DoubtKind.PASSAGE_GONE}), "doubts", 25),
        (Waiting(doubts=[DoubtKind.PASSAGE_GONE, DoubtKind.PASSAGE_GONE, DoubtKind.DEAD_LINK]), "doubts", 40),
    ],
)
def test_each_part_follows_from_one_fact(card, part, points):
    score = score_of(card, today=TODAY)
    assert getattr(score, part) == points
    assert score.total == points


def test_minutes_are_told_before_the_work_begins():
    assert minutes_for([]) == 0
    assert minutes_for(["open"] * 15) == 15
    assert minutes_for(["spelling"]) == 1

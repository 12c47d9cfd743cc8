"""The lengths of a card and what they should be at most."""

from glossary.domain.term import Words
from glossary.domain.wording.budget import budgets_of


def test_the_budgets_of_a_card_are_counted():
    words = Words("Big X", definition="X is a thing.", body="It is short. " * 200, example="Like this.")
    assert [(one.part, one.size, one.most, one.exceeded) for one in budgets_of(words)] == [
        ("definition", 13, 200, False),
        ("card", 6, 60, False),
        ("page", 608, 400, True),
    ]

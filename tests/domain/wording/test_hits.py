"""Where the phrases of the rules stand, and what it costs to find them."""

from datetime import date

import pytest

from glossary.domain.term import Words
from glossary.domain.wording.findings import findings
from glossary.domain.wording.hits import phrases
from glossary.domain.wording.patterns import tokens_of

TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    "piece",
    [
        "as of ",
        "at ",
        "is the most ",
        "“",
        "(",
        "a",
        " ",
        "now-",
        "currently being ",
        "é́",
        "$5 ",
        "5 million ",
        "is the most used ",
    ],
)
def test_the_steps_grow_with_the_text_and_no_faster(piece):
    steps = []
    for size in (500, 1000):
        before, tokens = phrases().steps, tokens_of(piece * size)
        list(phrases().find(tokens))
        steps.append(phrases().steps - before)
    assert steps[1] <= 2.01 * steps[0] + 100


def test_what_a_page_asks_several_times_is_worked_out_once():
    card = Words("Once", definition="Once is a word that nobody else asks about.", body="It is currently so, says one.")
    findings(card, today=TODAY)
    steps = phrases().steps
    findings(card, today=TODAY)
    assert phrases().steps == steps

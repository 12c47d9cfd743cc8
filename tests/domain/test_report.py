"""Which sentence a quote was taken from, and what a reporter is told."""

import pytest

from glossary.domain.report import Outcome, find_sentence, outcome_text

SENTENCES = ["Qwen2", "Qwen2 is a family of “language models”.", "Five sizes exist.", "People can download it."]


@pytest.mark.parametrize(
    ("quote", "place"),
    [
        ("Five sizes exist.", 2),
        ("  five   SIZES\nexist ", 2),
        ('family of "language models"', 1),
        ("… Five sizes exist. People can …", 2),
        ("exist. People can download it.", 3),
        ("Qwen2", 0),
        ("sizes", 2),
        ("e", None),
        ("Six sizes exist.", None),
        ("", None),
    ],
)
def test_a_quote_belongs_to_the_sentence_that_it_was_taken_from(quote, place):
    assert find_sentence(quote, SENTENCES) == place


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_told_with_both_addresses_and_what_becomes_of_the_address(outcome):
    text = outcome_text(outcome, headword="Qwen2", reason="Page 3 says five.", page="https://a/t", log="https://a/c")
    assert "“Qwen2”" in text and "https://a/t" in text and "https://a/c" in text and "has been erased" in text
    assert ("Page 3 says five." in text) == (outcome == Outcome.NOTHING_WRONG)

"""Words that tie a sentence to the moment it was written."""

from datetime import date

import pytest

from glossary.domain.wording.time_words import as_of, dated, time_word


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("It is Alibaba’s latest family of open models.", "latest"),
        ("Currently, five sizes exist.", "Currently"),
        ("It is the state of the art in translation.", "state of the art"),
        ("A new one will be released soon.", "will be released"),
        ("As of July 2024, it is Alibaba’s newest family.", ""),
        ("In 2024 it was the most capable open model.", ""),
        ("The slope is where the function climbs fastest.", ""),
        ("It translates text.", ""),
        ("The relatest word is not one.", ""),
    ],
)
def test_a_word_that_goes_stale_is_found_unless_a_year_dates_it(sentence, word):
    assert time_word(sentence) == word


def test_a_statement_is_dated_by_the_month_it_was_true_in():
    july = date(2024, 7, 15)
    assert as_of(july) == "As of July 2024"
    assert dated("It is the latest family.", july) == "As of July 2024, it is the latest family."
    assert dated("Qwen2 is the latest family.", july) == "As of July 2024, Qwen2 is the latest family."
    assert time_word(dated("It is the latest family.", july)) == ""

"""Words that tie a sentence to the moment it was written."""

from datetime import date

import pytest

from glossary.domain.claim import lines_of
from glossary.domain.interval import Volatility
from glossary.domain.term import Words
from glossary.domain.wording.time_words import (
    Reading,
    as_of,
    class_and_reason,
    dated,
    own_names,
    stale_on,
    time_bound,
    time_word,
    too_old,
)


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


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("It is now the latest, and a growing number of firms use it.", ["now", "latest", "growing number"]),
        ("It costs $20 a month.", ["$20"]),
        ("It has 3 million users.", ["3 million users"]),
        ("In 2024 it had 3 million users.", []),
        ("As of July 2024, it is the latest.", []),
        ("It is still so.", []),
    ],
)
def test_every_warned_word_of_time_is_named_the_fastest_class_first(sentence, words):
    assert [one.word for one in time_bound(sentence)] == words


def test_how_old_a_source_may_be_follows_from_the_class_of_the_word():
    latest, recent = time_bound("It is the latest.")[0], time_bound("It has recently spread.")[0]
    july = date(2024, 7, 15)
    assert not too_old(latest, july, date(2024, 8, 29)) and too_old(latest, july, date(2024, 8, 30))
    assert not too_old(recent, july, date(2025, 1, 15)) and too_old(recent, july, date(2025, 1, 16))


def test_what_is_waived_turned_down_or_code_binds_nothing():
    sentence = "It is the latest."
    assert time_bound(sentence, Reading(waived={"T3a.superlative"})) == []
    assert time_bound(sentence, Reading(quiet={"T3a.superlative"})) == []
    assert time_word(sentence, Reading(quiet={"T3a.superlative"})) == "latest"
    assert time_bound(sentence, Reading(code=((10, 16),))) == [] == time_bound("It is.")


def test_the_own_name_of_a_card_is_no_version_of_something_else():
    qwen = Words("Qwen2", definition="Qwen2 is a family.")
    assert class_and_reason("Much runs on GPT-4.", Reading(names=own_names(qwen)))[0] == "D"
    assert class_and_reason("Much runs on Qwen2.", Reading(names=own_names(qwen)))[0] == ""


def test_a_card_is_stale_from_the_day_its_oldest_date_is():
    words = Words(
        "X",
        definition="As of July 2024, it is free.",
        body="As of May 2025, it has a shop.\n\nAs of 2020 it was small.",
    )
    hashes = {line.text: line.hash for line in lines_of(words)}
    slow = Volatility.SLOW
    assert stale_on(words, slow) == date(2025, 1, 31) and stale_on(words, Volatility.FAST) == date(2024, 9, 14)
    waived = {(hashes["As of July 2024, it is free."], "T8.as_of")}
    assert stale_on(words, slow, waived) == date(2025, 11, 30)
    assert stale_on(words, slow, off={"T8.as_of"}) is None is stale_on(Words("X", definition="It is free."), slow)

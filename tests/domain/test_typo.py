"""Mended spelling, told from changed meaning: a table of 200 changes, half of them traps."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glossary.domain.typo import MAX_SENTENCE, distance, typo_reason

TABLE = tomllib.loads((Path(__file__).parent / "typo_table.toml").read_text(encoding="utf-8"))
NAMES = ["Qwen2", "Qwen 2", "tokenizer"]


def both(row):
    """Return the sentence before and after the change that stands in braces."""
    return tuple(re.sub(r"\{(.*?)\|(.*?)\}", side, row) for side in (r"\1", r"\2"))


def test_the_table_has_two_hundred_changes_half_of_them_traps():
    assert len(TABLE["traps"]) == len(TABLE["spelling"]) + len(TABLE["punctuation"]) == 100
    rows = [both(row) for part in TABLE.values() for row in part]
    assert len(set(rows)) == 200
    assert all(before != after for before, after in rows)


@pytest.mark.parametrize("row", TABLE["spelling"])
def test_a_misspelt_word_is_mended(row):
    assert (typo_reason(*both(row), names=NAMES) or "").startswith("spelling: ")


@pytest.mark.parametrize("row", TABLE["punctuation"])
def test_punctuation_and_white_space_change_nothing_that_is_said(row):
    assert typo_reason(*both(row), names=NAMES) in {"punctuation", "white space"}


@pytest.mark.parametrize("row", TABLE["traps"])
def test_a_trap_is_a_change_like_any_other(row):
    before, after = both(row)
    assert typo_reason(before, after, names=NAMES) is None
    assert typo_reason(after, before, names=NAMES) is None or before.split() != after.split()


@given(st.text(alphabet="ab 1.,’'-", max_size=30), st.integers(0, 30), st.sampled_from("0123456789"))
def test_no_figure_ever_comes_goes_or_changes(text, place, digit):
    place = min(place, len(text))
    assert typo_reason(text, text[:place] + digit + text[place:]) is None
    assert typo_reason(text[:place] + digit + text[place:], text) is None


@settings(max_examples=200)
@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_is_too_strange_to_be_judged(before, after):
    reason = typo_reason(before, after)
    assert reason is None or before != after


def test_what_is_too_long_is_a_change_like_any_other():
    assert typo_reason("a " * MAX_SENTENCE, "b " * MAX_SENTENCE) is None


@pytest.mark.parametrize(
    ("one", "other", "far"), [("teh", "the", 1), ("kitten", "sitting", 3), ("", "abc", 3), ("ca", "abc", 3)]
)
def test_distance_counts_swapped_neighbours_as_one(one, other, far):
    assert distance(one, other) == distance(other, one) == far


def test_a_distance_that_is_too_far_is_told_as_one_more_than_was_asked_for():
    words = ["model", "modle", "medal", "mode", "odel", "models", "lemod", "transformer", "", "ab", "ba", "aab"]
    for one in words:
        for other in words:
            far = distance(one, other)
            assert [distance(one, other, most=most) for most in range(4)] == [min(far, n + 1) for n in range(4)]

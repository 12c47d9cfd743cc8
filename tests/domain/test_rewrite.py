"""Putting other words in the place of one line."""

import pytest

from glossary.domain.claim import lines_of
from glossary.domain.errors import IllegalMove
from glossary.domain.rewrite import with_line
from glossary.domain.term import Words

CARD = Words(
    headword="Qwen2",
    definition="Qwen2 is a family. It has five sizes.",
    body="It was *released in June* 2024. Five `sizes` exist. See [the report](https://a.example/c).\n\n"
    "- One item.\n- Another item. With two.\n\nPeople can download it.",
    example="A shop sorts its letters.",
)
PLACES = range(2, len(lines_of(CARD)) + 1)


def keys(words):
    return [(line.part, line.text, line.links) for line in lines_of(words)]


@pytest.mark.parametrize("place", PLACES)
def test_a_cut_takes_one_line_and_leaves_every_other(place):
    before = keys(CARD)
    assert keys(with_line(CARD, place)) == before[: place - 1] + before[place:]


@pytest.mark.parametrize("place", PLACES)
def test_other_words_take_the_place_of_one_line(place):
    after = keys(with_line(CARD, place, "New words stand here."))
    before = keys(CARD)
    assert after[place - 1][1] == "New words stand here."
    assert after[: place - 1] + after[place:] == before[: place - 1] + before[place:]


def test_no_empty_item_or_gap_is_left_behind():
    first_item = next(n for n in PLACES if lines_of(CARD)[n - 1].text == "One item.")
    body = with_line(CARD, first_item).body
    assert "\n\n- Another item." in body
    assert "\n\n\n" not in body and "  " not in body


def test_two_equal_sentences_are_told_apart_by_their_place():
    words = Words("Q", "It is one.", "It runs. It stops. It runs.")
    assert with_line(words, 5).body == "It runs. It stops."
    assert with_line(words, 3).body == "It stops. It runs."


def test_names_and_a_whole_definition_are_refused():
    with pytest.raises(IllegalMove, match="writing form"):
        with_line(CARD, 1)
    with pytest.raises(IllegalMove, match="cannot stand without"):
        with_line(Words("Q", "It is one."), 2)


def test_markup_that_would_break_is_refused_rather_than_broken():
    with pytest.raises(IllegalMove, match="inside markup"):
        with_line(Words("Q", "It is one.", "*It runs. It stops.* It rests."), 3)

"""Cutting paragraphs into sentences, each a line for a checker."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.markup import Block, blocks_of
from glossary.domain.sentences import SPLITTER, sentences_of


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It runs. It stops.", ["It runs.", "It stops."]),
        ("It runs e.g. Qwen2.5-VL on a phone.", ["It runs e.g. Qwen2.5-VL on a phone."]),
        ("It came in Sept. 2024. It stayed.", ["It came in Sept. 2024.", "It stayed."]),
        ("Is it .NET? It is.", ["Is it .NET?", "It is."]),
        ("   ", []),
        ("One  line\nor two.", ["One line or two."]),
    ],
)
def test_a_paragraph_is_cut_where_sentences_end(text, sentences):
    assert [one.text for one in sentences_of(Block(text))] == sentences


@given(st.text(alphabet="ab .?!A1\n", max_size=200))
def test_every_word_belongs_to_exactly_one_sentence(text):
    assert " ".join(one.text for one in sentences_of(Block(text))).split() == text.split()


@given(st.text(max_size=200))
def test_no_sign_is_lost_or_told_twice_whatever_the_text(text):
    cut = "".join(one.text for one in sentences_of(Block(text)))
    assert "".join(cut.split()) == "".join(text.split())


PIECES = [
    "See [one](https://a.example). ",
    "Dr. No has [two](https://b.example/2). ",
    "e.g. [three](https://c.example) ",
    "It is. ",
]


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6))
def test_every_link_belongs_to_exactly_one_sentence(pieces):
    (block,) = blocks_of("".join(pieces))
    found = [target for one in sentences_of(block) for target in one.links]
    assert found == [target for _, target in block.links]


def test_a_link_belongs_to_the_sentence_it_stands_in():
    (block,) = blocks_of("See [one](https://a.example). Or see [two](https://b.example).")
    assert [one.links for one in sentences_of(block)] == [("https://a.example",), ("https://b.example",)]


def test_the_cutter_is_named_with_its_version():
    assert SPLITTER.startswith("nupunkt 0.")

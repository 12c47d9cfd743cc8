"""Snippets: the passage that answers, with the words that were asked for marked."""

import gzip

import pytest

from glossary.domain.search import stem_of, words_of
from glossary.domain.snippet import snippet_of
from glossary.domain.term import Words
from glossary.domain.typo import WORD_LIST


def test_a_snippet_is_the_definition_unless_another_passage_answers_better():
    words = Words("Qwen2", "It is a family.", "Dogs bark. " * 40 + "A zebra sleeps. " + "Cats purr. " * 40)
    assert "".join(piece.text for piece in snippet_of(words, ["famili"])) == "It is a family."
    pieces = snippet_of(words, ["zebra"])
    text = "".join(piece.text for piece in pieces)
    assert text.startswith("… ") and text.endswith(" …") and len(text) < 200
    assert [piece.text for piece in pieces if piece.hit] == ["zebra"]
    assert snippet_of(words, ["nothing"])[0].hit is False


@pytest.mark.parametrize("word", ["dying", "lying", "skies", "centres", "tries", "Éclairs", "C++", "modelling"])
def test_a_form_of_a_word_is_marked_where_its_stem_was_asked_for(word):
    [stem] = [stem_of(part) for part in words_of(word)]
    pieces = snippet_of(Words(headword="Word", definition=f"It tells of {word} only."), [stem])
    assert [piece.text for piece in pieces if piece.hit] == [word]


def test_every_word_of_the_list_begins_as_its_stem_does_or_ends_in_ying():
    with gzip.open(WORD_LIST, "rt", encoding="ascii") as lines:
        words = lines.read().split()[::10]
    others = {word for word in [*words, "dying", "lying", "tying"] if stem_of(word)[:2] != word[:2]}
    assert "dying" in others and all(word.endswith("ying") for word in others)


def test_a_snippet_gives_back_the_text_letter_by_letter():
    words = Words("X", "ÉMIGRÉ, C++ & “ﬁne-tuned” x².")
    assert "".join(piece.text for piece in snippet_of(words, ["emigr", "cplusplus", "tune"])) == words.definition
    assert [p.text for p in snippet_of(words, ["emigr", "cplusplus", "tune"]) if p.hit] == ["ÉMIGRÉ", "C++", "tuned"]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("a snake_case name, CASES too", ["case", "CASES"]),
        ("showcase is none", []),
        ("with C# and a case", ["case"]),  # a sign in the text changes nothing else
        ("Übercase, case", ["case"]),
        ("case", ["case"]),
    ],
)
def test_a_word_is_marked_as_a_whole_and_no_part_of_one(text, marked):
    assert [piece.text for piece in snippet_of(Words("X", text), ["case"]) if piece.hit] == marked
    assert [piece.text for piece in snippet_of(Words("X", "None.", text), ["case"]) if piece.hit] == marked

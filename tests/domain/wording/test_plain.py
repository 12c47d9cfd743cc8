"""Common and rare words in either spelling, the level a card is given, and a trend only where there is one."""

import pytest

from glossary.domain.term import Level, Words
from glossary.domain.wording.plain import WORD_LIST, is_common, lix, rare_words, suggest_level


@pytest.mark.parametrize("word", ["model", "colour", "color", "organise", "organize", "travelling", "stopped"])
def test_a_common_word_is_known_in_either_spelling_and_any_form(word):
    assert is_common(word)


@pytest.mark.parametrize("word", ["confabulation", "lexeme", "eigenvector", "quantisation", "quantization"])
def test_a_rare_word_is_rare(word):
    assert not is_common(word)


def test_a_name_of_the_glossary_is_not_rare():
    text = "It turns each lexeme into an eigenvector."
    assert [text[a:b] for a, b in rare_words(text, {"Eigenvector"})] == ["lexeme"]


def test_the_level_follows_rare_words_and_long_sentences():
    easy = Words("Token", definition="A token is a piece of text.")
    hard = Words("Token", definition="A token is a lexeme, or an orthographic morpheme, in a corpus.")
    long = Words("Token", definition="A token is " + "a piece of the text " * 3 + "and.")
    assert suggest_level(easy)[0] == Level.EASY
    assert suggest_level(hard)[0] == Level.HARD and "lexeme" in suggest_level(hard)[1]
    assert suggest_level(long)[0] == Level.MEDIUM
    assert "1 rare word (lexeme) in" in suggest_level(Words("Token", definition="A token is a lexeme."))[1]
    assert "0 rare words in" in suggest_level(easy)[1]
    assert suggest_level(Words("Token"))[0] == Level.EASY


def test_there_is_no_grade_for_a_single_card():
    assert lix(["It is a short one."] * 29) is None
    assert lix(["It is a remarkable one."] * 30) == pytest.approx(5 + 100 / 5)


def test_the_table_is_small_and_carries_its_licence():
    assert WORD_LIST.stat().st_size < 300_000
    assert "Attribution-ShareAlike 4.0" in (WORD_LIST.parent / "LICENCE.txt").read_text(encoding="utf-8")

"""Phrases as the rules write them, found in running text."""

import pytest

from glossary.domain.wording.patterns import Phrases, tokens_of

CLASSES = {"fruit": frozenset({"apple", "pear"})}


def found(pattern, text):
    return [text[tokens_of(text)[a].start : tokens_of(text)[b - 1].end] for a, b in places(pattern, text)]


def places(pattern, text):
    return [(first, past) for _, first, past in Phrases({"one": (pattern,)}, CLASSES).find(tokens_of(text))]


@pytest.mark.parametrize(
    ("pattern", "text", "there"),
    [
        ("as of", "It is so As of today.", ["As of"]),
        ("as of", "It is as, of today.", []),
        ("red/green light", "A green light, a red light, a blue light.", ["green light", "red light"]),
        ("very? fast", "It is very fast and fast.", ["very fast", "fast", "fast"]),
        ("current~", "The currently current one.", ["currently", "current"]),
        ("the _ one", "It is the other one.", ["the other one"]),
        ("an @fruit", "He has an apple and an egg.", ["an apple"]),
        ("in #year", "It came in 2024, in 3024 and in part.", ["in 2024"]),
        ("state of the art", "A state-of-the-art tool.", ["state-of-the-art"]),
    ],
)
def test_a_phrase_stands_where_its_words_do(pattern, text, there):
    assert sorted(found(pattern, text)) == sorted(there)


def test_a_word_knows_what_it_is_and_where_it_stands():
    text = "Qwen2 cost $5 in 2024’s spring."
    kinds = {text[one.start : one.end]: set(one.kinds) for one in tokens_of(text)}
    assert "#name" in kinds["Qwen2"] and {"#money", "#number"} <= kinds["$5"]
    assert any("#year" in one for one in kinds.values()) and kinds["cost"] == set()

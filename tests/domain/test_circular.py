"""What a definition says its term is."""

import pytest

from glossary.domain.circular import after_verb


@pytest.mark.parametrize(
    ("definition", "rest"),
    [
        ("A token is a piece of text.", " a piece of text."),
        ("Tokens, cut by a program, are pieces that is how it works.", " pieces that is how it works."),
        ("Pieces of text", "Pieces of text"),
        ("", ""),
    ],
)
def test_what_stands_after_the_verb_explains(definition, rest):
    assert after_verb(definition) == rest

"""A pasted card falls into its parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.paste import PastedCard, parse_card
from glossary.domain.term import AliasKind

CARD = """Qwen2
Fact-checked May 29, 2026
Also called: Qwen 2, Qwen-2

Qwen2 is a family of language models.

It was released in June 2024.
Five sizes exist.

- One item
- Another item

Formerly: Tongyi.

For example: A shop sorts its letters with it.
"""


def test_a_whole_card_falls_into_place():
    card = parse_card(CARD)
    assert card.headword == "Qwen2"
    assert [(alias.text, alias.kind) for alias in card.aliases] == [
        ("Qwen 2", AliasKind.SPELLING),
        ("Qwen-2", AliasKind.SPELLING),
        ("Tongyi", AliasKind.FORMER_NAME),
    ]
    assert card.definition == "Qwen2 is a family of language models."
    assert card.body == "It was released in June 2024. Five sizes exist.\n\n- One item\n- Another item"
    assert card.example == "A shop sorts its letters with it."


def test_the_date_beside_pasted_words_is_never_taken_over():
    assert "2026" not in repr(parse_card(CARD)).replace("2026-", "")


def test_an_example_may_stand_under_a_heading():
    assert parse_card("Qwen2\n\nIt is one.\n\n## For example\n\nA shop.").example == "A shop."


def test_a_heading_mark_and_windows_lines_are_no_words():
    card = parse_card("# Qwen2\r\n\r\nIt is one.\r\n\r\nMore.")
    assert (card.headword, card.definition, card.body) == ("Qwen2", "It is one.", "More.")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Also known as: AA, BB.", [("AA", AliasKind.SPELLING), ("BB", AliasKind.SPELLING)]),
        ("aka AA", [("AA", AliasKind.SPELLING)]),
        ("FORMERLY AA", [("AA", AliasKind.FORMER_NAME)]),
        ("Also called: , .", []),
    ],
)
def test_names_are_known_by_the_words_before_them(line, found):
    card = parse_card(f"Q\n{line}\nIt is one.")
    assert [(alias.text, alias.kind) for alias in card.aliases] == found
    assert (card.headword, card.definition) == ("Q", "It is one.")


@pytest.mark.parametrize("text", ["", " \n\t\n", "Fact-checked May 29, 2026"])
def test_nothing_is_made_of_nothing(text):
    assert parse_card(text) == PastedCard()


def test_a_headword_that_opens_with_checked_is_a_headword():
    assert parse_card("Checked exception\n\nIt is one.").headword == "Checked exception"


def test_of_two_examples_no_word_is_lost():
    card = parse_card("Q\n\nIt is one.\n\nFor example: A shop.\n\nFor example: A bank.")
    assert "A shop." in repr(card) and "A bank." in repr(card)


PARAGRAPHS = st.lists(st.sampled_from(["It is one.", "- An item", "More of it.\nAnd more.", "Why?"]), max_size=5)


@given(PARAGRAPHS)
def test_every_word_of_a_plain_card_lands_in_it(paragraphs):
    card = parse_card("\n\n".join(["Qwen2", *paragraphs, "For example: A shop."]))
    parts = [card.headword, card.definition, card.body, card.example]
    assert " ".join(parts).split() == " ".join(["Qwen2", *paragraphs, "A shop."]).split()


@given(st.text(max_size=400))
def test_no_text_is_too_strange_to_be_taken_apart(text):
    card = parse_card(text)
    assert isinstance(card.headword, str)


def test_a_sentence_that_begins_with_formerly_is_no_list_of_names():
    card = parse_card("Q\n\nIt is one.\n\nFormerly it was slow, now it is fast.")
    assert (card.aliases, card.body) == ([], "Formerly it was slow, now it is fast.")

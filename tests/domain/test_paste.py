"""A pasted card falls into its parts."""

from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.paste import parse_card
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


@given(st.text(max_size=400))
def test_no_text_is_too_strange_to_be_taken_apart(text):
    card = parse_card(text)
    assert isinstance(card.headword, str)

"""What may be stored as a card, and what may go to a checker."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.names import MAX_NAME
from glossary.domain.term import (
    MAX_ALIASES,
    MAX_BODY,
    MAX_DEFINITION,
    MAX_DEFINITION_DRAFT,
    MAX_EXAMPLE,
    AliasDraft,
    AliasKind,
    AliasWords,
    CardDraft,
    Words,
    check_complete,
)

TEXT = st.text(alphabet="aB .\n\t\u00a0\u00ad\u200b\u2028é\u0301ﬁ", max_size=30)


def test_words_come_back_from_their_json():
    words = Words("Qwen2", "It is one.", "Body.", "A shop.", (AliasWords("Qwen 2", AliasKind.SPELLING),), "Qwen3")
    assert Words.from_json(words.to_json()) == words


def test_former_names_are_told_apart_and_misspellings_are_no_words():
    draft = CardDraft(
        "Qwen2",
        aliases=(
            AliasDraft("Qwen 2"),
            AliasDraft("Tongyi", AliasKind.FORMER_NAME),
            AliasDraft("Quen2", AliasKind.MISSPELLING),
            AliasDraft("qwen-two", shown=False),
        ),
    )
    words = draft.words()
    assert (words.also_called, words.formerly) == (["Qwen 2"], ["Tongyi"])


@pytest.mark.parametrize(
    ("draft", "says"),
    [
        (CardDraft("  "), "headword is empty"),
        (CardDraft("Q", body="[x](mailto:a@b.example)"), "must begin with https"),
        (CardDraft("Q", aliases=(AliasDraft(""),)), "alias is empty"),
        (CardDraft("Q", aliases=(AliasDraft("Q"),)), "stands twice"),
        (CardDraft("Q", aliases=tuple(AliasDraft(f"q{n}") for n in range(MAX_ALIASES + 1))), "at most 40"),
        (CardDraft("Q", aliases=(AliasDraft("a"), AliasDraft("a"))), "stands twice"),
        (CardDraft("Q" * (MAX_NAME + 1)), "The headword"),
        (CardDraft("Q", aliases=(AliasDraft("a" * (MAX_NAME + 1)),)), "An alias"),
        (CardDraft("Q", definition="a" * (MAX_DEFINITION_DRAFT + 1)), "The definition"),
        (CardDraft("Q", body="a" * (MAX_BODY + 1)), "The text"),
        (CardDraft("Q", example="a" * (MAX_EXAMPLE + 1)), "The example"),
        (CardDraft("Q\x00"), "headword"),
        (CardDraft("Q\ud800"), "headword"),
        (CardDraft("Q\u202e"), "headword"),
        (CardDraft("Q" * 1_000_000), "headword"),
    ],
)
def test_what_cannot_be_stored_is_named(draft, says):
    with pytest.raises(BadText) as refused:
        draft.cleaned()
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("definition", "says"),
    [
        ("", "definition is empty"),
        ("It is one. It is two. It is three.", "3 sentences"),
        ("A" * 201, "1 characters too long"),
    ],
)
def test_what_is_not_fit_for_a_checker_is_named(definition, says):
    with pytest.raises(IllegalMove) as refused:
        check_complete(Words("Q", definition))
    assert says in str(refused.value)


def test_what_just_fits_is_kept_as_it_is():
    draft = CardDraft(
        "Q" * MAX_NAME,
        definition="a" * MAX_DEFINITION_DRAFT,
        body="a" * MAX_BODY,
        example="a" * MAX_EXAMPLE,
        aliases=tuple(AliasDraft(f"q{n}") for n in range(MAX_ALIASES)),
    )
    assert draft.cleaned() == draft
    check_complete(Words("Q", "a" * MAX_DEFINITION))


@given(TEXT, TEXT, TEXT)
def test_cleaning_twice_is_cleaning_once(headword, definition, body):
    try:
        once = CardDraft(headword, definition=definition, body=body).cleaned()
    except BadText:
        return
    assert once.cleaned() == once


def test_a_definition_alone_is_a_card():
    check_complete(Words("Q", "It is one. It has parts."))

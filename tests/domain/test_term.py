"""What may be stored as a card, and what may go to a checker."""

import pytest

from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.term import (
    MAX_ALIASES,
    AliasDraft,
    AliasKind,
    AliasWords,
    CardDraft,
    Words,
    check_complete,
)


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


def test_a_definition_alone_is_a_card():
    check_complete(Words("Q", "It is one. It has parts."))

"""The content report's rules."""

import pytest

from glossary.domain.content import csv_cell, mentioned

NAMES = {
    "GPT-4": frozenset({1}),
    "GPT-4.1": frozenset({2}),
    "Token": frozenset({3}),
    "C++": frozenset({4}),
    "Context window": frozenset({5}),
    ".NET": frozenset({6}),
}


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("It beats gpt-4 by far.", {1}),
        ("It beats GPT-4.1 by far.", {2}),
        ("Tokens are cut; a token is short.", {3}),
        ("Written in C++ and not in C.", {4}),
        ("A long context-window helps.", {5}),
        ("A long context. Window seats are rare.", set()),
        ("It runs on .NET too.", {6}),
        ("A net is not meant.", set()),
        ("", set()),
    ],
)
def test_a_text_mentions_the_terms_whose_names_stand_in_it(text, terms):
    assert mentioned([(99, text)], NAMES) == terms


def test_nobody_is_mentioned_by_their_own_card_and_a_shared_name_counts_for_both():
    assert mentioned([(3, "A token.")], NAMES) == set()
    assert mentioned([(9, "An AI.")], {"AI": frozenset({7, 8})}) == {7, 8}


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("＝1", "'＝1"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_no_cell_is_taken_for_a_formula(text, cell):
    assert csv_cell(text) == cell

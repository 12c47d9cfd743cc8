"""Loops of definitions."""

import pytest

from glossary.models import Term
from glossary.services.circular import definition_loop
from tests.factories import make_published_term, make_term

pytestmark = pytest.mark.django_db


def loop(term):
    term = Term.objects.get(pk=term.pk)
    return definition_loop(term.working.words, term)


def test_a_loop_is_reported_with_the_way_round(editor):
    token = make_published_term("Token", author=editor, definition="A token is what a tokenizer makes.")
    make_published_term("Tokenizer", author=editor, definition="A tokenizer is a program that feeds a language model.")
    model = make_term("Language model", by=editor, definition="A language model is a reader of each token in a text.")
    assert loop(token) == ["Token", "Tokenizer", "Language model", "Token"]
    assert loop(model) == ["Language model", "Token", "Tokenizer", "Language model"]


def test_what_stands_before_the_verb_is_no_loop(editor):
    token = make_published_term("Token", author=editor, definition="A token is a piece of text for a model.")
    make_published_term("Model", author=editor, definition="A model that reads a token is a program.")
    assert loop(token) == []


def test_other_words_lead_nowhere_and_the_cost_stays_flat(editor, django_assert_max_num_queries):
    names = [f"Part {letter}" for letter in "ABCDEFGHIJ"]
    for name, following in zip(names, [*names[1:], "nothing"], strict=True):
        make_published_term(name, author=editor, definition=f"{name} is made of {following}.")
    term = Term.objects.get(headword="Part A")
    with django_assert_max_num_queries(14):
        assert definition_loop(term.published.words, term) == []

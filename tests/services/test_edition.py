"""Freezing words: the same words are the same edition, and who brings a line in is its author for good."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from glossary.domain.roles import Role
from glossary.models import Sentence, SentenceAuthor, Term
from glossary.services.edition import freeze_words
from tests.factories import make_term, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 3, 12, tzinfo=UTC)


@pytest.fixture
def term(editor):
    return Term.objects.get(pk=make_term(by=editor, body="Five sizes exist.").pk)


def authors(text):
    rows = SentenceAuthor.objects.filter(sentence__text=text)
    return set(rows.values_list("user", flat=True))


def test_the_same_words_are_the_same_edition_and_other_words_have_the_next_number(term, editor):
    first = term.working
    assert freeze_words(term, first.words, by=editor, now=NOW, before=first) == first
    second = freeze_words(term, replace(first.words, body="Six exist."), by=editor, now=NOW, before=first)
    assert (first.number, second.number) == (1, 2)
    assert freeze_words(term, first.words, by=editor, now=NOW, before=second) == first


def test_who_brings_a_line_in_or_back_is_its_author_and_nobody_is_taken_off(term, editor):
    first, other = term.working, make_user(Role.EDITOR)
    without = freeze_words(term, replace(first.words, body="Six exist."), by=other, now=NOW, before=first)
    assert (authors("Five sizes exist."), authors("Six exist.")) == ({editor.pk}, {other.pk})
    freeze_words(term, first.words, by=other, now=NOW, before=without)
    assert authors("Five sizes exist.") == {editor.pk, other.pk}


def test_who_takes_over_the_words_of_another_is_not_their_author(term, editor):
    first, other = term.working, make_user(Role.CHECKER)
    words = replace(first.words, body="Six exist.")
    freeze_words(term, words, by=editor, worded_by=other, now=NOW, before=first)
    assert authors("Six exist.") == {other.pk}


def test_a_mended_spelling_is_kept_as_a_respelling_and_a_changed_fact_is_not(term, editor):
    first = freeze_words(
        term, replace(term.working.words, body="People downlaod it."), by=editor, now=NOW, before=term.working
    )
    freeze_words(term, replace(first.words, body="People download it."), by=editor, now=NOW, before=first)
    freeze_words(term, replace(first.words, body="People delete it."), by=editor, now=NOW, before=first)
    assert Sentence.objects.get(text="People download it.").respelt_from.text == "People downlaod it."
    assert Sentence.objects.get(text="People delete it.").respelt_from is None

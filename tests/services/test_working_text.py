"""Putting words back, discarding, recalling, and the bin."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied

from glossary.domain.claim import LineState
from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Role
from glossary.models import Claim, SentenceAuthor, Term, TrailEntry
from glossary.services.names import NameTaken
from glossary.services.term import save_term, submit_term
from glossary.services.working_text import bin_draft, discard_changes, recall_submission, restore_draft, revert_words
from tests.factories import details_of, make_draft, make_published_term, make_term, make_user

pytestmark = pytest.mark.django_db
EARLY = datetime(2026, 5, 29, 12, tzinfo=UTC)


def test_earlier_words_come_back_with_their_old_check(editor):
    term = make_published_term(author=editor, now=EARLY)
    first = term.working
    term = save_term(term, make_draft(body="Six sizes exist."), details=details_of(term), by=editor)
    term = revert_words(term, first, by=editor)
    assert term.working == first
    assert term.body == first.words.body
    assert {line.state for line in Claim.objects.lines(first.pk)} == {LineState.SETTLED}


def test_who_puts_words_back_is_an_author_of_what_comes_back(editor):
    other = make_user(Role.EDITOR)
    term = make_published_term(author=editor, body="Five sizes exist.")
    first = term.working
    term = save_term(term, make_draft(body="Six sizes exist."), details=details_of(term), by=editor)
    revert_words(term, first, by=other)
    sentence = first.claims.get(sentence__text="Five sizes exist.").sentence
    assert set(SentenceAuthor.objects.filter(sentence=sentence).values_list("user_id", flat=True)) == {
        editor.pk,
        other.pk,
    }


def test_hidden_aliases_and_what_is_not_words_stay(editor):
    term = make_published_term(author=editor, aliases=["Qwen-2"])
    first = term.working
    draft = make_draft(aliases=["Qwen-2", "Qwen 2"], body="Six sizes exist.")
    term = save_term(term, draft, details=details_of(term), by=editor)
    term = revert_words(term, first, by=editor)
    assert [alias.text for alias in term.aliases.all()] == ["Qwen-2"]
    assert term.topic is not None and term.level == "easy"


def test_changes_are_discarded_and_stay_in_the_history(editor):
    term = make_published_term(author=editor)
    term = save_term(term, make_draft(body="Six sizes exist."), details=details_of(term), by=editor)
    term = discard_changes(term, by=editor)
    assert term.working_id == term.published_id
    assert term.editions.count() == 2
    with pytest.raises(IllegalMove, match="at hand already"):
        discard_changes(term, by=editor)
    with pytest.raises(IllegalMove, match="no words"):
        discard_changes(make_term("Other", by=editor), by=editor)


def test_a_submission_is_recalled(editor):
    term = make_term(by=editor)
    submit_term(term, by=editor)
    assert recall_submission(term, by=editor).pk
    assert not term.editions.submitted().exists()
    with pytest.raises(IllegalMove, match="with a checker"):
        recall_submission(term, by=editor)


def test_a_draft_goes_into_the_bin_and_comes_back(editor):
    term = make_term("Qwen2", by=editor)
    submit_term(term, by=editor)
    term = bin_draft(term, by=editor)
    assert not term.names.exists() and not term.editions.submitted().exists()
    with pytest.raises(IllegalMove, match="in the bin"):
        save_term(term, make_draft(), details=details_of(term), by=editor)
    with pytest.raises(IllegalMove, match="no words to send"):
        submit_term(term, by=editor)
    term = restore_draft(term, by=editor)
    assert term.binned_at is None and term.names.exists()
    assert list(TrailEntry.objects.filter(term=term).values_list("verb", flat=True))[:2] == ["restored", "binned"]


def test_a_draft_does_not_come_back_under_a_name_that_was_taken(editor):
    term = bin_draft(make_term("Qwen2", by=editor), by=editor)
    make_term("Qwen 2", slug="qwen-two", by=editor)
    with pytest.raises(NameTaken):
        restore_draft(term, by=editor)
    assert Term.objects.get(pk=term.pk).binned_at is not None


def test_a_term_that_readers_saw_is_not_binned(editor):
    with pytest.raises(IllegalMove, match="Readers know"):
        bin_draft(make_published_term(author=editor), by=editor)


@pytest.mark.parametrize("act", [recall_submission, bin_draft, restore_draft, discard_changes])
def test_only_editors_undo(editor, act):
    term = make_published_term(author=editor)
    with pytest.raises(PermissionDenied):
        act(term, by=make_user(Role.CHECKER, Role.PUBLISHER))

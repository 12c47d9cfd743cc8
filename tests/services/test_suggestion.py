"""Suggested wording, and accepting it."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied

from glossary.domain.claim import ClaimKind, LineState, Verdict
from glossary.domain.errors import IllegalMove, StaleEdition
from glossary.domain.roles import Role
from glossary.models import Answer, Claim, Notice, Suggestion, Term
from glossary.services.claim import EvidenceDraft, confirm_line, settle_line
from glossary.services.fact_check import pass_check
from glossary.services.suggestion import accept_suggestion, decline_suggestion, suggest_wording
from glossary.services.term import save_term, submit_term
from tests.factories import check_term, details_of, make_draft, make_source, make_term, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BODY = "It is the latest family. Five sizes exist."


@pytest.fixture
def edition(editor):
    return submit_term(make_term(by=editor, body=BODY, example=""), by=editor)


def line(edition, text):
    return edition.claims.get(sentence__text=text)


def suggest(edition, *, by, text="As of July 2024, it is the latest family.", source=None):
    claim = line(edition, "It is the latest family.")
    given = {"source": source or make_source(by=by), "passage": "It says so."} if text else {}
    return suggest_wording(claim, text, by=by, now=NOW, **given)


def test_a_word_tied_to_the_moment_is_refused_with_an_old_source(edition, checker):
    claim = line(edition, "It is the latest family.")
    evidence = [EvidenceDraft(make_source(by=checker), "The latest addition.")]
    with pytest.raises(IllegalMove, match="from July 2024. It cannot support “latest”"):
        settle_line(claim, by=checker, verdict=Verdict.SUPPORTED, kind=ClaimKind.FACT, evidence=evidence, now=NOW)


def test_accepting_is_the_check_by_the_other(edition, editor, checker):
    accepted = accept_suggestion(suggest(edition, by=checker), by=editor, now=NOW)
    found = {line.claim.sentence.text: line for line in Claim.objects.lines(accepted.pk)}
    new = found["As of July 2024, it is the latest family."]
    assert new.state == LineState.SETTLED
    assert new.check.by == editor and new.authors == {checker.pk}
    assert new.check.evidence.get().passage == "It says so."
    assert Term.objects.get().body.startswith("As of July 2024")
    assert accepted.submitted_at is not None and not Suggestion.objects.waiting().exists()
    assert Notice.objects.filter(person=checker, kind="answered").exists()


def test_a_card_of_which_only_the_agreed_line_changed_is_passed_by_the_checker(editor, checker):
    term = check_term(
        make_term(by=editor, body="Five sizes exist.", example=""), author=editor, checker=checker, now=NOW
    )
    term = save_term(term, make_draft(body=BODY, example=""), details=details_of(term), by=editor, now=NOW)
    edition = submit_term(term, by=editor, now=NOW)
    accepted = accept_suggestion(suggest(edition, by=checker), by=editor, now=NOW)
    for one in Claim.objects.lines(accepted.pk):
        if one.state == LineState.READ_AGAIN:
            confirm_line(one.claim, by=checker, now=NOW)
    check = pass_check(accepted, by=checker, digest=accepted.digest, whole_card=True, now=NOW)
    assert check.stamp_on == date(2026, 11, 20)


def test_nobody_accepts_their_own_wording(edition, checker):
    both = make_user(Role.EDITOR, Role.CHECKER)
    with pytest.raises(IllegalMove, match="worded this yourself"):
        accept_suggestion(suggest(edition, by=both), by=both)


def test_a_suggested_cut_takes_the_sentence_out(edition, editor, checker):
    accepted = accept_suggestion(suggest(edition, by=checker, text=""), by=editor, now=NOW)
    assert accepted.words.body == "Five sizes exist."


def test_a_declined_wording_changes_nothing_and_is_answered_once(edition, editor, checker):
    suggestion = suggest(edition, by=checker)
    decline_suggestion(suggestion, by=editor)
    assert Suggestion.objects.get().answer == Answer.DECLINED
    with pytest.raises(IllegalMove, match="answered already"):
        accept_suggestion(suggestion, by=editor)
    assert Term.objects.get().body == BODY


def test_a_newer_wording_takes_the_place_of_one_that_waits(edition, checker):
    suggest(edition, by=checker)
    suggest(edition, by=checker, text="In July 2024 it was the latest family.")
    assert Suggestion.objects.waiting().get().text == "In July 2024 it was the latest family."


def test_words_that_could_not_be_supported_are_refused_at_once(edition, checker):
    with pytest.raises(IllegalMove, match="It cannot support"):
        suggest(edition, by=checker, text="It is Alibaba’s newest family.")
    claim = line(edition, "Five sizes exist.")
    with pytest.raises(IllegalMove, match="needs a source"):
        suggest_wording(claim, "Six sizes exist.", by=checker)


def test_a_card_that_changed_meanwhile_answers_conflict(edition, editor, checker):
    suggestion = suggest(edition, by=checker)
    term = Term.objects.get()
    save_term(term, make_draft(body="Other words."), details=details_of(term), by=editor)
    with pytest.raises(StaleEdition):
        accept_suggestion(suggestion, by=editor)
    assert Suggestion.objects.get().answer == Answer.WAITING


def test_names_are_not_reworded_and_only_checkers_suggest(edition, editor, checker):
    with pytest.raises(IllegalMove, match="Names are not reworded"):
        suggest_wording(edition.claims.get(place=1), "Qwen3", by=checker)
    with pytest.raises(PermissionDenied):
        suggest(edition, by=editor, source=make_source(by=checker))

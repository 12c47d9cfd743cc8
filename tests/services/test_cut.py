"""Cutting one sentence alone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from glossary.domain.claim import LineState
from glossary.domain.errors import IllegalMove, StaleEdition
from glossary.domain.fact_check import Result
from glossary.domain.roles import Role
from glossary.models import Claim, FactCheck, Notice, Term, TrailEntry
from glossary.services.claim import confirm_line
from glossary.services.cut import cut_sentence, review_by
from glossary.services.fact_check import pass_check, withdraw_check
from glossary.services.take import queue
from glossary.services.term import save_term, submit_term
from tests.factories import check_term, details_of, make_draft, make_term, make_user

pytestmark = pytest.mark.django_db
CHECKED = datetime(2026, 5, 29, 12, tzinfo=UTC)
LATER = datetime(2026, 6, 20, 12, tzinfo=UTC)
BODY = "Five sizes exist. People can download it. It answers questions."


@pytest.fixture
def term(editor, checker):
    return check_term(make_term(by=editor, body=BODY, now=CHECKED), author=editor, checker=checker, now=CHECKED)


def cut(term, *, by, text="People can download it.", reason="The files were taken down."):
    claim = Term.objects.get(pk=term.pk).published.claims.get(sentence__text=text)
    return cut_sentence(claim, by=by, reason=reason, now=LATER)


def test_a_sentence_leaves_at_once_and_the_rest_keeps_its_date(term, checker):
    check = cut(term, by=checker)
    words, standing = Term.objects.get(pk=term.pk).shown()
    assert words.body == "Five sizes exist. It answers questions."
    assert standing == check and check.stamp_on == date(2026, 5, 29)
    assert check.result == Result.CUT and check.cut.text == "People can download it."
    assert TrailEntry.objects.filter(verb="cut a sentence from", reason__contains="taken down").count() == 1


def test_somebody_else_reads_the_card_within_a_day(term, checker):
    check = cut(term, by=checker)
    edition = check.edition
    assert review_by(edition) == LATER + timedelta(hours=24)
    row = next(row for row in queue(now=LATER) if row.term_id == term.pk)
    assert row.review_by == LATER + timedelta(hours=24) and row.score.cut > 0
    other = make_user(Role.CHECKER)
    for line in Claim.objects.lines(edition.pk):
        if line.state == LineState.READ_AGAIN:
            confirm_line(line.claim, by=other, now=LATER)
    with pytest.raises(IllegalMove, match="You made this edition"):
        pass_check(edition, by=checker, digest=edition.digest, whole_card=True, now=LATER)
    passed = pass_check(edition, by=other, digest=edition.digest, whole_card=True, now=LATER)
    assert passed.stamp_on == date(2026, 5, 29)
    assert review_by(edition) is None
    assert not [row for row in queue(now=LATER) if row.term_id == term.pk]


def test_the_authors_are_told(term, editor, checker):
    cut(term, by=checker)
    assert Notice.objects.get(person=editor, kind="cut").text.startswith("People can download it.")


def test_the_sentence_leaves_a_waiting_draft_too_which_stays_submitted(term, editor, checker):
    draft = make_draft(body=BODY.replace("Five", "Six"))
    term = save_term(term, draft, details=details_of(term), by=editor, now=LATER)
    submit_term(term, by=editor, now=LATER)
    cut(term, by=checker)
    term = Term.objects.get(pk=term.pk)
    assert term.body == "Six sizes exist. It answers questions."
    assert term.working.submitted_at is not None and term.working_id != term.published_id


def test_withdrawing_later_does_not_bring_the_sentence_back(term, checker):
    cut(term, by=checker)
    term = withdraw_check(Term.objects.get(pk=term.pk), by=checker, reason="All of it is in doubt.", now=LATER)
    assert term.published is None


def test_a_cut_brings_no_words_back_that_were_taken_back(term, editor, checker):
    withdraw_check(term, by=checker, reason="Its source fell.", now=LATER)
    later = LATER + timedelta(days=1)
    draft = make_draft(body=f"{BODY} A shop uses it.")
    longer = save_term(Term.objects.get(pk=term.pk), draft, details=details_of(term), by=editor, now=later)
    longer = check_term(longer, author=editor, checker=checker, now=later)
    with pytest.raises(IllegalMove, match="taken back on June 20, 2026, because: Its source fell. Withdraw"):
        cut(longer, by=checker, text="A shop uses it.")
    assert Term.objects.get(pk=term.pk).published == longer.published


def test_names_a_whole_definition_a_missing_reason_and_other_words_are_refused(term, editor, checker):
    claims = term.published.claims
    with pytest.raises(IllegalMove, match="writing form"):
        cut_sentence(claims.get(place=1), by=checker, reason="Wrong.")
    with pytest.raises(IllegalMove, match="cannot stand without"):
        cut_sentence(claims.get(place=2), by=checker, reason="Wrong.")
    with pytest.raises(IllegalMove, match="Say in a sentence"):
        cut(term, by=checker, reason=" ")
    old = claims.get(sentence__text="Five sizes exist.")
    cut(term, by=checker)
    with pytest.raises(StaleEdition):
        cut_sentence(old, by=checker, reason="Wrong.")
    assert FactCheck.objects.filter(result=Result.CUT).count() == 1


def test_editors_and_schedulers_do_not_cut(term, editor):
    with pytest.raises(PermissionDenied):
        cut(term, by=editor)

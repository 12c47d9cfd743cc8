"""The typo lane: what only mends the spelling keeps its verdict until another person confirms it."""

from datetime import UTC, date, datetime

import pytest

from glossary.domain.claim import ClaimKind, LineState, Verdict
from glossary.domain.errors import IllegalMove, StaleEdition
from glossary.domain.roles import Role
from glossary.models import Claim, Sentence, Term
from glossary.services.claim import confirm_line, settle_line
from glossary.services.fact_check import only_spelling_changed, pass_check, pass_respelling
from glossary.services.term import save_term, submit_term
from tests.factories import check_term, details_of, make_draft, make_term, make_user

pytestmark = pytest.mark.django_db
CHECKED = datetime(2026, 5, 29, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 12, tzinfo=UTC)
BODY = "People can downlaod it. It answers questions. Five sizes exist."
MENDED = BODY.replace("downlaod", "download")


@pytest.fixture
def term(editor, checker):
    return check_term(make_term(by=editor, body=BODY, now=CHECKED), author=editor, checker=checker, now=CHECKED)


def mend(term, body=MENDED, *, by):
    term = Term.objects.get(pk=term.pk)
    term = save_term(term, make_draft(body=body), details=details_of(term), by=by, now=LATER)
    return submit_term(term, by=by, now=LATER)


def states(edition):
    return [line.state for line in Claim.objects.lines(edition.pk)]


def test_a_mended_word_re_opens_nothing_and_goes_out_by_one_key_with_the_old_date(term, editor, checker):
    edition = mend(term, by=editor)
    assert states(edition).count(LineState.RESPELT) == 1
    assert set(states(edition)) == {LineState.RESPELT, LineState.SETTLED}
    check = pass_respelling(edition, by=checker, digest=edition.digest, now=LATER)
    words, standing = Term.objects.get(pk=term.pk).shown()
    assert "download it" in words.body
    assert standing == check and check.stamp_on == date(2026, 5, 29)


def test_the_typist_does_not_confirm_it_and_everybody_else_may(term, editor, checker):
    edition = mend(term, by=editor)
    both = make_user(Role.EDITOR, Role.CHECKER)
    other = mend(term, MENDED.replace("answers", "answres"), by=both)
    with pytest.raises(IllegalMove):
        pass_respelling(other, by=both, digest=other.digest, now=LATER)
    again = mend(term, by=editor)
    assert again.pk == edition.pk
    pass_respelling(again, by=both, digest=again.digest, now=LATER)


def test_a_respelling_launders_no_author():
    """Somebody else's mended letter does not make the writer of a sentence free to check it."""
    writer, other = make_user(Role.EDITOR, Role.CHECKER), make_user(Role.EDITOR)
    term = make_term("Stars", by=writer, body="Nobody counted teh stars.")
    mended = make_draft("Stars", body="Nobody counted the stars.")
    term = save_term(term, mended, details=details_of(term), by=other, now=LATER)
    edition = submit_term(term, by=other, now=LATER)
    claim = edition.claims.get(sentence__text="Nobody counted the stars.")
    assert claim.sentence.respelt_from.text == "Nobody counted teh stars."
    with pytest.raises(IllegalMove, match="your own words"):
        settle_line(claim, by=writer, verdict=Verdict.SUPPORTED, kind=ClaimKind.EXPLANATION)


def test_more_than_spelling_is_checked_as_every_other_change(term, editor, checker):
    edition = mend(term, MENDED.replace("Five", "Six"), by=editor)
    assert not only_spelling_changed(Term.objects.get(pk=term.pk), edition)
    with pytest.raises(IllegalMove, match="More than the spelling"):
        pass_respelling(edition, by=checker, digest=edition.digest, now=LATER)


def test_a_moved_sentence_is_more_than_spelling(term, editor):
    edition = mend(term, "It answers questions. People can download it. Five sizes exist.", by=editor)
    assert not only_spelling_changed(Term.objects.get(pk=term.pk), edition)


def test_the_digest_seen_must_be_the_one_that_passes(term, editor, checker):
    edition = mend(term, by=editor)
    with pytest.raises(StaleEdition):
        pass_respelling(edition, by=checker, digest="0" * 64, now=LATER)
    assert LineState.RESPELT in states(edition)  # nothing was confirmed


def test_confirmed_line_by_line_it_passes_as_a_whole(term, editor, checker):
    edition = mend(term, by=editor)
    line = next(line for line in Claim.objects.lines(edition.pk) if line.state == LineState.RESPELT)
    check = confirm_line(line.claim, by=checker, now=LATER)
    assert check.checked_on == date(2026, 5, 29) and check.rests_on is not None
    passed = pass_check(edition, by=checker, digest=edition.digest, whole_card=True, now=LATER)
    assert passed.stamp_on == date(2026, 5, 29)


def test_going_back_to_the_old_spelling_finds_the_old_check(term, editor, checker):
    edition = mend(term, by=editor)
    pass_respelling(edition, by=checker, digest=edition.digest, now=LATER)
    back = save_term(
        Term.objects.get(pk=term.pk), make_draft(body=BODY), details=details_of(term), by=editor, now=LATER
    )
    assert set(states(back.working)) == {LineState.SETTLED}


def test_what_was_found_wrong_is_not_carried_by_a_new_spelling(term, editor, checker):
    claim = term.published.claims.get(sentence__text="People can downlaod it.")
    settle_line(claim, by=checker, verdict=Verdict.CONTRADICTED, kind=ClaimKind.FACT, note="They cannot.", now=LATER)
    edition = mend(term, by=editor)
    assert LineState.OPEN in states(edition)


def test_origins_lead_to_the_first_spelling(term, editor, checker):
    first = mend(term, MENDED.replace("questions", "qustions"), by=editor)
    hashes = Sentence.objects.origins(term.pk)
    assert first.claims.filter(sentence__hash__in=hashes).exists()
    assert all(origin not in hashes for origin in hashes.values())

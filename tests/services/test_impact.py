"""Which published sentences, terms and decks a doubt touches."""

from datetime import timedelta

import pytest

from glossary.domain.doubt import DoubtKind
from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Role
from glossary.models import Claim, Doubt, Edition, Term
from glossary.services.doubt import doubt_source, settle_doubt
from glossary.services.fact_check import pass_check, pass_respelling
from glossary.services.impact import evidence_behind, impact_of, impacts, resting_on, terms_touched, touches
from glossary.services.term import save_term, submit_term
from tests.factories import details_of, make_deck, make_draft, make_published_term, make_source, make_user, settle_all
from tests.services.test_doubt import LATER, NOW, queued

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(editor, checker):
    """Two published terms that rest on the same source and share a sentence."""
    return [make_published_term(name, author=editor, checker=checker, now=NOW) for name in ("Qwen2", "Token")]


@pytest.fixture
def source(two, checker):
    return make_source(by=checker)


def test_a_mended_spelling_keeps_its_evidence_and_so_its_doubts(editor, checker):
    term = make_published_term("Qwen2", author=editor, checker=checker, now=NOW, body="People downlaod it at home.")
    term = save_term(
        term, make_draft("Qwen2", body="People download it at home."), details=details_of(term), by=editor, now=NOW
    )
    edition = submit_term(term, by=editor, now=NOW)
    pass_respelling(edition, by=checker, digest=edition.digest, now=NOW)
    source = make_source(by=checker)
    mended = Claim.objects.get(edition=edition, sentence__text="People download it at home.").sentence
    assert mended.pk in resting_on(source)
    assert mended.pk in {sentence for _, sentence in evidence_behind(source)}
    doubt = doubt_source(source, DoubtKind.OUTDATED, "Old.", by=checker, now=LATER)
    assert mended.pk in {touch.sentence for touch in touches([doubt.pk])}
    with pytest.raises(IllegalMove, match="own words"):
        settle_doubt(doubt, "It stands.", by=_now_a_checker(editor), now=LATER)


def _now_a_checker(editor):
    other = make_user(Role.CHECKER)
    editor.groups.set(other.groups.all())
    return type(editor).objects.get(pk=editor.pk)


def test_what_was_checked_after_the_doubt_is_not_touched_by_it(source, editor, checker):
    doubt_source(source, DoubtKind.OUTDATED, "A newer report is out.", by=checker, now=LATER)
    make_published_term("Fresh", author=editor, checker=checker, now=LATER + timedelta(hours=1))
    assert set(queued(LATER + timedelta(hours=2))) == {"Qwen2", "Token"}


def test_a_card_that_was_checked_before_the_doubt_and_published_after_it_is_touched(source, editor, checker):
    term = save_term(None, make_draft("Slow"), details=details_of(Term.objects.first()), by=editor, now=NOW)
    edition = submit_term(term, by=editor, now=NOW)
    settle_all(edition, by=checker, source=source, now=NOW)
    doubt_source(source, DoubtKind.OUTDATED, "A newer report is out.", by=checker, now=LATER)
    pass_check(edition, by=checker, digest=edition.digest, whole_card=True, publish=True, now=LATER)
    assert "Slow" in queued()


def test_withdrawn_words_are_not_looked_at_again(source, two, checker):
    doubt_source(source, DoubtKind.OUTDATED, "A newer report is out.", by=checker, now=LATER)
    Term.objects.filter(pk=two[0].pk).update(stage="retired", published=None)
    assert set(queued()) == {"Token"}


def test_terms_and_decks_are_listed(checker):
    deck = make_deck()
    source = make_source(by=checker)
    doubt = doubt_source(source, DoubtKind.OUTDATED, "A newer report is out.", by=checker)
    rows = terms_touched(touch.sentence for touch in touches([doubt.pk]))
    assert len(rows) == 7 and all(len(row.sentences) == 6 for row in rows)
    assert {row.edition_id for row in rows} == set(Edition.objects.values_list("pk", flat=True))
    impact = impacts([doubt.pk])[doubt.pk]
    assert [row.term for row in impact.terms] == [row.term for row in rows] and impact.decks == [deck]
    assert impact_of(touch.sentence for touch in touches([doubt.pk])) == impact


def test_what_touches_what_is_found_by_three_queries(source, two, editor, checker, django_assert_num_queries):
    for n in range(4):
        doubt_source(
            make_source(f"https://example.org/{n}", by=checker, title=f"S{n}"), DoubtKind.OUTDATED, "Old.", by=checker
        )
    doubt_source(source, DoubtKind.OUTDATED, "A newer report is out.", by=checker)
    with django_assert_num_queries(3):
        assert len({touch.term for touch in touches()}) == 2
    doubts = list(Doubt.objects.values_list("pk", flat=True))
    with django_assert_num_queries(5):
        assert len(impacts(doubts)) == 5

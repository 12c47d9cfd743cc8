"""What is kept of words that readers lose."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from glossary.domain.claim import LineState
from glossary.domain.correction import CorrectionKind, Fate, Said
from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.roles import Role
from glossary.models import Claim, Correction, Deck, Edition, Term, TrailEntry
from glossary.services.correction import corrections_of, going_lines
from glossary.services.cut import cut_sentence
from glossary.services.fact_check import pass_check, pass_respelling, withdraw_check
from glossary.services.integrity import check_integrity
from glossary.services.publication import publish_term
from glossary.services.term import save_term, submit_term
from tests.factories import (
    details_of,
    make_deck,
    make_published_term,
    make_user,
    say_of_old_words,
    settle_all,
)

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 29, 12, tzinfo=UTC)
JUNE = datetime(2026, 6, 3, 12, tzinfo=UTC)
JULY = datetime(2026, 7, 3, 12, tzinfo=UTC)


@pytest.fixture
def term(editor, checker):
    return make_published_term("Qwen2", author=editor, checker=checker, now=MAY)


def sent(term, by, *, checker, now=JUNE, **parts):
    """Change the words, send them in, settle every line; return the edition that waits for its pass."""
    term = Term.objects.get(pk=term.pk)
    term = save_term(term, replace(term.draft(), **parts), details=details_of(term), by=by, now=now)
    edition = submit_term(term, by=by, now=now)
    settle_all(edition, by=checker, now=now)
    return edition


def six(term, by, *, checker, now=JUNE):
    body = "It was released in June 2024. Six sizes exist.\n\nPeople can download it."
    return sent(term, by, checker=checker, now=now, body=body)


def give(edition, fate, why="", *, by, now=JUNE):
    said = say_of_old_words(edition, fate, why)
    return pass_check(edition, by=by, digest=edition.digest, whole_card=True, old_words=said, now=now)


def test_words_of_a_published_card_go_only_with_a_word_on_them(term, editor, checker):
    edition = six(term, editor, checker=checker)
    assert [(one.gone.was, one.gone.now) for one in going_lines(Term.objects.get(), edition)] == [
        ("Five sizes exist.", "Six sizes exist.")
    ]
    with pytest.raises(IllegalMove, match="Five sizes exist"), transaction.atomic():
        pass_check(edition, by=checker, digest=edition.digest, whole_card=True, now=JUNE)
    assert "Five" in Term.objects.get().shown()[0].body and not Correction.objects.exists()


@pytest.mark.parametrize(
    ("fate", "why", "kind"),
    [
        (Fate.STILL_TRUE, "", CorrectionKind.MINOR),
        (Fate.COULD_MISLEAD, "", CorrectionKind.CLARIFICATION),
        (Fate.NO_LONGER_TRUE, "", CorrectionKind.UPDATE),
        (Fate.WAS_WRONG, "The report lists six.", CorrectionKind.CORRECTION),
    ],
)
def test_the_word_on_them_is_kept_with_what_was_and_what_is_now(term, editor, checker, fate, why, kind):
    before = term.published
    give(six(term, editor, checker=checker), fate, why, by=checker)
    row = Correction.objects.get()
    assert (row.kind, row.was, row.now, row.why) == (kind, "Five sizes exist.", "Six sizes exist.", why)
    assert (row.on, row.by, row.from_edition, row.to_edition) == (
        date(2026, 6, 3),
        checker,
        before,
        Term.objects.get().published,
    )
    assert Correction.objects.public().exists() == (kind != CorrectionKind.MINOR)
    assert TrailEntry.objects.filter(verb__startswith="published a ").exists() == (kind != CorrectionKind.MINOR)
    assert not list(check_integrity())


def test_a_correction_without_a_reason_is_refused(term, editor, checker):
    edition = six(term, editor, checker=checker)
    with pytest.raises(IllegalMove, match="say why"):
        give(edition, Fate.WAS_WRONG, by=checker)


def test_a_sentence_that_was_wrong_does_not_come_back_unchecked(term, editor, checker):
    first = term.published
    give(six(term, editor, checker=checker), Fate.WAS_WRONG, "Miscounted.", by=checker)
    again = Edition.objects.get(pk=first.pk)
    with pytest.raises(IllegalMove, match="found wrong"):
        publish_term(term, edition=again, by=checker, digest=again.digest, old_words=say_of_old_words(again), now=JULY)
    withdraw_check(Term.objects.get(), by=checker, reason="Both were wrong.", now=JULY)
    assert Term.objects.get().shown() is None


def test_a_sentence_that_is_still_true_may_come_back(term, editor, checker):
    first = term.published
    give(six(term, editor, checker=checker), Fate.STILL_TRUE, by=checker)
    withdraw_check(Term.objects.get(), by=checker, reason="Seven exist.", now=JULY)
    assert Term.objects.get().published == first


def test_an_author_who_finds_the_own_old_words_wrong_is_no_fault(editor):
    ada, bob = make_user(Role.EDITOR, Role.CHECKER, Role.PUBLISHER), make_user(Role.CHECKER, Role.PUBLISHER)
    term = make_published_term("Qwen2", author=ada, checker=bob, now=MAY)
    edition = six(term, editor, checker=bob)
    give(edition, Fate.WAS_WRONG, "Miscounted.", by=ada)
    assert not list(check_integrity())


def test_a_mended_spelling_is_kept_and_not_announced(editor, checker):
    term = make_published_term("Qwen2", author=editor, checker=checker, now=MAY, body="Peple can download it.")
    draft = replace(term.draft(), body="People can download it.")
    term = save_term(term, draft, details=details_of(term), by=editor, now=JUNE)
    edition = submit_term(term, by=editor, now=JUNE)
    pass_respelling(edition, by=checker, digest=edition.digest, now=JUNE)
    row = Correction.objects.get()
    assert (row.kind, row.was, row.now) == (CorrectionKind.MINOR, "Peple can download it.", "People can download it.")
    assert not Correction.objects.public()


def test_a_cut_tells_readers_why(term, checker):
    claim = term.published.claims.get(sentence__text="Five sizes exist.")
    cut_sentence(claim, by=checker, reason="The report lists six.", now=JUNE)
    row = Correction.objects.get()
    assert (row.kind, row.was, row.now, row.why) == ("correction", "Five sizes exist.", "", "The report lists six.")


def test_a_withdrawal_is_a_retraction_and_repeats_none_of_the_words(term, checker):
    withdraw_check(term, by=checker, reason="The numbers were made up.", now=JUNE)
    row = Correction.objects.get()
    assert (row.kind, row.was, row.now, row.why) == ("retraction", "", "", "The numbers were made up.")
    assert row.to_edition is None and row.from_edition.term == term


def test_a_first_edition_takes_nothing_from_anybody(term):
    assert not Correction.objects.exists()


def test_a_dealt_card_is_told_of_what_was_corrected_later_wherever_the_sentence_stood(editor, checker):
    terms = [make_published_term(f"Word {n}", author=editor, checker=checker, now=MAY) for n in range(1, 8)]
    deck = make_deck(date(2026, 5, 30), terms=terms)
    term = Term.objects.get(pk=terms[0].pk)
    frozen = term.published
    between = sent(term, editor, checker=checker, example="A bank sorts its letters with it.")
    give(between, Fate.STILL_TRUE, by=checker)
    body = "It was released in June 2024. Six sizes exist.\n\nPeople can download it."
    give(sent(term, editor, checker=checker, now=JULY, body=body), Fate.WAS_WRONG, "Miscounted.", by=checker, now=JULY)
    withdraw_check(Term.objects.get(pk=terms[1].pk), by=checker, reason="Made up.", now=JULY)
    notes = corrections_of(Deck.objects.with_cards().get(pk=deck.pk))
    assert [(row.was, row.why) for row in notes[frozen.pk]] == [("Five sizes exist.", "Miscounted.")]
    assert [row.kind for row in notes[terms[1].published_id]] == ["retraction"]
    assert set(notes) == {frozen.pk, terms[1].published_id}


def test_what_was_corrected_before_a_deck_was_dealt_is_not_said_of_it(term, editor, checker):
    give(six(term, editor, checker=checker, now=MAY), Fate.NO_LONGER_TRUE, by=checker, now=MAY)
    others = [make_published_term(f"Word {n}", author=editor, checker=checker, now=MAY) for n in range(1, 7)]
    deck = make_deck(date(2026, 5, 30), terms=[Term.objects.get(pk=term.pk), *others])
    assert corrections_of(Deck.objects.with_cards().get(pk=deck.pk)) == {}


def test_a_word_that_cannot_be_shown_is_refused_and_nothing_is_kept(term, editor, checker):
    edition = six(term, editor, checker=checker)
    said = {place: Said(Fate.WAS_WRONG, "x\u202ey") for place in say_of_old_words(edition)}
    with pytest.raises(BadText, match="right-to-left"), transaction.atomic():
        pass_check(edition, by=checker, digest=edition.digest, whole_card=True, old_words=said, now=JUNE)
    assert not Correction.objects.exists()
    assert all(line.state == LineState.SETTLED for line in Claim.objects.lines(Term.objects.get().published_id))


def taken_back(**found):
    row = Correction.objects.for_readers().get(**found)
    assert row.taken_back_at == Correction.objects.get(pk=row.pk).taken_back_at, "asked for, or at hand"
    return row.taken_back_on


def test_new_words_are_taken_back_with_the_edition_that_had_them_last(term, editor, checker):
    give(six(term, editor, checker=checker), Fate.WAS_WRONG, "Miscounted.", by=checker)
    give(sent(term, editor, checker=checker, example="A library sorts with it."), Fate.STILL_TRUE, by=checker)
    assert taken_back(was="Five sizes exist.") is None
    withdraw_check(Term.objects.get(), by=checker, reason="The example is wrong.", now=JULY)
    assert taken_back(was="Five sizes exist.") is None, "the edition before has the same sentence and is back"
    withdraw_check(Term.objects.get(), by=checker, reason="Six is wrong too.", now=JULY + timedelta(days=1))
    assert taken_back(was="Five sizes exist.") == date(2026, 7, 4)


def test_new_words_that_were_reworded_go_with_the_card(term, editor, checker):
    give(six(term, editor, checker=checker), Fate.WAS_WRONG, "Miscounted.", by=checker)
    start = "It was released in June 2024."
    edition = sent(term, editor, checker=checker, body=f"{start} Six sizes exist.\n\nPeople can buy it.")
    give(edition, Fate.NO_LONGER_TRUE, by=checker)
    edition = sent(term, editor, checker=checker, body=f"{start} Six sizes are there.\n\nPeople can rent it.")
    fates = {"Six sizes exist.": Said(Fate.STILL_TRUE), "People can buy it.": Said(Fate.WAS_WRONG, "They cannot.")}
    said = {one.gone.place: fates[one.gone.was] for one in going_lines(Term.objects.get(), edition)}
    pass_check(edition, by=checker, digest=edition.digest, whole_card=True, old_words=said, now=JUNE)
    assert taken_back(now="Six sizes exist.") is None
    withdraw_check(Term.objects.get(), by=checker, reason="Six is wrong too.", now=JULY)
    assert Term.objects.get().published is None
    assert taken_back(now="Six sizes exist.") == date(2026, 7, 3)
    assert taken_back(now="People can buy it.") is None, "readers are told of these words in a line of their own"


def told_beside(deck, edition):
    return [row.kind for row in corrections_of(Deck.objects.with_cards().get(pk=deck.pk)).get(edition.pk, [])]


def test_a_dealt_card_is_told_that_what_came_after_it_was_taken_back(term, editor, checker):
    others = [make_published_term(f"Word {n}", author=editor, checker=checker, now=MAY) for n in range(6)]
    deck = make_deck(date(2026, 5, 30), terms=[term, *others])
    give(six(term, editor, checker=checker), Fate.WAS_WRONG, "Miscounted.", by=checker)
    assert told_beside(deck, term.published) == ["correction"]
    withdraw_check(Term.objects.get(pk=term.pk), by=checker, reason="Six is wrong too.", now=JULY)
    assert told_beside(deck, term.published) == ["correction", "retraction"]
    assert not any(told_beside(deck, other.published) for other in others)


@pytest.mark.parametrize("steps", [1, 2])
def test_a_dealt_card_whose_words_or_their_rewording_readers_get_back_is_told_of_no_retraction(
    term, editor, checker, steps
):
    others = [make_published_term(f"Word {n}", author=editor, checker=checker, now=MAY) for n in range(6)]
    deck = make_deck(date(2026, 5, 30), terms=[term, *others])
    for step in range(steps):
        edition = sent(term, editor, checker=checker, example=f"Shop {step} sorts with it.", now=JUNE)
        give(edition, Fate.STILL_TRUE, by=checker, now=JUNE + timedelta(days=step))
    withdraw_check(Term.objects.get(pk=term.pk), by=checker, reason="The example is wrong.", now=JULY)
    assert Term.objects.get(pk=term.pk).stage == "published"
    assert told_beside(deck, term.published) == []

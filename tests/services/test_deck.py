"""Choosing, locking and publishing decks."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from glossary.domain.deck import DeckState
from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Role
from glossary.models import Card, Deck, Term
from glossary.services.composition import compose_deck
from glossary.services.deck import NeedsReason, create_deck, move_deck, pin_card, set_cards, swap_card
from glossary.services.fact_check import withdraw_check
from glossary.services.gate import publish_due
from glossary.services.term import TermDetails, save_term
from tests.factories import check_term, details_of, make_deck, make_published_term, make_user

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 1)
BEFORE = datetime(2026, 5, 20, 12, tzinfo=UTC)
EARLY = datetime(2026, 6, 1, 0, 5, tzinfo=UTC)
MORNING = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)


def words(n, author, checker):
    return make_published_term(f"Word {n}", author=author, checker=checker, tag=f"Topic {n}", now=BEFORE)


@pytest.fixture
def stock():
    author, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    return [words(n, author, checker) for n in range(9)]


@pytest.fixture
def scheduler():
    return make_user(Role.SCHEDULER)


def test_an_eighth_card_a_card_twice_and_an_unpublished_one_are_refused(stock, scheduler):
    deck = create_deck(DAY, by=scheduler, now=EARLY)
    for terms, message in ((stock[:8], "eighth"), ([stock[0]] * 2, "once")):
        with pytest.raises(IllegalMove, match=message):
            set_cards(deck, terms, by=scheduler, version=deck.version, now=EARLY)
    withdraw_check(stock[0], by=make_user(Role.PUBLISHER), reason="Wrong.", now=EARLY)
    with pytest.raises(IllegalMove, match="readers do not see it"):
        set_cards(deck, stock[:1], by=scheduler, version=deck.version, now=EARLY)
    assert not Card.objects.exists()


def test_a_term_whose_check_falls_due_is_barred(stock, scheduler):
    Term.objects.filter(pk=stock[0].pk).update(due_on=DAY + timedelta(days=7))
    deck = create_deck(DAY, by=scheduler, now=EARLY)
    with pytest.raises(IllegalMove, match="within 7 days"):
        set_cards(deck, stock[:1], by=scheduler, version=deck.version, now=EARLY)
    compose_deck(deck, by=scheduler, version=deck.version, now=EARLY)
    assert stock[0] not in [card.term for card in deck.cards.all()]


def test_filling_leaves_chosen_cards_where_they_are(stock, scheduler):
    deck = create_deck(DAY, by=scheduler, now=EARLY)
    deck = set_cards(deck, [stock[8], stock[3]], by=scheduler, version=deck.version, now=EARLY)
    compose_deck(deck, by=scheduler, version=deck.version, keep=True, now=EARLY)
    terms = [card.term for card in deck.cards.all()]
    assert terms[:2] == [stock[8], stock[3]] and len(set(terms)) == 7


def test_the_second_of_two_schedulers_is_refused(stock, scheduler):
    deck = create_deck(DAY, by=scheduler, now=EARLY)
    opened = deck.version
    set_cards(deck, stock[:2], by=scheduler, version=opened, now=EARLY)
    with pytest.raises(IllegalMove, match="Somebody else"):
        set_cards(deck, stock[2:4], by=scheduler, version=opened, now=EARLY)


def test_six_cards_are_never_made_ready_and_past_days_never_get_a_deck(stock, scheduler):
    deck = create_deck(DAY, by=scheduler, now=EARLY)
    deck = set_cards(deck, stock[:6], by=scheduler, version=deck.version, now=EARLY)
    with pytest.raises(IllegalMove, match="6 of 7"):
        move_deck(deck, DeckState.READY, by=scheduler, version=deck.version, now=EARLY)
    with pytest.raises(IllegalMove, match="past"):
        create_deck(DAY - timedelta(days=1), by=scheduler, now=EARLY)
    with pytest.raises(IllegalMove, match="already"):
        create_deck(DAY, by=scheduler, now=EARLY)


def test_a_locked_card_keeps_its_words_and_date_through_later_edits(stock):
    deck = make_deck(DAY, state=DeckState.LOCKED, terms=stock[:7])
    card = deck.cards.first()
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER)
    term = save_term(
        card.term, replace(card.term.draft(), example="A bank uses it."), details=TermDetails(), by=editor, now=EARLY
    )
    check_term(term, author=editor, checker=checker, now=EARLY)
    publish_due(now=MORNING)
    frozen = deck.cards.first()
    assert (frozen.edition_id, frozen.checked_on) == (card.edition_id, BEFORE.date())
    assert Term.objects.get(pk=term.pk).published_id != frozen.edition_id


def test_a_deck_is_published_once_and_not_before_its_moment(stock):
    deck = make_deck(DAY, state=DeckState.LOCKED, terms=stock[:7])
    assert publish_due(now=MORNING - timedelta(seconds=1)).published is None
    assert publish_due(now=MORNING, dry_run=True).published == deck
    assert not Deck.objects.published().exists()
    assert publish_due(now=MORNING).published == deck
    assert publish_due(now=MORNING).published is None
    assert deck.trail.filter(verb="published").count() == 1


def test_a_ready_deck_is_locked_and_published_by_the_clock(stock):
    make_deck(DAY, state=DeckState.READY, terms=stock[:7])
    assert publish_due(now=MORNING).published.cards.filter(checked_on=BEFORE.date()).count() == 7


def test_a_day_that_passed_unpublished_is_missed(stock):
    deck = make_deck(DAY, state=DeckState.LOCKED, terms=stock[:7])
    assert publish_due(now=MORNING + timedelta(days=1)).missed == 1
    deck.refresh_from_db()
    assert deck.state == DeckState.MISSED


def test_only_schedulers_compose():
    with pytest.raises(PermissionDenied):
        create_deck(DAY, by=make_user(Role.EDITOR), now=EARLY)


def test_cards_that_spoiled_are_removed_one_by_one_and_never_made_ready(stock, scheduler):
    deck = create_deck(DAY, by=scheduler, now=EARLY)
    deck = set_cards(deck, stock[:7], by=scheduler, version=deck.version, now=EARLY)
    for term in stock[:2]:
        withdraw_check(term, by=make_user(Role.PUBLISHER), reason="Wrong.", now=EARLY)
    with pytest.raises(IllegalMove, match="Word 0"):
        move_deck(deck, DeckState.READY, by=scheduler, version=deck.version, now=EARLY)
    for first in (1, 2):
        deck = set_cards(deck, stock[first:7], by=scheduler, version=deck.version, now=EARLY)
    assert deck.cards.count() == 5


def test_filling_a_full_deck_is_refused_and_leaves_it_ready(stock, scheduler):
    deck = make_deck(DAY, state=DeckState.READY, terms=stock[:7])
    with pytest.raises(IllegalMove, match="places are taken"):
        compose_deck(deck, by=scheduler, version=deck.version, keep=True, now=EARLY)
    deck.refresh_from_db()
    assert deck.state == DeckState.READY


def test_a_missed_deck_has_its_trail_entry_once(stock):
    deck = make_deck(DAY, state=DeckState.LOCKED, terms=stock[:7])
    for _ in range(2):
        publish_due(now=MORNING + timedelta(days=1))
    assert deck.trail.filter(verb="marked as missed").count() == 1


def test_unlocking_lets_the_words_and_dates_go(stock, scheduler):
    deck = make_deck(DAY, state=DeckState.LOCKED, terms=stock[:7])
    deck = move_deck(deck, DeckState.DRAFT, by=scheduler, version=deck.version, now=EARLY)
    assert not deck.cards.filter(edition__isnull=False).exists()


def test_a_term_dealt_yesterday_needs_a_reason_though_it_is_planned_far_ahead(scheduler):
    author, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    stock = [
        make_published_term(f"Word {n}", author=author, checker=checker, tag=f"Topic {n}", now=BEFORE)
        for n in range(14)
    ]
    for days in (-1, 40):
        other = create_deck(DAY + timedelta(days=days), by=scheduler, now=EARLY - timedelta(days=2))
        set_cards(other, stock[:1], by=scheduler, version=other.version, now=EARLY)
    deck = create_deck(DAY, by=scheduler, now=EARLY)
    with pytest.raises(NeedsReason, match="give a reason"):
        set_cards(deck, stock[:1], by=scheduler, version=deck.version, now=EARLY)
    set_cards(deck, stock[:1], by=scheduler, version=deck.version, reason="Asked for.", now=EARLY)
    assert deck.cards.get().override == "Asked for."
    assert deck.trail.filter(reason__contains="Asked for.").count() == 1


def test_a_third_card_of_a_topic_needs_a_reason_that_stays_with_it(stock, scheduler):
    topic = stock[0].topic
    Term.objects.filter(pk__in=[term.pk for term in stock[:3]]).update(topic=topic)
    deck = create_deck(DAY, by=scheduler, now=EARLY)
    deck = set_cards(deck, stock[:2], by=scheduler, version=deck.version, now=EARLY)
    with pytest.raises(NeedsReason, match="3 cards of Topic 0"):
        set_cards(deck, stock[:3], by=scheduler, version=deck.version, now=EARLY)
    deck = set_cards(deck, stock[:3], by=scheduler, version=deck.version, reason="Theme of the day.", now=EARLY)
    assert [card.override for card in deck.cards.all()] == ["", "", "Theme of the day."]
    deck = set_cards(deck, stock[:3][::-1], by=scheduler, version=deck.version, now=EARLY)
    assert deck.cards.get(term=stock[2]).override == "Theme of the day."


def test_what_is_to_be_read_first_stays_first(stock, scheduler):
    stock[1].prerequisites.add(stock[0])
    deck = create_deck(DAY, by=scheduler, now=EARLY)
    deck = set_cards(deck, stock[:2], by=scheduler, version=deck.version, now=EARLY)
    with pytest.raises(IllegalMove, match="“Word 1” stands before “Word 0”, which is to be read first"):
        set_cards(deck, stock[:2][::-1], by=scheduler, version=deck.version, reason="I want it.", now=EARLY)


def test_two_of_a_family_never_stand_in_one_deck_and_neither_returns_too_soon(scheduler):
    author, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    stock = [
        make_published_term(f"Word {n}", author=author, checker=checker, tag=f"Topic {n}", now=BEFORE)
        for n in range(28)
    ]
    Term.objects.filter(pk=stock[0].pk).update(successor=stock[1])
    deck = create_deck(DAY, by=scheduler, now=EARLY)
    with pytest.raises(IllegalMove, match="one family"):
        set_cards(deck, stock[:2], by=scheduler, version=deck.version, reason="Both.", now=EARLY)
    set_cards(deck, stock[:1], by=scheduler, version=deck.version, now=EARLY)
    later = create_deck(DAY + timedelta(days=2), by=scheduler, now=EARLY)
    with pytest.raises(NeedsReason, match="dealt on June 1, 2026"):
        set_cards(later, stock[1:2], by=scheduler, version=later.version, now=EARLY)


def test_a_pinned_card_stays_at_its_place_when_the_day_is_composed_again(stock, scheduler):
    deck = create_deck(DAY, by=scheduler, now=EARLY)
    compose_deck(deck, by=scheduler, version=deck.version, now=EARLY)
    deck.refresh_from_db()
    card = deck.cards.get(position=3)
    deck = pin_card(deck, card.term, pinned=True, by=scheduler, version=deck.version, now=EARLY)
    Term.objects.filter(pk=card.term_id).update(priority=0)
    Term.objects.exclude(pk=card.term_id).update(priority=100)
    compose_deck(deck, by=scheduler, version=deck.version, now=EARLY)
    kept = deck.cards.get(position=3)
    assert (kept.term, kept.pinned) == (card.term, True)
    assert deck.cards.count() == 7


def test_a_swap_puts_one_in_the_place_of_another(stock, scheduler):
    deck = create_deck(DAY, by=scheduler, now=EARLY)
    deck = set_cards(deck, stock[:3], by=scheduler, version=deck.version, now=EARLY)
    deck = swap_card(deck, stock[1], stock[5], by=scheduler, version=deck.version, now=EARLY)
    assert [card.term for card in deck.cards.all()] == [stock[0], stock[5], stock[2]]
    with pytest.raises(IllegalMove, match="does not stand in this deck"):
        swap_card(deck, stock[1], stock[6], by=scheduler, version=deck.version, now=EARLY)


def test_a_term_that_was_succeeded_is_not_dealt(stock, scheduler):
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    term = save_term(
        stock[0], stock[0].draft(), details=replace(details_of(stock[0]), successor=stock[1]), by=editor, now=EARLY
    )
    check_term(term, author=editor, checker=checker, now=EARLY)
    deck = create_deck(DAY, by=scheduler, now=EARLY)
    with pytest.raises(IllegalMove, match="has succeeded it"):
        set_cards(deck, stock[:1], by=scheduler, version=deck.version, now=EARLY)
    done = compose_deck(deck, by=scheduler, version=deck.version, now=EARLY)
    assert stock[0].pk not in [card.term for card in done.cards]


def test_no_deck_is_made_on_a_day_of_the_week_without_one(settings, scheduler):
    settings.DECK_DAYS = frozenset({1, 2, 3, 4})
    with pytest.raises(IllegalMove, match="Monday"):
        create_deck(DAY, by=scheduler, now=EARLY)

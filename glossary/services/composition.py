"""Composing decks: what the composer may choose from, and writing what it chose with its reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from glossary.domain.composition import Composition, NoDeck, compose
from glossary.domain.deck import DECK_SIZE, has_deck
from glossary.domain.errors import IllegalMove
from glossary.domain.hand import Swap, rank_swaps
from glossary.domain.roles import Action
from glossary.domain.stock import StockCard
from glossary.models import Card, Deck, Term
from glossary.services.clock import moment
from glossary.services.deck import claim_deck, create_deck, write_cards
from glossary.services.roles import require
from glossary.services.stock import Stock, load_stock
from glossary.services.trail import record


def composition_of(deck: Deck, *, stock: Stock | None = None, relax: bool = False, keep: bool = False) -> Composition:
    """Return the best cards for a deck around those that are pinned, or with `keep` around all that stand in it.

    Nothing is written. Raises NoDeck where the rules leave no seven.
    """
    stock = stock or load_stock(deck.day, deck=deck)
    standing = list(deck.cards.select_related("term"))
    pins, fixed = [], {}
    for card in standing:
        if card.pinned or keep:
            held = stock.card(card.term_id)
            if held is None:
                raise IllegalMove(f"“{card.term}” (card {card.position}) cannot be dealt any more. Remove it first.")
            pins.append(held)
            fixed[card.term_id] = card.position - 1
    return compose(stock.cards, day=deck.day, rules=stock.rules, pins=pins, fixed=fixed, bans=stock.bans, relax=relax)


@transaction.atomic
def compose_deck(
    deck: Deck,
    *,
    by: User,
    version: int,
    keep: bool = False,
    relax: bool = False,
    now: datetime | None = None,
) -> Composition:
    """Give the deck the best seven cards, with the reasons; pinned ones stay at their places.

    With `keep` all cards that stand in it stay. Raises NoDeck where the rules leave no seven: with `relax` the
    smallest relaxation is used, and noted on the cards.
    """
    require(by, Action.COMPOSE)
    deck = claim_deck(deck, version)
    before = {card.term_id: card for card in deck.cards.all()}
    if keep and len(before) == DECK_SIZE:
        raise IllegalMove(f"All {DECK_SIZE} places are taken. Remove a card first, or compose the day anew.")
    done = composition_of(deck, relax=relax, keep=keep)
    terms = Term.objects.in_bulk([card.term for card in done.cards])
    write_cards(
        deck,
        [
            replace_card(before.get(card.term), term=terms[card.term], reason=_noted(done, card.term))
            for card in done.cards
        ],
    )
    told = f"{', '.join(card.headword for card in done.cards)}{f' ({done.relaxed})' if done.relaxed else ''}"
    record(by, "composed", str(deck), now=moment(now), deck=deck, reason=told)
    return done


def replace_card(before: Card | None, *, term: Term, reason: str) -> Card:
    """Return a card for `term`; one that stood in the deck keeps its pin and why a rule was broken for it."""
    kept = before is not None and (before.pinned or bool(before.override))
    return Card(
        term=term,
        reason=before.reason if before and kept else reason,
        pinned=before.pinned if before else False,
        override=before.override if before else "",
    )


def swaps_for(deck: Deck, place: int, *, stock: Stock | None = None) -> list[Swap]:
    """Return what can take the place (1 to 7) of a card without breaking a rule anew, best first."""
    stock = stock or load_stock(deck.day, deck=deck)
    hand = [stock.card(card.term_id) for card in deck.cards.all()]
    known: Sequence[StockCard] = [card for card in hand if card is not None]
    if len(known) != len(hand) or not 1 <= place <= len(hand):
        return []
    return rank_swaps(known, place - 1, stock.cards, day=deck.day, rules=stock.rules, bans=stock.bans)


def _noted(done: Composition, term: int) -> str:
    """Return why a card was chosen, and what was relaxed for its day."""
    reason = done.reasons[term]
    return f"{reason} For this day: {done.relaxed}." if done.relaxed else reason


@dataclass(frozen=True)
class ComposedDay:
    """What composing a day came to: the cards, or why there are none and what would help."""

    day: date
    composition: Composition | None = None
    refused: str = ""
    relaxed: str = ""  # the smallest relaxation that gives a deck, where one does


def compose_days(
    days: Sequence[date], *, by: User, relax: bool = False, now: datetime | None = None
) -> list[ComposedDay]:
    """Compose the decks of these days, each in a transaction of its own, making those that are missing.

    Cards that stand in an unfinished deck stay. A full deck, one that is locked or published, and days without a deck
    by DECK_DAYS are left as they are.
    """
    require(by, Action.COMPOSE)
    done = []
    for day in sorted(days):
        deck = Deck.objects.filter(day=day).first()
        full = deck is not None and (not deck.is_editable or deck.cards.count() >= DECK_SIZE)
        if full or not has_deck(day, settings.DECK_DAYS):
            continue
        try:
            with transaction.atomic():
                deck = deck or create_deck(day, by=by, now=now)
                made = compose_deck(deck, by=by, version=deck.version, keep=True, relax=relax, now=now)
            done.append(ComposedDay(day, made))
        except NoDeck as none:
            done.append(ComposedDay(day, refused=str(none), relaxed=none.relaxed))
        except IllegalMove as refusal:
            if Card.objects.filter(deck__day=day).count() < DECK_SIZE:  # else somebody else was quicker
                done.append(ComposedDay(day, refused=str(refusal)))
    return done


def preview(day: date, *, relax: bool = False) -> ComposedDay:
    """Return what composing a day without a deck would come to; nothing is written."""
    stock = load_stock(day)
    try:
        return ComposedDay(day, compose(stock.cards, day=day, rules=stock.rules, bans=stock.bans, relax=relax))
    except NoDeck as none:
        return ComposedDay(day, refused=str(none), relaxed=none.relaxed)

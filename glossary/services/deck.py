"""Decks: choosing seven by hand, and freezing them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Count, F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from taggit.models import Tag

from glossary.domain.deck import DECK_SIZE, MAX_TITLE, DeckState, barred_because, check_move, check_seven, has_deck
from glossary.domain.errors import IllegalMove
from glossary.domain.hand import Broken, broken_rules
from glossary.domain.names import clean_line
from glossary.domain.roles import Action
from glossary.models import Card, Deck, Edition, Term
from glossary.services.clock import moment, today
from glossary.services.roles import require
from glossary.services.stock import load_stock
from glossary.services.trail import record

CHANGED = "Somebody else changed this deck in the meantime. Look at it as it stands now, then try again."


@transaction.atomic
def create_deck(day: date, *, by: User, title: str = "", now: datetime | None = None) -> Deck:
    """Return a new, empty deck for `day`; raises IllegalMove for a past day or one that has a deck."""
    require(by, Action.COMPOSE)
    if day < today(now):
        raise IllegalMove(f"{_written(day)} is past. A deck is made for today or a later day.")
    if not has_deck(day, settings.DECK_DAYS):
        raise IllegalMove(f"No deck is published on a {day:%A}. Choose another day; DECK_DAYS says which have one.")
    title = clean_line(title, limit=MAX_TITLE, what="The title")
    try:
        with transaction.atomic():
            deck = Deck.objects.create(day=day, title=title)
    except IntegrityError as error:
        raise IllegalMove(f"{_written(day)} has a deck already. Open that one.") from error
    record(by, "made", str(deck), now=moment(now), deck=deck)
    return deck


class NeedsReason(IllegalMove):
    """A soft rule would be broken by hand, and nobody said why."""


@transaction.atomic
def set_cards(
    deck: Deck, terms: Sequence[Term], *, by: User, version: int, reason: str = "", now: datetime | None = None
) -> Deck:
    """Give the deck these cards in this order; a ready deck becomes a draft again.

    `reason` says why a soft rule is broken by it: it stays with the new cards and in the trail. Raises NeedsReason
    where one is needed, IllegalMove for an eighth card, a term twice, one that may not be dealt, an order that puts a
    term before what is to be read first, and for a deck that somebody else changed.
    """
    require(by, Action.COMPOSE)
    deck = claim_deck(deck, version)
    if len(terms) > DECK_SIZE:
        raise IllegalMove(f"A deck has exactly {DECK_SIZE} cards; an eighth does not fit. Remove one first.")
    if len({term.pk for term in terms}) != len(terms):
        raise IllegalMove("A term stands in a deck once. Choose another for the second place.")
    reason = clean_line(reason, limit=300, what="The reason")
    before = {card.term_id: card for card in deck.cards.select_related("term")}
    broken = _newly_broken(deck, terms, before)
    if broken and not reason:
        raise NeedsReason(f"{broken[0].says} Choose another, or give a reason.")
    concerned = {term for rule in broken for term in rule.terms}
    fresh = {term.pk for term in terms} - set(before)
    told = concerned & fresh or concerned or fresh
    cards = []
    for term in terms:
        old = before.get(term.pk)
        card = Card(term=term, reason=old.reason if old else "Chosen by hand.", pinned=bool(old and old.pinned))
        card.override = reason if broken and term.pk in told else old.override if old else ""
        cards.append(card)
    write_cards(deck, cards)
    chosen = ", ".join(str(term) for term in terms)
    why = f"{chosen} — {broken[0].says} {reason}" if broken else chosen
    record(by, "chose cards for", str(deck), now=moment(now), deck=deck, reason=why)
    deck.refresh_from_db()
    return deck


def write_cards(deck: Deck, cards: Sequence[Card]) -> None:
    """Put these cards into the deck in this order, in place of those that stood there; it is a draft again.

    The caller has claimed the deck and writes the trail.
    """
    deck.cards.all().delete()
    for place, card in enumerate(cards, start=1):
        card.deck, card.position, card.reason = deck, place, card.reason[:300]
    Card.objects.bulk_create(cards)
    Deck.objects.filter(pk=deck.pk).update(state=DeckState.DRAFT)


@transaction.atomic
def swap_card(
    deck: Deck, old: Term, new: Term, *, by: User, version: int, reason: str = "", now: datetime | None = None
) -> Deck:
    """Put `new` in the place of `old`; raises as `set_cards` does."""
    terms = [card.term for card in deck.cards.select_related("term")]
    if old not in terms:
        raise IllegalMove(f"“{old}” does not stand in this deck any more. Look at it as it stands now.")
    swapped = [new if term == old else term for term in terms]
    return set_cards(deck, swapped, by=by, version=version, reason=reason, now=now)


@transaction.atomic
def pin_card(deck: Deck, term: Term, *, pinned: bool, by: User, version: int, now: datetime | None = None) -> Deck:
    """Keep a card where it is when the day is composed again, or let it go; the deck's state stays as it is."""
    require(by, Action.COMPOSE)
    deck = claim_deck(deck, version)
    if not deck.cards.filter(term=term).update(pinned=pinned):
        raise IllegalMove(f"“{term}” does not stand in this deck any more. Look at it as it stands now.")
    record(by, "pinned in" if pinned else "unpinned in", str(deck), now=moment(now), deck=deck, reason=str(term))
    return deck


@transaction.atomic
def name_deck(
    deck: Deck, title: str, *, by: User, version: int, theme: Tag | None = None, now: datetime | None = None
) -> Deck:
    """Give the deck a title and a theme: a topic of which it may have more; raises IllegalMove once it is locked."""
    require(by, Action.COMPOSE)
    deck = claim_deck(deck, version)
    deck.title = clean_line(title, limit=MAX_TITLE, what="The title")
    deck.theme = theme
    deck.save(update_fields=["title", "theme"])
    told = f"{deck.title} (theme: {theme})" if theme else deck.title
    record(by, "named", str(deck), now=moment(now), deck=deck, reason=told)
    return deck


@transaction.atomic
def move_deck(deck: Deck, to: DeckState, *, by: User, version: int, now: datetime | None = None) -> Deck:
    """Move the deck to another state; locking freezes the words and dates of exactly seven cards.

    Publishing is no move of a person: `publish_due` does it on the deck's day.
    """
    require(by, Action.COMPOSE)
    if to in {DeckState.PUBLISHED, DeckState.MISSED}:
        raise IllegalMove("Decks are published by the clock, on their day.")
    deck = Deck.objects.select_for_update().get(pk=deck.pk)
    check_move(DeckState(deck.state), to, day=deck.day, today=today(now))
    if to != DeckState.DRAFT:
        check_seven(list(deck.cards.all()))
        for card in deck.cards.select_related("term__published"):
            freezable(card, day=deck.day)
    advance(deck, to, version=version, now=moment(now))
    record(by, f"set to {to.value}:", str(deck), now=moment(now), deck=deck)
    deck.refresh_from_db()
    return deck


def _newly_broken(deck: Deck, terms: Sequence[Term], before: Mapping[int, Card]) -> list[Broken]:
    """Return the soft rules that these cards break and those before them did not; raises IllegalMove for a hard one.

    A card that spoiled where it stood, its check due or withdrawn, stays until it is removed: locking refuses it.
    """
    stock = load_stock(deck.day, deck=deck, named=[term.pk for term in terms])
    known = {card.term: card for card in stock.cards}
    for term in Term.objects.filter(pk__in=[t.pk for t in terms if t.pk not in known and t.pk not in before]):
        raise IllegalMove(f"“{term}” cannot be dealt on {_written(deck.day)}: {_why_barred(term, deck.day)}.")

    def broken(keys: Iterable[int]) -> list[Broken]:
        hand = [known[key] for key in keys if key in known]
        full = len(hand) == DECK_SIZE
        return broken_rules(hand, day=deck.day, rules=stock.rules, bans=stock.bans, full=full)

    had = {(one.rule, term) for one in broken(before) for term in one.terms or (0,)}
    new = [
        one
        for one in broken(term.pk for term in terms)
        if any((one.rule, term) not in had for term in one.terms or (0,))
    ]
    for one in new:
        if not one.soft:
            raise IllegalMove(f"{one.says} Choose another, or change the order.")
    return new


def _why_barred(term: Term, day: date) -> str:
    if term.due_on is None:
        return "readers do not see it"
    if why := barred_because(term.due_on, day=day):
        return why
    return f"“{term.successor}” has succeeded it" if term.successor else "readers do not see it"


def claim_deck(deck: Deck, version: int) -> Deck:
    """Take the deck for a change of its cards: one conditional UPDATE, so that two people never both succeed."""
    taken = Deck.objects.editable().filter(pk=deck.pk, version=version).update(version=F("version") + 1)
    fresh = Deck.objects.get(pk=deck.pk)
    if not taken:
        raise IllegalMove(CHANGED if fresh.is_editable else f"A {fresh.state} deck cannot be changed. Unlock it first.")
    return fresh


def freezable(card: Card, *, day: date) -> tuple[Edition, date]:
    """Return the edition and date to freeze for a card; raises IllegalMove if its term is not fit for the day."""
    term = card.term
    check = term.published.check_standing() if term.published else None
    if check is None or term.published is None or term.due_on is None or check.stamp_on is None:
        raise IllegalMove(f"“{term}” (card {card.position}) has no words that readers may see. Choose another card.")
    if why := barred_because(term.due_on, day=day):
        raise IllegalMove(f"“{term}” (card {card.position}) cannot be dealt: {why}. Choose another card.")
    return term.published, check.stamp_on


def advance(deck: Deck, to: DeckState, *, version: int, now: datetime) -> None:
    """Change the state by one conditional UPDATE; for locking its WHERE also counts the seven cards."""
    count = Card.objects.filter(deck=OuterRef("pk")).order_by().values("deck").annotate(n=Count("pk")).values("n")
    rows = Deck.objects.filter(pk=deck.pk, version=version, state=deck.state)
    if to == DeckState.LOCKED:
        rows = rows.annotate(n=Coalesce(Subquery(count), Value(0))).filter(n=DECK_SIZE)
    if not rows.update(state=to, version=F("version") + 1, locked_at=now if to == DeckState.LOCKED else None):
        raise IllegalMove(CHANGED)
    if to == DeckState.DRAFT:
        deck.cards.update(edition=None, checked_on=None)
    if to == DeckState.LOCKED:
        for card in deck.cards.select_related("term__published"):
            card.edition, card.checked_on = freezable(card, day=deck.day)
            card.save(update_fields=["edition", "checked_on"])


def _written(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"

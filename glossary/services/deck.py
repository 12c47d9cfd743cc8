"""Decks: choosing seven, freezing them, publishing them once on their day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from glossary.domain.deck import (
    DECK_SIZE,
    MAX_TITLE,
    Candidate,
    DeckState,
    barred_because,
    check_move,
    check_seven,
    effective_gap,
    fill,
    publishing_moment,
    within_gap,
)
from glossary.domain.errors import IllegalMove
from glossary.domain.names import clean_line
from glossary.domain.roles import Action
from glossary.models import Card, Deck, Edition, Term
from glossary.services.clock import moment, today
from glossary.services.roles import require
from glossary.services.trail import record

CHANGED = "Somebody else changed this deck in the meantime. Look at it as it stands now, then try again."


@dataclass(frozen=True)
class PublishOutcome:
    """What a look at today's deck came to."""

    published: Deck | None = None
    refused: str = ""
    missed: int = 0
    due: bool = False


@transaction.atomic
def create_deck(day: date, *, by: User, title: str = "", now: datetime | None = None) -> Deck:
    """Return a new, empty deck for `day`; raises IllegalMove for a past day or one that has a deck."""
    require(by, Action.COMPOSE)
    if day < today(now):
        raise IllegalMove(f"{_written(day)} is past. A deck is made for today or a later day.")
    title = clean_line(title, limit=MAX_TITLE, what="The title")
    try:
        with transaction.atomic():
            deck = Deck.objects.create(day=day, title=title)
    except IntegrityError as error:
        raise IllegalMove(f"{_written(day)} has a deck already. Open that one.") from error
    record(by, "made", str(deck), now=moment(now), deck=deck)
    return deck


@transaction.atomic
def set_cards(
    deck: Deck,
    terms: Sequence[Term],
    *,
    by: User,
    version: int,
    reasons: Mapping[int, str] | None = None,
    now: datetime | None = None,
) -> Deck:
    """Give the deck these cards in this order; a ready deck becomes a draft again.

    `reasons` by term key are needed for a term dealt within the gap. Raises IllegalMove for an eighth card, a term
    twice, one that is not published or whose check will not stay good, and for a deck that somebody else changed.
    """
    require(by, Action.COMPOSE)
    deck = _claim(deck, version)
    if len(terms) > DECK_SIZE:
        raise IllegalMove(f"A deck has exactly {DECK_SIZE} cards; an eighth does not fit. Remove one first.")
    if len({term.pk for term in terms}) != len(terms):
        raise IllegalMove("A term stands in a deck once. Choose another for the second place.")
    kept = dict(deck.cards.values_list("term_id", "reason"))
    given = {**kept, **{key: clean_line(text, limit=300, what="The reason") for key, text in (reasons or {}).items()}}
    _check_fit(deck, terms, given, known=set(kept))
    deck.cards.all().delete()
    Card.objects.bulk_create(
        Card(deck=deck, position=place, term=term, reason=given.get(term.pk, ""))
        for place, term in enumerate(terms, start=1)
    )
    Deck.objects.filter(pk=deck.pk).update(state=DeckState.DRAFT)
    record(by, "chose cards for", str(deck), now=moment(now), deck=deck, reason=", ".join(str(t) for t in terms))
    deck.refresh_from_db()
    return deck


@transaction.atomic
def fill_deck(deck: Deck, *, by: User, version: int, now: datetime | None = None) -> Deck:
    """Fill the free places with the terms longest not dealt; cards that stand are not moved."""
    require(by, Action.COMPOSE)
    standing = [card.term for card in deck.cards.select_related("term")]
    taken = {term.pk for term in standing}
    places = DECK_SIZE - len(standing)
    if places == 0:
        raise IllegalMove(f"All {DECK_SIZE} places are taken. Remove a card first.")
    chosen = fill(candidates(deck), day=deck.day, places=places, taken=taken)
    if len(chosen) < places:
        raise IllegalMove(
            f"Only {len(chosen)} of {places} free places can be filled: the other terms were dealt too recently, or "
            "their checks fall due too soon. Check or publish more terms, or choose by hand and give a reason."
        )
    terms = Term.objects.in_bulk([candidate.term for candidate in chosen])
    return set_cards(deck, [*standing, *(terms[c.term] for c in chosen)], by=by, version=version, now=now)


@transaction.atomic
def name_deck(deck: Deck, title: str, *, by: User, version: int, now: datetime | None = None) -> Deck:
    """Give the deck a title; raises IllegalMove once it is locked."""
    require(by, Action.COMPOSE)
    deck = _claim(deck, version)
    deck.title = clean_line(title, limit=MAX_TITLE, what="The title")
    deck.save(update_fields=["title"])
    record(by, "named", str(deck), now=moment(now), deck=deck, reason=deck.title)
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
            _freezable(card, day=deck.day)
    _advance(deck, to, version=version, now=moment(now))
    record(by, f"set to {to.value}:", str(deck), now=moment(now), deck=deck)
    deck.refresh_from_db()
    return deck


def candidates(deck: Deck) -> list[Candidate]:
    """Return the published terms as the dealer sees them, the longest not dealt first."""
    dealt = Card.objects.dealt_nearest(deck.day, besides=deck.pk)
    rows = Term.objects.dealable(day=deck.day).values_list("pk", "published__words_json__headword", "due_on")
    found = [Candidate(pk, headword, due, dealt.get(pk)) for pk, headword, due in rows if due]
    return sorted(found, key=lambda c: (c.dealt_on or date.min, c.headword.casefold(), c.term))


@transaction.atomic
def publish_due(*, now: datetime | None = None, dry_run: bool = False) -> PublishOutcome:
    """Publish today's deck if its moment has come; safe to call at any time and in many places at once."""
    present, day = moment(now), today(now)
    late = Deck.objects.filter(day__lt=day).exclude(state__in=[DeckState.PUBLISHED, DeckState.MISSED])
    missed = late.count() if dry_run else _mark_missed(late, now=present)
    if present < publishing_moment(day, settings.PUBLISH_AT, settings.EDITORIAL_TIME_ZONE):
        return PublishOutcome(missed=missed)
    deck = Deck.objects.select_for_update().filter(day=day).first()
    if deck is None or deck.state == DeckState.PUBLISHED:
        return PublishOutcome(missed=missed, due=deck is None, refused="" if deck else "There is no deck for today.")
    if deck.state not in {DeckState.READY, DeckState.LOCKED}:
        return PublishOutcome(missed=missed, due=True, refused=f"{deck} is a {deck.state}: nobody made it ready.")
    try:
        with transaction.atomic():
            if deck.state == DeckState.READY:
                check_seven(list(deck.cards.all()))
                _advance(deck, DeckState.LOCKED, version=deck.version, now=present)
            _renew_withdrawn_cards(deck)
            if dry_run:
                transaction.set_rollback(True)
                return PublishOutcome(published=deck, missed=missed, due=True)
            done = Deck.objects.filter(pk=deck.pk, state=DeckState.LOCKED).update(
                state=DeckState.PUBLISHED, published_at=present, version=F("version") + 1
            )
            if not done:
                return PublishOutcome(missed=missed)
            record(None, "published", str(deck), now=present, deck=deck)
    except IllegalMove as error:
        return PublishOutcome(missed=missed, due=True, refused=f"{deck} was not published: {error}")
    deck.refresh_from_db()
    return PublishOutcome(published=deck, missed=missed, due=True)


def _mark_missed(late: QuerySet[Deck], *, now: datetime) -> int:
    """Mark each deck as missed, once, with its trail entry; return how many this call marked."""
    marked = 0
    for deck in late.order_by("day"):
        if late.filter(pk=deck.pk).update(state=DeckState.MISSED, version=F("version") + 1):
            record(None, "marked as missed", str(deck), now=now, deck=deck)
            marked += 1
    return marked


def _claim(deck: Deck, version: int) -> Deck:
    """Take the deck for a change of its cards: one conditional UPDATE, so that two people never both succeed."""
    taken = Deck.objects.editable().filter(pk=deck.pk, version=version).update(version=F("version") + 1)
    fresh = Deck.objects.get(pk=deck.pk)
    if not taken:
        raise IllegalMove(CHANGED if fresh.is_editable else f"A {fresh.state} deck cannot be changed. Unlock it first.")
    return fresh


def _check_fit(deck: Deck, terms: Sequence[Term], reasons: Mapping[int, str], *, known: set[int]) -> None:
    dealable = Term.objects.dealable(day=deck.day)
    dealt = Card.objects.dealt_nearest(deck.day, besides=deck.pk)
    gap = effective_gap(dealable.count())
    good = set(dealable.filter(pk__in=[term.pk for term in terms]).values_list("pk", flat=True))
    for term in Term.objects.filter(pk__in=[term.pk for term in terms]):
        if term.pk not in good and term.pk not in known:  # one that spoiled stays until removed; Ready refuses it
            why = barred_because(term.due_on, day=deck.day) if term.due_on else "readers do not see it"
            raise IllegalMove(f"“{term}” cannot be dealt on {_written(deck.day)}: {why}.")
        last = dealt.get(term.pk)
        if term.pk not in known and within_gap(last, day=deck.day, gap=gap) and not reasons.get(term.pk):
            raise IllegalMove(
                f"“{term}” stands in the deck of {_written(last or deck.day)}; cards return after {gap} days. "
                "Choose another, or give a reason."
            )


def _freezable(card: Card, *, day: date) -> tuple[Edition, date]:
    """Return the edition and date to freeze for a card; raises IllegalMove if its term is not fit for the day."""
    term = card.term
    check = term.published.check_standing() if term.published else None
    if check is None or term.published is None or term.due_on is None or check.stamp_on is None:
        raise IllegalMove(f"“{term}” (card {card.position}) has no words that readers may see. Choose another card.")
    if why := barred_because(term.due_on, day=day):
        raise IllegalMove(f"“{term}” (card {card.position}) cannot be dealt: {why}. Choose another card.")
    return term.published, check.stamp_on


def _advance(deck: Deck, to: DeckState, *, version: int, now: datetime) -> None:
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
            card.edition, card.checked_on = _freezable(card, day=deck.day)
            card.save(update_fields=["edition", "checked_on"])


def _renew_withdrawn_cards(deck: Deck) -> None:
    """Give a card whose frozen words no longer stand its term's own new words, or refuse to publish."""
    for card in deck.cards.select_related("term__published", "edition").prefetch_related("edition__fact_checks"):
        if card.edition is None or card.edition.check_standing() is None or card.term.stage != "published":
            card.edition, card.checked_on = _freezable(card, day=deck.day)
            card.save(update_fields=["edition", "checked_on"])
        elif card.term.due_on and (why := barred_because(card.term.due_on, day=deck.day)):
            raise IllegalMove(f"“{card.term}” (card {card.position}) cannot be dealt: {why}.")


def _written(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"

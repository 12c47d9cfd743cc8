"""The gate before publication: decks are looked at again, reserves step in, and each day's deck goes out once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from glossary.domain.claim import LineState
from glossary.domain.composition import Composition, compose
from glossary.domain.deck import GATES, LATE, DeckState, barred_because, check_seven, has_deck, publishing_moment
from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Action
from glossary.models import Card, Claim, Deck, JobRun, NoticeKind, Term
from glossary.services.brief import make_brief
from glossary.services.clock import moment, today
from glossary.services.deck import advance, freezable
from glossary.services.notice import tell_those_who_may
from glossary.services.stock import Stock, load_stock
from glossary.services.trail import record


@dataclass(frozen=True)
class PublishOutcome:
    """What a look at today's deck came to."""

    published: Deck | None = None
    refused: str = ""
    missed: int = 0
    due: bool = False


def pass_gates(*, now: datetime | None = None, dry_run: bool = False) -> list[str]:
    """Look again at the decks whose publication is 12 hours, or one hour, away; return what was done or is wrong.

    Each gate of a day is passed once, by whoever claims it first. A card that may not go out is replaced by a reserve;
    where that cannot be, or no deck is ready, schedulers are told once.
    """
    present = moment(now)
    told: list[str] = []
    for day in (today(now), today(now) + timedelta(days=1)):
        if not has_deck(day, settings.DECK_DAYS):
            continue
        due = publishing_moment(day, settings.PUBLISH_AT, settings.EDITORIAL_TIME_ZONE)
        for gate, before in GATES.items():
            if due - before <= present < due:
                with transaction.atomic():
                    if _claim_job(gate, day, now=present):
                        told += _look_at(day, now=present)
                    if dry_run:
                        transaction.set_rollback(True)
    return told


@transaction.atomic
def publish_due(*, now: datetime | None = None, dry_run: bool = False) -> PublishOutcome:
    """Publish today's deck if its moment has come; safe to call at any time and in many places at once."""
    present, day = moment(now), today(now)
    late = Deck.objects.filter(day__lt=day).exclude(state__in=[DeckState.PUBLISHED, DeckState.MISSED])
    missed = late.count() if dry_run else _mark_missed(late, now=present)
    due = publishing_moment(day, settings.PUBLISH_AT, settings.EDITORIAL_TIME_ZONE)
    if present < due:
        return PublishOutcome(missed=missed)
    deck = Deck.objects.select_for_update().filter(day=day).first()
    if deck is not None and deck.state == DeckState.PUBLISHED:
        return PublishOutcome(missed=missed)
    published, refused = None, ""
    if deck is None:
        refused = f"There is no deck for {_written(day)}." if has_deck(day, settings.DECK_DAYS) else ""
    elif deck.state not in {DeckState.READY, DeckState.LOCKED}:
        refused = f"{deck} is a {deck.state}: nobody made it ready."
    else:
        published, refused = _publish(deck, now=present, dry_run=dry_run)
    if refused and not dry_run:
        still = present >= due + LATE
        if _claim_job("still not published" if still else "not published", day, now=present):
            _alarm(deck, refused, now=present)
    return PublishOutcome(
        published=published, refused=refused, missed=missed, due=published is not None or bool(refused)
    )


def _publish(deck: Deck, *, now: datetime, dry_run: bool) -> tuple[Deck | None, str]:
    """Mend and publish a deck; return it, or why it cannot go out. A dry run takes everything back."""
    try:
        with transaction.atomic():
            mend_deck(deck, now=now)
            if deck.state == DeckState.READY:
                check_seven(list(deck.cards.all()))
                advance(deck, DeckState.LOCKED, version=deck.version, now=now)
            done = Deck.objects.filter(pk=deck.pk, state=DeckState.LOCKED).update(
                state=DeckState.PUBLISHED, published_at=now, version=F("version") + 1
            )
            if not done:
                return None, ""
            record(None, "published", str(deck), now=now, deck=deck)
            make_brief(deck, now=now)
            if dry_run:
                transaction.set_rollback(True)
    except IllegalMove as error:
        return None, f"{deck} was not published: {error}"
    if not dry_run:
        deck.refresh_from_db()
    return deck, ""


def mend_deck(deck: Deck, *, now: datetime) -> list[str]:
    """Replace the cards of a ready or locked deck that may not go out; return what was done.

    A term that was corrected after locking swaps to its own new words. Any other is replaced by the composer's next
    candidate, the good cards standing where they are. Raises IllegalMove where that leaves no seven. The caller holds
    the deck's lock.
    """
    cards = list(deck.cards.select_related("term__published", "edition").prefetch_related("edition__fact_checks"))
    check_seven(cards)
    stock = load_stock(deck.day, deck=deck)
    told, bad = [], []
    for card in cards:
        why = _spoiled(card, deck, stock)
        if not why:
            continue
        if card.edition_id is not None and stock.card(card.term_id) and card.term.published_id != card.edition_id:
            card.edition, card.checked_on = freezable(card, day=deck.day)
            card.save(update_fields=["edition", "checked_on"])
            told.append(f"“{card.term}” goes out in its new words, as of the old ones {why}.")
        else:
            bad.append((card, why))
    if bad:
        told += _put_reserves(deck, cards, bad, stock)
    if told:
        Deck.objects.filter(pk=deck.pk).update(version=F("version") + 1)
        deck.refresh_from_db()
        for says in told:
            record(None, "mended", str(deck), now=now, deck=deck, reason=says)
        _tell_schedulers(NoticeKind.RESERVE, deck, " ".join(told), now=now)
    return told


def _put_reserves(deck: Deck, cards: Sequence[Card], bad: Sequence[tuple[Card, str]], stock: Stock) -> list[str]:
    """Put the composer's next candidates into the places of bad cards; return what was done."""
    out = {card.term_id for card, _ in bad}
    pins = [held for card in cards if card.term_id not in out and (held := stock.card(card.term_id))]
    fixed = {card.term_id: card.position - 1 for card in cards if card.term_id not in out}
    bans = stock.bans | dict.fromkeys(out, "It was taken out of this deck.")
    done: Composition = compose(
        stock.cards, day=deck.day, rules=stock.rules, pins=pins, fixed=fixed, bans=bans, relax=True
    )
    terms = Term.objects.select_related("published").in_bulk([card.term for card in done.cards])
    places = {card.position: (card, why) for card, why in bad}
    Card.objects.filter(pk__in=[card.pk for card, _ in bad]).delete()
    told = []
    for place, chosen in enumerate(done.cards, start=1):
        if place not in places:
            continue
        old, why = places[place]
        term = terms[chosen.term]
        note = f" For this day: {done.relaxed}." if done.relaxed else ""
        reserve = Card(deck=deck, position=place, term=term)
        reserve.reason = f"Reserve for “{old.term}”: {why}. {done.reasons[chosen.term]}{note}"[:300]
        if deck.state == DeckState.LOCKED:
            reserve.edition, reserve.checked_on = freezable(reserve, day=deck.day)
        reserve.save()
        told.append(f"“{term}” stepped in for “{old.term}” (card {place}): {why}.")
    return told


def _spoiled(card: Card, deck: Deck, stock: Stock) -> str:
    """Return why a card may not go out as it stands; empty if it may."""
    term, edition = card.term, card.edition
    if term.published is None or term.due_on is None:
        return "readers do not see it any more"
    if edition is not None:
        if edition.check_standing() is None:
            return "its words were withdrawn"
        if any(line.state == LineState.STOPPED for line in Claim.objects.lines(edition.pk)):
            return "a line of its words was found wrong"
    if why := barred_because(term.due_on, day=deck.day):
        return why
    if stock.card(term.pk) is None:
        return f"“{term.successor}” has succeeded it" if term.successor else "it may not be dealt any more"
    return ""


def _look_at(day: date, *, now: datetime) -> list[str]:
    """Look again at the deck of a day; tell schedulers where it needs them."""
    deck = Deck.objects.select_for_update().filter(day=day).first()
    wrong = ""
    if deck is None:
        wrong = f"There is no deck for {_written(day)}. Compose one, and set it ready."
    elif deck.state == DeckState.DRAFT:
        wrong = f"{deck} is a draft. Set it ready, or nothing goes out."
    elif deck.state in {DeckState.READY, DeckState.LOCKED}:
        try:
            with transaction.atomic():
                return mend_deck(deck, now=now)
        except IllegalMove as error:
            wrong = f"{deck} cannot go out as it stands: {error}"
    if wrong:
        _alarm(deck, wrong, now=now)
    return [wrong] if wrong else []


def _alarm(deck: Deck | None, says: str, *, now: datetime) -> None:
    record(None, "raised an alarm for", str(deck or "the decks"), now=now, deck=deck, reason=says)
    _tell_schedulers(NoticeKind.DECK, deck, says, now=now)


def _tell_schedulers(kind: NoticeKind, deck: Deck | None, says: str, *, now: datetime) -> None:
    path = deck.get_desk_url() if deck else Deck.get_list_url()
    tell_those_who_may(Action.COMPOSE, kind, deck=deck, path=path, now=now, text=says)


def _claim_job(job: str, day: date, *, now: datetime) -> bool:
    """Return whether this call is the one that does the job of the day; the claim falls with its transaction."""
    if JobRun.objects.filter(job=job, day=day).exists():
        return False
    try:
        with transaction.atomic():
            JobRun.objects.create(job=job, day=day, at=now)
    except IntegrityError:
        return False
    return True


def _mark_missed(late: QuerySet[Deck], *, now: datetime) -> int:
    """Mark each deck as missed, once, with its trail entry; return how many this call marked."""
    marked = 0
    for deck in late.order_by("day"):
        if late.filter(pk=deck.pk).update(state=DeckState.MISSED, version=F("version") + 1):
            record(None, "marked as missed", str(deck), now=now, deck=deck)
            marked += 1
    return marked


def _written(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"

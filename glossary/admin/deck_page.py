"""What the page of one deck shows: its seven places, what could take them, what it breaks, and the gates ahead."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from taggit.models import Tag

from glossary.admin.calendar import Pip, pip_of
from glossary.desk import line_number, member
from glossary.domain.composition import near_misses
from glossary.domain.deck import DECK_SIZE, GATES, MOVES, DeckState, barred_because, publishing_moment
from glossary.domain.hand import Broken, Swap, broken_rules
from glossary.domain.roles import Action
from glossary.domain.stock import StockCard, points
from glossary.models import Card, Deck, JobRun
from glossary.services.clock import today
from glossary.services.composition import swaps_for
from glossary.services.notice import preference_of
from glossary.services.roles import may
from glossary.services.stock import Stock, load_stock

SHOWN_CANDIDATES = 12
KEYED = 3  # candidates that a key takes


@dataclass
class Row:
    """One place of the deck as the page draws it."""

    card: Card
    pip: Pip
    checked: date | None
    dealt: date | None
    changed: bool
    staleness: int
    priority: int
    read_first: str
    spoiled: str

    @property
    def points(self) -> int:
        """What the card is worth, without a pair."""
        return self.staleness + self.priority


@dataclass
class Offer:
    """A term that could be added or swapped in, what it brings, and the rule that it would break."""

    card: StockCard
    pip: Pip
    points: int
    effect: str = ""
    gain: int = 0
    refused: str = ""
    key: str = ""


def deck_context(request: HttpRequest, deck: Deck) -> dict[str, Any]:
    """Return what the page of a deck shows to whoever asks; what could take a place only where it may be changed."""
    cards = list(
        deck.cards.select_related("term__topic", "term__published", "term__vendor")
        .prefetch_related("term__published__fact_checks", "term__prerequisites")
        .order_by("position")
    )
    open_now = deck.is_editable and may(request.user, Action.COMPOSE)
    search = request.GET.get("q", "")[:100]
    place = line_number(request.GET.get("swap", "")) if open_now else 0
    stock = load_stock(deck.day, deck=deck, search=search) if open_now else None
    hand = [held for card in cards if stock and (held := stock.card(card.term_id))]
    out = next((card for card in cards if card.position == place), None)
    state = DeckState(deck.state)
    return {
        "deck": deck,
        "rows": _rows(cards, deck, stock),
        "number": len(cards),
        "free": range(len(cards) + 1, DECK_SIZE + 1),
        "out": out,
        "offers": _offers(deck, stock, hand, out, search) if stock else [],
        "broken": _broken(deck, stock, hand) if stock else [],
        "misses": _misses(deck, stock, hand, cards) if stock and not out else [],
        "q": search,
        "current": line_number(request.GET.get("card", "")) or place,
        "open_now": open_now,
        "keys_on": preference_of(member(request)).keys,
        "may_compose": may(request.user, Action.COMPOSE),
        "moves": {move.value for move in MOVES[state]},
        "full": len(cards) == DECK_SIZE,
        "publish_at": settings.PUBLISH_AT,
        "blocked": _blocked(len(cards), past=deck.day < today()),
        "reason": request.POST.get("reason", ""),
        "name": request.POST.get("title", deck.title),
        "topics": Tag.objects.order_by("name") if open_now else [],
        "gates": _gates(deck),
        "gap": stock.rules.gap if stock else None,
        **_neighbours(deck.day),
    }


def _rows(cards: list[Card], deck: Deck, stock: Stock | None) -> list[Row]:
    """Return each place with its dates, frozen or standing, its points, and what is to be read first."""
    place = {card.term_id: card.position for card in cards}
    earlier = Card.objects.filter(term__in=place, deck__day__lt=deck.day, edition__isnull=False)
    last: dict[int, tuple[date, int | None]] = {
        term: (day, edition)
        for term, day, edition in earlier.order_by("deck__day").values_list("term", "deck__day", "edition")
    }
    rows = []
    for card in cards:
        term = card.term
        check = term.published.check_standing() if term.published else None
        held = stock.card(term.pk) if stock else None
        worth = points(held, deck.day) if held else 0
        first = [f"{one} (card {place[one.pk]})" if one.pk in place else str(one) for one in term.prerequisites.all()]
        day, edition = last.get(term.pk, (None, None))
        spoiled = ""
        if stock and held is None:
            spoiled = barred_because(term.due_on, day=deck.day) if term.due_on else "readers do not see it"
        rows.append(
            Row(
                card=card,
                pip=pip_of(term.topic),
                checked=card.checked_on or (check.stamp_on if check else None),
                dealt=day,
                changed=day is not None and edition != (card.edition_id or term.published_id),
                staleness=worth - 4 * term.priority if held else 0,
                priority=4 * term.priority,
                read_first=", ".join(first),
                spoiled=spoiled or ("it may not be dealt any more" if stock and held is None else ""),
            )
        )
    return rows


def _offers(deck: Deck, stock: Stock, hand: list[StockCard], out: Card | None, search: str) -> list[Offer]:
    """Return what can take the place of `out`, or a free place: what keeps the rules first, then what breaks one."""
    there = {card.term for card in hand}
    pips = {topic.name: pip_of(topic) for topic in Tag.objects.all()}

    def offer(card: StockCard, **more: Any) -> Offer:
        pip = pips.get(card.topic, pip_of(None)) if card.topic else pip_of(None)
        return Offer(card, pip, points(card, deck.day), **more)

    wanted = [card for card in stock.cards if card.term not in there and search.casefold() in card.headword.casefold()]
    if out is not None and any(card.term == out.term_id for card in hand):
        swaps: list[Swap] = swaps_for(deck, out.position, stock=stock)
        good = [swap for swap in swaps if search.casefold() in swap.card.headword.casefold()][:SHOWN_CANDIDATES]
        offers = [offer(swap.card, effect=swap.effect, gain=swap.gain) for swap in good]
        rest = [card for card in hand if card.term != out.term_id]
    else:
        rest, offers = hand, []
    kept = {one.card.term for one in offers}
    for card in sorted(wanted, key=lambda card: (-points(card, deck.day), card.headword)):
        if card.term in kept or (out is None and len(hand) >= DECK_SIZE):
            continue
        broken = _added(rest, card, deck, stock)
        if out is None and not broken:
            offers.append(offer(card))
        elif broken and (search or len(offers) < SHOWN_CANDIDATES + KEYED):
            offers.append(offer(card, refused=broken[0].says))
        if len(offers) >= SHOWN_CANDIDATES + KEYED:
            break
    offers.sort(key=lambda one: bool(one.refused))
    for number, one in enumerate(offers[:KEYED], start=1):
        one.key = str(number) if not one.refused else ""
    return offers


def _added(rest: list[StockCard], card: StockCard, deck: Deck, stock: Stock) -> list[Broken]:
    """Return the rules that these cards would break anew with one more."""
    before = {one.rule for one in broken_rules(rest, day=deck.day, rules=stock.rules, bans=stock.bans, full=False)}
    after = broken_rules([*rest, card], day=deck.day, rules=stock.rules, bans=stock.bans, full=False)
    return [one for one in after if one.rule not in before or card.term in one.terms]


def _broken(deck: Deck, stock: Stock, hand: list[StockCard]) -> list[str]:
    """Return what this deck breaks as it stands, and the nearest misses for a full one."""
    full = len(hand) == DECK_SIZE
    return [one.says for one in broken_rules(hand, day=deck.day, rules=stock.rules, bans=stock.bans, full=full)]


def _misses(deck: Deck, stock: Stock, hand: list[StockCard], cards: list[Card]) -> list[tuple[Pip, str, str]]:
    """Return the terms with the most points that a full deck does not have, each with what keeps it out."""
    if len(hand) < DECK_SIZE:
        return []
    pinned = frozenset(card.term_id for card in cards if card.pinned)
    pips = {topic.name: pip_of(topic) for topic in Tag.objects.all()}
    missed = near_misses(stock.cards, hand, deck.day, stock.rules, pinned, stock.bans)
    return [(pips.get(one.card.topic or "", pip_of(None)), one.card.headword, one.says) for one in missed]


def _gates(deck: Deck) -> list[dict[str, Any]]:
    """Return the gates before publication, each with its moment and whether it was passed."""
    due = publishing_moment(deck.day, settings.PUBLISH_AT, settings.EDITORIAL_TIME_ZONE)
    runs = dict(JobRun.objects.filter(day=deck.day, job__in=GATES).values_list("job", "at"))
    gates: list[dict[str, Any]] = [
        {"name": name, "at": due - before, "done": runs.get(name)} for name, before in GATES.items()
    ]
    return [*gates, {"name": "Publication", "at": due, "done": deck.published_at}]


def _neighbours(day: date) -> dict[str, Deck | None]:
    """Return the decks before and after a day."""
    near = Deck.objects.filter(day__range=(day - timedelta(days=31), day + timedelta(days=31))).order_by("day")
    decks = list(near)
    before, after = [deck for deck in decks if deck.day < day], [deck for deck in decks if deck.day > day]
    return {"before": before[-1] if before else None, "after": after[0] if after else None}


def _blocked(number: int, *, past: bool) -> str:
    """Return why a deck of so many cards cannot go on; empty if it can."""
    if past:
        return "This day is past."
    return f"Choose {DECK_SIZE - number} more to go on." if number < DECK_SIZE else ""

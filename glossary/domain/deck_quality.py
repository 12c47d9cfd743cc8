"""How good the decks of a time were: what was shown, how often, how mixed, and how often a person knew better."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log2
from statistics import median

from glossary.domain.term import Level


@dataclass(frozen=True)
class Dealt:
    """A card of a published deck, as far as its quality goes."""

    day: date
    position: int
    term: int
    topic: str
    level: str
    vendor: str
    override: bool


@dataclass(frozen=True)
class DeckQuality:
    """The measures of some weeks of decks. Shares lie between 0 and 1; entropy is in bits."""

    decks: int
    cards: int
    stock: int  # terms that may be dealt now
    coverage: float  # share of the stock that was shown at all
    shortest_gap: int | None  # days between two appearances of a term
    median_gap: float | None
    entropy: float  # of topics within a deck, on average; at most log₂ 7 = 2.81
    divergence: float  # of the topics shown from those of the stock: Kullback–Leibler, 0 for the same shares
    easy: float
    hard: float
    vendor: str  # of which most cards were shown
    vendor_share: float
    out_of_order: int  # cards before one that is to be read first
    gini: float  # of how often each term of the stock was shown: 0 for all alike
    overrides: float
    topics: tuple[tuple[str, int, float], ...]  # name, cards shown, share of the stock


def quality_of(
    dealt: Sequence[Dealt], *, stock: Mapping[int, str], prerequisites: Mapping[int, frozenset[int]]
) -> DeckQuality:
    """Return the measures; `stock` says by term its topic ("" for none), of all that may be dealt now."""
    decks: dict[date, list[Dealt]] = defaultdict(list)
    days: dict[int, list[date]] = defaultdict(list)
    for card in sorted(dealt, key=lambda card: (card.day, card.position)):
        decks[card.day].append(card)
        days[card.term].append(card.day)
    gaps = [(b - a).days for each in days.values() for a, b in zip(each, each[1:], strict=False)]
    number = len(dealt) or 1
    shown = Counter(card.topic for card in dealt)
    had = Counter(stock.values())
    vendors = Counter(card.vendor for card in dealt if card.vendor)
    vendor, most = max(vendors.items(), key=lambda one: (one[1], one[0]), default=("", 0))
    return DeckQuality(
        decks=len(decks),
        cards=len(dealt),
        stock=len(stock),
        coverage=len(set(days) & set(stock)) / len(stock) if stock else 0.0,
        shortest_gap=min(gaps, default=None),
        median_gap=median(gaps) if gaps else None,
        entropy=_mean(entropy(Counter(card.topic for card in cards).values()) for cards in decks.values()),
        divergence=divergence(shown, had),
        easy=sum(card.level == Level.EASY for card in dealt) / number,
        hard=sum(card.level == Level.HARD for card in dealt) / number,
        vendor=vendor,
        vendor_share=most / number,
        out_of_order=sum(_early(cards, prerequisites) for cards in decks.values()),
        gini=gini([len(days.get(term, [])) for term in stock]),
        overrides=sum(card.override for card in dealt) / number,
        topics=tuple((name, shown[name], had[name] / len(stock)) for name in sorted(had)),
    )


def entropy(counts: Iterable[int]) -> float:
    """Return the Shannon entropy of some counts, in bits: −Σ p · log₂ p (Shannon 1948)."""
    known = [count for count in counts if count]
    total = sum(known)
    return -sum(count / total * log2(count / total) for count in known) + 0.0 if total else 0.0


def divergence(shown: Mapping[str, int], stock: Mapping[str, int]) -> float:
    """Return the Kullback–Leibler divergence Σ p · log₂(p ÷ q) of what was shown (p) from the stock (q), in bits.

    Topics that the stock has no more are left out: they have no share to compare with.
    """
    common = {name: count for name, count in shown.items() if count and stock.get(name)}
    total, whole = sum(common.values()), sum(stock[name] for name in common)
    if not total:
        return 0.0
    return sum(count / total * log2(count * whole / (total * stock[name])) for name, count in common.items())


def gini(values: Sequence[int]) -> float:
    """Return the Gini coefficient: Σ (2i − n − 1) · xᵢ ÷ (n · Σ x) over the values in order, i from 1 (Gini 1912)."""
    ordered, total = sorted(values), sum(values)
    if not total:
        return 0.0
    count = len(ordered)
    return sum((2 * place - count - 1) * value for place, value in enumerate(ordered, start=1)) / (count * total)


def _early(cards: Sequence[Dealt], prerequisites: Mapping[int, frozenset[int]]) -> int:
    place = {card.term: card.position for card in cards}
    needs = {card.term: prerequisites.get(card.term, frozenset()) for card in cards}
    return sum(any(place.get(first, 0) > card.position for first in needs[card.term]) for card in cards)


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return sum(known) / len(known) if known else 0.0

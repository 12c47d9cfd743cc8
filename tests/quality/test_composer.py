"""How fast the composer is, and how it does over a year: `pytest -m quality`."""

import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from statistics import median

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from glossary.domain.compose import best_seven
from glossary.domain.composition import compose
from glossary.domain.deck import DECK_SIZE, effective_gap
from glossary.domain.digest import DIGEST_VERSION
from glossary.domain.hand import Rule, broken_rules, rules_for
from glossary.domain.stock import Rules, eligible, total
from glossary.domain.term import Level
from glossary.models import Edition, Party, Term
from glossary.services.stock import load_stock
from tests.domain.stock import DAY, random_stock
from tests.factories import make_published_term, make_tag

pytestmark = pytest.mark.quality
YEAR = 365


def seconds(act, times=5):
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return median(taken)


def test_a_deck_from_two_thousand_terms_takes_at_most_fifty_milliseconds():
    stocks = [random_stock(2_000, seed, dealt=False) for seed in range(5)]
    taken = [seconds(lambda stock=stock: compose(stock, day=DAY, rules=rules_for(2_000))) for stock in stocks]
    print(f"\ncompose, 2,000 eligible terms: median {median(taken) * 1000:.1f} ms, worst {max(taken) * 1000:.1f} ms")
    assert median(taken) <= 0.050


def make_many(number, first):
    """Make published terms past the services, with the words of `first`: a hundred thousand checks would take hours."""
    topics = [make_tag(f"Topic {n}") for n in range(12)]
    vendors = [None, None, None, *[Party.objects.get_or_create(name=f"Maker {n}")[0] for n in range(6)]]
    levels = list(Level)
    start = Term.objects.count()
    Term.objects.bulk_create(
        [
            Term(
                slug=f"many-{start + n}",
                headword=f"Many {start + n}",
                stage="draft",
                topic=topics[n * 7 % 12],
                level=levels[n % 3],
                vendor=vendors[n * 5 % 9],
                priority=n * 13 % 101,
                sort_key=f"many {start + n}",
                letter="M",
                due_on=DAY + timedelta(days=400),
            )
            for n in range(number)
        ],
        batch_size=5_000,
    )
    fresh = list(Term.objects.filter(published__isnull=True, slug__startswith="many-"))
    editions = Edition.objects.bulk_create(
        [
            Edition(
                term=term,
                number=1,
                digest=f"{term.pk:064d}",
                digest_version=DIGEST_VERSION,
                words_json={**first.published.words_json, "headword": term.headword},
                made_at=first.published.made_at,
            )
            for term in fresh
        ],
        batch_size=5_000,
    )
    for term, edition in zip(fresh, editions, strict=True):
        term.published, term.stage = edition, "published"
    Term.objects.bulk_update(fresh, ["published", "stage"], batch_size=2_000)


@pytest.mark.django_db
def test_composing_stays_flat_up_to_a_hundred_thousand_terms():
    told, asked = {}, {}
    there, first = 0, make_published_term("Pattern")
    for size in (1_000, 10_000, 100_000):
        make_many(size - there, first)
        there = size
        with CaptureQueriesContext(connection) as queries:
            load_stock(DAY)
        asked[size] = len(queries)

        def whole():
            stock = load_stock(DAY)
            compose(stock.cards, day=DAY, rules=stock.rules, bans=stock.bans)

        loaded = seconds(lambda: load_stock(DAY), times=3)
        told[size] = (seconds(whole, times=3), loaded)
    for size, (all_of_it, loading) in told.items():
        solving = (all_of_it - loading) * 1000
        print(f"\n{size:>7,} terms: {all_of_it * 1000:.0f} ms in all, {solving:.0f} ms after the query", end="")
    print(f"; queries: {asked}")
    assert told[100_000][0] <= 1.0
    assert len(set(asked.values())) == 1


def greedy(cards, rules):
    """Deal as most people would: the best card that still fits, easy ones first while they are needed."""
    hand = []
    for one in sorted(cards, key=lambda card: (card.level != Level.EASY, -total([card], DAY), card.term))[:]:
        if sum(card.level == Level.EASY for card in hand) >= rules.easy:
            break
        if one.level == Level.EASY and not broken_rules([*hand, one], day=DAY, rules=rules, full=False):
            hand.append(one)
    for one in sorted(cards, key=lambda card: (-total([card], DAY), card.term)):
        if len(hand) == DECK_SIZE:
            break
        if one not in hand and not broken_rules([*hand, one], day=DAY, rules=rules, full=False):
            hand.append(one)
    return hand if len(hand) == DECK_SIZE else None


@pytest.mark.parametrize("size", [63, 200, 400])
def test_a_year_of_decks(size):
    stock = [replace(card, dealt_on=None) for card in random_stock(size, size, dealt=False)]
    rules = Rules(gap=effective_gap(size))
    dealt, broken, relaxed, short, losses = {}, 0, Counter(), 0, []
    family_days: dict[int, object] = {}
    for n in range(YEAR):
        day = DAY + timedelta(days=n)
        now = [
            replace(card, dealt_on=family_days.get(card.family) if card.family is not None else dealt.get(card.term))
            for card in stock
        ]
        done = compose(now, day=day, rules=rules, relax=True)
        if done.relaxed:
            relaxed[done.relaxed] += 1
        broken += len(broken_rules(done.cards, day=day, rules=done.rules))
        broken += sum(one.rule == Rule.ORDER for one in broken_rules(done.cards, day=day, rules=done.rules))
        free = eligible(now, day=day, gap=done.rules.gap)
        best = best_seven(free, day=day, rules=done.rules)
        plain = greedy(free, done.rules)
        if plain is None:
            short += 1
        else:
            losses.append(1 - total(plain, day) / total(best, day))
        for card in done.cards:
            dealt[card.term] = day
            if card.family is not None:
                family_days[card.family] = day
    print(
        f"\n{size} terms, gap {rules.gap}: {YEAR} days dealt, {broken} rules broken, "
        f"{sum(relaxed.values())} days relaxed ({len(relaxed)} ways); greedy finds none on {short} days and loses "
        f"{100 * sum(losses) / max(1, len(losses)):.2f} % on average, {100 * max(losses, default=0):.2f} % at most"
    )
    assert broken == 0

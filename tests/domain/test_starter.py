"""Reading starter cards, and the starter glossary itself."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from glossary.domain.claim import ClaimKind, Verdict, check_verdict, lines_of
from glossary.domain.composition import compose
from glossary.domain.errors import BadText
from glossary.domain.fact_sign import stated_fact
from glossary.domain.hand import rules_for
from glossary.domain.markup import blocks_of
from glossary.domain.names import slug_for, squeezed_key
from glossary.domain.starter import parse_starter
from glossary.domain.stock import StockCard
from glossary.domain.term import Level, check_complete
from glossary.domain.volatility import Volatility, due_on
from glossary.domain.wording.findings import Context, findings
from glossary.domain.wording.time_words import time_word

FOLDER = Path(__file__).resolve().parents[2] / "glossary" / "starter"
CARDS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.md"))}
READ = {name: parse_starter(text) for name, text in CARDS.items()}
NAMES = frozenset(
    name for card in READ.values() for name in (card.draft.headword, *(alias.text for alias in card.draft.aliases))
)
PARTIES = {source.publisher for card in READ.values() for source in card.sources.values()} | {
    card.vendor for card in READ.values() if card.vendor
}
CHECKED = date(2026, 11, 24)


def stock():
    """Return the starter glossary as the composer sees it once all of it was checked on one day."""
    keys = {slug: number for number, slug in enumerate(READ, start=1)}
    return [
        StockCard(
            term=keys[slug],
            headword=card.draft.headword,
            due_on=due_on(CHECKED, Volatility(card.volatility)),
            topic=card.topic,
            level=Level(card.level),
            vendor=card.vendor or None,
            priority=card.priority,
            prerequisites=frozenset(keys[one] for one in card.read_first),
            contrast=keys[card.contrast] if card.contrast else None,
        )
        for slug, card in READ.items()
    ]


def test_there_are_thirteen_decks_of_cards_of_many_topics_and_all_levels():
    assert len(CARDS) >= 93 and "qwen2" in CARDS
    topics, levels = Counter(card.topic for card in READ.values()), Counter(card.level for card in READ.values())
    assert len(topics) >= 9 and max(topics.values()) <= len(CARDS) / 7
    assert set(levels) == {level.value for level in Level} and min(levels.values()) >= len(CARDS) / 6


@pytest.mark.parametrize("start", [date(2026, 11, 25), date(2026, 12, 31), date(2027, 1, 18), date(2027, 2, 11)])
def test_twelve_decks_in_a_row_have_no_card_twice_and_no_rule_relaxed(start):
    cards, dealt = stock(), []
    for day in (start + timedelta(days=n) for n in range(12)):
        done = compose(cards, day=day, rules=rules_for(len(cards)))
        deck = {card.term for card in done.cards}
        assert len(deck) == 7 and not done.relaxed
        dealt += deck
        cards = [replace(card, dealt_on=day) if card.term in deck else card for card in cards]
    assert len(set(dealt)) == len(dealt) == 84


@pytest.mark.parametrize("name", CARDS)
def test_a_starter_card_is_complete_and_each_sentence_has_its_settlement(name):
    card = parse_starter(CARDS[name])
    words = card.draft.cleaned().words()
    check_complete(words)
    assert card.slug == name == slug_for(words.headword)
    own = [words.headword, *(alias.text for alias in words.aliases)]
    used = set()
    for line in lines_of(words):
        entry = card.settlement(line)
        used.add(entry.starts)
        dated = card.sources[entry.source].published_on if entry.source else None
        how = {"verdict": Verdict.SUPPORTED, "kind": entry.kind, "sources": len(entry.source), "note": ""}
        check_verdict(line, **how, newest_source=dated, today=CHECKED)
        assert len(line.text.split()) <= 26, line.text
        if entry.kind == ClaimKind.FACT:
            assert entry.passage and card.sources[entry.source].url.startswith("https://")
            assert not time_word(line.text), line.text
        if entry.kind == ClaimKind.EXPLANATION:
            assert not entry.source and not stated_fact(line.text, own, PARTIES), line.text
    assert {entry.starts for entry in card.lines} <= used
    assert set(card.sources) == {entry.source for entry in card.lines if entry.source}
    assert card.topic == card.tags[0] and 3 <= len(blocks_of(words.body)) <= 6


@pytest.mark.parametrize("name", CARDS)
def test_nothing_in_a_starter_card_keeps_it_from_passing_and_little_is_to_be_said_of_it(name):
    others = {card.draft.headword: card.draft.definition for slug, card in READ.items() if slug != name}
    context = Context(names=NAMES, linked=NAMES, others=others)
    found = findings(READ[name].draft.words(), context=context, today=CHECKED)
    assert not [one.message for one in found if one.gate]
    assert len(found) <= 4, [one.message for one in found]  # the median of all cards is held to two elsewhere


def test_no_name_belongs_to_two_starter_cards():
    keys = Counter()
    for card in READ.values():
        keys.update({squeezed_key(name) for name in (card.draft.headword, *(one.text for one in card.draft.aliases))})
    assert [key for key, number in keys.items() if number > 1] == []


def test_relations_of_starter_cards_lead_to_starter_cards_and_run_in_no_circle():
    for card in READ.values():
        related = {*card.read_first, *card.broader, *card.related, *([card.contrast] if card.contrast else [])}
        assert related <= set(READ) - {card.slug}, card.slug
    for ways in ({slug: card.read_first for slug, card in READ.items()}, {s: c.broader for s, c in READ.items()}):
        left = {slug: set(above) for slug, above in ways.items()}
        while free := [slug for slug, above in left.items() if not above & set(left)]:
            left = {slug: above for slug, above in left.items() if slug not in free}
        assert not left


def test_a_source_is_described_the_same_wherever_it_is_named():
    described = {}
    for card in READ.values():
        for source in card.sources.values():
            assert described.setdefault(source.url, source) == source, card.slug


def test_qwen2_has_the_aliases_of_the_seed_page():
    assert [alias.text for alias in parse_starter(CARDS["qwen2"]).draft.aliases][:2] == ["Qwen 2", "Qwen-2"]


@pytest.mark.parametrize("text", ["", "no front matter", "+++\nslug = 3\n", "+++\n= broken\n+++\nIt is one."])
def test_a_broken_card_is_refused(text):
    with pytest.raises((BadText, KeyError, ValueError)):
        parse_starter(text)


def test_a_sentence_that_nobody_settles_is_named():
    card = parse_starter(CARDS["qwen2"].replace("The Qwen team released", "The famous team released", 1))
    with pytest.raises(BadText, match="exactly one must"):
        for line in lines_of(card.draft.words()):
            card.settlement(line)

"""Reading starter cards, and the starter glossary itself."""

from pathlib import Path

import pytest

from glossary.domain.claim import ClaimKind, lines_of
from glossary.domain.errors import BadText
from glossary.domain.starter import parse_starter
from glossary.domain.term import check_complete
from glossary.domain.wording.time_words import time_word

FOLDER = Path(__file__).resolve().parents[2] / "glossary" / "starter"
CARDS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.md"))}


def test_there_are_three_decks_of_cards():
    assert len(CARDS) >= 21 and "qwen2" in CARDS


@pytest.mark.parametrize("name", CARDS)
def test_a_starter_card_is_complete_and_each_sentence_has_its_settlement(name):
    card = parse_starter(CARDS[name])
    words = card.draft.cleaned().words()
    check_complete(words)
    assert card.slug == name
    used = set()
    for line in lines_of(words):
        entry = card.settlement(line)
        used.add(entry.starts)
        assert len(line.text.split()) <= 26, line.text
        if entry.kind == ClaimKind.FACT:
            assert entry.passage and card.sources[entry.source].url.startswith("https://")
            assert not time_word(line.text), line.text
    assert {entry.starts for entry in card.lines} <= used


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

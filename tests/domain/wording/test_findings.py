"""Findings: exact places, reasons and fixes, waivers and levels, and steps that grow with the text only."""

from datetime import date
from pathlib import Path
from statistics import median

import pytest

from glossary.domain.claim import lines_of
from glossary.domain.starter import parse_starter
from glossary.domain.term import Words
from glossary.domain.wording.findings import Context, findings, phrases
from glossary.domain.wording.patterns import tokens_of
from glossary.domain.wording.rules import Severity

TODAY = date(2026, 11, 24)
STARTER = sorted((Path(__file__).resolve().parents[3] / "glossary" / "starter").glob("*.md"))
CARD = Words("Qwen2", body="Qwen2 is a family.\n\nIt is *the* [latest](https://a.example) one. It is currently free.")


def by_rule(words, **over):
    return {one.rule: one for one in findings(words, context=Context(**over), today=TODAY)}


def test_a_finding_says_where_it_stands_in_the_sentence_and_in_the_field():
    found = by_rule(CARD)
    for rule, word in (("T1.now", "currently"), ("T3a.superlative", "latest")):
        one = found[rule]
        assert one.text == one.sentence[one.start : one.end] == word
        assert CARD.body[one.field_start : one.field_end] == word
        assert one.part == "body" and one.gate and one.volatility == "D" and word in one.message and one.why
        assert one.hash in {line.hash for line in lines_of(CARD)}
    assert found["T1.now"].fix == "" and found["T3a.superlative"].fix is None


def test_a_waiver_answers_one_rule_on_one_sentence():
    one = by_rule(CARD)["T1.now"]
    assert set(by_rule(CARD)) - set(by_rule(CARD, waivers=frozenset({(one.hash, "T1.now")}))) == {"T1.now"}
    assert "T1.now" in by_rule(CARD, waivers=frozenset({("another", "T1.now")}))


def test_a_level_can_be_turned_down_and_off():
    assert by_rule(CARD, levels={"T1.now": Severity.HINT})["T1.now"].severity == Severity.HINT
    assert "T1.now" not in by_rule(CARD, levels={"T1.now": Severity.OFF})


def test_a_year_nearby_answers_a_warning_but_the_sentence_still_ages():
    one = by_rule(Words("X", definition="As of July 2024, it is the latest family."))["T3a.superlative"]
    assert (one.severity, one.gate, one.volatility) == (Severity.DATED, False, "C")


def test_a_name_of_the_glossary_is_no_praise():
    words = Words("X", definition="It uses robust loss functions.")
    assert "F2.hype" in by_rule(words) and "F2.hype" not in by_rule(words, names=frozenset({"Robust loss"}))


def test_a_better_word_keeps_the_capital():
    assert by_rule(Words("X", definition="Prior to that, it was text."))["W5.simple"].fix == "Before"


def test_letters_that_nobody_spelt_out_are_asked_for_once():
    words = Words("X", definition="It uses the ABC test (Always Be Careful). The XYZ and the XYZ are next to BERT-2.")
    assert [one.text for one in findings(words, today=TODAY) if one.rule == "W3.acronym"] == ["XYZ"]


def test_lengths_are_measured():
    words = Words("X", definition="It is a thing. " * 20, body="It is short. " * 140)
    assert {one.part for one in findings(words, today=TODAY) if one.rule == "W10.length"} == {"definition", "body"}


def test_the_starter_cards_have_two_messages_at_most_in_the_median():
    cards = [parse_starter(path.read_text(encoding="utf-8")).draft.words() for path in STARTER]
    names = frozenset(name for card in cards for name in (card.headword, *(alias.text for alias in card.aliases)))
    counts = [
        sum(one.severity != Severity.DATED for one in findings(card, context=Context(names=names), today=TODAY))
        for card in cards
    ]
    assert median(counts) <= 2, counts


@pytest.mark.parametrize(
    "piece", ["as of ", "at ", "is the most ", "“", "(", "a", " ", "now-", "currently being ", "é́"]
)
def test_the_steps_grow_with_the_text_and_no_faster(piece):
    steps = []
    for size in (500, 1000):
        before, tokens = phrases().steps, tokens_of(piece * size)
        list(phrases().find(tokens))
        steps.append(phrases().steps - before)
    assert steps[1] <= 2.01 * steps[0] + 100


def test_a_definition_says_what_the_thing_is_and_not_by_its_own_name():
    assert "W1.shape" in by_rule(Words("Token", definition="Cut the text into pieces first."))
    assert by_rule(Words("Token", definition="A token is a token of text."))["W9.circular"].text == "token"
    assert not {"W1.shape", "W9.circular"} & set(by_rule(Words("Token", definition="A token is a piece of text.")))


def test_rare_words_are_listed_in_one_message():
    one = by_rule(Words("X", definition="It is a thing.", body="It obfuscates the lexeme, and the lexeme stays."))
    assert "2 rare words: “obfuscates”, “lexeme”" in one["W4.rare"].message
    assert "W4.rare" not in by_rule(Words("X", definition="It is a thing.", body="It obfuscates the text."))
    assert "W4.rare" in by_rule(Words("X", definition="It obfuscates the text."))


def test_terms_that_lead_nowhere_are_listed():
    words, names = Words("X", definition="It cuts text into tokens, each token a word."), frozenset({"Token", "X"})
    assert by_rule(words, names=names)["W4.unlinked"].text == "token"
    assert "W4.unlinked" not in by_rule(words, names=names, linked=frozenset({"Token"}))


def test_a_definition_that_another_term_has_is_found():
    words = Words("X", definition="X is a piece of text that a program treats as one unit.")
    near = {"Token": "Token is a piece of text that a program treats as one unit."}
    assert "“Token”" in by_rule(words, others=near)["W9.copy"].message
    assert "W9.copy" not in by_rule(words, others={"Token": "Token is a list of numbers that stand for a text."})

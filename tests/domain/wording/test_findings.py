"""Findings: exact places, reasons and fixes, waivers and levels, and steps that grow with the text only."""

from datetime import date
from pathlib import Path
from statistics import median

from glossary.domain.claim import lines_of
from glossary.domain.interval import Volatility
from glossary.domain.starter import parse_starter
from glossary.domain.term import Words
from glossary.domain.wording.findings import Context, findings
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


def test_a_definition_says_what_the_thing_is_and_not_by_its_own_name():
    assert "W1.shape" in by_rule(Words("Token", definition="Cut the text into pieces first."))
    assert by_rule(Words("Token", definition="A token is a token of text."))["W9.circular"].text == "token"
    assert not {"W1.shape", "W9.circular"} & set(by_rule(Words("Token", definition="A token is a piece of text.")))


def test_rare_words_are_listed_in_one_message():
    one = by_rule(Words("X", definition="It is a thing.", body="It obfuscates the lexeme, and the lexeme stays."))
    assert "2 rare words: “obfuscates”, “lexeme”" in one["W4.rare"].message
    alone = by_rule(Words("X", definition="It is a thing.", body="It obfuscates the text."))["W4.rare"]
    assert alone.severity == Severity.HINT and "1 rare word: “obfuscates”" in alone.message
    assert by_rule(Words("X", definition="It obfuscates the text."))["W4.rare"].severity == Severity.WARN


def test_every_rare_word_and_every_unlinked_term_is_listed():
    many = [f"obfuscat{ending}" for ending in ("ors", "orum", "ive", "ively", "ional", "ionary", "ory", "rix", "ology")]
    words = Words("X", definition="It is a thing.", body=f"It has {', '.join(many)}.")
    one = by_rule(words)["W4.rare"]
    assert all(f"“{word}”" in one.message for word in many)
    names = [f"Term{letter}" for letter in "abcdefghij"]
    found = by_rule(Words("X", definition=f"It uses {', '.join(names)}."), names=frozenset(names))
    assert all(f"“{name.lower()}”" in found["W4.unlinked"].message for name in names)


def test_what_the_markup_says_is_code_is_not_read():
    code = Words("X", body="Call `now()` first. The tag `latest`  is *set* by `KWARGX lexemes`, and `currently` too.")
    assert not {"T1.now", "T1b.now", "T3a.superlative", "W3.acronym", "W4.rare"} & set(by_rule(code))
    plain = Words("X", body="Call now first. The tag latest is set by KWARGX lexemes, and currently too.")
    assert {"T1.now", "T1b.now", "T3a.superlative", "W3.acronym", "W4.rare"} <= set(by_rule(plain))
    mixed = by_rule(Words("X", body="`a`  `b` are old. Set `latest` to currently."))["T1.now"]
    assert mixed.text == "currently" and mixed.sentence == "Set latest to currently."
    assert "T3a.superlative" not in by_rule(Words("X", body="`a`  `b` are old. Set `latest` to currently."))


def test_a_date_is_found_once_it_is_older_than_its_class_allows():
    card = Words("X", definition="As of July 2024, it is free.")

    def level(today, **over):
        found = {one.rule: one for one in findings(card, context=Context(**over), today=today)}
        return found["T8.as_of"].severity if "T8.as_of" in found else None

    assert level(date(2025, 1, 30)) is None and level(date(2025, 1, 31)) == Severity.WARN
    fast = {"chosen": Volatility.FAST}
    assert level(date(2024, 9, 13), **fast) is None and level(date(2024, 9, 14), **fast) == Severity.WARN
    key = next(one.hash for one in findings(card, today=TODAY) if one.rule == "T8.as_of")
    assert level(TODAY, waivers=frozenset({(key, "T8.as_of")})) is None


def test_long_sentences_have_three_thresholds_and_one_hint_for_all():
    def sentence(count):
        return "It " + "is " * (count - 1) + "so."

    def said(*counts):
        body = " ".join(sentence(count - 1) for count in counts)
        found = findings(Words("X", body=body, example="So."), today=TODAY)
        return [(one.severity.value, one.message) for one in found if one.rule == "W2.sentence"]

    assert said(20) == []
    assert said(21, 25) == [("hint", "2 sentences have over 20 words; 20 are plenty.")]
    assert said(26) == [("warn", "The sentence has 26 words; 25 are plenty.")]
    assert said(36) == [("warn", "The sentence has 36 words; 25 are plenty. Make two of it.")]


def test_an_example_is_asked_for_where_the_card_has_paragraphs():
    assert by_rule(Words("X", definition="X is a thing.", body="It is short."))["W10.example"].severity == Severity.HINT
    assert "W10.example" not in by_rule(Words("X", definition="X is a thing."))
    assert "W10.example" not in by_rule(Words("X", definition="X is a thing.", body="It is.", example="Like this."))


def test_terms_that_lead_nowhere_are_listed():
    words, names = Words("X", definition="It cuts text into tokens, each token a word."), frozenset({"Token", "X"})
    assert by_rule(words, names=names)["W4.unlinked"].text == "token"
    assert "W4.unlinked" not in by_rule(words, names=names, linked=frozenset({"Token"}))


def test_a_definition_that_another_term_has_is_found():
    words = Words("X", definition="X is a piece of text that a program treats as one unit.")
    near = {"Token": "Token is a piece of text that a program treats as one unit."}
    assert "“Token”" in by_rule(words, others=near)["W9.copy"].message
    assert "W9.copy" not in by_rule(words, others={"Token": "Token is a list of numbers that stand for a text."})

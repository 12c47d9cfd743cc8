"""The rules files: each rule's own examples are its tests, and a broken file is refused with its fault."""

from datetime import date

import pytest

from glossary.domain.term import Words
from glossary.domain.wording.findings import findings
from glossary.domain.wording.patterns import Phrases, tokens_of
from glossary.domain.wording.rules import BadRules, Severity, load_classes, load_rules, rules

TODAY = date(2026, 11, 24)
GOOD = 'id = "X"\ngroup = "g"\ntitle = "t"\nlevel = "warn"\nkind = "existence"\nsay = "s"\nwhy = "w"\n'
EXAMPLES = 'ok = ["a"]\nbad = ["b"]\n'


def said(rule, text):
    found = findings(Words("Headword", definition=text), today=TODAY)
    return [one for one in found if one.rule == rule and one.severity != Severity.DATED]


@pytest.mark.parametrize(("rule", "text"), [(r.id, text) for r in rules().values() for text in r.bad])
def test_a_rule_finds_its_bad_examples(rule, text):
    assert [one.severity for one in said(rule, text)] == [rules()[rule].level]


@pytest.mark.parametrize(("rule", "text"), [(r.id, text) for r in rules().values() for text in r.ok])
def test_a_rule_leaves_its_good_examples_alone(rule, text):
    assert said(rule, text) == []


def test_a_class_of_words_is_found_where_a_phrase_names_it():
    files = {"x.toml": '[classes]\nmoons = """\nIo Europa\n"""'}
    assert load_classes(files) == {"moons": frozenset({"io", "europa"})}
    found = Phrases({"moon": ["on @moons"], "price": ["#money"]}, load_classes(files))
    text = "Life on Europa costs € 5, not on Mars 5 times."
    spans = [(key, first, past) for key, first, past in found.find(tokens_of(text))]
    assert spans == [("moon", 1, 3), ("price", 4, 5)]
    with pytest.raises(BadRules, match="given twice"):
        load_classes({**files, "y.toml": files["x.toml"]})


def test_only_now_words_superlatives_in_time_and_plans_stop_a_pass():
    assert {rule.id.split(".")[0] for rule in rules().values() if rule.gate} == {"T1", "T3a", "T4"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("= broken", "not TOML"),
        (f'[[rule]]\n{GOOD}tokens = "now"\n{EXAMPLES}', "must be a list"),
        (f'[[rule]]\n{GOOD}tokens = ["_ now"]\n{EXAMPLES}', "begins with no word"),
        (f'[[rule]]\n{GOOD}tokens = ["a b c d e f g h i"]\n{EXAMPLES}', "9 words"),
        (f"[[rule]]\n{GOOD}{EXAMPLES}", "tokens are missing"),
        (f'[[rule]]\n{GOOD}tokens = ["now"]\n', "examples"),
        (f'[[rule]]\n{GOOD}tokens = ["now"]\nsmell = 3\n{EXAMPLES}', "unknown key smell"),
        (f'[[rule]]\n{GOOD}tokens = ["now"]\nskip = ["moon"]\n{EXAMPLES}', "unknown skip zone"),
        (f'[[rule]]\n{GOOD.replace("warn", "loud")}tokens = ["now"]\n{EXAMPLES}', "loud"),
        (f'[[rule]]\n{GOOD}tokens = ["now"]\n{EXAMPLES}' * 2, "twice"),
        (f'[[rule]]\n{GOOD}tokens = ["now @moons"]\n{EXAMPLES}', "no class of words"),
        (f'[[rule]]\n{GOOD}tokens = ["#moon"]\n{EXAMPLES}', "no kind"),
        (f'[[rule]]\n{GOOD}tokens = ["now"]\nneeds = ["@moons"]\n{EXAMPLES}', "no class of words"),
        ("[classes]\nmoons = 3", "class moons"),
    ],
)
def test_a_broken_file_is_refused_with_its_fault(text, fault):
    with pytest.raises(BadRules, match=fault):
        load_rules({"x.toml": text})

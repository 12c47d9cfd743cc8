"""The wording rules: data in rules/*.toml, each with its own examples, loaded and found fault with here."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from glossary.domain.wording.patterns import Classes, expand

FOLDER = Path(__file__).resolve().parent / "rules"
ZONES = frozenset({"quote", "code", "link", "citation", "name"})
SLOTS = frozenset({"word", "better", "count", "limit", "words"})


class Severity(StrEnum):
    """How loudly a finding speaks: `dated` is a warning that a year nearby has answered; it still ages."""

    WARN = "warn"
    HINT = "hint"
    DATED = "dated"
    OFF = "off"


class RuleKind(StrEnum):
    """How a rule looks: for phrases; for phrases with a better one; counting; unless something else is said; a date by
    itself, once it is old; code."""

    EXISTENCE = "existence"
    SUBSTITUTION = "substitution"
    OCCURRENCE = "occurrence"
    CONDITIONAL = "conditional"
    DATE = "date"
    MEASURE = "measure"


class BadRules(ValueError):
    """The rules files cannot be used; the message names file, rule and fault."""


@dataclass(frozen=True)
class Rule:
    """One wording rule. `id` is stable: waivers, counts and settings are kept under it.

    `volatility` is the class ("A" to "D") that a sentence with such a word has at least; `gate` says that it stops a
    pass; `dated_within` is the distance in characters at which a year answers it (0: never); `fix` is the replacement
    offered for the word ("" cuts it, None offers none); `limits` holds the numbers of a measure. A phrase of `unless`
    anywhere in the sentence silences the rule, and one of `needs` has to stand there, where there are any.
    """

    id: str
    group: str
    title: str
    level: Severity
    kind: RuleKind
    say: str
    why: str
    tokens: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    swap: tuple[tuple[str, str], ...] = ()
    skip: frozenset[str] = frozenset()
    dated_within: int = 0
    capitals: bool = True
    volatility: str = ""
    gate: bool = False
    fix: str | None = None
    source: str = ""
    limits: tuple[tuple[str, float], ...] = ()
    ok: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()

    def limit(self, name: str) -> float:
        """Return a number of a measure; raises KeyError for one the rule does not have."""
        return dict(self.limits)[name]


@cache
def rules() -> Mapping[str, Rule]:
    """Return the rules of the project by id, in the order of their files; read once."""
    return load_rules(_files())


@cache
def word_classes() -> Classes:
    """Return the classes of words that phrases name with "@", such as @currency; read once."""
    return load_classes(_files())


def _files() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.toml"))}


def load_classes(files: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Return the [classes] of TOML `files` (name → text): one word each, compared without case."""
    found: dict[str, frozenset[str]] = {}
    for name, text in files.items():
        for of, words in _read(name, text).get("classes", {}).items():
            if of in found or not isinstance(words, str):
                raise BadRules(f"{name}, class {of}: it is given twice, or is not words in one text")
            found[of] = frozenset(words.casefold().split())
    return found


def load_rules(files: Mapping[str, str]) -> dict[str, Rule]:
    """Return the rules written in TOML `files` (name → text); raises BadRules naming file, rule and fault."""
    found: dict[str, Rule] = {}
    classes = load_classes(files)
    for name, text in files.items():
        for entry in _read(name, text).get("rule", []):
            where = f"{name}, rule {entry.get('id', 'without an id')}"
            try:
                rule = _rule(entry, classes)
            except (KeyError, TypeError, ValueError) as error:
                raise BadRules(f"{where}: {error}") from error
            if rule.id in found:
                raise BadRules(f"{where}: the id is given twice")
            found[rule.id] = rule
    return found


def _read(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadRules(f"{name} is not TOML: {error}") from error


def _rule(entry: Mapping[str, Any], classes: Classes) -> Rule:
    known = {*Rule.__dataclass_fields__, "effect"} - {"volatility", "gate"}
    if strange := sorted(set(entry) - known):
        raise ValueError(f"unknown key {strange[0]}")
    effect = entry.get("effect", {})
    rule = Rule(
        id=entry["id"],
        group=entry["group"],
        title=entry["title"],
        level=Severity(entry["level"]),
        kind=RuleKind(entry["kind"]),
        say=entry["say"],
        why=entry["why"],
        tokens=_texts(entry, "tokens"),
        exceptions=_texts(entry, "exceptions"),
        unless=_texts(entry, "unless"),
        needs=_texts(entry, "needs"),
        swap=tuple(entry.get("swap", {}).items()),
        skip=frozenset(_texts(entry, "skip")),
        dated_within=int(entry.get("dated_within", 0)),
        capitals=bool(entry.get("capitals", True)),
        volatility=effect.get("volatility", ""),
        gate=effect.get("gate") == "check",
        fix=entry.get("fix"),
        source=entry.get("source", ""),
        limits=tuple((key, float(value)) for key, value in entry.get("limits", {}).items()),
        ok=_texts(entry, "ok"),
        bad=_texts(entry, "bad"),
    )
    _check(rule, classes)
    return rule


def _texts(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = entry.get(key, ())
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"{key} must be a list of texts")
    return tuple(value)


def _check(rule: Rule, classes: Classes) -> None:
    for phrase in (*rule.tokens, *rule.exceptions, *rule.unless, *rule.needs, *(old for old, _ in rule.swap)):
        expand(phrase, classes)
    if strange := rule.skip - ZONES:
        raise ValueError(f"unknown skip zone {sorted(strange)[0]}")
    if rule.volatility not in {"", "A", "B", "C", "D"}:
        raise ValueError(f"unknown class {rule.volatility}")
    if slots := {slot for _, slot, _, _ in Formatter().parse(rule.say) if slot is not None} - SLOTS:
        raise ValueError(f"say has no value for {sorted(slots)[0]}")
    if rule.kind == RuleKind.SUBSTITUTION and not rule.swap:
        raise ValueError("a substitution needs swap")
    if rule.kind not in {RuleKind.SUBSTITUTION, RuleKind.MEASURE} and not rule.tokens:
        raise ValueError("tokens are missing")
    if rule.kind != RuleKind.MEASURE and not (rule.ok and rule.bad):
        raise ValueError("every rule has examples: ok and bad")

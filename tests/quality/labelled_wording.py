"""Sentences labelled by hand for the wording rules: reading the three files and their marks."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
WARN, HINT = "warn", "hint"
# The groups and usual levels of the design of the wording rules. A group of hints is advice, shown small.
LEVELS = {
    "T1": WARN,
    "T1b": WARN,
    "T2": WARN,
    "T3a": WARN,
    "T4": WARN,
    "T5": WARN,
    "T6": WARN,
    "T8": WARN,
    "HYPE": WARN,
    "WEASEL": WARN,
    "ACRONYM": WARN,
    "JARGON": WARN,
    "LONG": WARN,
    "T1c": HINT,
    "T7": HINT,
    "FILLER": HINT,
    "SWAP": HINT,
}
_MARK = re.compile(r"\[\[(?P<group>\w+)(?P<level>[?!]?)\|(?P<words>.*?)\]\]", re.DOTALL)
_MARKED_LEVEL = {"?": HINT, "!": WARN}


@dataclass(frozen=True)
class Label:
    """What an editor wants to be told of: text[start:end], by group and level."""

    group: str
    level: str
    start: int
    end: int


@dataclass(frozen=True)
class Labelled:
    """One judged piece of text. `section` is the group (or manner) it was written under; traps have no label there."""

    text: str
    labels: tuple[Label, ...]
    section: str
    trap: bool = False


def read_marks(marked: str, *, section: str, trap: bool = False) -> Labelled:
    """Take "[[GROUP|words]]" marks out of a text. Raises KeyError for an unknown group."""
    text, labels, behind = "", [], 0
    for mark in _MARK.finditer(marked):
        text += marked[behind : mark.start()]
        level = _MARKED_LEVEL.get(mark["level"]) or LEVELS[mark["group"]]
        labels.append(Label(mark["group"], level, len(text), len(text) + len(mark["words"])))
        text += mark["words"]
        behind = mark.end()
    return Labelled(text + marked[behind:], tuple(labels), section, trap)


def _read_lists(name: str) -> list[Labelled]:
    found = []
    for section, lists in tomllib.loads((HERE / name).read_text(encoding="utf-8")).items():
        for kind, sentences in lists.items():
            found += [read_marks(sentence, section=section, trap=kind == "trap") for sentence in sentences]
    return found


def read_labelled() -> list[Labelled]:
    """The set that the rules may be measured on while they are tuned."""
    return _read_lists("labelled_wording.toml")


def read_fresh() -> list[Labelled]:
    """The set that was written without knowledge of the rules: measured, never looked at while rules are changed."""
    return _read_lists("fresh_wording.toml")


def read_held_out() -> list[Labelled]:
    """The set in other manners of writing, not tuned on but for two false alarms (plans) that were seen and mended."""
    manners = tomllib.loads((HERE / "held_out_wording.toml").read_text(encoding="utf-8"))
    return [read_marks(text, section=manner) for manner, sentences in manners.items() for text in sentences]

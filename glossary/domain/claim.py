"""Claims: the lines of an edition, the verdicts a checker may give, and when a verdict carries over unchanged words."""

import re
from calendar import month_name
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from glossary.domain.digest import hash_of
from glossary.domain.errors import IllegalMove
from glossary.domain.interval import interval_of
from glossary.domain.markup import Block, blocks_of
from glossary.domain.sentences import sentences_of
from glossary.domain.term import AliasKind, Words
from glossary.domain.wording.time_words import BARE, Reading, as_of, time_bound, time_word, too_old


class Part(StrEnum):
    """The part of the card a line stands in."""

    HEADWORD = "headword"
    ALIAS = "alias"
    DEFINITION = "definition"
    BODY = "body"
    EXAMPLE = "example"
    SUCCESSOR = "successor"


class ClaimKind(StrEnum):
    """What there is to verify: a fact needs a source, a name is agreed to, an explanation makes no claim of fact."""

    FACT = "fact"
    EXPLANATION = "explanation"
    NAME = "name"


class Verdict(StrEnum):
    """What the checker found."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    UNVERIFIABLE = "unverifiable"
    OUTDATED = "outdated"


class LineState(StrEnum):
    """Where a line stands in the edition at hand."""

    OPEN = "open"
    READ_AGAIN = "read again"
    RESPELT = "spelling"
    SETTLED = "settled"
    STOPPED = "stopped"


NUMBER = r"(?<![A-Za-z\d.-])\d"  # a figure; not the digit of a name such as Qwen2 or GPT-4
ALIAS_LABELS = {
    AliasKind.SPELLING: "Also called",
    AliasKind.ACRONYM: "Acronym",
    AliasKind.FULL_FORM: "Full form",
    AliasKind.FORMER_NAME: "Formerly",
}
POINTING_BACK = frozenset(
    [
        "it",
        "its",
        "it’s",
        "it's",
        "itself",
        "he",
        "she",
        "his",
        "her",
        "him",
        "they",
        "their",
        "them",
        "theirs",
        "themselves",
        "this",
        "that",
        "these",
        "those",
        "such",
        "both",
        "either",
        "neither",
        "another",
        "each",
        "one",
        "others",
    ]
)


@dataclass(frozen=True)
class Line:
    """One line of an edition: a whole sentence, an alias, the headword or the successor.

    `context` is a digest of what the sentence's meaning leans on: the headword, its left neighbour and whether it
    opens a paragraph; for a sentence that opens with a pronoun, everything before it.
    """

    part: Part
    text: str
    links: tuple[str, ...] = ()
    context: str = ""
    block: int = 0  # which paragraph or list item of its part

    @property
    def hash(self) -> str:
        """The identity of the sentence's words, wherever they stand within the part."""
        return hash_of([self.part.value, self.text, list(self.links)])


def lines_of(words: Words, roots: Mapping[str, str] | None = None) -> list[Line]:
    """Return every public word of an edition as lines, in the order in which a reader meets them.

    `roots` leads from the hash of a respelt sentence to that of the one it was respelt from: a neighbour whose
    spelling was mended is the same neighbour, and re-opens nothing.
    """
    roots = roots or {}
    lines = [Line(Part.HEADWORD, words.headword)]
    lines += [
        Line(Part.ALIAS, f"{ALIAS_LABELS[alias.kind]}: {alias.text}", context=hash_of([words.headword]))
        for alias in words.aliases
    ]
    flow = [(Part.DEFINITION, Block(words.definition))]
    flow += [(Part.BODY, block) for block in blocks_of(words.body)]
    flow += [(Part.EXAMPLE, Block(words.example))]
    before: list[str] = []
    for index, (part, block) in enumerate(flow):
        for place, sentence in enumerate(sentences_of(block)):
            # the example stands under a heading of its own, so its first sentence leans on no neighbour
            alone = part == Part.EXAMPLE and place == 0
            leaning = before if points_back(sentence.text) else [] if alone else before[-1:]
            context = hash_of([words.headword, "opens" if place == 0 else "follows", *leaning])
            lines.append(Line(part, sentence.text, sentence.links, context, index))
            before.append(roots.get(lines[-1].hash, lines[-1].hash))
    if words.successor:
        text = f"Succeeded by: {words.successor}"
        lines.append(Line(Part.SUCCESSOR, text, context=hash_of([words.headword])))
    return lines


def points_back(sentence: str) -> bool:
    """Return whether a sentence opens with a word whose meaning lies in what was said before."""
    first = re.match(r"[^\w]*([\w’']+)", sentence)
    return first is not None and first[1].lower() in POINTING_BACK


@dataclass(frozen=True)
class GivenVerdict:
    """A verdict as it was recorded: the facts that decide whether it carries over."""

    verdict: Verdict
    context: str
    checked_on: date


Given = TypeVar("Given", bound="GivenVerdict")


def standing_verdict(context: str, newest_first: Sequence[Given]) -> tuple[LineState, Given | None]:
    """Return the state of a line and the verdict it rests on, from all verdicts ever given on its sentence.

    The same words in the same context are settled with the date of their check. In another context they are to be
    read again: evidence and date stay. A bad verdict stands until a newer one, and nothing older survives it.
    """
    good: list[Given] = []
    for given in newest_first:
        if given.verdict != Verdict.SUPPORTED:
            if not good:
                return LineState.STOPPED, given
            break
        good.append(given)
    for given in good:
        if given.context == context:
            return LineState.SETTLED, given
    return (LineState.READ_AGAIN, good[0]) if good else (LineState.OPEN, None)


def check_verdict(
    line: Line,
    *,
    verdict: Verdict,
    kind: ClaimKind,
    sources: int,
    note: str,
    newest_source: date | None = None,
    today: date | None = None,
    reading: Reading = BARE,
) -> None:
    """Raise IllegalMove if this verdict may not be recorded for this line; `sources` counts the evidence given.

    `newest_source` is the latest day of publication among them: a word tied to the moment, such as "latest", cannot
    rest on a source that is older on `today` than the interval of such words. A source without a day of publication is
    taken as of today.
    """
    names = {Part.HEADWORD, Part.ALIAS}
    if (kind == ClaimKind.NAME) != (line.part in names):
        raise IllegalMove(
            "A name is agreed to as a name." if line.part in names else "Only the headword and the aliases are names."
        )
    if verdict != Verdict.SUPPORTED:
        if not note.strip():
            raise IllegalMove(f"Say in a note why the line is {verdict.value}: the author reads it.")
        return
    if kind == ClaimKind.EXPLANATION:
        if line.part in {Part.DEFINITION, Part.SUCCESSOR}:
            raise IllegalMove("The definition and the successor are always facts: name the source that supports them.")
        if re.search(NUMBER, line.text):
            raise IllegalMove("The line contains a number, so it states a fact: name the source that supports it.")
    if kind == ClaimKind.FACT and not sources:
        raise IllegalMove("A supported fact needs a source and the passage in it that says so.")
    word = time_word(line.text, reading)
    if word and kind == ClaimKind.EXPLANATION:
        raise IllegalMove(f"The line says “{word}”, so it states a fact that goes stale: name a recent source.")
    if newest_source and today:
        for bound in time_bound(line.text, reading):
            if too_old(bound, newest_source, today):
                raise IllegalMove(
                    f"The source is from {month_name[newest_source.month]} {newest_source.year}. It cannot support "
                    f"“{bound.word}” on {month_name[today.month]} {today.day}, {today.year}: such words need one of "
                    f"the last {interval_of(bound.volatility)}. Suggest “{as_of(newest_source)}, …” or a cut."
                )
    if is_former_name(line) and not sources:
        raise IllegalMove("A former name needs a source that shows it was in use.")


def is_former_name(line: Line) -> bool:
    """Return whether the line gives a name that is no longer in use."""
    return line.part == Part.ALIAS and line.text.startswith(ALIAS_LABELS[AliasKind.FORMER_NAME])

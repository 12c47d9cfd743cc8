"""Words that tie a sentence to the moment it was written: with them, only a recent source can support it."""

import re
from calendar import month_name
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from glossary.domain.interval import Volatility, due_on
from glossary.domain.term import Words
from glossary.domain.wording.dates import ages_on
from glossary.domain.wording.hits import Hit, hits_in, is_dated
from glossary.domain.wording.places import places_of
from glossary.domain.wording.rules import RuleKind, Severity

TIME = "time"  # the group of the rules for words that go stale


@dataclass(frozen=True)
class Reading:
    """What is known of a sentence besides its words.

    `waived` are ids of rules that somebody has answered for it and `quiet` those of rules that do not warn by choice
    of the desk; `names` are those of its own term, which no rule speaks of; `code` is (start, end) of inline code.
    """

    waived: Collection[str] = ()
    quiet: Collection[str] = ()
    names: frozenset[str] = frozenset()
    code: tuple[tuple[int, int], ...] = ()


BARE = Reading()  # nothing but the words


@dataclass(frozen=True)
class TimeBound:
    """A word that ties a sentence to its day, and the class of such words: how old a source of it may be."""

    word: str
    volatility: Volatility


def own_names(words: Words) -> frozenset[str]:
    """Return the names of the term that a card is about."""
    return frozenset({words.headword, *(alias.text for alias in words.aliases)})


def time_word(sentence: str, reading: Reading = BARE) -> str:
    """Return the first word or phrase that stops a pass; empty if there is none, a year dates it, or it is waived.

    Now-words, superlatives in time, and narrow future words: the rules with a gate.
    """
    return next((sentence[hit.start : hit.end] for hit in _speaking(sentence, reading) if hit.rule.gate), "")


def time_bound(sentence: str, reading: Reading = BARE) -> list[TimeBound]:
    """Return every warned word that ties the sentence to its day, the fastest class first, in reading order within it.

    Now-words, what is recent, superlatives, plans, trends, prices, shares and counts; none that a year dates.
    """
    quiet = frozenset(reading.quiet)
    found = [
        TimeBound(sentence[hit.start : hit.end], Volatility(hit.rule.volatility))
        for hit in _speaking(sentence, reading)
        if hit.rule.level == Severity.WARN and hit.rule.kind != RuleKind.DATE and hit.rule.id not in quiet
    ]
    return sorted(found, key=lambda one: one.volatility, reverse=True)


def too_old(bound: TimeBound, source: date, today: date) -> bool:
    """Return whether a source published on `source` is older than the interval of such words allows."""
    return due_on(source, bound.volatility) < today


def class_and_reason(sentence: str, reading: Reading = BARE) -> tuple[str, str]:
    """Return the fastest class ("A" to "D", "" for none) that the words of a sentence ask for, and why.

    A word that a year dates asks for C, as the statement stays true of its date and still wants looking after.
    """
    fastest, why = "", ""
    for hit in hits_in(sentence, reading.names, reading.code):
        given = hit.rule.volatility
        if given and hit.rule.id not in reading.waived:
            given = "C" if is_dated(sentence, hit) else given
            if given > fastest:
                fastest, why = given, f"it says “{sentence[hit.start : hit.end]}”"
    return fastest, why


def stale_on(
    words: Words, chosen: Volatility, waived: Collection[tuple[str, str]] = (), off: Collection[str] = ()
) -> date | None:
    """Return the day from which a date in these words, such as "As of July 2024", has grown too old; None without one.

    `chosen` is the class of the card; `waived` are (hash of the sentence, rule id) of answered findings and `off` the
    rules that do not speak.
    """
    days = [
        ages_on(place.text[hit.start : hit.end], chosen)
        for place in places_of(words)
        for hit in hits_in(place.text, own_names(words), place.code)
        if hit.rule.kind == RuleKind.DATE and hit.rule.id not in off and (place.hash, hit.rule.id) not in waived
    ]
    return min((day for day in days if day), default=None)


def as_of(day: date) -> str:
    """Return the words that date a statement: "As of July 2024"."""
    return f"As of {month_name[day.month]} {day.year}"


def dated(sentence: str, day: date) -> str:
    """Return the sentence with the month it was true in said first: "As of July 2024, it is …"."""
    first, rest = sentence[:1], sentence[1:]
    pronoun = re.match(r"(?:It|This|These|They|The|A|An|Its|Their|There)\b", sentence)
    return f"{as_of(day)}, {first.lower() if pronoun else first}{rest}"


def _speaking(sentence: str, reading: Reading) -> list[Hit]:
    return [
        hit
        for hit in hits_in(sentence, reading.names, reading.code)
        if hit.rule.group == TIME and hit.rule.id not in reading.waived and not is_dated(sentence, hit)
    ]

"""Words that tie a sentence to the moment it was written: with them, only a recent source can support it."""

import re
from calendar import month_name
from collections.abc import Collection
from datetime import date

from glossary.domain.wording.findings import hits_in, is_dated


def time_word(sentence: str, waived: Collection[str] = ()) -> str:
    """Return the first word or phrase that stops a pass; empty if there is none, a year dates it, or it is waived.

    Now-words, superlatives in time, and narrow future words: the rules with a gate. `waived` are ids of rules that
    somebody has answered for this sentence.
    """
    for hit in hits_in(sentence):
        if hit.rule.gate and hit.rule.id not in waived and not is_dated(sentence, hit):
            return sentence[hit.start : hit.end]
    return ""


def class_and_reason(sentence: str, waived: Collection[str] = ()) -> tuple[str, str]:
    """Return the fastest class ("A" to "D", "" for none) that the words of a sentence ask for, and why.

    A word that a year dates asks for C, as the statement stays true of its date and still wants looking after.
    """
    fastest, why = "", ""
    for hit in hits_in(sentence):
        given = hit.rule.volatility
        if given and hit.rule.id not in waived:
            given = "C" if is_dated(sentence, hit) else given
            if given > fastest:
                fastest, why = given, f"it says “{sentence[hit.start : hit.end]}”"
    return fastest, why


def as_of(day: date) -> str:
    """Return the words that date a statement: "As of July 2024"."""
    return f"As of {month_name[day.month]} {day.year}"


def dated(sentence: str, day: date) -> str:
    """Return the sentence with the month it was true in said first: "As of July 2024, it is …"."""
    first, rest = sentence[:1], sentence[1:]
    pronoun = re.match(r"(?:It|This|These|They|The|A|An|Its|Their|There)\b", sentence)
    return f"{as_of(day)}, {first.lower() if pronoun else first}{rest}"

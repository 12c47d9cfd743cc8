"""Words that tie a sentence to the moment it was written: with them, only a recent source can support it."""

import re
from calendar import month_name
from datetime import date

NOW = r"currently|presently|nowadays|at present|at the moment|these days|today|to date|to this day|right now"
SUPERLATIVE = (
    r"latest|newest|most recent|most advanced|most powerful|most capable|most popular|most widely used|"
    r"state[- ]of[- ]the[- ]art|SOTA|cutting[- ]edge"
)
FUTURE = (
    r"upcoming|forthcoming|in the (?:near )?future|(?:is|are) (?:being developed|under development|in development|"
    r"in beta|in preview|planned)|will (?:be released|launch|ship|replace|become available)|"
    r"coming (?:soon|months|years)"
)
TIME_WORD = re.compile(rf"(?<![\w-])(?:{NOW}|{SUPERLATIVE}|{FUTURE})(?![\w-])", re.IGNORECASE)
YEAR = re.compile(r"(?<![\w.])(?:19|20)\d\d(?![\w])")
DATED_WITHIN = 60  # characters around the word in which a year dates it


def time_word(sentence: str) -> str:
    """Return the first word or phrase that goes stale by itself; empty if there is none or a year dates it.

    Now-words, superlatives in time, and narrow future words. Superlatives of size and speed are left out: they are as
    often about mathematics ("climbs fastest") as about the state of the world.
    """
    for found in TIME_WORD.finditer(sentence):
        near = sentence[max(0, found.start() - DATED_WITHIN) : found.end() + DATED_WITHIN]
        if not YEAR.search(near):
            return found[0]
    return ""


def as_of(day: date) -> str:
    """Return the words that date a statement: "As of July 2024"."""
    return f"As of {month_name[day.month]} {day.year}"


def dated(sentence: str, day: date) -> str:
    """Return the sentence with the month it was true in said first: "As of July 2024, it is …"."""
    first, rest = sentence[:1], sentence[1:]
    pronoun = re.match(r"(?:It|This|These|They|The|A|An|Its|Their|There)\b", sentence)
    return f"{as_of(day)}, {first.lower() if pronoun else first}{rest}"

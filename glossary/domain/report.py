"""Reports of readers: what one may say, which words it is about, how many come in, and what the reporter is told."""

import re
from collections.abc import Sequence
from enum import StrEnum

MAX_SAID = 2_000  # characters
MAX_QUOTE = 600
MAX_REASON = 500
SHORTEST_QUOTE = 8  # characters that can be told apart within a card
MIN_AGE = 3  # seconds between opening the form and sending it; people need longer
NETWORK_AN_HOUR = 6  # reports kept from one network within an hour
TERM_AN_HOUR = 20  # reports kept on one card within an hour: a flood on one leaves room for the others
ALL_AN_HOUR = 90  # reports kept from everybody within an hour: what a desk can still look through


class ReportVerdict(StrEnum):
    """What the desk found; a report that waits has the empty one."""

    WAITING = ""
    REOPENED = "was wrong"
    NOTHING_WRONG = "nothing wrong"
    SPAM = "spam"


class Outcome(StrEnum):
    """How a report ended, as its reporter is told."""

    NOTHING_WRONG = "nothing wrong"
    STANDS = "stands"
    READ_AGAIN = "read again"
    CHANGED = "changed"


def find_sentence(quote: str, sentences: Sequence[str]) -> int | None:
    """Return the place from 0 of the sentence that a quote was taken from, None if there is none.

    Letter case, white space and the shape of quotation marks do not count. A quote that spans several sentences
    belongs to the first that it holds whole; a short one to a sentence only if it stands in no other.
    """
    wanted, folded = _folded(quote), [_folded(text) for text in sentences]
    if not wanted:
        return None
    if wanted in folded:
        return folded.index(wanted)
    inside = [place for place, text in enumerate(folded) if wanted in text]
    if inside and (len(wanted) >= SHORTEST_QUOTE or len(inside) == 1):
        return inside[0]
    return next((place for place, text in enumerate(folded) if len(text) >= SHORTEST_QUOTE and text in wanted), None)


def too_many_text(minutes: int, contact: str) -> str:
    """Return what a reader is told whose report is not kept for the number of others; `contact` may be empty."""
    wait = "a minute" if minutes == 1 else f"{minutes} minutes"
    write = f", or write to {contact}" if contact else ""
    return (
        "Your report was not kept: too many came in within this hour. Everything you typed is still here. Please send "
        f"it once more in {wait}{write}."
    )


def outcome_text(outcome: Outcome, *, headword: str, reason: str, page: str, log: str) -> str:
    """Return the mail that tells a reporter how it ended; `page` and `log` are whole addresses."""
    begin = f"You told us that something in our card “{headword}” may be wrong. Thank you.\n\n"
    match outcome:
        case Outcome.NOTHING_WRONG:
            said = f"We looked at it and left the words as they are, because: {reason}\n"
        case Outcome.STANDS:
            said = "We checked the words against their sources again. They stand.\n"
        case Outcome.READ_AGAIN:
            said = "A checker has read the whole card again since, and it stands as it is.\n"
        case Outcome.CHANGED:
            said = "The words have been changed or taken out. Where they were wrong, the log of corrections says so.\n"
    end = "\nThis is the only mail about it: your address has been erased together with this answer.\n"
    return f"{begin}{said}\nThe card: {page}\nCorrections: {log}\n{end}"


def _folded(text: str) -> str:
    text = text.translate(QUOTES).casefold()
    return re.sub(r"\s+", " ", text).strip(" …")


QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " ", "\u2011": "-"})

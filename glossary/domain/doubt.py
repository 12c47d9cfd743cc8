"""Doubts: why words that passed their check should be looked at again, and how such a doubt ends."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from glossary.domain.claim import points_back


class DoubtKind(StrEnum):
    """What is in doubt: the way to a source, what stands there, whether it still holds, or a sentence by itself."""

    DEAD_LINK = "dead link"
    REDIRECTED = "redirected"
    PAGE_CHANGED = "page changed"
    PASSAGE_GONE = "passage gone"
    OUTDATED = "outdated"
    CONTRADICTED = "contradicted"
    SUCCEEDED = "no longer the latest"


class Ending(StrEnum):
    """How a doubt ended."""

    STANDS = "looked at, it stands"
    CHECKED = "checked again"
    REPAIRED = "address replaced"
    CAME_BACK = "came back by itself"
    WORDS_GONE = "the words are gone"


POINTS = {  # in the queue; a card has the sum of what is open on it, each kind counted once
    DoubtKind.REDIRECTED: 5,
    DoubtKind.PAGE_CHANGED: 10,
    DoubtKind.DEAD_LINK: 15,
    DoubtKind.PASSAGE_GONE: 25,
    DoubtKind.SUCCEEDED: 30,
    DoubtKind.OUTDATED: 40,
    DoubtKind.CONTRADICTED: 50,
}
OF_SOURCE = (DoubtKind.OUTDATED, DoubtKind.DEAD_LINK, DoubtKind.CONTRADICTED)  # what a person may say of a source
OF_SENTENCE = (DoubtKind.OUTDATED, DoubtKind.CONTRADICTED)  # … and of a sentence, as seen elsewhere
OF_WORDS = frozenset(  # whoever wrote the words may not say that these are unfounded
    {DoubtKind.PASSAGE_GONE, DoubtKind.OUTDATED, DoubtKind.CONTRADICTED, DoubtKind.SUCCEEDED}
)
MAX_REASON = 500  # characters

# "current" is no claim of time in an electric current, and "now" none in "now that"
LATEST = re.compile(
    r"\b(?:latest|newest|most recent|most up[- ]to[- ]date|up[- ]to[- ]date|flagship|current(?!s|\s+(?:flows?|runs?))"
    r"|currently|today[’']s|present[- ]day|now(?!\s+that\b))\b",
    re.IGNORECASE,
)


def points_for(kinds: Iterable[DoubtKind]) -> int:
    """Return how much the open doubts of a card lift it in the queue; each kind counts once."""
    return sum(POINTS[kind] for kind in set(kinds))


@dataclass(frozen=True)
class Said:
    """A published sentence of a term, in its place: `key` names it for whoever asks."""

    key: int
    term: int
    text: str


def calls_latest(card: Sequence[Said], names: Collection[str], *, own: bool = False) -> list[Said]:
    """Return the sentences of a card that call a thing of these names latest, newest or current.

    A sentence speaks of the thing if it names it, or opens with a pronoun right after one that does. On the thing's
    `own` card every sentence speaks of it. Dated sentences ("As of July 2024, it is the latest") are among them, as
    their reader wants to know what came after.
    """
    pattern = names_pattern(names)
    found, spoken = [], own
    for said in card:
        spoken = own or pattern.search(said.text) is not None or (spoken and points_back(said.text))
        if spoken and LATEST.search(said.text):
            found.append(said)
    return found


def names_pattern(names: Collection[str]) -> re.Pattern[str]:
    """Return the pattern that finds these names as whole words in running text; an empty one matches nothing.

    `\\b` is no help with names: it finds “Qwen 2” in “Qwen 2.5” and never “C++”. A hyphen may follow unless the name
    ends in a digit (“RAG-based”, not “GPT-4-turbo”). Names in capitals only match as they are written.
    """
    ways = []
    for name in sorted({name for name in names if name.strip()}, key=len, reverse=True):
        words = r"[\s\u00a0-]+".join(re.escape(word) for word in re.split(r"[\s-]+", name.strip()) if word)
        ends = r"(?![\w+#]|\.\d|-\w)" if name[-1:].isdigit() else r"(?![\w+#]|\.\d)"
        ways.append(f"{words}{ends}" if name.isupper() else f"(?i:{words}){ends}")
    return re.compile(rf"(?<![\w.+#-])(?:{'|'.join(ways)})" if ways else r"(?!)")

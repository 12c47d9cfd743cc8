"""What becomes of a name in running text: a link by itself, only in its own case, on an editor's word, or none."""

import gzip
from enum import StrEnum
from functools import cache
from pathlib import Path

# wordfreq, Zipf frequency 4.25 or more; see LICENCE.txt beside it
WORD_LIST = Path(__file__).resolve().parent / "wording" / "words" / "everyday.txt.gz"


class LinkPolicy(StrEnum):
    """What becomes of a name in running text; an editor chooses it for each name."""

    AUTO = "auto"
    EXACT = "exact case"
    SUGGEST = "suggest"
    NEVER = "never"


def starting_policy(name: str) -> LinkPolicy:
    """Return the policy that a name has until an editor chooses: SUGGEST for a single everyday word, else AUTO.

    A word with capitals inside, such as IT, is matched in its own case anyway and is no everyday word.
    """
    word = name.strip()
    if word[1:] != word[1:].lower():
        return LinkPolicy.AUTO
    return LinkPolicy.SUGGEST if is_everyday(word) else LinkPolicy.AUTO


def is_everyday(word: str) -> bool:
    """Return whether English has the word, or what its s may be the plural of, 18 times in a million words."""
    word = word.casefold()
    return word in _everyday() or (word.endswith("s") and word[:-1] in _everyday())


@cache
def _everyday() -> frozenset[str]:
    """Return the everyday words; read once, when the first name is given."""
    with gzip.open(WORD_LIST, "rt", encoding="ascii") as lines:
        return frozenset(lines.read().split())

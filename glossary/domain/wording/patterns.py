"""Phrases as the rules write them, and finding all of them in one walk over the words of a sentence.

A phrase is a row of words: "a/b" is either word, "word?" may be missing, "stem~" begins so, "_" is any one word,
"#number" and "#year" are figures. A hyphen reads as a space. There are no regular expressions in the rules, so no text
can make one slow: at each word only the phrases that begin with it are tried, and each is at most MAX_WORDS long.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Generic, TypeVar

MAX_WORDS = 8
MIN_STEM = 4
WORD = re.compile(r"\d+(?:[.,]\d+)*\w*|\w+(?:['’]\w+)*")  # a part never begins with what the one before may end with
GLUE = frozenset({" ", "-", "\u2010", "\u2011"})
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Token:
    """One word of a text: as compared, where it stands, and whether only a space or hyphen parts it from the last."""

    norm: str
    start: int
    end: int
    joined: bool

    @property
    def is_year(self) -> bool:
        """Whether the word is a year of the last or of this century."""
        return len(self.norm) == 4 and self.norm.isdecimal() and self.norm[:2] in {"19", "20"}


def tokens_of(text: str) -> list[Token]:
    """Return the words of `text` in order; "today’s" compares as "today"."""
    found: list[Token] = []
    end = 0
    for match in WORD.finditer(text):
        norm = match[0].casefold().replace("’", "'").removesuffix("'s")
        found.append(Token(norm, match.start(), match.end(), bool(found) and text[end : match.start()] in GLUE))
        end = match.end()
    return found


def expand(phrase: str) -> list[tuple[str, ...]]:
    """Return every row of words that `phrase` stands for; raises ValueError for one that cannot be looked up."""
    choices: list[list[tuple[str, ...]]] = []
    for element in phrase.replace("-", " ").casefold().replace("’", "'").replace("'s", "").split():
        words: list[tuple[str, ...]] = [(word,) for word in element.removesuffix("?").split("/")]
        choices.append([*words, ()] if element.endswith("?") else words)
    rows = sorted({tuple(word for part in row for word in part) for row in product(*choices)})
    for row in rows:
        if not row or len(row) > MAX_WORDS:
            raise ValueError(f"“{phrase}” has {len(row)} words; between 1 and {MAX_WORDS} can be looked for")
        if row[0] == "_" or any(not word or (word.endswith("~") and len(word) <= MIN_STEM) for word in row):
            raise ValueError(f"“{phrase}” begins with no word, or has a stem of fewer than {MIN_STEM} letters")
    return rows


class Phrases(Generic[Key]):
    """Phrases under keys, found together in one walk."""

    def __init__(self, phrases: Mapping[Key, Iterable[str]]) -> None:
        self.by_first: dict[str, list[tuple[tuple[str, ...], Key]]] = defaultdict(list)
        for key, of_key in phrases.items():
            for phrase in of_key:
                for row in expand(phrase):
                    first = row[0]
                    self.by_first[first[:MIN_STEM] + "~" if first.endswith("~") else first].append((row, key))
        self.steps = 0  # comparisons made so far, counted so that a test can bound them

    def find(self, tokens: Sequence[Token]) -> Iterator[tuple[Key, int, int]]:
        """Yield key, first and past-last token of every place where a phrase stands."""
        for place, token in enumerate(tokens):
            keys = [token.norm, token.norm[:MIN_STEM] + "~"]
            if token.norm[:1].isdecimal():
                keys += ["#number", *(["#year"] if token.is_year else [])]
            for first in keys:
                for row, key in self.by_first.get(first, ()):
                    if self._stands(row, tokens, place):
                        yield key, place, place + len(row)

    def _stands(self, row: tuple[str, ...], tokens: Sequence[Token], place: int) -> bool:
        if place + len(row) > len(tokens):
            return False
        for offset, word in enumerate(row):
            self.steps += 1
            token = tokens[place + offset]
            if offset and not token.joined:
                return False
            if word == "_" or word == token.norm or (word.endswith("~") and token.norm.startswith(word[:-1])):
                continue
            if (word == "#number" and token.norm[:1].isdecimal()) or (word == "#year" and token.is_year):
                continue
            return False
        return True


def zones_of(text: str) -> list[tuple[str, int, int]]:
    """Return the quotations and the citations, such as "(Vaswani et al., 2017)", of a text: kind, start, end."""
    zones = []
    opened: dict[str, int] = {}
    for place, sign in enumerate(text):
        if sign in "“‘(":
            opened.setdefault(sign, place)
        elif sign == '"':
            begun = opened.pop(sign, None)
            if begun is None:
                opened[sign] = place
            else:
                zones.append(("quote", begun, place + 1))
        elif sign == "”" and "“" in opened:
            zones.append(("quote", opened.pop("“"), place + 1))
        elif sign == "’" and "‘" in opened and not text[place + 1 : place + 2].isalpha():
            zones.append(("quote", opened.pop("‘"), place + 1))
        elif sign == ")" and "(" in opened:
            begun = opened.pop("(")
            if place - begun < 120 and any(token.is_year for token in tokens_of(text[begun:place])):
                zones.append(("citation", begun, place + 1))
    return zones


def aligned(plain: str, field: str, at: int) -> tuple[list[int], int]:
    """Return for each character of `plain` its place in `field` (-1 where it is not found) and where to go on.

    `field` is the same text with Markdown signs and other white space; `at` is where to begin.
    """
    places = []
    for sign in plain:
        near = field[at : at + 300]
        step = next((n for n, other in enumerate(near) if other.isspace()), -1) if sign == " " else near.find(sign)
        places.append(at + step if step >= 0 else -1)
        at += step + 1 if step >= 0 else 0
    return places, at


def is_increasing(places: Sequence[int]) -> bool:
    """Return whether all these places were found, one right after the other."""
    return all(a >= 0 and b == a + 1 for a, b in pairwise(places)) and min(places, default=-1) >= 0

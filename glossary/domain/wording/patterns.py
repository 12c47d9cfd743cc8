"""Phrases as the rules write them, and finding all of them in one walk over the words of a sentence.

A phrase is a row of words: "a/b" is either word, "word?" may be missing, "stem~" begins so, "_" is any one word,
"@name" any word of a class (a list in the rules files) and "#number" what KINDS says. A hyphen reads as a space. There
are no regular expressions in the rules, so no text can make one slow: at each word only the phrases that begin with it
are followed, at most MAX_WORDS far, and those that begin alike together.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from types import MappingProxyType
from typing import Generic, TypeVar

from glossary.domain.names import squeezed_key

MAX_WORDS = 8
LONGEST_NAME = 5  # words of a name that is looked for in running text
MIN_STEM = 4
# a part never begins with what the one before may end with; the sign of a currency or "%" belongs to its figure
WORD = re.compile(r"[$€£¥] ?\d+(?:[.,]\d+)*\w*|\d+(?:[.,]\d+)*\w*(?: ?[%€£])?|\w+(?:['’]\w+)*")
SIGNS = "$€£¥%"
VERSION = re.compile(r"v?\d{1,2}(?:\.\d{1,3}){0,3}")
MIN_PRODUCT = 4  # letters and figures; "MP3" is no version of anything
THOUSAND = 1_000  # from here on a bare figure is large
GLUE = frozenset({" ", "-", "\u2010", "\u2011"})
Key = TypeVar("Key", bound=Hashable)
# kinds of words: any figure, a year, a price, a share, a figure from 1,000 on, a version ("3", "3.1"), one with a
# point, a figure with letters behind ("4o"), "v3", a word with a capital or a figure in it, and one with a capital that
# ends with a figure ("Qwen2")
KINDS = frozenset(
    {"#number", "#year", "#money", "#percent", "#large", "#version", "#dotted", "#lettered", "#vnumber", "#name"}
    | {"#product"}
)
Classes = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Token:
    """One word of a text: as compared, where it stands, and whether only a space or hyphen parts it from the last."""

    norm: str
    start: int
    end: int
    joined: bool
    sign: str = ""  # the currency or "%" that stands at a figure
    capital: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """What the word is, as KINDS has it."""
        if not self.norm[:1].isdecimal():
            named = self.capital or any(sign.isdecimal() for sign in self.norm)
            version = self.norm[:1] == "v" and VERSION.fullmatch(self.norm) is not None
            product = self.capital and self.norm.rstrip("0123456789.") != self.norm and len(self.norm) > MIN_PRODUCT
            return ("#name",) * named + ("#vnumber",) * version + ("#product",) * product
        whole = self.norm.replace(",", "")
        found = [
            ("#number", True),
            ("#year", self.is_year),
            ("#money", self.sign not in {"", "%"}),
            ("#percent", self.sign == "%"),
            ("#large", whole.isdecimal() and not self.is_year and int(whole[:9]) >= THOUSAND),
            ("#version", not self.sign and not self.is_year and VERSION.fullmatch(self.norm) is not None),
            ("#dotted", not self.sign and "." in self.norm and VERSION.fullmatch(self.norm) is not None),
            ("#lettered", self.norm.isalnum() and not self.norm.isdecimal()),
        ]
        return tuple(kind for kind, so in found if so)

    @property
    def is_year(self) -> bool:
        """Whether the word is a year of the last or of this century."""
        return len(self.norm) == 4 and self.norm.isdecimal() and self.norm[:2] in {"19", "20"}


def tokens_of(text: str) -> list[Token]:
    """Return the words of `text` in order; "today’s" compares as "today"."""
    found: list[Token] = []
    end = 0
    for match in WORD.finditer(text):
        norm, sign = match[0].casefold().replace("’", "'").removesuffix("'s"), ""
        if norm[0] in SIGNS or norm[-1] in SIGNS:
            sign = norm[0] if norm[0] in SIGNS else norm[-1]
            norm = norm.strip(SIGNS + " ")
        joined = bool(found) and text[end : match.start()] in GLUE
        # the first word has a capital in any case
        capital = match[0][0].isupper() and (bool(found) or match[0][1:].upper() == match[0][1:] != "")
        found.append(Token(norm, match.start(), match.end(), joined, sign, capital))
        end = match.end()
    return found


def expand(phrase: str, classes: Classes = MappingProxyType({})) -> list[tuple[str, ...]]:
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
        if strange := [word for word in row if word[0] in "#@" and word not in KINDS and word[1:] not in classes]:
            raise ValueError(f"“{phrase}” asks for {strange[0]}, which is no kind and no class of words")
    return rows


class Branch(Generic[Key]):
    """A place in the tree of phrases: the keys of those that end here, and where each next word leads."""

    __slots__ = ("keys", "stems", "words")

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.words: dict[str, Branch[Key]] = {}
        self.stems: dict[str, list[tuple[str, Branch[Key]]]] = {}  # by their first letters

    def grow(self, word: str) -> "Branch[Key]":
        """Return where `word` leads from here, a new place if nothing did."""
        if not word.endswith("~"):
            return self.words.setdefault(word, Branch())
        alike = self.stems.setdefault(word[:MIN_STEM], [])
        known = next((branch for stem, branch in alike if stem == word[:-1]), None)
        if known is None:
            known = Branch()
            alike.append((word[:-1], known))
        return known


class Phrases(Generic[Key]):
    """Phrases under keys, found together in one walk: those that begin alike are compared once."""

    def __init__(self, phrases: Mapping[Key, Iterable[str]], classes: Classes = MappingProxyType({})) -> None:
        self.tree: Branch[Key] = Branch()
        self.classes_of: dict[str, tuple[str, ...]] = defaultdict(tuple)
        for name, members in classes.items():
            for word in members:
                self.classes_of[word] += (f"@{name}",)
        for key, of_key in phrases.items():
            for row in sorted({row for phrase in of_key for row in expand(phrase, classes)}):
                branch = self.tree
                for word in row:
                    branch = branch.grow(word)
                branch.keys.append(key)
        self.steps = 0  # places of the tree visited so far, counted so that a test can bound them

    def find(self, tokens: Sequence[Token]) -> Iterator[tuple[Key, int, int]]:
        """Yield key, first and past-last token of every place where a phrase stands."""
        asked = [(token.norm, "_", *token.kinds, *self.classes_of.get(token.norm, ())) for token in tokens]
        for first in range(len(tokens)):
            ahead = [(self.tree, first)]
            while ahead:
                branch, place = ahead.pop()
                for found in self._onward(branch, tokens[place].norm, asked[place]):
                    self.steps += 1
                    for key in found.keys:
                        yield key, first, place + 1
                    if place + 1 < len(tokens) and tokens[place + 1].joined and (found.words or found.stems):
                        ahead.append((found, place + 1))

    @staticmethod
    def _onward(branch: Branch[Key], norm: str, asked: Sequence[str]) -> Iterator[Branch[Key]]:
        for word in asked:
            if found := branch.words.get(word):
                yield found
        for stem, found in branch.stems.get(norm[:MIN_STEM], ()):
            if norm.startswith(stem):
                yield found


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


def names_by_key(texts: Iterable[str]) -> dict[str, set[str]]:
    """Return the runs of up to five words in these texts that could be names, by the key a name is looked up under."""
    runs: dict[str, set[str]] = {}
    for text in texts:
        tokens = tokens_of(text)
        for first in range(len(tokens)):
            for last in range(first, min(len(tokens), first + LONGEST_NAME)):
                run = text[tokens[first].start : tokens[last].end]
                runs.setdefault(squeezed_key(run), set()).add(run)
    return runs

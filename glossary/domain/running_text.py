"""Running text as it is searched for names: its words, and every run of words that could be a name."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from glossary.domain.names import APOSTROPHES, INVISIBLE

MAX_WORDS = 8  # words of a name that is looked for in running text
OPENING = 3  # words: a longer name is looked for only where one is known to begin with these, which spares most keys

# A word keeps the signs that tell names apart: C++, C#, .NET, TCP/IP, node.js, 2.5, R&D, A*, Moore's.
WORD = re.compile(r"(?:(?<!\w)\.(?=[^\W\d_]))?\w+(?:[./'’&+]\w+)*[+#*]*")
HYPHEN = re.compile("[-\u2010\u2011\u2013\ufe63\uff0d]")  # U+2013 too: Kullback–Leibler; an em dash parts two thoughts
QUOTED = re.compile(r"“[^“”]*”|‘[^‘’]*’(?!\w)|«[^«»]*»|(?<!\w)\"[^\"]*\"(?!\w)")
ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+|\S+@\S+\.\S+|\bwww\.\S+", re.IGNORECASE)


class Token(NamedTuple):
    """A word of a passage; `gap` is what joins it to the word before: "", a blank, a hyphen, or None for a break."""

    start: int
    end: int
    text: str
    gap: str | None
    open: bool  # whether a link may stand here


Run = tuple[str, int, int, int]  # the key of neighbouring words that may be a name, the first, the last, and the end


@dataclass(frozen=True)
class Passage:
    """One paragraph or list item as plain text.

    `closed` are the (start, end) in which nothing is linked, such as code and links that were written by hand; no name
    reaches across a place in `walls`, where emphasis begins or ends.
    """

    text: str
    closed: tuple[tuple[int, int], ...] = ()
    walls: tuple[int, ...] = ()

    @cached_property
    def tokens(self) -> list[Token]:
        """Return the words in order; read once, like what follows, as looking names up and placing links need it."""
        return _tokens_of(self)

    @cached_property
    def short_runs(self) -> list[Run]:
        """Return everything that could be a name of up to OPENING words."""
        return self._read[0]

    @cached_property
    def openings(self) -> dict[str, list[int]]:
        """Return the first OPENING words of all that could be a longer name, with the places where they begin."""
        return self._read[1]

    def runs(self, openings: Collection[str]) -> list[Run]:
        """Return everything that could be a name, of the longer ones those that begin with one of `openings`."""
        firsts = [first for opening, places in self.openings.items() if opening in openings for first in places]
        longer = [run for first in firsts for run in _longer_runs(self.tokens, first)]
        return self.short_runs + longer if longer else self.short_runs

    @cached_property
    def _read(self) -> tuple[list[Run], dict[str, list[int]]]:
        return _short_runs_of(self.tokens)


def spaced_key(name: str) -> str:
    """Return the key under which a name is found in running text; "" for a name that running text cannot hold.

    Words stay words: "Qwen 2" and "Qwen-2" share a key, "Qwen2" has another, and "log in" is not "login".
    """
    tokens = Passage(name).tokens
    if not tokens or len(tokens) > MAX_WORDS or any(token.gap is None for token in tokens[1:]):
        return ""
    if name[: tokens[0].start].strip() or name[tokens[-1].end :].strip():
        return ""
    return " ".join(_folded(token.text) for token in tokens)


def opening_of(key: str) -> str:
    """Return the first OPENING words of a spaced key that has more of them, else ""."""
    words = key.split(" ", OPENING)
    return " ".join(words[:OPENING]) if len(words) > OPENING else ""


def _tokens_of(passage: Passage) -> list[Token]:
    text, walls = passage.text, passage.walls
    closed = [*passage.closed, *(match.span() for match in QUOTED.finditer(text))]
    closed += [match.span() for match in ADDRESS.finditer(text)]
    tokens: list[Token] = []
    before = 0
    for match in WORD.finditer(text):
        start, end = match.span()
        gap = " " if text[before:start] == " " else _gap(text[before:start])
        is_open = True
        if walls:
            gap = None if any(before <= wall <= start for wall in walls) else gap
            is_open = not any(start < wall < end for wall in walls)
        if closed and any(a < end and start < b for a, b in closed):
            is_open = False
        tokens.append(Token(start, end, match[0], gap, is_open))
        before = end
    return tokens


def _short_runs_of(tokens: Sequence[Token]) -> tuple[list[Run], dict[str, list[int]]]:
    """Return one to OPENING neighbouring words, the last in each form that it may have; and where more follow.

    Most of the time that links take is spent here, on a thousand keys and more: hence the plain tuples.
    """
    forms = [_forms(token) for token in tokens]
    bases = [one[0][0] for one in forms]
    joined = [token.open and token.gap is not None for token in tokens] + [False]
    runs: list[Run] = []
    openings: dict[str, list[int]] = defaultdict(list)
    add = runs.append
    for first, token in enumerate(tokens):
        if not token.open or token.gap == "-":
            continue
        for form, end in forms[first]:
            add((form, first, first, end))
        head = bases[first]
        for last in range(first + 1, first + OPENING):
            if not joined[last]:
                break
            head += " "
            for form, end in forms[last]:
                add((head + form, first, last, end))
            head += bases[last]
        else:
            if joined[first + OPENING]:
                openings[head].append(first)
    return runs, openings


def _longer_runs(tokens: Sequence[Token], first: int) -> list[Run]:
    """Return what begins at a word and has more than OPENING words, up to MAX_WORDS."""
    runs: list[Run] = []
    head = _folded(tokens[first].text)
    for last in range(first + 1, min(first + MAX_WORDS, len(tokens))):
        token = tokens[last]
        if not token.open or token.gap is None:
            break
        head += " "
        if last - first >= OPENING:
            runs += [(head + form, first, last, end) for form, end in _forms(token)]
        head += _folded(token.text)
    return runs


def _gap(between: str) -> str | None:
    if not between.strip():
        return " " if between else ""
    return "-" if HYPHEN.fullmatch(between) else None


def _folded(word: str) -> str:
    """Return a word as keys have it; the order of the steps is that of `squeezed_key`."""
    if word.isascii():
        return word.casefold()
    word = unicodedata.normalize("NFKC", INVISIBLE.sub("", word))
    return APOSTROPHES.sub("'", unicodedata.normalize("NFKC", word.casefold()))


def _forms(token: Token) -> list[tuple[str, int]]:
    """Return the keys under which the last word of a name may stand, each with the place where its text ends.

    The word itself; without a possessive; and what its plural in s, es or ies may come from. An s counts in small
    letters only: the plural of LLM is LLMs, while AWS is none.
    """
    word, end = token.text, token.end
    found = [(_folded(word), end)]
    if word[-2:] in {"'s", "’s"}:
        word, end = word[:-2], end - 2
        found.append((_folded(word), end))
    if len(word) > 2 and word[-1] == "s" and word[-2] not in "su'’":
        base = _folded(word)
        found.append((base[:-1], end))
        if base.endswith("ies") and len(base) > 4:
            found.append((base[:-3] + "y", end))
        elif base.endswith(("ses", "xes", "zes", "ches", "shes", "oes")):
            found.append((base[:-2], end))
    return found

"""Finding the passages of a source that speak of a sentence, so that a checker reads three and not three hundred."""

import html
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from glossary.domain.markup import Block
from glossary.domain.sentences import sentences_of

MAX_RANKED = 400  # characters of one passage
MAX_SENTENCES = 3  # of one passage
RARE_FORM = 2.0  # weight of numbers and names, which decide whether a passage speaks of the same thing
LENGTH_SCALE = 500  # characters after which a passage must share twice as much to rank the same
ALIKE = 0.8  # share of common words from which two passages count as the same one
WRAPPED = range(45, 121)  # lengths of lines that are broken for width and not because a paragraph ends


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# A page is read by these patterns and not by a parser: html.parser (3.11) and html5ever take quadratic time on broken
# or deeply nested pages, and a page comes from anyone. Every quantifier here is possessive or ends the reading.
MARK = re.compile(
    r"""<!--(?:-?>|.*?--!?>)"""
    r"""|<(?:!(?!--)|\?|/(?![a-zA-Z]))[^>]*+>"""
    r"""|<(?P<close>/?)(?P<name>[a-zA-Z][^\s/>]*+)"""
    r"""(?P<rest>(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+'|(?!["'])))*+)>""",
    re.DOTALL,
)
WORDS = re.compile(r"(?:[^<]++|<(?![a-zA-Z!?/]))++")  # also the sign of "a < b"
UNREAD = _set("script style title textarea noscript noframes noembed iframe xmp")  # hold no markup
UNREAD_END = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in UNREAD}
SKIPPED = _set("nav footer svg template select button dialog object canvas audio video")
BLOCKS = _set(
    "p div section article aside header main body html ul ol li dl dt dd table caption thead tbody tr h1 h2 h3 h4 h5 "
    "h6 blockquote pre figure figcaption form fieldset address details summary hr nav footer"
)
OUTER = BLOCKS - {"p"}  # their end also ends what was left open inside
CELLS = frozenset({"td", "th"})
RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
HIDDEN = re.compile(r"\shidden(?=[\s=/]|$)", re.IGNORECASE)
ENDLESS_NUMBER = re.compile(r"&#[xX]?[0-9a-fA-F]{9,};?")  # html.unescape raises on very long ones

WORD = re.compile(r"\w+(?:[.,]\d+)*")
BULLET = re.compile(r"(?:[-*+•–—]|\d{1,3}[.)])\s")
ENDING = re.compile(r"(?:ing|ed|es|s|e|ly)$")
COMMON = _set(
    "a about after all also am an and any are as at be because been before being between both but by can could did do "
    "does each for from had has have he her his how i if in into is it its just may might more most much no nor not of "
    "on one only or other our over she should so some such than that the their them then there these they this those "
    "through to too under until up us very was we were what when where which while who whom whose why will with would "
    "you your"
)
NUMBER_WORDS = "two three four five six seven eight nine ten eleven twelve"  # not "one", which is rarely a number
NUMBERS = {word: str(number) for number, word in enumerate(NUMBER_WORDS.split(), start=2)}


@dataclass(frozen=True)
class _Unit:
    """A sentence in its paragraph, or a piece of one that is longer than a passage."""

    block: int  # number of the paragraph
    paragraph: str
    start: int
    end: int
    words: frozenset[str]


def text_of_html(page: str) -> str:
    """Return the visible text of a page: a blank line between paragraphs, `<br>` and lines of `<pre>` as line ends.

    Scripts, styles, navigation, page footers and hidden parts are dropped. Broken markup is read as a browser reads
    it, as far as it goes; nothing is raised, and the time grows with the length of the page.
    """
    reader = _Reader()
    for kind, value, rest in _marks_of(page):
        if kind == "text":
            reader.read(value)
        elif kind == "open":
            reader.open(value, rest)
        else:
            reader.close(value)
    text = re.sub(r"[^\S\n]+", " ", "".join(reader.parts))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" ?\n ?", "\n", text)).strip()


def rank_passages(text: str, sentence: str, *, limit: int = 3) -> list[str]:
    """Return the passages of `text` that share most with `sentence`, word for word as they stand, the best first.

    A passage is one to three sentences of a paragraph, at most MAX_RANKED characters, white space folded. Shared words
    count by how rare they are among the sentences of the text (inverse document frequency), numbers and names double;
    of equals the first in the text comes first. No two passages overlap or say nearly the same. Empty if nothing is
    shared.
    """
    wanted = _weights(sentence)
    units, spread = _cut(text)
    worth = {word: wanted[word] * math.log(1 + len(units) / spread[word]) for word in wanted if spread[word]}
    scored: list[tuple[float, int, int]] = []
    for first, unit in enumerate(units):
        shared: set[str] = set()
        for last in range(first, min(first + MAX_SENTENCES, len(units))):
            end = units[last]
            if end.block != unit.block or end.end - unit.start > MAX_RANKED:
                break
            shared |= worth.keys() & end.words
            if not shared:
                break
            score = math.fsum(worth[word] for word in shared) / (1 + (end.end - unit.start) / LENGTH_SCALE)
            scored.append((-score, first, last))
    return _distinct(units, sorted(scored), limit)


def _distinct(units: tuple[_Unit, ...], ranked: list[tuple[float, int, int]], limit: int) -> list[str]:
    """Return the best passages of which no two share a sentence or nearly all words."""
    taken: set[int | frozenset[str]] = set()  # places, and the words that stand there, as pages repeat themselves
    kept: list[tuple[str, frozenset[str]]] = []
    for _, first, last in ranked:
        if len(kept) >= limit:
            break
        inside = units[first : last + 1]
        said = {unit.words for unit in inside if unit.words}
        words = frozenset().union(*said)
        marks = said.union(range(first, last + 1))
        if taken.isdisjoint(marks) and all(_likeness(words, other) < ALIKE for _, other in kept):
            taken |= marks
            kept.append((units[first].paragraph[units[first].start : units[last].end], words))
    return [passage for passage, _ in kept]


def _likeness(words: frozenset[str], other: frozenset[str]) -> float:
    return len(words & other) / len(words | other)


@lru_cache(maxsize=8)  # a check page ranks the same few sources for line after line
def _cut(text: str) -> tuple[tuple[_Unit, ...], Counter[str]]:
    """Return the sentences of a text in order, and in how many of them each word stands."""
    units = tuple(
        _Unit(block, paragraph, start, end, frozenset(_weights(paragraph[start:end])))
        for block, paragraph in enumerate(_paragraphs(text))
        for start, end in _spans(paragraph)
    )
    return units, Counter(word for unit in units for word in unit.words)


def _paragraphs(text: str) -> Iterator[str]:
    """Split at blank lines and after short lines (headings, list items); lines broken for width are joined again."""
    for block in re.split(r"\n\s*\n", text):
        lines = [" ".join(line.split()) for line in block.split("\n")]
        joined: list[str] = []
        for before, line in zip(["", *lines], lines, strict=False):
            if joined and not BULLET.match(line) and (len(before) in WRAPPED or line[:1].islower()):
                joined.append(line)
            else:
                yield from [" ".join(joined)] if joined else []
                joined = [line] if line else []
        yield from [" ".join(joined)] if joined else []


def _spans(paragraph: str) -> Iterator[tuple[int, int]]:
    end = 0
    for sentence in sentences_of(Block(paragraph)):
        start = paragraph.index(sentence.text, end)
        end = start + len(sentence.text)
        while end - start > MAX_RANKED:
            space = paragraph.rfind(" ", start, start + MAX_RANKED + 1)
            if space <= start:
                yield start, start + MAX_RANKED
                start += MAX_RANKED
            else:
                yield start, space
                start = space + 1
        if start < end:
            yield start, end


def _weights(sentence: str) -> dict[str, float]:
    """Return the content words of a sentence, folded to their stems, and how much each counts."""
    found: dict[str, float] = {}
    for place, word in enumerate(WORD.findall(sentence)):
        folded = word.casefold()
        if folded in COMMON:
            continue
        number = any(character.isdigit() for character in word)
        key = folded.replace(",", "") if number else NUMBERS.get(folded) or _stem(folded)
        name = word[0].isupper() if place else any(character.isupper() for character in word[1:])
        found[key] = max(found.get(key, 0), RARE_FORM if number or name or folded in NUMBERS else 1.0)
    return found


def _stem(word: str) -> str:
    stem = ENDING.sub("", word)
    return stem if len(stem) >= 3 else word


def _marks_of(page: str) -> Iterator[tuple[str, str, str]]:
    """Yield ("text", words, ""), ("open", tag, attributes) and ("close", tag, "") in the order of the page."""
    place = 0
    while place < len(page):
        if words := WORDS.match(page, place):
            yield "text", words[0], ""
            place = words.end()
            continue
        mark = MARK.match(page, place)
        if mark is None:
            return  # a mark that never ends takes the rest of the page with it
        place = mark.end()
        if mark["name"] is None:
            continue
        name = mark["name"].lower()
        yield ("close" if mark["close"] else "open"), name, mark["rest"]
        if name in UNREAD and not mark["close"]:
            end = UNREAD_END[name].search(page, place)
            if end is None:
                return
            place = end.start()


class _Reader:
    """Keeps what a visitor of the page sees, mark by mark."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.skipping = ""  # the tag of the part that is dropped
        self.inner: Counter[str] = Counter()  # tags that stand open inside that part
        self.preformatted = False
        self.raised = False

    def read(self, words: str) -> None:
        if self.skipping:
            return
        words = html.unescape(ENDLESS_NUMBER.sub("\ufffd", words))
        if self.raised and all(ord(sign) in RAISED for sign in words.strip()):
            words = words.translate(RAISED)  # 10<sup>6</sup> is not 106
        self.parts.append(words if self.preformatted else re.sub(r"\s+", " ", words))

    def open(self, tag: str, rest: str) -> None:
        ended = tag == "main" or (self.skipping == "p" and tag in BLOCKS)
        if self.skipping and not ended:
            self.inner[tag] += 1
            return
        hidden = tag in BLOCKS | {"span"} and HIDDEN.search(QUOTED.sub('""', rest))
        if hidden or (tag in SKIPPED and not rest.endswith("/")):
            self.skipping, self.inner = tag, Counter()
        else:
            self.skipping = ""
        self.preformatted = self.preformatted or tag == "pre"
        self.raised = tag == "sup" or (self.raised and tag not in BLOCKS)
        self._part(tag)

    def close(self, tag: str) -> None:
        if self.skipping:
            if self.inner[tag]:
                self.inner[tag] -= 1
                return
            if tag != self.skipping and tag not in OUTER:
                return
            self.skipping = ""
        self.preformatted = self.preformatted and tag != "pre"
        self.raised = self.raised and tag != "sup"
        self._part(tag)

    def _part(self, tag: str) -> None:
        if tag in BLOCKS:
            self.parts.append("\n\n")
        elif tag == "br":
            self.parts.append("\n")
        elif tag in CELLS:
            self.parts.append(" ")

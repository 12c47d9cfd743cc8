"""Footnote marks: a small number after each sentence that was checked, put into HTML that is finished otherwise."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from operator import itemgetter

from glossary.domain.claim import ALIAS_LABELS, Part
from glossary.domain.markup import blocks_of
from glossary.domain.term import Words

TAG = r"<(?:[^\"'<>]|\"[^\"]*\"|'[^']*')*>"
NOT_PLAIN = re.compile(rf"(?P<tag>{TAG})|&(?:#\d+|#x[0-9a-fA-F]+|\w+);")
BLANK = re.compile(r"\s")
NAME = re.compile(r"</?([a-zA-Z0-9]+)")
INLINE = frozenset({"a", "em", "strong", "code", "span", "dfn"})
ENDS = re.compile(r"(?:</(?:a|em|strong|code|span|dfn)>)+")
BEGINS = re.compile(r"(?:<(?:a|em|strong|code|span|dfn)\b(?:[^\"'<>]|\"[^\"]*\"|'[^']*')*>)+$")
BEFORE = 2_000  # characters in which the opening tags just before a sentence are looked for

CLOSE, MARK, OPEN = range(3)  # the order of what is put in at one place


@dataclass(frozen=True)
class Noted:
    """A sentence as it stands in a part of the card, and the number of its statement; None where it has none."""

    text: str
    number: int | None = None


def with_marks(html: str, sentences: Iterable[Noted]) -> str:
    """Return `html` with a mark after each numbered sentence, which leads to `#c<number>`; no word is changed.

    `html` must be well-formed and safe already: what is added are tags of our own and numbers. The sentences come in
    the order of the text; one that is not found gets no mark. A sentence that can be wrapped gets `id="s<number>"`.
    """
    text = _text_of(html)
    at = 0
    added: list[tuple[int, int, str]] = []
    for sentence in sentences:
        span = text.find(sentence.text.split(), at)
        if span is None:
            continue
        at = span[1]
        if sentence.number is not None:
            added += _additions(html, text.place_of(span[0])[0], text.place_of(at - 1)[1], sentence.number)
    for place, _, mark in sorted(added, reverse=True):
        html = html[:place] + mark + html[place:]
    return html


def is_made_of(words: Words, lines: Sequence[tuple[str, str]]) -> bool:
    """Return whether these lines (part, text) are these words, none more and none less.

    Whoever shows lines beside words asks this first: lines that were changed behind the services say something else.
    """
    for part, blocks in (
        (Part.HEADWORD, [words.headword]),
        (Part.ALIAS, [f"{ALIAS_LABELS[alias.kind]}: {alias.text}" for alias in words.aliases]),
        (Part.DEFINITION, [words.definition]),
        (Part.BODY, [block.text for block in blocks_of(words.body)]),
        (Part.EXAMPLE, [words.example]),
        (Part.SUCCESSOR, [f"Succeeded by: {words.successor}"] if words.successor else []),
    ):
        said = "".join(text for name, text in lines if name == part)
        if "".join(said.split()) != "".join("".join(blocks).split()):
            return False
    return True


@dataclass(frozen=True)
class _Text:
    """The words of a piece of HTML, and where they stand in it.

    `runs` are stretches of `plain` by (first character, its place in the HTML, how long the sign is that it stands
    for); in a stretch of length 0 every character stands for itself.
    """

    plain: str
    runs: list[tuple[int, int, int]]

    def find(self, words: Sequence[str], at: int) -> tuple[int, int] | None:
        """Return [start, end) of the first place from `at` on where these words stand, whatever blanks part them."""
        if not words:
            return None
        sentence = " ".join(words)
        start = self.plain.find(sentence, at)
        found = re.compile(r"\s+".join(map(re.escape, words))).search(self.plain, at) if start < 0 else None
        if found is not None:
            return found.span()
        return (start, start + len(sentence)) if start >= 0 else None

    def place_of(self, at: int) -> tuple[int, int]:
        """Return [start, end) in the HTML of the character at `at`."""
        first, place, length = self.runs[bisect_right(self.runs, at, key=itemgetter(0)) - 1]
        return (place, place + length) if length else (place + at - first, place + at - first + 1)


def _text_of(html: str) -> _Text:
    """Return the text of `html`; blanks are single spaces where they were one character."""
    pieces: list[str] = []
    runs: list[tuple[int, int, int]] = []
    size = at = 0

    def add(text: str, place: int, length: int = 0) -> None:
        nonlocal size
        if text:
            pieces.append(text)
            runs.append((size, place, length))
            size += len(text)

    for found in NOT_PLAIN.finditer(html):
        add(html[at : found.start()], at)
        at = found.end()
        name = NAME.match(found["tag"]) if found["tag"] else None
        if found["tag"] is None:
            add(unescape(found[0]), found.start(), len(found[0]))
        elif name is not None and name[1].lower() not in INLINE:
            add(" ", found.start(), len(found[0]))
    add(html[at:], at)
    return _Text(BLANK.sub(" ", "".join(pieces)), runs)


def _additions(html: str, start: int, end: int, number: int) -> Iterator[tuple[int, int, str]]:
    ends = ENDS.match(html, end)
    outer_end = ends.end() if ends else end
    begins = BEGINS.search(html, max(0, start - BEFORE), start)
    outer_start = begins.start() if begins else start
    identity = f' id="s{number}"'
    for first, last in ((outer_start, outer_end), (start, end), (outer_start, end), (start, outer_end)):
        if _is_balanced(html[first:last]):
            yield first, OPEN, f'<span class="s"{identity}>'
            yield last, CLOSE, "</span>"
            identity = ""
            break
    place = outer_end
    if len(re.findall(r"<a[\s>]", html[:place])) > html.count("</a>", 0, place):  # no link stands inside a link
        place = html.index("</a>", place) + len("</a>")
    says = f"Statement {number}: what we checked"
    yield place, MARK, f'<sup class="fn"{identity}><a href="#c{number}" aria-label="{says}">{number}</a></sup>'


def _is_balanced(piece: str) -> bool:
    tags = re.findall(TAG, piece)
    depth = 0
    for tag in tags:
        name = NAME.match(tag)
        if name is None or name[1].lower() not in INLINE:
            if name is not None and name[1].lower() == "br":
                continue
            return False
        depth += -1 if tag.startswith("</") else 1
        if depth < 0:
            return False
    return depth == 0

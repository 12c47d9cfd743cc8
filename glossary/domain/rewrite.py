"""Putting other words in the place of one line of a card, and leaving every other line as it is."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from glossary.domain.claim import Line, Part, lines_of
from glossary.domain.errors import IllegalMove
from glossary.domain.term import Words

Key = tuple[str, str, tuple[str, ...]]  # part, text and links: what a line must keep

REWRITABLE = frozenset({Part.DEFINITION, Part.BODY, Part.EXAMPLE})
OPENING, CLOSING = "*_`[(“\"'‘", "*_`])”\"'’.!?…:;,"
MAX_CANDIDATES = 60  # spans of the raw text that are tried before giving up


def with_line(words: Words, place: int, text: str = "") -> Words:
    """Return the words with the line at `place` (from 1) replaced by `text`; an empty text cuts the line.

    Every other line keeps its words. Raises IllegalMove for names and the successor, which are no sentences, for a cut
    that leaves no definition, and where markup around the sentence cannot be kept whole.
    """
    lines = lines_of(words)
    line = lines[place - 1]
    if line.part not in REWRITABLE:
        raise IllegalMove("Names and the successor are changed in the writing form.")
    text = " ".join(text.split())
    field = line.part.value
    rest = [_key(one) for one in lines[: place - 1]], [_key(one) for one in lines[place:]]
    for span in _spans(getattr(words, field), line):
        spliced: dict[str, Any] = {field: _spliced(getattr(words, field), span, text)}
        candidate = replace(words, **spliced)
        if _kept(candidate, *rest, cut=not text):
            if not candidate.definition:
                raise IllegalMove("This is the whole definition; a card cannot stand without one. Withdraw the card.")
            return candidate
    raise IllegalMove("This sentence stands inside markup that would break. Change it in the writing form.")


def _key(line: Line) -> Key:
    return line.part.value, line.text, line.links


def _kept(candidate: Words, before: list[Key], after: list[Key], *, cut: bool) -> bool:
    keys = [_key(line) for line in lines_of(candidate)]
    if cut:
        return keys == before + after
    new = len(keys) - len(before) - len(after)
    return new >= 1 and keys[: len(before)] == before and keys[len(keys) - len(after) :] == after


def _spans(raw: str, line: Line) -> Iterator[tuple[int, int]]:
    """Yield spans of the raw text that may hold the sentence: the plain one first, then those around its markup."""
    tried = 0
    start = raw.find(line.text)
    while start >= 0 and tried < MAX_CANDIDATES:
        yield start, start + len(line.text)
        tried += 1
        start = raw.find(line.text, start + 1)
    cores = re.findall(r"\w+", line.text)
    if not cores:
        return
    starts = [found.start() for found in re.finditer(rf"(?<!\w){re.escape(cores[0])}(?!\w)", raw)]
    ends = [found.end() for found in re.finditer(rf"(?<!\w){re.escape(cores[-1])}(?!\w)", raw)]
    for first in starts:
        for last in ends:
            if not 0 < last - first <= 3 * len(line.text) + 2_500 or tried >= MAX_CANDIDATES:
                continue
            left = first
            while left > 0 and raw[left - 1] in OPENING:
                left -= 1
            right = last
            link = re.match(r"[*_`]*\]\([^)\s]*\)", raw[right:])
            right += link.end() if link else 0
            while right < len(raw) and raw[right] in CLOSING:
                right += 1
            item = re.search(r"(?:^|\n)[ \t]*(?:[-*+]|\d+[.)])[ \t]+$", raw[:left])
            for span in ((left, right), (first, right), *([(item.start(), right)] if item else [])):
                tried += 1
                yield span


def _spliced(raw: str, span: tuple[int, int], text: str) -> str:
    """Return the raw text with the span replaced, without the gap that a cut leaves behind."""
    left, right = raw[: span[0]], raw[span[1] :]
    if text:
        return left + text + right
    if not left or left.endswith("\n"):
        right = right.lstrip(" ")
    elif right.startswith((" ", "\n")) or not right:
        left = left.rstrip(" ")
    joined = re.sub(r"(?m)^[ \t]*(?:[-*+]|\d+[.)])[ \t]*$\n?", "", left + right)  # an item that lost its only words
    return re.sub(r"\n{3,}", "\n\n", joined).strip()

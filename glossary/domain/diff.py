"""What changed between two texts of a card, word by word, line by line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from glossary.domain.claim import Line

MAX_TOKENS = (
    600  # of a sentence; longer ones are shown as replaced whole, as comparing them word by word takes too long
)
ALIKE = 0.4  # share of words from which two sentences count as one that changed


class Change(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"
    CHANGED = "changed"


@dataclass(frozen=True)
class Piece:
    """A run of words that stayed, went, or came."""

    change: Change
    text: str


@dataclass(frozen=True)
class LineDiff:
    """One line of the comparison; a place is None where the line does not stand in that text."""

    change: Change
    pieces: tuple[Piece, ...]
    before: int | None
    after: int | None

    @property
    def was(self) -> tuple[Piece, ...]:
        """The pieces of the old text; none for a line that is new."""
        return tuple(piece for piece in self.pieces if piece.change != Change.NEW)

    @property
    def now(self) -> tuple[Piece, ...]:
        """The pieces of the new text; none for a line that is gone."""
        return tuple(piece for piece in self.pieces if piece.change != Change.GONE)


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """Return the pieces of both texts in reading order; joined without the new ones they are `before`, and so on."""
    old, new = _tokens(before), _tokens(after)
    if max(len(old), len(new)) > MAX_TOKENS:
        pieces = [Piece(Change.GONE, before), Piece(Change.NEW, after)] if before != after else [_same(after)]
        return tuple(piece for piece in pieces if piece.text)
    found: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(_same("".join(old[a:b])))
            continue
        if a < b:
            found.append(Piece(Change.GONE, "".join(old[a:b])))
        if c < d:
            found.append(Piece(Change.NEW, "".join(new[c:d])))
    return tuple(found)


def sentence_diff(before: str, after: str) -> LineDiff:
    """Return what became of a sentence; one that has little in common with the other is marked as a whole."""
    old, new = set(before.casefold().split()), set(after.casefold().split())
    if len(old & new) >= ALIKE * max(len(old), len(new)):
        return LineDiff(Change.CHANGED, word_diff(before, after), 1, 1)
    pieces = [Piece(Change.GONE, before), Piece(Change.NEW, after)]
    return LineDiff(Change.CHANGED, tuple(piece for piece in pieces if piece.text), 1, 1)


def compare_lines(before: Sequence[Line], after: Sequence[Line]) -> list[LineDiff]:
    """Return both texts as one list of lines in reading order: the same, changed, gone or new."""
    keys_before = [(line.part, line.text, line.links) for line in before]
    keys_after = [(line.part, line.text, line.links) for line in after]
    found: list[LineDiff] = []
    for tag, a, b, c, d in SequenceMatcher(None, keys_before, keys_after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [LineDiff(Change.SAME, (_same(before[a + n].text),), a + n + 1, c + n + 1) for n in range(b - a)]
        else:
            found += _replaced(before, after, range(a, b), range(c, d))
    return found


def _replaced(before: Sequence[Line], after: Sequence[Line], old: range, new: range) -> Iterator[LineDiff]:
    """Pair the lines of two runs that differ: in order, each with the first one left that is like it."""
    left = list(old)
    for place in new:
        like = next((at for at in left if _alike(before[at], after[place])), None)
        if like is None:
            yield LineDiff(Change.NEW, (Piece(Change.NEW, after[place].text),), None, place + 1)
            continue
        for at in [at for at in left if at < like]:
            yield LineDiff(Change.GONE, (Piece(Change.GONE, before[at].text),), at + 1, None)
            left.remove(at)
        left.remove(like)
        pieces = word_diff(before[like].text, after[place].text)
        yield LineDiff(Change.CHANGED, pieces, like + 1, place + 1)
    for at in left:
        yield LineDiff(Change.GONE, (Piece(Change.GONE, before[at].text),), at + 1, None)


def _alike(one: Line, other: Line) -> bool:
    if one.part != other.part:
        return False
    a, b = set(one.text.casefold().split()), set(other.text.casefold().split())
    return len(a & b) >= ALIKE * max(len(a), len(b))


def _same(text: str) -> Piece:
    return Piece(Change.SAME, text)


def _tokens(text: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", text)

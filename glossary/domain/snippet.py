"""The snippet of a search hit: the passage that answers best, with what was asked for marked."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from glossary.domain.markup import blocks_of
from glossary.domain.search import MAX_WORD, WORD, folded, stem_of, words_of
from glossary.domain.term import Words

SNIPPET = 180  # characters of a snippet, about two lines
SIGNED = re.compile(r"#|\+\+|\.(?<!\S\.)")  # what makes a word of its own: C++, C#, .NET


@dataclass(frozen=True)
class Piece:
    """A run of characters of a snippet; `hit` where it is what the reader asked for."""

    text: str
    hit: bool = False


def snippet_of(words: Words, stems: Collection[str]) -> list[Piece]:
    """Return the definition, or the passage of the card that answers the query best where the definition does not.

    Taken from the words at hand only, which are those that readers see.
    """
    if len(_hits(words.definition, stems)) == len(set(stems)):
        return _marked(words.definition, stems)  # no passage can hold more
    texts = [words.definition, *(block.text for block in blocks_of(words.body)), words.example]
    found = [(len(_hits(text, stems)), -place, text) for place, text in enumerate(texts)]
    hits, place, text = max(found)
    if hits <= found[0][0]:
        return _marked(words.definition, stems)
    return _marked(_cut(text, stems), stems)


def _hits(text: str, stems: Collection[str]) -> set[str]:
    plain = folded(text)
    words = words_of(plain) if SIGNED.search(plain) else _alike(tuple(stems)).findall(plain)
    return {stem for word in set(words) if (stem := _stem_among(word[:MAX_WORD], stems))}


def _places(text: str, stems: Collection[str]) -> Iterator[tuple[int, int]]:
    """Yield where the words of a text start and end that are asked for."""
    if text.isascii() and not SIGNED.search(text):
        words = _alike(tuple(stems)).finditer(text.lower())
        yield from (word.span() for word in words if _stem_among(word[0][:MAX_WORD], stems))
        return
    for match in WORD.finditer(text):
        if any(_stem_among(part, stems) for part in words_of(match[0])):
            yield match.span()


@lru_cache(maxsize=64)
def _alike(stems: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds, in a folded text without signs, the words whose first letter is that of one of the stems.

    The other words are passed over here, as taking each by itself is what a snippet takes longest for.
    """
    first, letter = "".join(sorted({stem[:1] for stem in stems})), r"[^\W_]"
    return re.compile(rf"[{first}](?<!{letter}{letter}){letter}*" if stems else r"(?!)")


def _stem_among(word: str, stems: Collection[str]) -> str:
    """Return the stem of a folded word if it is one of these, else nothing.

    A stem begins with the two letters that its word begins with, but for "dying" and its like: the others are passed
    over, as stemming takes longest.
    """
    start = word[:1] if word.endswith("ying") else word[:2]
    if any(stem.startswith(start) for stem in stems) and (found := stem_of(word)) in stems:
        return found
    return ""


def _cut(text: str, stems: Collection[str]) -> str:
    """Return about two lines of a text around the first place that is asked for."""
    if len(text) <= SNIPPET:
        return text
    first = next((start for start, _ in _places(text, stems)), 0)
    start = max(0, min(first - SNIPPET // 3, len(text) - SNIPPET))
    start = text.find(" ", start) + 1 if start else 0
    end = text.rfind(" ", start, start + SNIPPET) if start + SNIPPET < len(text) else len(text)
    end = end if end > start else start + SNIPPET
    return f"{'… ' if start else ''}{text[start:end]}{' …' if end < len(text) else ''}"


def _marked(text: str, stems: Collection[str]) -> list[Piece]:
    pieces, at = [], 0
    for start, end in _places(text, stems):
        if start > at:
            pieces.append(Piece(text[at:start]))
        pieces.append(Piece(text[start:end], True))
        at = end
    if at < len(text):
        pieces.append(Piece(text[at:]))
    return pieces

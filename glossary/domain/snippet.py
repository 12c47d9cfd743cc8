"""The snippet of a search hit: the passage that answers best, with what was asked for marked."""

from collections.abc import Collection
from dataclasses import dataclass

from glossary.domain.markup import blocks_of
from glossary.domain.search import MAX_WORD, WORD, stem_of, words_of
from glossary.domain.term import Words

SNIPPET = 180  # characters of a snippet, about two lines


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
    return {stem for word in words_of(text) if (stem := _stem_among(word, stems))}


def _is_hit(word: str, stems: Collection[str]) -> bool:
    if word.isascii() and word.isalnum():  # nearly every word; it is one part
        return bool(_stem_among(word.lower()[:MAX_WORD], stems))
    return any(_stem_among(part, stems) for part in words_of(word))


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
    first = next((match.start() for match in WORD.finditer(text) if _is_hit(match[0], stems)), 0)
    start = max(0, min(first - SNIPPET // 3, len(text) - SNIPPET))
    start = text.find(" ", start) + 1 if start else 0
    end = text.rfind(" ", start, start + SNIPPET) if start + SNIPPET < len(text) else len(text)
    end = end if end > start else start + SNIPPET
    return f"{'… ' if start else ''}{text[start:end]}{' …' if end < len(text) else ''}"


def _marked(text: str, stems: Collection[str]) -> list[Piece]:
    pieces, at = [], 0
    for match in WORD.finditer(text):
        if _is_hit(match[0], stems):
            if match.start() > at:
                pieces.append(Piece(text[at : match.start()]))
            pieces.append(Piece(match[0], True))
            at = match.end()
    if at < len(text):
        pieces.append(Piece(text[at:]))
    return pieces

"""The sentences of a card where they stand: in which part, at which characters, and which of them are code."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from glossary.domain.digest import hash_of
from glossary.domain.markup import Block, blocks_of
from glossary.domain.sentences import Sentence, sentences_of
from glossary.domain.term import Words
from glossary.domain.wording.patterns import aligned

KEPT_CARDS = 64


@dataclass(frozen=True)
class Place:
    """A sentence where it stands: its part, identity, the place of each of its characters in the field, its code."""

    part: str
    text: str
    hash: str
    places: Sequence[int] = ()
    code: tuple[tuple[int, int], ...] = ()


@lru_cache(maxsize=KEPT_CARDS)
def places_of(words: Words) -> tuple[Place, ...]:
    """Return the sentences of definition, body and example, cut as for checking, with their places in the field."""
    found = []
    flow = [("definition", words.definition, [Block(words.definition)]), ("body", words.body, blocks_of(words.body))]
    for part, text, blocks in [*flow, ("example", words.example, [Block(words.example)])]:
        at = 0
        for block in blocks:
            for sentence in sentences_of(block):
                where, at = aligned(sentence.text, text, at)
                found.append(Place(part, sentence.text, sentence_hash(part, sentence), where, sentence.code))
    return tuple(found)


def code_in(words: Words) -> dict[str, tuple[tuple[int, int], ...]]:
    """Return which characters of each sentence are inline code, by the hash of the sentence (as Line.hash)."""
    return {place.hash: place.code for place in places_of(words) if place.code}


def sentence_hash(part: str, sentence: Sentence) -> str:
    """Return the identity of a sentence's words within a part: that of the Line it becomes."""
    return hash_of([part, sentence.text, list(sentence.links)])

"""What editors say of links: it hangs on a sentence and a name, and goes where the sentence goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from glossary.domain.autolink import Choice
from glossary.domain.claim import Line, Part
from glossary.domain.markup import Block, blocks_of
from glossary.domain.sentences import sentences_of
from glossary.domain.term import Words

MAX_CHOICE = 400  # characters of an answer as a form sends it


@dataclass(frozen=True)
class Decision:
    """What was said of one name of a term in one sentence, wherever the sentence stands."""

    term: int
    text: str
    accepted: bool


@dataclass(frozen=True)
class Place:
    """Where a sentence stands in its passage, and the hash of its line."""

    start: int
    end: int
    hash: str


@dataclass(frozen=True)
class Answer:
    """What an editor answers where a name stands in a sentence: `term` is the one to link to.

    0 refuses the link; None takes back what was said.
    """

    sentence: str
    text: str
    term: int | None


def places_in(words: Words) -> list[list[Place]]:
    """Return the sentences of each passage of a card's running text: those of the body in order, then the example."""
    flow = [(Part.BODY, block) for block in blocks_of(words.body)] + [(Part.EXAMPLE, Block(words.example))]
    return [
        [Place(*one.span, Line(part, one.text, one.links).hash) for one in sentences_of(block)] for part, block in flow
    ]


def choices_in(words: Words, said: Mapping[str, Sequence[Decision]]) -> list[list[Choice]]:
    """Return for each passage of a card what was said of its sentences, by their hashes.

    Nothing is left of what was said of a sentence that does not stand in these words.
    """
    return [
        [
            Choice(place.start, place.end, one.term, one.text, one.accepted)
            for place in places
            for one in said.get(place.hash, ())
        ]
        for places in places_in(words)
    ]


def read_answer(value: str) -> Answer | None:
    """Return the answer that a button of the writing form stands for; None for what no button sends."""
    what, _, rest = value[:MAX_CHOICE].partition(":")
    sentence, _, text = rest.partition(":")
    if not text or not (what.isascii() and (what.isdecimal() or what == "back")):
        return None
    return Answer(sentence, text, None if what == "back" else int(what))

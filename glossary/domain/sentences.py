"""Cutting a card into sentences: each is one line that a checker settles."""

from bisect import bisect_right
from dataclasses import dataclass, field
from importlib.metadata import version

from nupunkt import sent_spans

from glossary.domain.markup import Block

SPLITTER = f"nupunkt {version('nupunkt')}"  # stored with every verdict, as another cutter draws other lines


@dataclass(frozen=True)
class Sentence:
    """A whole sentence, the targets of the links that stand in it, and which of its words are inline code.

    `span` is where it stands in its paragraph.
    """

    text: str
    links: tuple[str, ...] = ()
    code: tuple[tuple[int, int], ...] = ()  # (start, end) in `text`
    span: tuple[int, int] = field(default=(0, 0), compare=False)


def sentences_of(block: Block) -> list[Sentence]:
    """Return the sentences of one paragraph in order; every word and every link belongs to exactly one of them."""
    spans = [(start, end) for start, end in sent_spans(block.text) if block.text[start:end].strip()]
    starts = [0, *(start for start, _ in spans[1:])]
    ends = [*starts[1:], len(block.text) + 1]
    code = _code_by_sentence(block, starts) if block.code else {}
    return [
        Sentence(
            " ".join(block.text[start:end].split()),
            tuple(target for offset, target in block.links if start <= offset < end),
            tuple(code.get(number, ())),
            (start, end),
        )
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
        if block.text[start:end].strip()
    ]


def _code_by_sentence(block: Block, starts: list[int]) -> dict[int, list[tuple[int, int]]]:
    """Return the inline code by the number of its sentence, its places counted with white space as one space."""
    kept = [0]  # how many characters stay, before each place, where a run of white space is one
    for place, sign in enumerate(block.text):
        kept.append(kept[-1] + (not sign.isspace() or (place > 0 and not block.text[place - 1].isspace())))
    found: dict[int, list[tuple[int, int]]] = {}
    for first, past in block.code:
        number = bisect_right(starts, first) - 1
        base = kept[starts[number]]  # the cutter begins a sentence at its first word
        found.setdefault(number, []).append((kept[first] - base, kept[past] - base))
    return found

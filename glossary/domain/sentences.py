"""Cutting a card into sentences: each is one line that a checker settles."""

from dataclasses import dataclass
from importlib.metadata import version

from nupunkt import sent_spans

from glossary.domain.markup import Block

SPLITTER = f"nupunkt {version('nupunkt')}"  # stored with every verdict, as another cutter draws other lines


@dataclass(frozen=True)
class Sentence:
    """A whole sentence, and the targets of the links that stand in it."""

    text: str
    links: tuple[str, ...] = ()


def sentences_of(block: Block) -> list[Sentence]:
    """Return the sentences of one paragraph in order; every word and every link belongs to exactly one of them."""
    spans = [(start, end) for start, end in sent_spans(block.text) if block.text[start:end].strip()]
    starts = [0, *(start for start, _ in spans[1:])]
    ends = [*starts[1:], len(block.text) + 1]
    return [
        Sentence(
            " ".join(block.text[start:end].split()),
            tuple(target for offset, target in block.links if start <= offset < end),
        )
        for start, end in zip(starts, ends, strict=True)
        if block.text[start:end].strip()
    ]

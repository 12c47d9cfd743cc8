"""Reading a starter card: TOML front matter between lines of +++, then definition, text and example in Markdown."""

import tomllib
from dataclasses import dataclass
from datetime import date
from typing import Any

from glossary.domain.claim import ClaimKind, Line, Part
from glossary.domain.errors import BadText
from glossary.domain.term import AliasDraft, AliasKind, CardDraft


@dataclass(frozen=True)
class StarterSource:
    """A source as a starter card names it."""

    url: str
    title: str
    publisher: str
    published_on: date | None
    primary: bool


@dataclass(frozen=True)
class StarterLine:
    """How one sentence is to be settled: what it begins with, its kind, and for a fact its source and passage."""

    starts: str
    kind: ClaimKind
    source: str = ""
    passage: str = ""


@dataclass(frozen=True)
class StarterCard:
    """One card of the starter glossary."""

    slug: str
    draft: CardDraft
    topic: str
    tags: tuple[str, ...]
    level: str
    volatility: str
    sources: dict[str, StarterSource]
    lines: tuple[StarterLine, ...]
    vendor: str = ""
    priority: int = 0
    read_first: tuple[str, ...] = ()  # slugs, as below
    broader: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    contrast: str = ""

    def settlement(self, line: Line) -> StarterLine:
        """Return how `line` is settled; raises BadText unless exactly one entry of the card speaks of it."""
        found = [entry for entry in self.lines if line.text.startswith(entry.starts)]
        if line.part in {Part.HEADWORD, Part.ALIAS}:
            return StarterLine(line.text, ClaimKind.NAME)
        if len(found) != 1:
            raise BadText(f"{self.slug}: {len(found)} entries speak of “{line.text}”; exactly one must.")
        return found[0]


def parse_starter(text: str) -> StarterCard:
    """Return the card in `text`; raises BadText, KeyError or ValueError naming what is wrong with it."""
    try:
        _, head, body = text.split("+++\n", 2)
    except ValueError as error:
        raise BadText("A starter card opens with its front matter between two lines of +++.") from error
    data: dict[str, Any] = tomllib.loads(head)
    words, _, example = body.partition("## For example")
    definition, _, paragraphs = words.strip().partition("\n\n")
    return StarterCard(
        slug=data["slug"],
        draft=CardDraft(
            headword=data["headword"],
            definition=" ".join(definition.split()),
            body=paragraphs.strip(),
            example=" ".join(example.split()),
            aliases=tuple(
                AliasDraft(alias["text"], AliasKind(alias["kind"]), alias.get("shown", True))
                for alias in data.get("alias", [])
            ),
        ),
        topic=data["topic"],
        tags=tuple(data["tags"]),
        level=data["level"],
        volatility=data["volatility"],
        sources={
            source["id"]: StarterSource(
                source["url"], source["title"], source["publisher"], source.get("published_on"), source["primary"]
            )
            for source in data["source"]
        },
        lines=tuple(
            StarterLine(line["starts"], ClaimKind(line["kind"]), line.get("source", ""), line.get("passage", ""))
            for line in data["line"]
        ),
        vendor=data.get("vendor", ""),
        priority=data.get("priority", 0),
        read_first=tuple(data.get("read_first", [])),
        broader=tuple(data.get("broader", [])),
        related=tuple(data.get("related", [])),
        contrast=data.get("contrast", ""),
    )

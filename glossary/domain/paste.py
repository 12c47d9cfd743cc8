"""A card pasted whole falls into headword, names, definition, text and example."""

import re
from dataclasses import dataclass, field

from glossary.domain.names import MAX_NAME
from glossary.domain.term import AliasDraft, AliasKind

ALSO_CALLED = re.compile(r"(also called|also known as|aka|formerly(?=\s*:|[^.!?]*$))\s*:?\s+(.+)", re.IGNORECASE)
EXAMPLE = re.compile(r"(?:#+\s*)?(?:for )?example\s*(?::|$)\s*", re.IGNORECASE)
DATE_LINE = re.compile(r"(fact-)?checked\b.{0,30}\b(19|20)\d\d\b.{0,30}", re.IGNORECASE)
LIST_ITEM = re.compile(r"\s*([-*+]|\d+[.)])\s")


@dataclass
class PastedCard:
    """What was recognised in a pasted card."""

    headword: str = ""
    aliases: list[AliasDraft] = field(default_factory=list)
    definition: str = ""
    body: str = ""
    example: str = ""


def parse_card(text: str) -> PastedCard:
    """Return the parts of a pasted card: the first line is the headword, the next paragraph the definition.

    A line "Fact-checked …" is dropped: a date is never taken over with the words it stood beside.
    """
    card = PastedCard()
    body: list[str] = []
    example_follows = False
    for paragraph in _paragraphs(text):
        if DATE_LINE.fullmatch(paragraph):
            continue
        if not card.headword:
            card.headword = paragraph.lstrip("# ")
        elif names := ALSO_CALLED.fullmatch(paragraph):
            kind = AliasKind.FORMER_NAME if names[1].lower() == "formerly" else AliasKind.SPELLING
            card.aliases += [AliasDraft(name.strip(" ."), kind) for name in names[2].split(",") if name.strip(" .")]
        elif example_follows:
            card.example, example_follows = paragraph, False
        elif not card.example and (found := EXAMPLE.match(paragraph)):
            card.example = paragraph[found.end() :]
            example_follows = not card.example
        elif not card.definition:
            card.definition = paragraph
        else:
            body.append(paragraph)
    card.body = "\n\n".join(body)
    return card


def _paragraphs(text: str) -> list[str]:
    """Split at blank lines; the lines of the first paragraph stand for themselves, as heads often lack blank lines."""
    found = [p for p in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip()) if p.strip()]
    if not found:
        return []
    first = [line.strip() for line in found[0].split("\n") if line.strip()]
    head = first if len(first[0]) <= MAX_NAME else [" ".join(first)]
    return head + [p if LIST_ITEM.match(p) else " ".join(p.split()) for p in found[1:]]

"""The small part of Markdown that a card's body may use: paragraphs, emphasis, inline code, links, plain lists."""

from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

ALLOWED_TAGS = {"p", "em", "strong", "code", "a", "ul", "ol", "li", "br"}
LINK_SCHEMES = {"http", "https"}

_markdown = MarkdownIt("zero", {"html": False, "linkify": False, "typographer": False}).enable(
    ["list", "emphasis", "backticks", "link", "escape", "entity", "newline"]
)


@dataclass(frozen=True)
class Block:
    """One paragraph or list item: its words without marks, where in them each link leads, and what is inline code."""

    text: str
    links: tuple[tuple[int, str], ...] = ()  # (offset in `text`, target)
    code: tuple[tuple[int, int], ...] = ()  # (start, end) in `text`


def blocks_of(body: str) -> list[Block]:
    """Return the paragraphs and list items of `body` in reading order, as plain text."""
    return [_block(token) for token in _markdown.parse(body) if token.type == "inline"]


def foreign_links(body: str) -> list[str]:
    """Return the link targets in `body` that are not http or https addresses."""
    targets = [target for block in blocks_of(body) for _, target in block.links]
    return [target for target in targets if target.partition(":")[0].lower() not in LINK_SCHEMES]


def wordless_links(body: str) -> list[str]:
    """Return the targets of links that stand in a paragraph without words: no sentence would hold them."""
    return [target for block in blocks_of(body) if not block.text.strip() for _, target in block.links]


def to_html(body: str) -> str:
    """Return `body` as HTML that holds the allowed tags only, whatever was typed (nh3 is the second wall).

    Lists count from 1: a number that a list began with is no word of any sentence, so nobody would have checked it.
    """
    return nh3.clean(
        _markdown.render(body),
        tags=ALLOWED_TAGS,
        attributes={"a": {"href"}},
        url_schemes=LINK_SCHEMES,
        link_rel="noopener",
    )


def _block(inline: Token) -> Block:
    text = ""
    links, code = [], []
    for token in inline.children or []:
        if token.type == "link_open":
            links.append((len(text), str(token.attrs.get("href", ""))))
        elif token.type in {"softbreak", "hardbreak"}:
            text += " "
        else:
            if token.type == "code_inline":
                code.append((len(text), len(text) + len(token.content)))
            text += token.content
    return Block(text, tuple(links), tuple(code))

"""The small part of Markdown that a card's body may use: paragraphs, emphasis, inline code, links, plain lists."""

from collections.abc import Sequence
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from glossary.domain.running_text import Passage

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


@dataclass(frozen=True)
class TextLink:
    """A link that is put upon the words at [start, end) of a passage."""

    start: int
    end: int
    href: str


def passages_of(body: str) -> list[Passage]:
    """Return the paragraphs and list items of `body` as `blocks_of` cuts them, with where no link may be put."""
    return [_passage(token) for token in _markdown.parse(body) if token.type == "inline"]


def foreign_links(body: str) -> list[str]:
    """Return the link targets in `body` that are not http or https addresses."""
    targets = [target for block in blocks_of(body) for _, target in block.links]
    return [target for target in targets if target.partition(":")[0].lower() not in LINK_SCHEMES]


def wordless_links(body: str) -> list[str]:
    """Return the targets of links that stand in a paragraph without words: no sentence would hold them."""
    return [target for block in blocks_of(body) if not block.text.strip() for _, target in block.links]


def to_html(body: str, links: Sequence[Sequence[TextLink]] = ()) -> str:
    """Return `body` as HTML that holds the allowed tags only, whatever was typed (nh3 is the second wall).

    `links` has for each passage of `passages_of` the links to put upon its words, in order; they lie in plain words.
    Lists count from 1: a number that a list began with is no word of any sentence, so nobody would have checked it.
    """
    tokens = _markdown.parse(body)
    for token, given in zip([one for one in tokens if one.type == "inline"], links, strict=False):
        token.children = _with_links(token.children or [], given)
    return nh3.clean(
        _markdown.renderer.render(tokens, _markdown.options, {}),
        tags=ALLOWED_TAGS,
        attributes={"a": {"href", "data-peek"}},
        url_schemes=LINK_SCHEMES,
        link_rel="noopener",
    )


def _block(inline: Token) -> Block:
    text = ""
    links, code = [], []
    for token in inline.children or []:
        if token.type == "link_open":
            links.append((len(text), str(token.attrs.get("href", ""))))
        elif token.type == "code_inline":
            code.append((len(text), len(text) + len(token.content)))
        text += _words(token)
    return Block(text, tuple(links), tuple(code))


def _passage(inline: Token) -> Passage:
    """Return a passage whose links and code are closed; where emphasis begins or ends there is a wall."""
    text, closed, walls, opened = "", [], [], 0
    for token in inline.children or []:
        if token.type == "link_open":
            opened = len(text)
        elif token.type == "link_close":
            closed.append((opened, len(text)))
        elif token.type == "code_inline":
            closed.append((len(text), len(text) + len(token.content)))
        if token.nesting:
            walls.append(len(text))
        text += _words(token)
    return Passage(text, tuple(closed), tuple(walls))


def _words(token: Token) -> str:
    return " " if token.type in {"softbreak", "hardbreak"} else token.content


def _with_links(children: list[Token], links: Sequence[TextLink]) -> list[Token]:
    made: list[Token] = []
    waiting = list(links)
    at, is_open = 0, False
    for token in children:
        end = at + len(_words(token))
        rest = token.content
        while waiting and token.type == "text" and (waiting[0].end if is_open else waiting[0].start) < end + is_open:
            cut = waiting[0].end if is_open else waiting[0].start
            made.append(Token("text", "", 0, content=rest[: cut - at]))
            rest, at = rest[cut - at :], cut
            if is_open:
                made.append(Token("link_close", "a", -1))
                waiting.pop(0)
            else:
                made.append(Token("link_open", "a", 1, attrs={"href": waiting[0].href, "data-peek": ""}))
            is_open = not is_open
        if token.type == "text":
            made.append(Token("text", "", 0, content=rest))
        else:
            made.append(token)
        at = end
    return made

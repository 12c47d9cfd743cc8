"""Finding the passages of a source that speak of a sentence, so that a checker reads three and not three hundred."""

import math
import re
from collections import Counter
from functools import lru_cache
from html.parser import HTMLParser

from nupunkt import sent_spans

MAX_PASSAGE_WORDS = 400  # characters of one passage
SKIPPED = frozenset({"script", "style", "noscript", "template", "svg", "nav", "footer", "header", "form", "head"})
BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "li",
        "ul",
        "ol",
        "table",
        "tr",
        "td",
        "th",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "br",
        "blockquote",
        "pre",
        "dd",
        "dt",
        "dl",
        "main",
        "aside",
        "figure",
    ]
)
COMMON = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "he",
        "her",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "may",
        "more",
        "most",
        "no",
        "not",
        "of",
        "on",
        "one",
        "or",
        "our",
        "she",
        "so",
        "some",
        "such",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)
RARE_FORM = 2.0  # weight of numbers and names, which decide whether a passage speaks of the same thing


class _Visible(HTMLParser):
    """Collects what a reader of the page would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.skipping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SKIPPED:
            self.skipping.append(tag)
        elif tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.skipping:
            while self.skipping.pop() != tag:
                pass
        elif tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.parts.append(data)


def text_of_html(html: str) -> str:
    """Return the visible text of a page, one block a line; broken markup is read as far as it goes."""
    parser = _Visible()
    parser.feed(html)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def rank_passages(text: str, sentence: str, *, limit: int = 3) -> list[str]:
    """Return the passages of `text` that share most with `sentence`, word for word as they stand, the best first.

    Shared words count by how rare they are in the text (inverse document frequency); numbers and names count double.
    Empty if nothing is shared.
    """
    passages = _passages(text)
    wanted = _weights(sentence)
    if not passages or not wanted:
        return []
    spread = _spread(text)
    scored = []
    for place, (passage, words) in enumerate(passages):
        shared = wanted.keys() & words
        score = sum(wanted[word] * math.log(1 + len(passages) / spread[word]) for word in shared)
        if score > 0:
            scored.append((-score / math.sqrt(8 + len(words)), place, passage))
    return [passage for _, _, passage in sorted(scored)[:limit]]


@lru_cache(maxsize=32)
def _passages(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    found = []
    for line in text.split("\n"):
        for start, end in sent_spans(line) if line.strip() else []:
            passage = line[start:end].strip()
            while len(passage) > MAX_PASSAGE_WORDS:
                cut = passage.rfind(" ", 0, MAX_PASSAGE_WORDS)
                cut = cut if cut > 0 else MAX_PASSAGE_WORDS
                found.append(passage[:cut])
                passage = passage[cut:].strip()
            if len(passage) > 20:
                found.append(passage)
    return tuple((passage, frozenset(_weights(passage))) for passage in dict.fromkeys(found))


@lru_cache(maxsize=32)
def _spread(text: str) -> Counter[str]:
    return Counter(word for _, words in _passages(text) for word in words)


def _weights(sentence: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for place, word in enumerate(re.findall(r"\w+(?:[.,]\d+)*", sentence)):
        folded = word.casefold()
        if folded in COMMON:
            continue
        special = any(c.isdigit() for c in word) or (place > 0 and word[:1].isupper())
        stem = folded[:-1] if len(folded) > 4 and folded.endswith("s") else folded
        found[stem] = max(found.get(stem, 0), RARE_FORM if special else 1.0)
    return found

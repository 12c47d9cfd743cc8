"""The content report: its kinds of loose ends, who mentions whom, and cells that no spreadsheet takes for a formula."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from glossary.domain.names import squeezed_key

TOKEN = re.compile(r"\.?[^\W_]+(?:[+#]+)?")
VERSION = re.compile(r"\.\d")
LONGEST = 6  # tokens of a name that is looked for in running text
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # and their full-width twins


class LooseEnd(StrEnum):
    """A kind of row in the content report."""

    BROKEN = "broken link"
    REDIRECTED = "redirected link"
    OVERDUE = "overdue"
    ORPHAN = "orphan alias"
    UNLINKED = "unlinked term"


def csv_cell(text: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula (OWASP, CSV Injection): risky ones get a “'”."""
    return f"'{text}" if text.startswith(RISKY) else text


def mentioned(texts: Iterable[tuple[int, str]], names: Mapping[str, frozenset[int]]) -> set[int]:
    """Return the terms that the text of some other term names; `names` are the terms by each of their names.

    Runs of up to LONGEST words are looked up, from words on only with which some name begins; a last word in the
    plural counts too. The time grows with the length of the texts alone.
    """
    owners: dict[str, frozenset[int]] = {}
    starts: set[str] = set()
    for name, terms in names.items():
        if tokens := TOKEN.findall(name):
            owners[squeezed_key(name)] = owners.get(squeezed_key(name), frozenset()) | terms
            starts |= {tokens[0].casefold(), f"{tokens[0].casefold()}s"}
    found: set[int] = set()
    for term, text in texts:
        tokens_here = list(TOKEN.finditer(text))
        for place, token in enumerate(tokens_here):
            if token[0].casefold() in starts:
                for last in tokens_here[place : place + LONGEST]:
                    if VERSION.match(text, last.end()):
                        continue  # the name goes on: "GPT-4" does not stand in "GPT-4.1"
                    key = squeezed_key(text[token.start() : last.end()])
                    named = owners.get(key) or owners.get(key.removesuffix("s")) or frozenset()
                    found |= named - {term}
    return found

"""FOLDOC as a judge of links: a dictionary of computing whose authors marked its cross references by hand.

FOLDOC (GFDL) is read from where Debian's package dict-foldoc puts it; none of it is shipped.
"""

import gzip
import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from glossary.domain.running_text import Passage

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"  # of the numbers in a dictd index
LINK = re.compile(r"\{([^{}]+)\}")
FIELD = re.compile(r"^((?:\d+\. )?)<[a-z][^<>@]*> ?")  # what a sense is filed under: no words of its text


@dataclass
class Entry:
    """One entry: its names, its paragraphs without marks, and the keys of the entries that its authors link to.

    `links` has each linked text with its target.
    """

    number: int
    names: list[str]
    heads: set[str]
    passages: list[Passage]
    linked: list[str] = field(default_factory=list)
    links: dict[str, int] = field(default_factory=dict)

    @property
    def targets(self) -> set[int]:
        return set(self.links.values()) - {self.number}

    @property
    def words(self) -> int:
        return sum(len(passage.text.split()) for passage in self.passages)


def digit(name: str) -> str:
    """Return the last hexadecimal digit of a name's SHA-256: it says which part of the dictionary an entry is in."""
    return hashlib.sha256(name.encode()).hexdigest()[-1]


def read_foldoc(folder: Path) -> list[Entry]:
    """Return the entries of the dictionary in `folder`."""
    data = gzip.decompress((folder / "foldoc.dict.dz").read_bytes())
    heads: dict[tuple[int, int], set[str]] = defaultdict(set)
    for line in (folder / "foldoc.index").read_text(encoding="utf-8").splitlines():
        head, start, length = line.split("\t")
        heads[_number(start), _number(length)].add(head)
    entries = []
    for (start, length), named in sorted(heads.items()):
        if any(head.startswith("00-database") or head.startswith("00database") for head in named):
            continue
        text = data[start : start + length].decode("utf-8")
        top, _, rest = text.partition("\n\n")
        names = [" ".join(name.split()) for name in top.splitlines() if name.strip()]
        entries.append(_entry(len(entries), names, named, rest))
    return resolved(entries)


def resolved(entries: list[Entry]) -> list[Entry]:
    """Fill in where each link leads: to the entry of that name, in its own case first.

    The authors also link plurals, and write a hyphen where the entry has a blank: such a link leads to the entry as
    well. One link in five names what has no entry, and leads nowhere.
    """
    exact: dict[str, int] = {}
    folded: dict[str, int] = {}
    for entry in entries:
        for name in entry.names:
            exact.setdefault(name, entry.number)
            folded.setdefault(_folded(name), entry.number)
    for entry in entries:
        for text in entry.linked:
            spelt = [_folded(text), *_singulars(_folded(text))]
            target = exact.get(text, next((folded[one] for one in spelt if one in folded), None))
            if target is not None:
                entry.links[text.casefold()] = target
    return entries


def _folded(name: str) -> str:
    return " ".join(name.casefold().replace("-", " ").split())


def _singulars(name: str) -> list[str]:
    """Return what the name may be the plural of."""
    endings = (("ies", "y"), ("s", ""), ("es", ""))
    return [name.removesuffix(plural) + one for plural, one in endings if name.endswith(plural)]


def _entry(number: int, names: list[str], heads: set[str], rest: str) -> Entry:
    passages, linked = [], []
    for block in re.split(r"\n\s*\n", rest):
        text = " ".join(block.split())
        linked += [" ".join(found.split()) for found in LINK.findall(text)]
        plain = LINK.sub(r"\1", FIELD.sub(r"\1", text))
        if plain:
            passages.append(Passage(plain))
    return Entry(number, names, heads, passages, linked)


def _number(written: str) -> int:
    value = 0
    for character in written:
        value = value * 64 + DIGITS.index(character)
    return value

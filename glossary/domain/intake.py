"""What a row of a file of terms says of a term; a value that it cannot have is told in a sentence."""

import re
from dataclasses import dataclass, fields
from typing import Any

from glossary.domain.errors import BadText
from glossary.domain.names import is_slug
from glossary.domain.term import AliasKind, Level
from glossary.domain.volatility import Volatility

MAX_READERS = 2_147_483_647  # what a database keeps as a whole number
ALIAS_KEYS = ("text", "kind", "shown", "ambiguous")
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True)
class AliasGiven:
    """Another name as a row gives it; None is what the row does not say."""

    text: str
    kind: AliasKind | None = None
    shown: bool | None = None
    ambiguous: bool | None = None


@dataclass(frozen=True)
class Row:
    """What one row says of a term; None is what it does not say, an empty text is said to be empty."""

    line: int
    headword: str
    definition: str | None = None
    body: str | None = None
    example: str | None = None
    aliases: tuple[AliasGiven, ...] | None = None
    topic: str | None = None
    tags: tuple[str, ...] | None = None
    level: str | None = None
    volatility: str | None = None
    slug: str = ""
    readers: int | None = None
    vendor: str | None = None
    successor: str | None = None
    contrast: str | None = None
    prerequisites: tuple[str, ...] | None = None
    broader: tuple[str, ...] | None = None
    related: tuple[str, ...] | None = None

    @property
    def says_relations(self) -> bool:
        """Whether the row says anything of the maker, or of how the term stands to others."""
        given = (self.vendor, self.contrast, self.prerequisites, self.broader, self.related)
        return any(value is not None for value in given)


COLUMNS = tuple(field.name for field in fields(Row) if field.name != "line")


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be read: the line it begins on, and why."""

    line: int
    reason: str


def quoted(text: str, limit: int = 60) -> str:
    """Return the beginning of a text from a file, fit to be shown in a sentence or on a terminal."""
    seen = "".join(character if character.isprintable() else "\ufffd" for character in text[:limit])
    return f"“{seen}…”" if len(text) > limit else f"“{seen}”"


def row_of(line: int, values: dict[str, Any]) -> Row:
    """Return the row that these values make, those that are None left out; raises BadText for what they cannot be."""
    headword = _text(values, "headword")
    if headword is None or not headword.strip():
        raise BadText("The headword is empty. Every row needs the term that it explains.")
    slug = (_text(values, "slug") or "").strip()
    if slug and not is_slug(slug):
        raise BadText(f"The slug {quoted(slug)} is no address: small letters, digits and single hyphens only.")
    topic, tags, aliases = _text(values, "topic"), _list(values, "tags"), _list(values, "aliases")
    return Row(
        line=line,
        headword=headword,
        definition=_text(values, "definition"),
        body=_text(values, "body"),
        example=_text(values, "example"),
        aliases=None if aliases is None else tuple(_alias(alias) for alias in aliases),
        topic=None if topic is None else topic.strip(),
        tags=None if tags is None else tuple(_tag(tag) for tag in tags),
        level=_choice(values, "level", [level.value for level in Level]),
        volatility=_choice(values, "volatility", [volatility.value for volatility in Volatility]) or None,
        slug=slug,
        readers=_readers(values.get("readers")),
        vendor=_name(values, "vendor"),
        successor=_name(values, "successor"),
        contrast=_name(values, "contrast"),
        prerequisites=_names(values, "prerequisites"),
        broader=_names(values, "broader"),
        related=_names(values, "related"),
    )


def _name(values: dict[str, Any], key: str) -> str | None:
    text = _text(values, key)
    return None if text is None else " ".join(text.split())


def _names(values: dict[str, Any], key: str) -> tuple[str, ...] | None:
    found = _list(values, key)
    if found is None:
        return None
    names = [" ".join(_string(name, key).split()) for name in found]
    if not all(names):
        raise BadText(f"A name in “{key}” is empty. Name the term, or leave it out.")
    return tuple(names)


def _text(values: dict[str, Any], key: str) -> str | None:
    return None if values.get(key) is None else _string(values[key], key)


def _string(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise BadText(f"“{key}” must be a text.")
    if found := UNSTORABLE.search(value):
        raise BadText(f"“{key}” contains a character that cannot be stored (U+{ord(found[0]):04X}). Delete it.")
    return value


def _list(values: dict[str, Any], key: str) -> list[Any] | None:
    value = values.get(key)
    if isinstance(value, str):
        return [part.strip() for part in value.split("|") if part.strip()]
    if value is not None and not isinstance(value, list):
        raise BadText(f"“{key}” must be a list, or a text with | between its parts.")
    return value


def _tag(value: Any) -> str:
    tag = _string(value, "tags").strip()
    if not tag:
        raise BadText("A tag is empty. Name it, or leave it out.")
    return tag


def _alias(value: Any) -> AliasGiven:
    if not isinstance(value, dict):
        before, colon, after = _string(value, "aliases").partition(":")
        named = " ".join(before.split()).casefold()
        if colon and named in [known.value for known in AliasKind]:
            return AliasGiven(after.strip(), AliasKind(named))
        return AliasGiven(value.strip())
    for key in value:
        if key not in ALIAS_KEYS:
            raise BadText(f"An alias has {quoted(key)}, which is none of: {', '.join(ALIAS_KEYS)}.")
    for key in ("shown", "ambiguous"):
        if not isinstance(value.get(key), bool | None):
            raise BadText(f"“{key}” of an alias must be true or false.")
    kind = _choice(value, "kind", [known.value for known in AliasKind])
    return AliasGiven(
        (_text(value, "text") or "").strip(),
        AliasKind(kind) if kind else None,
        value.get("shown"),
        value.get("ambiguous"),
    )


def _choice(values: dict[str, Any], key: str, known: list[str]) -> str | None:
    text = _text(values, key)
    if text is None or not text.strip():
        return None if text is None else ""
    for value in known:
        if text.strip().casefold() == value.casefold():
            return value
    raise BadText(f"The {key} {quoted(text)} is none of: {', '.join(known)}.")


def _readers(value: Any) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,18}\s*", value):
        value = int(value)
    if value is None or (type(value) is int and 0 <= value <= MAX_READERS):
        return value
    raise BadText(f"“readers” must be a whole number from 0 to {MAX_READERS:,}.")

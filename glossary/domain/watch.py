"""The watch over the sources: what a visit says of the passages that words rest on, and when to come again."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from glossary.domain.doubt import DoubtKind

EVERY = timedelta(days=6)  # links are looked at weekly; a day less, so that a late run does not skip a week
PATIENCE = 3  # visits in a row without an answer before a link counts as dead
QUIET = timedelta(days=90)  # what a person found unfounded is not raised again for so long
HOST_DELAY = 2.0  # seconds between two requests to one host
MOST_WAIT = 7 * 24 * 3600  # seconds that a server may ask to be left alone
LOCKED = frozenset({401, 402, 403, 407, 429, 451})  # the server answers, and lets no machine in
GONE = frozenset({404, 410})
VALIDATOR = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,198}")
FOLDED = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "′": "'", "−": "-"})
DASHES = re.compile("[\u2010-\u2015]")
LEFT_OUT = re.compile(r"\[\s*(?:…|\.\.\.)\s*\]|\(\s*(?:…|\.\.\.)\s*\)|…|\.{3}")


@dataclass(frozen=True)
class Validators:
    """The marks that a server gave a page, and the address at which it gave them."""

    url: str
    etag: str = ""
    last_modified: str = ""

    def headers(self) -> dict[str, str]:
        """Return the headers that ask for the page only if it has changed (RFC 9110, 13.1)."""
        given = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class Seen:
    """What one visit came to; `status` is 0 where no server answered, `retry_after` in seconds.

    `text` is None where the page was not read: it is unchanged (304), or `says` why it cannot be.
    """

    status: int = 0
    url: str = ""
    moved: bool = False
    text: str | None = None
    says: str = ""
    etag: str = ""
    last_modified: str = ""
    retry_after: int = 0

    @property
    def is_there(self) -> bool:
        """Whether the page is there, as read or as it was."""
        return self.status in {200, 304}


@dataclass(frozen=True)
class Passage:
    """A passage that a published sentence rests on; only a verbatim one can be looked for."""

    sentence: int
    text: str
    verbatim: bool


@dataclass(frozen=True)
class Flag:
    """A doubt that a visit gives rise to: on the source, or on the sentence that rests on a passage of it."""

    kind: DoubtKind
    reason: str
    sentence: int | None = None


@dataclass(frozen=True)
class Findings:
    """What a visit comes to: doubts to raise, what is answered by it, and the state to keep."""

    flags: tuple[Flag, ...] = ()
    answered: frozenset[DoubtKind] = field(default_factory=frozenset)  # kinds of doubt on the source that end
    found_again: frozenset[int] = frozenset()  # sentences whose passage stands there
    failures: int = 0
    says: str = ""


def look_at(
    seen: Seen, *, url: str, passages: Sequence[Passage], failures: int, was_read: bool, network_is_up: bool = True
) -> Findings:
    """Return what a visit to `url` says of the source and of the passages that published sentences rest on.

    `failures` are the visits in a row without an answer until now. A missing page counts at once, a silent server only
    from PATIENCE visits on, and not at all where no other server could be reached either. A server that lets no
    machine in says nothing about its page. `was_read` is whether an earlier visit could read the text.
    """
    if seen.status in GONE:
        dead = Flag(DoubtKind.DEAD_LINK, f"The server has no such page any more ({seen.status}).")
        return Findings((dead,), failures=failures + 1, says=dead.reason)
    if seen.status in LOCKED:
        return Findings(failures=0, says=f"The server lets no machine in ({seen.status}). Look at the page yourself.")
    if not seen.status or seen.status >= 500:
        return _unanswered(seen, failures, network_is_up)
    if not seen.is_there:
        return Findings(failures=0, says=f"The server answered {seen.status}. Look at the page yourself.")
    flags = _moved(seen, url)
    answered = {DoubtKind.DEAD_LINK} if flags else {DoubtKind.DEAD_LINK, DoubtKind.REDIRECTED}
    verbatim = [passage for passage in passages if passage.verbatim]
    if seen.status == 304 or seen.text is None:
        if seen.text is None and seen.status == 200 and was_read and verbatim:
            flags.append(Flag(DoubtKind.PAGE_CHANGED, f"The passages cannot be looked for any more. {seen.says}"))
        return Findings(tuple(flags), frozenset(answered), says=seen.says or "Unchanged since it was last read.")
    page = plain(seen.text)
    missing = {one.sentence: one for one in verbatim if not _holds(page, one.text)}
    there = {one.sentence for one in verbatim} - set(missing)
    flags += [Flag(DoubtKind.PASSAGE_GONE, _gone(one), one.sentence) for one in missing.values()]
    answered.add(DoubtKind.PAGE_CHANGED)
    asked = len(there) + len(missing)
    says = f"The passages of {len(there)} of {asked} sentences stand there." if asked else "The page is there."
    return Findings(tuple(flags), frozenset(answered), frozenset(there), says=says)


def holds_passage(text: str, passage: str) -> bool:
    """Return whether a passage stands in a text, word for word.

    White space, the kind of quotation marks and dashes, and capitals do not count; what a quotation leaves out (“…”)
    may be anything.
    """
    return _holds(plain(text), passage)


def _holds(page: str, passage: str) -> bool:
    place = 0
    parts = [part for part in (plain(part).strip(" .,;:") for part in LEFT_OUT.split(passage)) if part]
    for part in parts:
        place = page.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return bool(parts)


def plain(text: str) -> str:
    """Return a text as passages are compared: NFKC, folded case, one space, plain marks, none around quotations."""
    folded = unicodedata.normalize("NFKC", text.translate(FOLDED)).casefold()
    return " ".join(DASHES.sub("-", folded).replace("\u00ad", "").replace('"', "'").split()).strip("'")


def same_page(one: str, other: str) -> bool:
    """Return whether two addresses differ only in what servers tidy up: https, “www.”, a last slash, the fragment."""
    return _tidy(one) == _tidy(other)


def is_validator(text: str) -> bool:
    """Return whether an ETag or a date of change may be sent back as it came."""
    return VALIDATOR.fullmatch(text) is not None


def seconds_to_wait(header: str, *, most: int = MOST_WAIT) -> int:
    """Return the seconds of a Retry-After header, `most` at most; 0 for a date or for nothing that can be read."""
    text = header.strip()
    return min(most, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _unanswered(seen: Seen, failures: int, network_is_up: bool) -> Findings:
    says = seen.says or f"The server answered {seen.status}."
    if not network_is_up:
        return Findings(failures=failures, says=f"{says} No other server could be reached either.")
    if failures + 1 < PATIENCE:
        return Findings(failures=failures + 1, says=says)
    reason = f"{PATIENCE} visits in a row came to nothing. {says}"
    return Findings((Flag(DoubtKind.DEAD_LINK, reason),), failures=failures + 1, says=says)


def _moved(seen: Seen, url: str) -> list[Flag]:
    if not seen.moved or same_page(url, seen.url):
        return []
    return [Flag(DoubtKind.REDIRECTED, f"The server says that the page has moved for good: {seen.url}"[:500])]


def _gone(passage: Passage) -> str:
    quoted = passage.text if len(passage.text) <= 300 else f"{passage.text[:300]}…"
    return f"The page no longer says: “{' '.join(quoted.split())}”"


def _tidy(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").removeprefix("www."), parts.path.rstrip("/"), parts.query
    except ValueError:
        return url, "", ""

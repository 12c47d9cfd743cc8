"""Ready pages: what an answer that is kept consists of, how it is asked for, and which acts readers see nothing of."""

import gzip
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256
from zoneinfo import ZoneInfo

Headers = list[tuple[str, str]]

KEPT_STATUS = frozenset({200, 302, 410})  # redirects from other spellings and pages not found have no end of addresses
RENDERING = "glossary.rendering"  # in a WSGI environ: the server asks, the view says what its answer is made from
MAX_PATH = 255  # characters
MAX_BYTES = 1_000_000  # of a page that is kept
MAX_LIFE = timedelta(hours=1)  # what was changed behind the services is out of every ready page after this
# Shared caches: at most 30 s, then another 30 s while they fetch anew; a day where the site does not answer. A browser
# asks each time, which costs a 304.
CACHE_CONTROL = "max-age=0, s-maxage=30, stale-while-revalidate=30, stale-if-error=86400"
PACKED = '-gzip"'  # ends the validator of a packed page; Apache's way
OF_ONE_ANSWER = frozenset({"content-length", "content-encoding", "etag", "date", "age", "warning", "x-request-id"})

# Acts that change nothing that readers get. Whatever is not named here counts as a change: an act that somebody adds
# later drops too many pages rather than too few.
QUIET = frozenset(
    {
        "added the source",
        "answered a finding in",
        "assigned",
        "chose cards for",
        "commented on",
        "composed",
        "declined the wording for",
        "erased a subscriber",
        "exported a subscriber",
        "fetched the text of",
        "kept out of decks",
        "let into decks again",
        "lifted a suppression",
        "made",
        "marked as missed",
        "mended",
        "missed",
        "named",
        "pasted the text of",
        "paused",
        "pinned in",
        "put a source at hand for",
        "put aside what readers asked for",
        "raised an alarm for",
        "recalled",
        "released",
        "resolved comments on",
        "resumed",
        "sends late",
        "sent to a checker",
        "set the level of",
        "set to draft:",
        "set to locked:",
        "set to ready:",
        "settled",
        "suggested a wording for",
        "suppressed an address",
        "took",
        "took back an answer in",
        "unpinned in",
        "unsubscribed a subscriber",
    }
)
# Acts that readers see nothing of while the term has no published words.
QUIET_ON_A_DRAFT = frozenset(
    {
        "accepted the wording for",
        "binned",
        "changed the details of",
        "filed",
        "linked a name in",
        "put back",
        "refused a link in",
        "restored",
        "saved",
        "sent back",
        "set the links of",
        "settled a line of",
        "settled lines of",
        "took back a word on a link in",
    }
)


def is_public_change(verb: str, *, on_a_draft: bool) -> bool:
    """Return whether an act of this name may change a page that readers get.

    `on_a_draft`: it concerns a term that has no published words, before and after it.
    """
    return verb not in QUIET and not (on_a_draft and verb in QUIET_ON_A_DRAFT)


@dataclass(frozen=True)
class Page:
    """An answer as it was rendered: the headers are those of every answer, without length, ETag and encoding.

    `etag` is the validator of the plain bytes; that of the packed ones is made from it.
    `later` is the same page as of the next day, for an outage that outlasts midnight; empty where it is the same.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    packed: bytes
    etag: str
    later: bytes = b""


def page_of(status: int, headers: Headers, body: bytes, *, later: bytes = b"") -> Page | None:
    """Return the page to keep of this answer; None for one that is a single reader's, or too large."""
    named = {name.lower(): value for name, value in headers}
    if (
        status not in KEPT_STATUS
        or len(body) > MAX_BYTES
        or "set-cookie" in named
        or "cookie" in named.get("vary", "").lower()
        or "no-store" in named.get("cache-control", "")
        or "content-encoding" in named
    ):
        return None
    kept = [(name, value) for name, value in headers if name.lower() not in OF_ONE_ANSWER | {"vary"}]
    vary = [part.strip() for part in named.get("vary", "").split(",") if part.strip()]
    if "accept-encoding" not in [part.lower() for part in vary]:
        vary.append("Accept-Encoding")
    return Page(
        status=status,
        headers=(*kept, ("Vary", ", ".join(vary))),
        body=body,
        packed=pack(body),
        etag=etag_of(body),
        later=later if later != body else b"",
    )


def pack(body: bytes) -> bytes:
    """Return the bytes as gzip makes them, the same each time; nothing of nothing."""
    return gzip.compress(body, 6, mtime=0) if body else b""


def etag_of(body: bytes) -> str:
    """Return the strong validator of these bytes (RFC 9110, 8.8.3): half of their SHA-256, quoted."""
    return f'"{sha256(body).hexdigest()[:32]}"'


def packed_etag(etag: str) -> str:
    """Return the validator of the same page as gzip packs it: other bytes, so another name (RFC 9110, 8.8.3.3)."""
    return etag[:-1] + PACKED


def plain_etag(etag: str) -> str:
    """Return the validator of the plain page, of either."""
    return etag[: -len(PACKED)] + '"' if etag.endswith(PACKED) else etag


def as_of_later(page: Page) -> Page:
    """Return the page as the next day has it."""
    if not page.later:
        return page
    return replace(page, body=page.later, packed=pack(page.later), etag=etag_of(page.later))


def known_etag(etag: str, if_none_match: str, *, packed: bool) -> str:
    """Return under which validator a reader has this page already, packed or plain; nothing where they do not.

    `etag` is the plain one; `packed` says which would be sent now. Compared weakly (RFC 9110, 13.1.2): a reader who has
    either form has the page, and is told the validator of the form that they have.
    """
    own, other = (packed_etag(etag), etag) if packed else (etag, packed_etag(etag))
    if if_none_match in {own, "*"}:
        return own
    named = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return own if own in named else other if other in named else ""


@lru_cache(maxsize=256)
def takes_gzip(accept_encoding: str) -> bool:
    """Return whether an Accept-Encoding header allows gzip (RFC 9110, 12.5.3)."""
    for part in accept_encoding.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() in {"gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def valid_until(now: datetime, zone: ZoneInfo) -> int:
    """Return until when a page rendered now holds, in seconds since 1970: midnight at the desk, or an hour.

    Falling due, a deck that is today's and a notice that is a year old all turn at midnight in the editorial zone.
    """
    tomorrow: date = now.astimezone(zone).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(0), zone)
    return int(min(midnight.timestamp(), (now + MAX_LIFE).timestamp()))

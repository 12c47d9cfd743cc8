"""Fetching the text of a source: what a page must be to be read, and its words, fit to be kept."""

import http.client
import re
import ssl
import unicodedata
from dataclasses import dataclass

from glossary.domain.charset import decoded
from glossary.domain.names import BIDI_CONTROLS
from glossary.domain.passage import text_of_html
from glossary.domain.watch import Seen, Validators, is_validator, seconds_to_wait
from glossary.domain.web_address import is_fetchable
from glossary.services.web_address import (
    CHUNK,
    PASTE,
    Answer,
    CannotFetch,
    Policy,
    Resolver,
    Target,
    asked,
    resolve,
    too_large,
)

TIMEOUT = 10.0  # seconds for all hops together
MAX_BYTES = 2_000_000
READABLE = frozenset({"text/html", "application/xhtml+xml", "text/plain"})


@dataclass(frozen=True)
class FetchedText:
    """The text of a page, and the address at which it was found in the end."""

    url: str
    text: str
    content_type: str


def fetch_text(
    url: str,
    *,
    timeout: float = TIMEOUT,
    max_bytes: int = MAX_BYTES,
    allow: Policy = is_fetchable,
    resolver: Resolver = resolve,
    tls: ssl.SSLContext | None = None,
) -> FetchedText:
    """Return the readable text of a web page; raises CannotFetch with a sentence for the checker.

    Of each hop, the host is resolved once, every address that it has must be allowed, and the connection goes to
    exactly such an address, so that neither a redirect nor a changing name server leads inside. `timeout` is in seconds
    and covers name server, handshakes and all hops. No cookies, no proxy, no password is sent. `allow` and `tls` are
    given by tests alone.
    """
    with asked(url, timeout, max_bytes, allow, resolver, tls) as answer:
        return _read(answer.response, answer.target, max_bytes)


def visit_page(
    url: str,
    known: Validators | None = None,
    *,
    timeout: float = TIMEOUT,
    max_bytes: int = MAX_BYTES,
    allow: Policy = is_fetchable,
    resolver: Resolver = resolve,
    tls: ssl.SSLContext | None = None,
) -> Seen:
    """Return what a look at a web page comes to, whatever it comes to; within the bounds of fetch_text.

    `known` are the marks that the server gave the page when it was read last, and where: it may answer 304 to them.
    A page that is there and cannot be read as text has no text and a sentence that says why.
    """
    try:
        with asked(url, timeout, max_bytes, allow, resolver, tls, known) as answer:
            return _seen(answer, max_bytes)
    except CannotFetch as error:
        return Seen(says=str(error))


def _seen(answer: Answer, max_bytes: int) -> Seen:
    """Return what an answer says; a server that answers has been reached, also where its page cannot be read."""
    response = answer.response
    etag, modified = response.getheader("ETag") or "", response.getheader("Last-Modified") or ""
    text, says = None, ""
    if response.status != 304:
        try:
            text = _read(response, answer.target, max_bytes).text
        except CannotFetch as error:
            says = str(error)
    return Seen(
        status=response.status,
        url=answer.target.url,
        moved=answer.for_good,
        text=text,
        says=says,
        etag=etag if is_validator(etag) else "",
        last_modified=modified if is_validator(modified) else "",
        retry_after=seconds_to_wait(response.getheader("Retry-After") or ""),
    )


def _read(response: http.client.HTTPResponse, target: Target, max_bytes: int) -> FetchedText:
    """Read the body within its bounds and return its text."""
    if response.status in {404, 410}:
        raise CannotFetch(f"The server has no such page ({response.status}). Check the address.")
    if response.status != 200:
        raise CannotFetch(f"The server answered {response.status} instead of the page. {PASTE}")
    content_type = response.getheader("Content-Type") or ""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/pdf":
        raise CannotFetch("The address gives a PDF, which is not read here. Paste the passage instead.")
    if kind not in READABLE:
        raise CannotFetch(f"The address gives no page of text. {PASTE}")
    if (response.getheader("Content-Encoding") or "identity").strip().lower() != "identity":
        raise CannotFetch(f"The server sends the page packed, though it was asked not to. {PASTE}")
    words = decoded(_body(response, max_bytes), content_type)
    text = _storable(text_of_html(words) if kind != "text/plain" else words)
    if not text:
        raise CannotFetch(f"The page shows no text until its scripts run. {PASTE}")
    return FetchedText(target.url, text, kind)


def _body(response: http.client.HTTPResponse, max_bytes: int) -> bytes:
    body = bytearray()
    try:
        while (response.length or 0) + len(body) <= max_bytes and (chunk := response.read(CHUNK)):
            body += chunk
    except ValueError as error:  # http.client takes a chunk of less than no bytes for a number of bytes to read
        raise http.client.IncompleteRead(b"") from error
    if (response.length or 0) + len(body) > max_bytes:
        raise too_large(max_bytes)
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return bytes(body)


def _storable(text: str) -> str:
    """Return the text with plain line ends and without NUL, controls and signs that mean nothing outside their page."""
    text = re.sub(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", "\n", text)
    unseen = {sign for sign in set(text) if unicodedata.category(sign) in {"Cc", "Cs", "Co", "Cn"}} | BIDI_CONTROLS
    return text.translate(dict.fromkeys(map(ord, unseen - {"\n", "\t"}))).strip()

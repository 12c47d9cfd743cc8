"""Fetching the text of a source: only from public addresses, within bounds of time and size, nothing else."""

import http.client
import io
import queue
import re
import socket
import ssl
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, urljoin, urlsplit

from glossary.domain.charset import decoded
from glossary.domain.errors import IllegalMove
from glossary.domain.names import BIDI_CONTROLS
from glossary.domain.passage import text_of_html
from glossary.domain.watch import Seen, Validators, is_validator, seconds_to_wait
from glossary.domain.web_address import PORTS, is_fetchable, is_plain_host

TIMEOUT = 10.0  # seconds for all hops together
MAX_BYTES = 2_000_000
MAX_REDIRECTS = 5
MAX_URL = 2000  # characters
MAX_TRIED = 4  # addresses of one host
HEAD_BYTES = 100_000  # beside twice the body, whose chunks have heads too
CHUNK = 65_536
USER_AGENT = "DailyDeck source check"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
FOR_GOOD = frozenset({301, 308})
READABLE = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
PASTE = "Paste the text instead."

KEPT_IN_TARGET = "%/:=&?~+!$,;@()*[]'"  # what stays as it is in the request; everything else is percent-encoded

Resolver = Callable[[str, int], list[str]]
Policy = Callable[[str, int], bool]


class CannotFetch(IllegalMove):
    """The text cannot be had from its address; `str(error)` says why, and what a checker can do."""


@dataclass(frozen=True)
class FetchedText:
    """The text of a page, and the address at which it was found in the end."""

    url: str
    text: str
    content_type: str


@dataclass(frozen=True)
class _Target:
    """One address to ask, taken apart and found fit to be asked."""

    url: str
    scheme: str
    host: str
    port: int
    path: str


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host; raises OSError if it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


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
    with _asked(url, timeout, max_bytes, allow, resolver, tls) as answer:
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
        with _asked(url, timeout, max_bytes, allow, resolver, tls, known) as answer:
            return _seen(answer, max_bytes)
    except CannotFetch as error:
        return Seen(says=str(error))


@dataclass(frozen=True)
class _Answer:
    """The head of the last answer on the way, with the address that gave it."""

    target: _Target
    response: http.client.HTTPResponse
    for_good: bool  # every server on the way said that the page has moved for good


@contextmanager
def _asked(
    url: str,
    timeout: float,
    max_bytes: int,
    allow: Policy,
    resolver: Resolver,
    tls: ssl.SSLContext | None,
    known: Validators | None = None,
) -> Iterator[_Answer]:
    """Ask for a page, hop by hop, and hand over the answer while its connection is open; raises CannotFetch."""
    deadline = time.monotonic() + timeout
    statuses: list[int] = []
    try:
        for _ in range(MAX_REDIRECTS + 1):
            target = _target(url)
            addresses = _addresses(target, deadline, resolver, allow)
            with _connect(target, addresses, deadline, tls) as sock:
                marks = known.headers() if known is not None and known.url == url else {}
                response = _ask(target, sock, deadline, max_bytes, marks)
                if response.status not in REDIRECTS or not response.getheader("Location"):
                    yield _Answer(target, response, bool(statuses) and FOR_GOOD.issuperset(statuses))
                    return
                statuses.append(response.status)
                url = _next(target, response.getheader("Location") or "")
    except TimeoutError as error:
        raise CannotFetch(f"The server did not answer within {timeout:g} seconds. {PASTE}") from error
    except ssl.SSLCertVerificationError as error:
        raise CannotFetch(f"The server cannot prove that the address is its own. {PASTE}") from error
    except (OSError, http.client.HTTPException) as error:
        raise CannotFetch(f"The server broke off before the page was complete. {PASTE}") from error
    raise CannotFetch(f"The address was passed on more than {MAX_REDIRECTS} times. {PASTE}")


def _seen(answer: _Answer, max_bytes: int) -> Seen:
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


def _target(url: str) -> _Target:
    """Take an address apart; raises CannotFetch unless it is a plain web address."""
    if len(url) > MAX_URL or re.search(r"[\x00-\x20\x7f-\xa0\\]", url):
        raise CannotFetch("The address holds a space or a sign that has no place in it. Copy it anew.")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").removesuffix(".")
        host = host if ":" in host else host.encode("idna").decode("ascii").lower()
    except ValueError as error:
        raise CannotFetch("The address is not complete. Copy it anew.") from error
    if parts.scheme not in PORTS or not host:
        raise CannotFetch("Only addresses that begin with https:// or http:// are fetched. Copy it anew.")
    if "@" in parts.netloc:
        raise CannotFetch(f"The address holds a name or a password. {PASTE}")
    if not is_plain_host(host):
        raise CannotFetch("The address names no server. Copy it anew.")
    query = "?" + parts.query if parts.query else ""
    path = quote((parts.path or "/") + query, safe=KEPT_IN_TARGET)
    return _Target(url, parts.scheme, host, PORTS[parts.scheme] if port is None else port, path)


def _addresses(target: _Target, deadline: float, resolver: Resolver, allow: Policy) -> list[str]:
    """Resolve the host once; raises CannotFetch unless every address that it has is allowed."""
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolver(target.host, target.port))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()  # a name server may take longer than there is time
    try:
        found = answers.get(timeout=_left(deadline))
    except queue.Empty as error:
        raise TimeoutError from error
    if isinstance(found, Exception) or not found:
        raise CannotFetch("No server of this name can be found. Check the address.")
    if not all(allow(address, target.port) for address in found):
        raise CannotFetch(f"The address leads into a private network or to an unusual port. {PASTE}")
    return found[:MAX_TRIED]


def _connect(target: _Target, addresses: list[str], deadline: float, tls: ssl.SSLContext | None) -> socket.socket:
    """Connect to the first address that takes the call; a certificate must be good for the name."""
    for place, address in enumerate(addresses):
        share = _left(deadline) / (len(addresses) - place)
        try:
            sock = socket.create_connection((address, target.port), timeout=share)
            break
        except OSError as error:
            refusal = error
    else:
        if isinstance(refusal, TimeoutError):
            raise refusal
        raise CannotFetch(f"The server cannot be reached. {PASTE}") from refusal
    if target.scheme == "http":
        return sock
    try:
        sock.settimeout(_left(deadline))
        return (tls or ssl.create_default_context()).wrap_socket(sock, server_hostname=target.host)
    except OSError:
        sock.close()
        raise


def _ask(
    target: _Target, sock: socket.socket, deadline: float, max_bytes: int, marks: Mapping[str, str]
) -> http.client.HTTPResponse:
    """Send the request over a connected socket and read the head of the answer."""
    name = f"[{target.host}]" if ":" in target.host else target.host
    lines = [
        f"GET {target.path} HTTP/1.1",
        f"Host: {name}" if target.port == PORTS[target.scheme] else f"Host: {name}:{target.port}",
        f"User-Agent: {USER_AGENT}",
        "Accept: text/html, application/xhtml+xml, text/plain",
        "Accept-Encoding: identity",
        "Connection: close",
        *(f"{name}: {value}" for name, value in marks.items()),
    ]
    sock.settimeout(_left(deadline))
    sock.sendall("\r\n".join([*lines, "", ""]).encode("ascii"))
    response = http.client.HTTPResponse(cast(socket.socket, _Bounded(sock, deadline, max_bytes)), method="GET")
    response.begin()
    return response


class _Bounded(io.RawIOBase):
    """Reads from a socket until the deadline, however slowly the bytes drip, and never more than its bytes.

    http.client alone bounds neither: its timeout starts anew with each byte, and a chunk of "-1" bytes has no end.
    """

    def __init__(self, sock: socket.socket, deadline: float, max_bytes: int) -> None:
        self.sock, self.deadline, self.max_bytes = sock, deadline, max_bytes
        self.left = 2 * max_bytes + HEAD_BYTES

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return what http.client reads from."""
        return io.BufferedReader(self, CHUNK)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.sock.settimeout(_left(self.deadline))
        count = self.sock.recv_into(buffer)
        self.left -= count
        if self.left < 0:
            raise _too_large(self.max_bytes)
        return count


def _next(target: _Target, location: str) -> str:
    """Return the address that a redirect leads to; http.client hands over UTF-8 as Latin-1."""
    try:
        location = location.encode("latin-1").decode("utf-8", "replace").strip()
        return urljoin(target.url, location.replace(" ", "%20"))
    except ValueError as error:
        raise CannotFetch(f"The server passes the address on to none that can be read. {PASTE}") from error


def _read(response: http.client.HTTPResponse, target: _Target, max_bytes: int) -> FetchedText:
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
        raise _too_large(max_bytes)
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return bytes(body)


def _too_large(max_bytes: int) -> CannotFetch:
    return CannotFetch(f"The page is larger than {max_bytes / 1_000_000:g} MB. Paste the passage instead.")


def _storable(text: str) -> str:
    """Return the text with plain line ends and without NUL, controls and signs that mean nothing outside their page."""
    text = re.sub(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", "\n", text)
    unseen = {sign for sign in set(text) if unicodedata.category(sign) in {"Cc", "Cs", "Co", "Cn"}} | BIDI_CONTROLS
    return text.translate(dict.fromkeys(map(ord, unseen - {"\n", "\t"}))).strip()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left

"""Asking a web address for its page: only at public addresses, within bounds of time and size, nothing else."""

import http.client
import io
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, urljoin, urlsplit

from glossary.domain.errors import IllegalMove
from glossary.domain.watch import Validators
from glossary.domain.web_address import PORTS, host_in_dns, is_plain_host

MAX_REDIRECTS = 5
MAX_URL = 2000  # characters
MAX_TRIED = 4  # addresses of one host
HEAD_BYTES = 100_000  # beside twice the body, whose chunks have heads too
CHUNK = 65_536
USER_AGENT = "DailyDeck source check"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
FOR_GOOD = frozenset({301, 308})
PASTE = "Paste the text instead."

KEPT_IN_TARGET = "%/:=&?~+!$,;@()*[]'"  # what stays as it is in the request; everything else is percent-encoded

Resolver = Callable[[str, int], list[str]]
Policy = Callable[[str, int], bool]


class CannotFetch(IllegalMove):
    """The text cannot be had from its address; `str(error)` says why, and what a checker can do."""


@dataclass(frozen=True)
class Target:
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


@dataclass(frozen=True)
class Answer:
    """The head of the last answer on the way, with the address that gave it."""

    target: Target
    response: http.client.HTTPResponse
    for_good: bool  # every server on the way said that the page has moved for good


@contextmanager
def asked(
    url: str,
    timeout: float,
    max_bytes: int,
    allow: Policy,
    resolver: Resolver,
    tls: ssl.SSLContext | None,
    known: Validators | None = None,
) -> Iterator[Answer]:
    """Ask for a page, hop by hop, and hand over the answer while its connection is open; raises CannotFetch.

    That holds while the caller reads the body, too: what breaks off or takes too long then is told in the same way.
    """
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
                    yield Answer(target, response, bool(statuses) and FOR_GOOD.issuperset(statuses))
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


def _target(url: str) -> Target:
    """Take an address apart; raises CannotFetch unless it is a plain web address."""
    if len(url) > MAX_URL or re.search(r"[\x00-\x20\x7f-\xa0\\]", url):
        raise CannotFetch("The address holds a space or a sign that has no place in it. Copy it anew.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise CannotFetch("The address is not complete. Copy it anew.") from error
    try:
        host = host_in_dns(parts.hostname or "")
    except ValueError as error:
        raise CannotFetch(f"No server can have the name “{parts.hostname}”. Copy the address anew.") from error
    if parts.scheme not in PORTS or not host:
        raise CannotFetch("Only addresses that begin with https:// or http:// are fetched. Copy it anew.")
    if "@" in parts.netloc:
        raise CannotFetch(f"The address holds a name or a password. {PASTE}")
    if not is_plain_host(host):
        raise CannotFetch("The address names no server. Copy it anew.")
    query = "?" + parts.query if parts.query else ""
    path = quote((parts.path or "/") + query, safe=KEPT_IN_TARGET)
    return Target(url, parts.scheme, host, PORTS[parts.scheme] if port is None else port, path)


def _addresses(target: Target, deadline: float, resolver: Resolver, allow: Policy) -> list[str]:
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


def _connect(target: Target, addresses: list[str], deadline: float, tls: ssl.SSLContext | None) -> socket.socket:
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
    target: Target, sock: socket.socket, deadline: float, max_bytes: int, marks: Mapping[str, str]
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
            raise too_large(self.max_bytes)
        return count


def _next(target: Target, location: str) -> str:
    """Return the address that a redirect leads to; http.client hands over UTF-8 as Latin-1."""
    try:
        location = location.encode("latin-1").decode("utf-8", "replace").strip()
        return urljoin(target.url, location.replace(" ", "%20"))
    except ValueError as error:
        raise CannotFetch(f"The server passes the address on to none that can be read. {PASTE}") from error


def too_large(max_bytes: int) -> CannotFetch:
    """Return the refusal of a page that is larger than is read."""
    return CannotFetch(f"The page is larger than {max_bytes / 1_000_000:g} MB. Paste the passage instead.")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left

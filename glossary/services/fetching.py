"""Fetching the text of a source: only from public addresses, within bounds of time and size, nothing else."""

import http.client
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from glossary.domain.errors import IllegalMove
from glossary.domain.passage import text_of_html

TIMEOUT = 10.0  # seconds for all hops together
MAX_BYTES = 2_000_000
MAX_HOPS = 5
CHUNK = 16_384
SAFE = "%/:=&?~#+!$,;@()*[]'"  # what stays as it is in the target of a request
PORTS = {"http": 80, "https": 443}
READABLE = {"text/html", "application/xhtml+xml", "text/plain"}
NAT64 = ipaddress.ip_network("64:ff9b::/96")
Resolver = Callable[[str, int], list[str]]


class CannotFetch(IllegalMove):
    """The text cannot be had from its address; `str(error)` says why in a sentence."""


@dataclass(frozen=True)
class FetchedText:
    """The text of a page, and the address at which it was found in the end."""

    url: str
    text: str
    content_type: str


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public internet, also where it is wrapped in an IPv6 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host; raises CannotFetch if it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CannotFetch("The address names a server that cannot be found.") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def fetch_text(
    url: str,
    *,
    timeout: float = TIMEOUT,
    max_bytes: int = MAX_BYTES,
    resolver: Resolver = resolve,
    allowed: Callable[[str, int], bool] | None = None,
) -> FetchedText:
    """Return the readable text of a web page; raises CannotFetch with a sentence for the checker.

    Each hop's host is resolved once, every address it has must be public, and the connection goes to exactly that
    address, so that neither a redirect nor a changing name server leads inside. `allowed(address, port)` replaces that
    rule; only tests give it.
    """
    deadline = time.monotonic() + timeout
    for _ in range(MAX_HOPS):
        parts, port = _checked(url, any_port=allowed is not None)
        address = _address(parts.hostname or "", port, resolver, allowed)
        connection = _connect(parts, address, port, deadline)
        try:
            response = _ask(connection, parts, deadline)
            if response.status in {301, 302, 303, 307, 308} and (target := response.getheader("Location")):
                url = urljoin(url, target)
                continue
            if response.status != 200:
                raise CannotFetch(f"The server answered {response.status} instead of the page.")
            return _read(response, connection, url, deadline, max_bytes)
        except (OSError, http.client.HTTPException) as error:
            raise CannotFetch("The server broke off before the page was complete.") from error
        finally:
            connection.close()
    raise CannotFetch(f"The address was passed on more than {MAX_HOPS} times.")


def _checked(url: str, *, any_port: bool) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise CannotFetch("The address is not complete.") from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise CannotFetch("Only addresses that begin with https:// or http:// are fetched.")
    if parts.username is not None or parts.password is not None:
        raise CannotFetch("The address holds a name or a password.")
    if port not in PORTS.values() and not any_port:
        raise CannotFetch("The address names an unusual port.")
    if re.search(r"[\x00-\x20\x7f]", url):
        raise CannotFetch("The address holds a space or a sign that has no place in it.")
    return parts, port


def _address(host: str, port: int, resolver: Resolver, allowed: Callable[[str, int], bool] | None) -> str:
    addresses = resolver(host, port)
    fits = allowed or (lambda address, _port: is_public(address))
    if not addresses or not all(fits(address, port) for address in addresses):
        raise CannotFetch("The address leads into a private network, which is never fetched.")
    return addresses[0]


def _connect(parts: SplitResult, address: str, port: int, deadline: float) -> http.client.HTTPConnection:
    left = _left(deadline)
    try:
        sock: socket.socket = socket.create_connection((address, port), timeout=left)
        if parts.scheme == "https":
            sock.settimeout(_left(deadline))
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=parts.hostname)
    except (OSError, ValueError) as error:
        raise CannotFetch("The server did not answer.") from error
    connection = http.client.HTTPConnection(parts.hostname or "", port, timeout=left)
    connection.sock = sock
    return connection


def _ask(connection: http.client.HTTPConnection, parts: SplitResult, deadline: float) -> http.client.HTTPResponse:
    connection.sock.settimeout(_left(deadline))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"User-Agent": "DailyDeck source check", "Accept": "text/html, text/plain", "Accept-Encoding": "identity"}
    try:
        connection.request("GET", quote(target, safe=SAFE), headers=headers)
        return connection.getresponse()
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise CannotFetch("The server did not answer in time.") from error


def _read(
    response: http.client.HTTPResponse,
    connection: http.client.HTTPConnection,
    url: str,
    deadline: float,
    max_bytes: int,
) -> FetchedText:
    kind = (response.getheader("Content-Type") or "").partition(";")[0].strip().lower()
    if kind not in READABLE:
        raise CannotFetch(f"The address gives {kind or 'something unnamed'}, not a page of text.")
    if (response.getheader("Content-Encoding") or "identity").lower() != "identity":
        raise CannotFetch("The server sends the page packed, though it was asked not to.")
    body = bytearray()
    while True:
        connection.sock.settimeout(_left(deadline))
        chunk = response.read1(CHUNK)
        if not chunk:
            break
        body += chunk
        if len(body) > max_bytes:
            raise CannotFetch("The page is too large to be read here.")
    text = body.decode(_charset(response, bytes(body[:2048])), errors="replace")
    text = text_of_html(text) if kind != "text/plain" else text
    return FetchedText(url, re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "", text.replace("\r\n", "\n")), kind)


def _charset(response: http.client.HTTPResponse, head: bytes) -> str:
    named = response.headers.get_content_charset()
    if named is None and (found := re.search(rb"<meta[^>]+charset=[\"']?([\w-]+)", head, re.IGNORECASE)):
        named = found[1].decode("ascii")
    try:
        "".encode(named or "utf-8")
    except (LookupError, ValueError):
        return "utf-8"
    return named or "utf-8"


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise CannotFetch("The server did not answer in time.")
    return left

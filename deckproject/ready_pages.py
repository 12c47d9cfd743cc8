"""Ready pages in front of Django: a public page that was rendered before is sent without asking Django anything.

A page that is not ready falls through to Django, whose answer is kept and sent in the same form, so that the first
reader and the next get the same bytes and headers. Without this wrapper everything works, only slower.
"""

import json
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from deckproject.ready_store import Found, Store, Unreachable, store_of
from glossary.domain.ready_page import (
    RENDERING,
    Headers,
    Page,
    known_etag,
    packed_etag,
    page_of,
    plain_etag,
    takes_gzip,
)
from glossary.services.build import build_name
from glossary.services.page_copy import PageCopy, page_copy

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]

REMEMBERED = 4_096  # hosts and header sets that a process keeps in mind
COPIED = 65_536  # keys of copied pages that it keeps in mind, some 5 MB; with fewer, pages in turn are copied each time
HELD = 256  # bodies that a process holds, some 6 MB, so that what is read most need not be fetched with its row
NOTHING = [b""]  # a server sends one chunk at once; none at all it takes for a stream
STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
NOT_AGAIN = 2  # seconds in which a database that did not answer is not asked by the same process
STALE = ("Warning", '110 - "Response is Stale"')  # RFC 7234, 5.5.1


class ReadyPages:
    """A WSGI application that answers GET and HEAD without a query from ready pages, and leaves the rest to Django."""

    def __init__(self, django: Application, *, store: Store | None = None, copy: PageCopy | None = None) -> None:
        self.django = django
        self.store = store or store_of(build_name())
        self.copy = copy or page_copy()
        self.not_ours = (settings.STATIC_URL, "/admin/", "/healthz", "/readyz")
        self.https = settings.SECURE_SSL_REDIRECT
        self.hosts: set[str] = set()
        self.headers: dict[str, Headers] = {}
        self.copied: set[int] = set()
        self.bodies: dict[tuple[str, bool], tuple[str, bytes]] = {}
        self.lately: set[tuple[str, bool]] = set()
        self.ask_again_at = 0.0

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer one request."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if (
            (method != "GET" and method != "HEAD")
            or environ.get("QUERY_STRING")
            or environ.get("SCRIPT_NAME")
            or path.startswith(self.not_ours)
            or not path.isascii()
            or "\x00" in path
            or not (environ.get("HTTP_HOST", "") in self.hosts or self._is_our_host(environ))
            or (self.https and not self._is_secure(environ))
        ):
            return self.django(environ, start_response)
        now = time.time()
        if now < self.ask_again_at:
            return self._from_copy(environ, start_response, int(now))
        packed, known = takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")), environ.get("HTTP_IF_NONE_MATCH", "")
        held = None if known else self.bodies.get((path, packed))
        try:
            there = plain_etag(known) if known else held[0] if held else ""
            found = self.store.find(path, now=int(now), packed=packed, known=there)
            if found is None:
                return self._first(environ, start_response)
            if found.key not in self.copied:
                self._copy(path, found.key, int(now))
        except Unreachable:
            self.ask_again_at = now + NOT_AGAIN
            return self._from_copy(environ, start_response, int(now))
        packed = packed and found.body != b""
        if known and (had := known_etag(found.etag, known, packed=packed)):
            start_response("304 Not Modified", [*self._headers(found), ("ETag", had)])
            return NOTHING
        body = self._body(path, packed, found, held)
        etag = packed_etag(found.etag) if packed else found.etag
        headers = [*self._headers(found), ("ETag", etag), ("Content-Length", str(len(body)))]
        if packed:
            headers.append(("Content-Encoding", "gzip"))
        start_response(STATUS[found.status], headers)
        return [body] if method == "GET" else NOTHING

    def _first(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Let Django answer; keep what may be kept, and send it as it will be sent from then on."""
        status, headers, body, rendering = self._ask_django(environ)
        page = page_of(status, headers, body, later=rendering.later) if rendering is not None else None
        if page is None or rendering is None:
            self.copy.forget(environ["PATH_INFO"])
            start_response(STATUS.get(status, str(status)), headers)
            return [body] if environ["REQUEST_METHOD"] == "GET" else NOTHING
        if key := rendering.keep(page):
            self._copy(environ["PATH_INFO"], key, int(time.time()))
        return self._send(page, environ, start_response)

    def _ask_django(self, environ: Environ) -> tuple[int, Headers, bytes, Any]:
        """Return Django's whole answer to a GET, and what its view says that it was made from."""
        told: list[tuple[str, Headers]] = []
        asked = {**environ, "REQUEST_METHOD": "GET", RENDERING: None}
        chunks = self.django(asked, lambda status, headers, *_: told.append((status, headers)))
        try:
            body = b"".join(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        status, headers = told[0]
        return int(status[:3]), headers, body, asked[RENDERING]

    def _send(
        self, page: Page, environ: Environ, start_response: Start, more: Headers | None = None
    ) -> Iterable[bytes]:
        headers = [*page.headers, *(more or [])]
        packed = page.packed != b"" and takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if had := known_etag(page.etag, environ.get("HTTP_IF_NONE_MATCH", ""), packed=packed):
            start_response("304 Not Modified", [*headers, ("ETag", had)])
            return NOTHING
        body = page.packed if packed else page.body
        headers.append(("ETag", packed_etag(page.etag) if packed else page.etag))
        headers.append(("Content-Length", str(len(body))))
        if packed:
            headers.append(("Content-Encoding", "gzip"))
        start_response(STATUS[page.status], headers)
        return [body] if environ["REQUEST_METHOD"] == "GET" else NOTHING

    def _from_copy(self, environ: Environ, start_response: Start, now: int) -> Iterable[bytes]:
        """Answer while the database cannot be reached: from the copy, marked as stale; else Django says what is up."""
        found = self.copy.get(environ["PATH_INFO"], now=now)
        if found is None:
            return self.django(environ, start_response)
        return self._send(found.page, environ, start_response, [("Age", str(max(0, now - found.kept_at))), STALE])

    def _copy(self, path: str, key: int, now: int) -> None:
        if row := self.store.row(path, now=now):
            self.copy.put(row, now=now)
        if len(self.copied) >= COPIED:
            self.copied.clear()
        self.copied.add(key)

    def _headers(self, found: Found) -> Headers:
        headers = self.headers.get(found.headers)
        if headers is None:
            headers = [(name, value) for name, value in json.loads(found.headers)]
            if len(self.headers) >= REMEMBERED:
                self.headers.clear()
            self.headers[found.headers] = headers
        return headers

    def _body(self, path: str, packed: bool, found: Found, held: tuple[str, bytes] | None) -> bytes:
        """Return the bytes to send: those of the row, or those held under its validator, with which it comes without.

        Whether a page may be sent is always the database's word; only its bytes, which the validator names, are held.
        """
        if found.body is None:
            assert held is not None
            return held[1]
        asked = (path, packed)
        if asked in self.lately:  # to hold what is asked for once would only push out what is asked for often
            if len(self.bodies) >= HELD:
                self.bodies.clear()
            self.bodies[asked] = found.etag, found.body
        else:
            if len(self.lately) >= HELD:
                self.lately.clear()
            self.lately.add(asked)
        return found.body

    def _is_our_host(self, environ: Environ) -> bool:
        """Whether Django would answer under this name (as in `HttpRequest.get_host`); remembered by its spelling."""
        host = environ.get("HTTP_HOST", "")
        domain = split_domain_port(host)[0]
        if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
            return False
        if len(self.hosts) >= REMEMBERED:
            self.hosts.clear()
        self.hosts.add(host)
        return True

    def _is_secure(self, environ: Environ) -> bool:
        """Whether Django would answer rather than redirect to https (as in `HttpRequest.scheme`)."""
        scheme = environ["wsgi.url_scheme"]
        if settings.SECURE_PROXY_SSL_HEADER:
            name, secure = settings.SECURE_PROXY_SSL_HEADER
            if (told := environ.get(name)) is not None:
                scheme = "https" if told.split(",", 1)[0].strip() == secure else "http"
        return bool(scheme == "https")

"""The site as a server sees it: requests through the wrapper of ready pages, without a network."""

from dataclasses import dataclass
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.test import RequestFactory
from django.urls import get_resolver

from deckproject.ready_pages import ReadyPages

OPEN: list["Site"] = []  # closed after each test, by tests/conftest.py


def public_names(resolver=None, space=""):
    """Yield the names of all addresses but the desk's; those without a name are other spellings of one that has."""
    for entry in (resolver or get_resolver()).url_patterns:
        if getattr(entry, "namespace", None) == "admin":
            continue
        if hasattr(entry, "url_patterns"):
            yield from public_names(entry, space + (f"{entry.namespace}:" if entry.namespace else ""))
        elif entry.name:
            yield space + entry.name


@dataclass
class Answer:
    """What came back; names of headers in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes
    asked_django: bool

    @property
    def text(self) -> str:
        return self.body.decode()


class Site:
    """A server process: the wrapper in front of Django, which counts how often Django was asked."""

    def __init__(self, **over: Any) -> None:
        self.django, self.asked = get_wsgi_application(), 0
        self.application = ReadyPages(self._count, **over)
        OPEN.append(self)

    def _count(self, environ, start_response):
        self.asked += 1
        return self.django(environ, start_response)

    def close(self) -> None:
        self.application.store.close()

    def get(self, path: str, *, method: str = "GET", **headers: str) -> Answer:
        """Ask for a path; `headers` are as `if_none_match="…"`."""
        environ = RequestFactory().generic(method, path).environ
        environ["HTTP_HOST"] = "testserver"
        environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        told, before = [], self.asked
        chunks = self.application(environ, lambda status, headers, *_: told.append((status, headers)))
        body = b"".join(chunks)
        if hasattr(chunks, "close"):
            chunks.close()
        status, given = told[0]
        return Answer(int(status[:3]), {n.lower(): v for n, v in given}, body, self.asked > before)

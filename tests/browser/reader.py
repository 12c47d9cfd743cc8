"""A browser that is given pages rendered before: each at its own address, and nothing from anywhere else."""

import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from tests.pages import Page

SITE = "http://localhost"  # which browsers trust as they trust https
STATIC = Path(settings.BASE_DIR) / "static"
TOLD_BY_STATUS = "Failed to load resource: the server responded with a status of"  # some pages are there to say so


class Reader:
    """A window in which one page after the other is opened; it notes who else was asked, and complaints."""

    def __init__(self, browser: Any, pages: list[Page], **context: Any) -> None:
        self.context = browser.new_context(base_url=SITE, reduced_motion="reduce", **context)
        self.window = self.context.new_page()
        self.context.route("**/*", self._answer)
        self.by_path = {page.path: page for page in reversed(pages)}
        self.shown: Page | None = None
        self.strangers: list[str] = []
        self.complaints: list[str] = []
        self.window.on("console", lambda one: self.complaints.append(one.text) if one.type == "error" else None)
        self.window.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, page: Page, *, evidence: bool = False) -> Any:
        """Open a page, with its evidence if asked; return the window."""
        self.shown = page
        self.window.goto("about:blank")
        self.window.goto(SITE + page.path + page.at)
        if evidence:
            self.window.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        return self.window

    def _answer(self, route: Any) -> None:
        url = urlsplit(route.request.url)
        if f"{url.scheme}://{url.netloc}" != SITE:
            self.strangers.append(route.request.url)
            route.abort()
        elif url.path.startswith(settings.STATIC_URL):
            file = STATIC / url.path.removeprefix(settings.STATIC_URL)
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            route.fulfill(body=file.read_bytes(), content_type=kind)
        elif route.request.is_navigation_request() and self.shown is not None:
            self._fulfill(route, self.shown)
        elif (found := self.by_path.get(f"{url.path}?{url.query}" if url.query else url.path)) is not None:
            self._fulfill(route, found)
        else:
            route.fulfill(status=404, body="")

    def _fulfill(self, route: Any, page: Page) -> None:
        body = page.document if route.request.is_navigation_request() else page.html
        headers = {name: value for name, value in page.headers.items() if name != "Content-Length"}
        route.fulfill(status=page.status, headers={"Content-Type": "text/html; charset=utf-8"} | headers, body=body)


@contextmanager
def reader(browser: Any, pages: list[Page], **context: Any) -> Iterator[Reader]:
    """Give a reader's window; afterwards nothing may have been asked of others, and nothing complained of."""
    one = Reader(browser, pages, **context)
    yield one
    one.context.close()
    amiss = {*one.strangers, *(text for text in one.complaints if not text.startswith(TOLD_BY_STATUS))}
    assert not amiss, amiss

"""A copy of ready pages in a file on this machine, for as long as the database cannot be reached."""

import gzip
import json
import sqlite3
import threading
from collections.abc import Collection
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

from glossary.domain.deck import editorial_day
from glossary.domain.ready_page import Page, as_of_later
from glossary.services.build import build_name

MOST_PAGES = 10_000  # the oldest are let go; packed, a page is a few kilobytes
TRIM_EVERY = 256  # pages put in
TABLE = """CREATE TABLE IF NOT EXISTS page (
    path TEXT PRIMARY KEY, build TEXT, kept_at INTEGER, valid_until INTEGER, status INTEGER, etag TEXT, headers TEXT,
    terms TEXT, any_term INTEGER, any_deck INTEGER, packed BLOB, later BLOB)"""


class Copied(NamedTuple):
    """A page of the copy, and since when it lies there, in seconds since 1970."""

    page: Page
    kept_at: int


class PageCopy:
    """The file; every method is silent where it cannot be read or written, as a site works without it too."""

    def __init__(self, path: Path, *, build: str) -> None:
        self.path, self.build = path, build
        self.puts = 0
        self.local = threading.local()

    def put(self, row: tuple[Any, ...], *, now: int) -> None:
        """Keep a page: path, valid_until, status, etag, headers, terms, any_term, any_deck, packed, later."""
        path, *rest = row
        try:
            line = self._line()
            line.execute(
                "INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (path, self.build, now, *rest),
            )
            self.puts += 1
            if self.puts % TRIM_EVERY == 1:
                line.execute(
                    "DELETE FROM page WHERE build <> ? OR path IN "
                    "(SELECT path FROM page ORDER BY kept_at DESC LIMIT -1 OFFSET ?)",
                    (self.build, MOST_PAGES),
                )
        except sqlite3.Error:
            self._hang_up()

    def get(self, path: str, *, now: int) -> Copied | None:
        """Return the page of this address, as of the day after where its own day has passed; None if there is none."""
        try:
            row = (
                self._line()
                .execute(
                    "SELECT kept_at, valid_until, status, etag, headers, packed, later FROM page "
                    "WHERE path = ? AND build = ?",
                    (path, self.build),
                )
                .fetchone()
            )
        except sqlite3.Error:
            self._hang_up()
            return None
        if row is None:
            return None
        kept_at, valid_until, status, etag, headers, packed, later = row
        page = Page(
            status=status,
            headers=tuple((name, value) for name, value in json.loads(headers)),
            body=gzip.decompress(packed) if packed else b"",
            packed=packed,
            etag=etag,
            later=gzip.decompress(later) if later else b"",
        )
        day, rendered_on = (_day(second) for second in (now, valid_until - 1))
        return Copied(as_of_later(page) if day > rendered_on else page, kept_at)

    def drop(self, *, terms: Collection[int] = (), any_term: bool = False, any_deck: bool = False) -> None:
        """Let go of the pages that show one of these terms, and of those that show any term or deck."""
        if not self.path.exists():
            return
        try:
            line = self._line()
            for term in terms:
                line.execute("DELETE FROM page WHERE terms LIKE ?", (f"%,{term},%",))
            if any_term:
                line.execute("DELETE FROM page WHERE any_term")
            if any_deck:
                line.execute("DELETE FROM page WHERE any_deck")
        except sqlite3.Error:
            self._hang_up()

    def forget(self, path: str) -> None:
        """Let go of the page of this address."""
        try:
            self._line().execute("DELETE FROM page WHERE path = ?", (path,))
        except sqlite3.Error:
            self._hang_up()

    def clear(self) -> None:
        """Let go of all pages."""
        if not self.path.exists():
            return
        try:
            self._line().execute("DELETE FROM page")
        except sqlite3.Error:
            self._hang_up()

    def _line(self) -> sqlite3.Connection:
        """Return this thread's connection to the file."""
        line: sqlite3.Connection | None = getattr(self.local, "line", None)
        if line is None:
            line = sqlite3.connect(self.path, timeout=0.2, isolation_level=None)
            self.local.line = line
            line.execute("PRAGMA journal_mode=WAL")
            line.execute("PRAGMA synchronous=OFF")  # a torn file after a crash of the machine is thrown away
            line.execute(TABLE)
        return line

    def _hang_up(self) -> None:
        line: sqlite3.Connection | None = getattr(self.local, "line", None)
        if line is not None:
            self.local.line = None
            line.close()


def _day(second: int) -> date:
    return editorial_day(datetime.fromtimestamp(second, UTC), settings.EDITORIAL_TIME_ZONE)


@lru_cache(maxsize=1)
def page_copy() -> PageCopy:
    """Return the copy of this machine: one file for each database."""
    return PageCopy(Path(settings.READY_PAGES_COPY), build=build_name())

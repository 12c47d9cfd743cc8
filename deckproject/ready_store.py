"""The look-up of ready pages in the database, past Django: one statement over a connection that is kept."""

import sqlite3
from collections import deque
from typing import Any, NamedTuple, Protocol

from django.db import connections

try:
    import psycopg
except ImportError:  # a site on SQLite does not have it
    psycopg = None  # type: ignore[assignment]

COLUMNS = "p.id, p.status, p.etag, p.headers"
WHERE = (
    "FROM glossary_readypage p WHERE p.path = {0} AND p.build = {1} AND p.valid_until > {2} "
    "AND NOT EXISTS (SELECT 1 FROM glossary_droppedpage d WHERE d.page = p.id)"
)
BODY = {False: "p.body", True: "p.packed"}
COPY = "p.path, p.valid_until, p.status, p.etag, p.headers, p.terms, p.any_term, p.any_deck, p.packed, p.later"


MAPPED = 0x7FFF0000  # bytes, the most that SQLite maps unless it was compiled for more
KEPT_LINES = 4  # connections that wait for the next look-up; a look-up takes far less than a millisecond
NOT_A_FAULT = ("no such table", "locked", "busy")  # of SQLite: the page is not ready, and Django sees to the rest


class Unreachable(Exception):
    """The database does not answer."""


class Found(NamedTuple):
    """A ready page; the body is None where the reader has it already."""

    key: int
    status: int
    etag: str
    headers: str
    body: bytes | None


class Store(Protocol):
    """Where ready pages are looked up."""

    def find(self, path: str, *, now: int, packed: bool, known: str) -> Found | None:
        """Return the page of this address that holds at `now`; raises Unreachable.

        `packed` asks for the bytes that gzip made; `known` is the plain validator of the page that the reader has.
        """

    def row(self, path: str, *, now: int) -> tuple[Any, ...] | None:
        """Return the row as the copy of this machine keeps it; raises Unreachable."""

    def close(self) -> None:
        """Close the connections that wait."""


class SQLiteStore:
    """Ready pages of a site on SQLite."""

    def __init__(self, build: str) -> None:
        self.build = build
        self.lines: deque[Any] = deque()  # whoever looks something up takes one, and puts it back
        where = WHERE.format("?", "?", "?")
        self.finding = {
            packed: f"SELECT {COLUMNS}, CASE WHEN p.etag = ? THEN NULL ELSE {body} END {where}"
            for packed, body in BODY.items()
        }
        self.copying = f"SELECT {COPY} {where}"

    def find(self, path: str, *, now: int, packed: bool, known: str) -> Found | None:
        """Return the page of this address that holds at `now`; raises Unreachable."""
        row = self._one(self.finding[packed], (known, path, self.build, now))
        return Found(*row) if row else None

    def row(self, path: str, *, now: int) -> tuple[Any, ...] | None:
        """Return the row as the copy of this machine keeps it; raises Unreachable."""
        return self._one(self.copying, (path, self.build, now))

    def close(self) -> None:
        """Close the connections that wait."""
        close_all(self.lines)

    def _one(self, sql: str, values: tuple[Any, ...]) -> tuple[Any, ...] | None:
        line = None
        try:
            line = self.lines.pop() if self.lines else self._call()
            row: tuple[Any, ...] | None = line.execute(sql, values).fetchone()
        except IndexError:  # somebody else took the last one at this moment
            return self._one(sql, values)
        except sqlite3.Error as error:
            if line is not None:
                line.close()
            if any(reason in str(error) for reason in NOT_A_FAULT):
                return None
            raise Unreachable(str(error)) from error
        put_back(self.lines, line)
        return row

    def _call(self) -> sqlite3.Connection:
        line = sqlite3.connect(str(connections["default"].settings_dict["NAME"]), timeout=1, check_same_thread=False)
        line.isolation_level = None
        line.execute("PRAGMA query_only = ON")
        line.execute(f"PRAGMA mmap_size = {MAPPED}")  # pages come without a system call for each
        return line


class PostgreSQLStore:
    """Ready pages of a site on PostgreSQL: a statement prepared once for each connection, binary values back."""

    def __init__(self, build: str) -> None:
        self.build = build.encode()
        self.lines: deque[Any] = deque()  # whoever looks something up takes one, and puts it back
        where = WHERE.format("$1", "$2", "$3")
        known = "CASE WHEN p.etag = $4 THEN NULL ELSE {} END"
        self.statements = {
            b"find": f"SELECT {COLUMNS}, {known.format('p.body')} {where}".encode(),
            b"find_packed": f"SELECT {COLUMNS}, {known.format('p.packed')} {where}".encode(),
            b"copy": f"SELECT {COPY} {where}".encode(),
        }

    def find(self, path: str, *, now: int, packed: bool, known: str) -> Found | None:
        """Return the page of this address that holds at `now`; raises Unreachable."""
        values = [path.encode(), self.build, b"%d" % now, known.encode()]
        found = self._one(b"find_packed" if packed else b"find", values)
        if found is None:
            return None
        value = found.get_value
        return Found(
            int.from_bytes(value(0, 0) or b""),
            int.from_bytes(value(0, 1) or b""),
            (value(0, 2) or b"").decode(),
            (value(0, 3) or b"").decode(),
            value(0, 4),
        )

    def row(self, path: str, *, now: int) -> tuple[Any, ...] | None:
        """Return the row as the copy of this machine keeps it; raises Unreachable."""
        found = self._one(b"copy", [path.encode(), self.build, b"%d" % now])
        if found is None:
            return None
        raw = [found.get_value(0, column) or b"" for column in range(10)]
        number, words, yes = int.from_bytes, bytes.decode, b"\x01".__eq__
        path_, until, status, etag, headers, terms, any_term, any_deck, packed, later = raw
        return (
            words(path_),
            number(until),
            number(status),
            words(etag),
            words(headers),
            words(terms),
            yes(any_term),
            yes(any_deck),
            packed,
            later,
        )

    def close(self) -> None:
        """Close the connections that wait."""
        close_all(self.lines)

    def _one(self, name: bytes, values: list[bytes]) -> Any:
        """Return the answer of a statement, of one row; None where there is none. A broken line is replaced once."""
        for kept in (True, False):
            try:
                line = self.lines.pop() if kept else self._call()
            except IndexError:  # none is waiting
                continue
            if line is None:
                return None
            try:
                answer = line.pgconn.exec_prepared(name, values, result_format=1)
            except psycopg.Error:
                line.close()
                continue
            if answer.status != psycopg.pq.ExecStatus.TUPLES_OK:
                line.close()
                continue
            put_back(self.lines, line)
            return answer if answer.ntuples else None
        return None

    def _call(self) -> Any:
        """Return a new line of this thread with its statements prepared; None where the tables are not there."""
        wanted = connections["default"].get_connection_params()
        names = ("dbname", "host", "port", "user", "password", "sslmode", "sslrootcert", "service", "passfile")
        given = {name: wanted[name] for name in names if name in wanted}
        try:
            line = psycopg.connect(**{"connect_timeout": 2, **given}, autocommit=True)
        except psycopg.Error as error:
            raise Unreachable(str(error)) from error
        for name, sql in self.statements.items():
            answer = line.pgconn.prepare(name, sql)
            if answer.status != psycopg.pq.ExecStatus.COMMAND_OK:
                line.close()
                return None
        return line


def put_back(lines: deque[Any], line: Any) -> None:
    """Keep a connection for the next look-up, or close it where enough are waiting."""
    if len(lines) < KEPT_LINES:
        lines.append(line)
    else:
        line.close()


def close_all(lines: deque[Any]) -> None:
    """Close the connections that wait for the next look-up."""
    while lines:
        lines.pop().close()


def store_of(build: str) -> Store:
    """Return the look-up for the site's database."""
    return PostgreSQLStore(build) if connections["default"].vendor == "postgresql" else SQLiteStore(build)

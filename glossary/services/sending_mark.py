"""The mark of a machine that may send: a small file beside the database, which no copy and no backup of it has.

It says which arming it belongs to and how many runs of sending there were since. The database says the same, so that
one that was put back from a backup, and knows less than the machine has done, is seen before a mail leaves.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class Mark:
    """What the file says. `to` is the count that the database is about to get, or `runs` where nothing is under way."""

    nonce: str
    runs: int
    to: int


def mark_path() -> Path:
    """Return where the file lies."""
    return Path(settings.SENDING_MARK)


@contextmanager
def held() -> Iterator[None]:
    """Hold the mark, so that no other process of this machine reads or changes it; raises OSError."""
    path = mark_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def read_mark() -> Mark | None:
    """Return the mark; None where there is none, or none that can be understood. Raises another OSError."""
    try:
        nonce, runs, to = mark_path().read_text(encoding="ascii").split()
        return Mark(nonce, int(runs), int(to))
    except (FileNotFoundError, ValueError):
        return None


def write_mark(mark: Mark) -> None:
    """Put a mark in the place of the one before, at once and for good; raises OSError."""
    path = mark_path()
    fresh = path.with_suffix(".new")
    line = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(line, "w", encoding="ascii") as file:
        file.write(f"{mark.nonce} {mark.runs} {mark.to}\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)


def drop_mark() -> None:
    """Take the mark away; raises OSError."""
    mark_path().unlink(missing_ok=True)

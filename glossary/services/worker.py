"""One sender of the brief: its name in the ledger, its way out, and what it remembers from mail to mail."""

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings

from glossary.domain.fuse import Fuse
from glossary.domain.mail import Reply
from glossary.services import ledger
from glossary.services.clock import moment
from glossary.services.transport import Transport, open_transport


@dataclass
class Tally:
    """What a worker did, and which briefs it found missed.

    `why_not` says why nothing could leave; `next_at` when there is something to do again.
    """

    sent: int = 0
    failed: int = 0
    later: int = 0
    left_out: int = 0
    uncertain: int = 0
    why_not: str = ""
    missed: list[str] = field(default_factory=list)
    next_at: datetime | None = None


def _nothing(step: str) -> None:
    """Stand in for the probe of a test."""


@dataclass
class Worker:
    """One sender: its name in the ledger, its way out, and what it remembers of servers that said “not now”.

    `probe` is called with the name of each step, so that a test can make it die there.
    """

    transport: Transport
    clock: Callable[[], datetime] = moment
    probe: Callable[[str], None] = _nothing
    stopped: threading.Event = field(default_factory=threading.Event)
    owner: str = field(default_factory=lambda: uuid.uuid4().hex)
    lease: timedelta = timedelta(seconds=15)  # longer than two waits for the server
    needs: timedelta = timedelta(seconds=5)  # of the lease, left when a group begins
    refusals: dict[str, int] = field(default_factory=dict)
    busy: dict[str, datetime] = field(default_factory=dict)
    failures: int = 0
    resume_at: datetime | None = None
    sent: list[int] = field(default_factory=list)
    fuse: Fuse = field(default_factory=Fuse)
    refused: list[tuple[int, int | None, Reply]] = field(default_factory=list)  # row, reader, what was said
    given_up: list[tuple[int, Reply]] = field(default_factory=list)  # reader of a mail put off at its last try, and why
    tally: Tally = field(default_factory=Tally)

    def rest(self, now: datetime) -> bool:
        """Return whether the server is left alone for now, after it could not be reached."""
        return self.resume_at is not None and now < self.resume_at


def make_worker() -> Worker:
    """Return a worker for the mail server of the settings; its lease outlasts two of the longest waits."""
    patience = timedelta(seconds=settings.EMAIL_TIMEOUT * 6)
    return Worker(open_transport(), lease=patience * 2.5, needs=patience)


def flush(worker: Worker) -> None:
    """Note what went, when no next group does it along with its own."""
    worker.probe("before flush")
    worker.tally.sent += len(worker.sent)
    ledger.mark_sent(worker.sent, owner=worker.owner, now=worker.clock())
    worker.sent = []
    worker.probe("flushed")

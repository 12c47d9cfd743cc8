"""Which machine may send mail: the one that was armed, with the database that it last sent from."""

import hashlib
import secrets
import socket
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction

from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Action
from glossary.models import Installation
from glossary.services.brief_mail import sender_fault
from glossary.services.clock import moment
from glossary.services.roles import require
from glossary.services.sending_mark import Mark, drop_mark, held, mark_path, read_mark, write_mark
from glossary.services.trail import record

MACHINE_ID = Path("/etc/machine-id")
AGAIN = "Pause the briefs that readers have already, then run: manage.py arm_sending"
RESTORED = f"This database is not as it was when mail last left: it was put back from a backup, or copied. {AGAIN}"


def can_mail() -> bool:
    """Return whether mail is set up: a server is named, or mails are put somewhere else than into SMTP."""
    return bool(settings.EMAIL_HOST) or not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")


def host_name() -> str:
    """Return the name of this machine with this database: a copy of either is another host."""
    machine = MACHINE_ID.read_text().strip() if MACHINE_ID.exists() else ""
    database = connection.settings_dict
    where = f"{machine}\0{database['HOST']}\0{database['PORT']}\0{database['NAME']}"
    return f"{socket.gethostname()[:50]}:{hashlib.sha256(where.encode()).hexdigest()[:12]}"


def armed_host() -> str:
    """Return the name of the host that may send; empty if none may."""
    return Installation.objects.values_list("armed_host", flat=True).first() or ""


def why_not_sending() -> str:
    """Return why no brief leaves from this machine and what to do about it, in a sentence; empty if one may."""
    if missing := _not_set_up():
        return missing
    armed, nonce, runs = _row()
    if not armed:
        return "No machine is armed. On the one that is to send, run: manage.py arm_sending"
    return _why_a_copy(armed, nonce, runs)


def _not_set_up() -> str:
    """Return which setting keeps mail from leaving, in a sentence with what to do; empty if none does."""
    if not settings.LINK_KEY:
        return "LINK_KEY is not set, so links in mails cannot be signed. Set it to 32 random characters."
    if not can_mail():
        return "No mail server is set. Set EMAIL_HOST or EMAIL_PROVIDER, then try: manage.py check_mail you@example.org"
    return sender_fault()


def why_a_copy() -> str:
    """Return why this looks like a copy of the site, or one put back from a backup, which writes to nobody.

    A site on which no machine was ever armed is no copy: its staff get their mails.
    """
    armed, nonce, runs = _row()
    return _why_a_copy(armed, nonce, runs) if armed else ""


def _row() -> tuple[str, str, int]:
    return Installation.objects.values_list("armed_host", "armed_nonce", "runs").first() or ("", "", 0)


def _why_a_copy(armed: str, nonce: str, runs: int) -> str:
    """Return why the armed machine is not this one with its own database; one query at most, where they seem not to."""
    here = host_name()
    if armed != here:
        return f"{armed} is armed, and this is {here}. To send from here instead, run: manage.py arm_sending"
    try:
        if nonce and read_mark() == Mark(nonce, runs, runs):
            return ""
        with held():  # another process may have been between its two writes
            return _why_not_marked()[0]
    except OSError as error:
        return _unreadable(error)


def begin_run() -> str:
    """Count one more run of sending, in the database and on this machine; return why it may not begin, or nothing.

    The file says first what the database is about to be told: after a crash at any point both still fit together, and
    a database from before any run does not.
    """
    try:
        with held():
            why, mark = _why_not_marked()
            if mark is None:
                return why
            write_mark(Mark(mark.nonce, mark.runs, mark.runs + 1))
            rows = Installation.objects.filter(armed_nonce=mark.nonce, runs=mark.runs)
            if not rows.update(runs=mark.runs + 1):
                return RESTORED
            write_mark(Mark(mark.nonce, mark.runs + 1, mark.runs + 1))
    except OSError as error:
        return _unreadable(error)
    return ""


def _why_not_marked() -> tuple[str, Mark | None]:
    """Return why the mark and the database do not fit together, and the mark where they do. The caller holds it."""
    _, nonce, runs = _row()
    mark = read_mark()
    if mark is None or not nonce:
        return f"{mark_path()} is gone, which says with which database this machine last sent. {AGAIN}", None
    if mark.nonce != nonce or runs not in {mark.runs, mark.to}:
        return RESTORED, None
    if mark.runs != mark.to:  # a process died between its two writes
        mark = Mark(nonce, runs, runs)
        write_mark(mark)
    return "", mark


def _unreadable(error: OSError) -> str:
    return f"The mark of this machine cannot be read or written by whoever runs this: {error}"


@transaction.atomic
def arm(*, now: datetime | None = None) -> str:
    """Let this machine with this database send, and no other; return its name. Raises IllegalMove where it could not.

    The file is written before the database is: a crash between them leaves a machine that is not armed.
    """
    if missing := _not_set_up():
        raise IllegalMove(missing)
    at, host = moment(now), host_name()
    before = armed_host()
    if before == host and not why_a_copy():
        return host
    nonce = secrets.token_hex(16)
    try:
        with held():
            write_mark(Mark(nonce, 0, 0))
    except OSError as error:
        raise IllegalMove(_unreadable(error)) from error
    armed = {"armed_host": host, "armed_at": at, "armed_nonce": nonce, "runs": 0}
    if not Installation.objects.update(**armed):
        Installation.objects.create(made_at=at, **armed)
    record(None, "armed", host, now=at, reason=f"Until then: {before}" if before else "")
    return host


@transaction.atomic
def disarm(*, by: User | None = None, now: datetime | None = None) -> bool:
    """Let no machine send; return whether one could. A person needs the right to manage subscribers."""
    if by is not None:
        require(by, Action.KEEP_SUBSCRIBERS)
    host = armed_host()
    nothing = {"armed_host": "", "armed_at": None, "armed_nonce": "", "runs": 0}
    if not Installation.objects.exclude(armed_host="").update(**nothing):
        return False
    if host == host_name():
        try:
            drop_mark()
        except OSError:
            pass  # what the database says is enough
    record(by, "disarmed", host, now=moment(now))
    return True

"""Ways out for the brief: a line to a mail server that is kept open, or Django's backend where mail goes elsewhere."""

import logging
import socket
import ssl
from collections.abc import Callable, Collection, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from glossary.domain.bounce import Step
from glossary.services.smtp import Fate, Line, LineLost, Mail, Reply, Results, Server, Stopped

logger = logging.getLogger(__name__)
COPIED = ("Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted")
STEPS: dict[type, Step] = {SMTPSenderRefused: Step.SENDER, SMTPDataError: Step.BODY}


class Transport(Protocol):
    """A way out; `send` never raises for what happens to mails on their way."""

    def send(
        self,
        mails: Sequence[Mail],
        *,
        commit: Callable[[Sequence[Mail]], Collection[int]],
        go_on: Callable[[], bool],
        probe: Callable[[str], None],
    ) -> Results:
        """Send mails as `Line.send_group` does."""

    def close(self) -> None:
        """Let go of what is held open."""


def server() -> Server:
    """Return the mail server of the settings."""
    return Server(
        host=settings.EMAIL_HOST,
        port=settings.EMAIL_PORT,
        user=settings.EMAIL_HOST_USER,
        password=settings.EMAIL_HOST_PASSWORD,
        starttls=settings.EMAIL_USE_TLS,
        tls=settings.EMAIL_USE_SSL,
        timeout=settings.EMAIL_TIMEOUT,
        patience=settings.EMAIL_TIMEOUT * 6,
        name=socket.getfqdn(),
    )


class SmtpTransport:
    """A kept line; it is opened when there is something to send, and anew after it broke."""

    def __init__(self, to: Server) -> None:
        """Keep where mail goes; nothing is opened yet."""
        self.server = to
        self.line: Line | None = None
        if (to.starttls or to.tls) and to.trust is None:
            self.server = Server(**{**to.__dict__, "trust": ssl.create_default_context()})

    def send(
        self,
        mails: Sequence[Mail],
        *,
        commit: Callable[[Sequence[Mail]], Collection[int]],
        go_on: Callable[[], bool],
        probe: Callable[[str], None],
    ) -> Results:
        """Send mails over the line. A kept line that the server closed meanwhile is opened anew, once."""
        unsent = Results({mail.key: (Fate.UNSENT, None) for mail in mails})
        for fresh in (False, True):
            if self.line is None:
                fresh = True
                try:
                    probe("connect")
                    self.line = Line(self.server)
                except LineLost as error:
                    unsent.lost = error
                    return unsent
            results = self.line.send_group(mails, commit=commit, go_on=go_on, probe=probe)
            if results.lost is None:
                return results
            self.line = None
            if fresh or results.committed or any(fate != Fate.UNSENT for fate, _ in results.fates.values()):
                return results
        return results

    def close(self) -> None:
        """Say goodbye."""
        if self.line is not None:
            self.line.quit()
            self.line = None


class BackendTransport:
    """Django's own backend, for files, the console, tests, and services with an interface of their own."""

    def __init__(self) -> None:
        """Open the backend of the settings when it is needed."""
        self.connection = get_connection()

    def send(
        self,
        mails: Sequence[Mail],
        *,
        commit: Callable[[Sequence[Mail]], Collection[int]],
        go_on: Callable[[], bool],
        probe: Callable[[str], None],
    ) -> Results:
        """Send mails one by one."""
        results = Results({mail.key: (Fate.UNSENT, None) for mail in mails})
        probe("envelope")
        may = commit(mails)
        probe("in doubt")
        for mail in mails:
            if mail.key not in may:
                continue
            if not go_on():
                results.lost = Stopped("The time for this group is over.")
                break
            results.fates[mail.key] = (Fate.UNKNOWN, None)
            try:
                probe("body")
                self.connection.send_messages([as_django(mail)])
                results.fates[mail.key] = (Fate.TAKEN, Reply(250, ""))
                probe("answer")
            except SMTPRecipientsRefused as error:
                code, said = next(iter(error.recipients.values()), (550, b""))
                reply = Reply(code, _text(said), Step.RECIPIENT)
                results.fates[mail.key] = (reply.fate, reply)
            except SMTPResponseException as error:
                step = STEPS.get(type(error))
                reply = Reply(error.smtp_code, _text(error.smtp_error), step)
                results.fates[mail.key] = (reply.fate, reply)
            except (OSError, SMTPException) as error:
                results.lost = LineLost(str(error))
                break
        return results

    def close(self) -> None:
        """Close the backend."""
        self.connection.close()


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def as_django(mail: Mail) -> EmailMultiAlternatives:
    """Return a written mail as one that every backend of Django takes: the same headers, text and HTML."""
    read = message_from_bytes(mail.message, _class=EmailMessage, policy=policy.default)
    plain, html = read.get_body(("plain",)), read.get_body(("html",))
    message = EmailMultiAlternatives(
        subject=str(read["Subject"]),
        body=plain.get_content() if plain else "",
        from_email=str(read["From"]),
        to=[mail.recipient],
        reply_to=[str(read["Reply-To"])] if read["Reply-To"] else None,
        headers={name: str(read[name]) for name in COPIED if read[name]},
        connection=None,
    )
    if html:
        message.attach_alternative(html.get_content(), "text/html")
    return message


def open_transport() -> Transport:
    """Return the way out that the settings name."""
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return SmtpTransport(server())
    return BackendTransport()

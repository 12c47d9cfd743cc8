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
from glossary.domain.mail import Fate, LineLost, Mail, Refused, Reply, Results, Stopped
from glossary.services.line import Line, Server
from glossary.services.smtp import send_group

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
        """Send mails as `smtp.send_group` does."""

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
            line, self.line = self.line, None
            try:
                results = send_group(line, mails, commit=commit, go_on=go_on, probe=probe)
                self.line = line
            finally:
                if self.line is None:
                    line.close()  # the ledger could not be written: what the server waits for never comes
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
    """Django's own backend, for files, the console, tests, and services with an interface of their own.

    `keep` holds a line open for the mails of a group, and no longer: one that a service dropped in silence meanwhile
    would leave mails in doubt.
    """

    def __init__(self, *, keep: bool = False) -> None:
        """Open the backend of the settings when it is needed."""
        self.connection = get_connection()
        self.keep = keep

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
        opened = self.keep and bool(self.connection.open())
        try:
            self._send_each([mail for mail in mails if mail.key in may], results, go_on, probe)
        finally:
            if opened:
                self.connection.close()
        return results

    def _send_each(
        self, mails: Sequence[Mail], results: Results, go_on: Callable[[], bool], probe: Callable[[str], None]
    ) -> None:
        for mail in mails:
            if not go_on():
                results.lost = Stopped("The time for this group is over.")
                break
            results.fates[mail.key] = (Fate.UNKNOWN, None)
            try:
                probe("body")
                self.connection.send_messages([as_django(mail)])
                results.fates[mail.key] = (Fate.TAKEN, Reply(250, ""))
                probe("answer")
            except SMTPRecipientsRefused as refusal:
                reply = _reply(*next(iter(refusal.recipients.values()), (550, "")), step=Step.RECIPIENT)
                results.fates[mail.key] = (reply.fate, reply)
            except SMTPResponseException as answer:
                reply = _reply(answer.smtp_code, answer.smtp_error, step=STEPS.get(type(answer)))
                results.fates[mail.key] = (reply.fate, reply)
            except Refused as error:  # nothing of this mail went
                results.fates[mail.key], results.lost = (Fate.UNSENT, None), error
                break
            except (OSError, SMTPException) as error:
                results.lost, results.at = LineLost(str(error)), mail.key
                break

    def close(self) -> None:
        """Close the backend."""
        self.connection.close()


def _reply(code: int, said: bytes | str, *, step: Step | None) -> Reply:
    return Reply(code, said.decode("utf-8", "replace") if isinstance(said, bytes) else said, step)


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
    return BackendTransport(keep=settings.EMAIL_BACKEND.endswith("provider.EmailBackend"))

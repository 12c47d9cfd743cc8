"""A line to a mail server: kept open for many mails, one round trip a mail where the server allows it.

SMTP as in RFC 5321, with PIPELINING (RFC 2920), STARTTLS (RFC 3207) and AUTH (RFC 4954). The body of one mail and the
envelope of the next go out in one write. Where the server offers CHUNKING (RFC 3030) a whole group of mails does.
"""

import base64
import socket
import ssl
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from glossary.domain.bounce import Step

MAX_REPLY = 65_536  # bytes of one reply; RFC 5321 has 512 a line
BIG = 262_144  # bytes read at once
GO_AHEAD = 354
CLOSES = 421


class LineLost(OSError):
    """The server is gone, silent, or talks something else than SMTP."""


class Refused(LineLost):
    """The server does not let mail in: no greeting, no TLS where it is required, a wrong password."""


class Stopped(LineLost):
    """This side closed the line; the server did nothing wrong."""


class Fate(StrEnum):
    """What became of one mail of a group."""

    TAKEN = "taken"
    LATER = "later"  # 4xx
    REFUSED = "refused"  # 5xx
    UNKNOWN = "unknown"  # the body went out, no answer came back
    UNSENT = "unsent"  # nothing of its body went out


@dataclass(frozen=True)
class Reply:
    """What the server says; a reply of several lines as one text. A refusal of a mail says at which step it came."""

    code: int
    text: str
    step: Step | None = None

    @property
    def good(self) -> bool:
        """Whether it is a yes."""
        return 200 <= self.code < 300

    @property
    def fate(self) -> Fate:
        """What it means for the mail that it answers."""
        return Fate.TAKEN if self.good else Fate.LATER if 400 <= self.code < 500 else Fate.REFUSED


@dataclass(frozen=True)
class Server:
    """Where mail goes, and how. Times are in seconds; `patience` is for the answer to a body."""

    host: str
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    timeout: float = 10
    patience: float = 60
    name: str = "localhost"
    trust: ssl.SSLContext | None = None  # certificates; None: those of the system


@dataclass(frozen=True)
class Mail:
    """One mail on its way: whose row it is, the envelope, and the message with CRLF at its end."""

    key: int
    sender: str
    recipient: str
    message: bytes


@dataclass
class Results:
    """What became of the mails of a group, by key; `lost` says why the line broke, if it did, and `at` at which mail.

    `committed` says whether the caller was told that bodies are about to go.
    """

    fates: dict[int, tuple[Fate, Reply | None]] = field(default_factory=dict)
    lost: LineLost | None = None
    at: int | None = None
    committed: bool = False


def _nothing(step: str) -> None:
    """Stand in for the probe of a test."""


def _at_step(reply: Reply, step: Step) -> Reply:
    """Return a refusal with the step at which it came; a yes as it is."""
    return reply if reply.good else replace(reply, step=step)


class Line:
    """One connection. `said` keeps the dialogue for whoever asks for it, without passwords and bodies."""

    def __init__(self, server: Server, *, said: Callable[[str], None] | None = None) -> None:
        """Connect, greet, start TLS and log in; raises LineLost."""
        self.server = server
        self.extensions: dict[str, str] = {}
        self.buffer = b""
        self.dirty = False  # a refused envelope stands; RSET comes before the next
        self.closing = False
        self.said = said
        try:
            self.socket = socket.create_connection((server.host, server.port), server.timeout)
        except OSError as error:
            raise Refused(f"{server.host}:{server.port} cannot be reached: {error}") from error
        try:
            self._begin()
        except OSError:
            self.close()
            raise

    def _begin(self) -> None:
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.server.tls:
            self._wrap()
        greeting = self._reply(self.server.timeout)
        if not greeting.good:
            raise Refused(f"The server does not greet: {greeting.code} {greeting.text}")
        self._ehlo()
        if self.server.starttls:
            if "STARTTLS" not in self.extensions:
                raise Refused("EMAIL_USE_TLS is on, but the server offers no STARTTLS. Nothing was sent in clear text.")
            answer = self._ask("STARTTLS")
            if not answer.good or self.buffer:  # bytes before the handshake are not the server's
                raise Refused(f"The server does not start TLS: {answer.code} {answer.text}")
            self._wrap()
            self._ehlo()
        if self.server.user:
            self._log_in()

    def _wrap(self) -> None:
        context = self.server.trust or ssl.create_default_context()
        try:
            self.socket = context.wrap_socket(self.socket, server_hostname=self.server.host)
        except (OSError, ValueError) as error:
            raise Refused(f"TLS with {self.server.host} failed: {error}") from error

    def _ehlo(self) -> None:
        answer = self._ask(f"EHLO {self.server.name}")
        if answer.good:
            lines = [line.strip().upper() for line in answer.text.split("\n")[1:]]
            self.extensions = {word: rest for word, _, rest in (line.partition(" ") for line in lines)}
            return
        answer = self._ask(f"HELO {self.server.name}")
        if not answer.good:
            raise Refused(f"The server does not take our greeting: {answer.code} {answer.text}")
        self.extensions = {}

    def _log_in(self) -> None:
        ways = self.extensions.get("AUTH", "").split()
        user, password = self.server.user.encode(), self.server.password.encode()
        if "PLAIN" in ways:
            secret = base64.b64encode(b"\0" + user + b"\0" + password).decode()
            answer = self._ask(f"AUTH PLAIN {secret}", shown="AUTH PLAIN …")
        elif "LOGIN" in ways:
            answer = self._ask("AUTH LOGIN")
            for part in (user, password):
                if answer.code == 334:
                    answer = self._ask(base64.b64encode(part).decode(), shown="…")
        else:
            raise Refused("EMAIL_HOST_USER is set, but the server offers neither AUTH PLAIN nor AUTH LOGIN.")
        if not answer.good:
            raise Refused(f"The server does not take user and password: {answer.code} {answer.text}")

    @property
    def pipelining(self) -> bool:
        """Whether several commands may go out at once."""
        return "PIPELINING" in self.extensions

    @property
    def chunking(self) -> bool:
        """Whether whole mails may go out at once."""
        return self.pipelining and "CHUNKING" in self.extensions

    def send_group(
        self,
        mails: Sequence[Mail],
        *,
        commit: Callable[[Sequence[Mail]], Collection[int]] | None = None,
        go_on: Callable[[], bool] = lambda: True,
        probe: Callable[[str], None] = _nothing,
    ) -> Results:
        """Send mails over this line; return what became of each. Never raises for what the server does.

        Once the server waits for the first body, `commit` is told which mails are about to go and returns the keys of
        those that may: the caller notes there, for good, that they are in doubt. `go_on` is asked before each body.
        """
        results = Results({mail.key: (Fate.UNSENT, None) for mail in mails})
        try:
            if self.chunking:
                self._send_chunks(mails, results, commit, go_on, probe)
            else:
                self._send_bodies(mails, results, commit, go_on, probe)
        except OSError as error:
            results.lost = error if isinstance(error, LineLost) else LineLost(str(error))
            self.close()
        if self.closing and results.lost is None:
            results.lost = LineLost("The server closes the line.")
            self.close()
        return results

    def _send_bodies(
        self,
        mails: Sequence[Mail],
        results: Results,
        commit: Callable[[Sequence[Mail]], Collection[int]] | None,
        go_on: Callable[[], bool],
        probe: Callable[[str], None],
    ) -> None:
        waiting = self._open_first(mails, results, probe)
        if not waiting:
            return
        if commit is not None:
            may, results.committed = commit(waiting), True
            if waiting[0].key not in may:
                self.close()  # nothing else takes back a DATA
                raise Stopped("The first mail was taken back.")
            waiting = [mail for mail in waiting if mail.key in may]
        probe("in doubt")
        place = 0
        while place < len(waiting):
            if not go_on():
                self.close()
                raise Stopped("The time for this group is over.")
            mail = waiting[place]
            results.at = mail.key
            place += 1
            following = waiting[place] if place < len(waiting) and self.pipelining else None
            results.fates[mail.key] = (Fate.UNKNOWN, None)
            self._write(self._data(mail) + (self._envelope(following) if following else b""))
            probe("body")
            answer = self._reply(self.server.patience)
            results.fates[mail.key] = (answer.fate, _at_step(answer, Step.BODY))
            probe("answer")
            if following:
                opened = self._envelope_reply()
            while place < len(waiting):
                if following is None:
                    results.at = waiting[place].key
                    opened = self.open(waiting[place])
                if opened.code == GO_AHEAD:
                    break
                results.fates[waiting[place].key] = (opened.fate, opened)
                following = None
                place += 1

    def _open_first(self, mails: Sequence[Mail], results: Results, probe: Callable[[str], None]) -> list[Mail]:
        """Open envelopes until the server waits for a body; return that mail and those after it."""
        for place, mail in enumerate(mails):
            probe("envelope")
            results.at = mail.key
            opened = self.open(mail)
            if opened.code == GO_AHEAD:
                return list(mails[place:])
            results.fates[mail.key] = (opened.fate, opened)
        return []

    def _send_chunks(
        self,
        mails: Sequence[Mail],
        results: Results,
        commit: Callable[[Sequence[Mail]], Collection[int]] | None,
        go_on: Callable[[], bool],
        probe: Callable[[str], None],
    ) -> None:
        probe("envelope")
        self._checked(self._ask("RSET"))  # the line is alive, before anything is in doubt
        self.dirty = False
        waiting = list(mails)
        if commit is not None:
            may, results.committed = commit(waiting), True
            waiting = [mail for mail in waiting if mail.key in may]
        probe("in doubt")
        if not waiting or not go_on():
            return
        written = []
        for mail in waiting:
            written.append(
                f"MAIL FROM:<{mail.sender}>\r\nRCPT TO:<{mail.recipient}>\r\nBDAT {len(mail.message)} LAST\r\n".encode()
            )
            written += [mail.message, b"RSET\r\n"]
            results.fates[mail.key] = (Fate.UNKNOWN, None)
        self._write(b"".join(written))
        probe("body")
        for mail in waiting:
            replies = [self._reply(self.server.timeout), self._reply(self.server.timeout)]
            replies.append(self._reply(self.server.patience))
            answer = next(
                (_at_step(reply, step) for reply, step in zip(replies, Step, strict=True) if not reply.good),
                replies[-1],
            )
            results.fates[mail.key] = (answer.fate, answer)
            probe("answer")
            self._reply(self.server.timeout)

    def open(self, mail: Mail) -> Reply:
        """Give the envelope of a mail; return 354, or the reply that refuses it. Raises LineLost."""
        if self.pipelining:
            self._write(self._envelope(mail))
            return self._envelope_reply()
        if self.dirty:
            self._checked(self._ask("RSET"))
            self.dirty = False
        commands = (f"MAIL FROM:<{mail.sender}>", f"RCPT TO:<{mail.recipient}>", "DATA")
        for command, step in zip(commands, Step, strict=True):
            answer = self._ask(command)
            if not answer.good and not (command == "DATA" and answer.code == GO_AHEAD):
                self.dirty = True
                return self._no(answer, step)
        return answer

    def _envelope(self, mail: Mail) -> bytes:
        reset = "RSET\r\n" if self.dirty else ""
        return f"{reset}MAIL FROM:<{mail.sender}>\r\nRCPT TO:<{mail.recipient}>\r\nDATA\r\n".encode("ascii")

    def _envelope_reply(self) -> Reply:
        if self.dirty:
            self._reply(self.server.timeout)
            self.dirty = False
        timeout = self.server.timeout
        sender = self._reply(timeout)
        if sender.code == CLOSES:
            return self._no(sender, Step.SENDER)  # nothing follows
        recipient, data = self._reply(timeout), self._reply(timeout)
        if sender.good and recipient.good and data.code == GO_AHEAD:
            return data
        self.dirty = True
        if data.code == GO_AHEAD:  # RFC 2920 3.1: it waits for a body although nobody is to get it
            self._write(b".\r\n")
            self._reply(self.server.patience)
        if sender.good:
            return self._no(data, Step.BODY) if recipient.good else self._no(recipient, Step.RECIPIENT)
        return self._no(sender, Step.SENDER)

    def _no(self, reply: Reply, step: Step) -> Reply:
        """Return a refusal as one: a yes where none belongs is the server's confusion."""
        if reply.good or reply.code < 400:
            raise LineLost(f"The server answers {reply.code} where it may not.")
        return _at_step(reply, step)

    def _data(self, mail: Mail) -> bytes:
        """Return the body as it goes over the line: a dot before a dot at the start of a line, and the last one."""
        message = mail.message
        if b"\r\n." in message or message.startswith(b"."):
            message = (b"\r\n" + message).replace(b"\r\n.", b"\r\n..")[2:]
        return message + (b".\r\n" if message.endswith(b"\r\n") else b"\r\n.\r\n")

    def _ask(self, command: str, *, shown: str = "") -> Reply:
        if self.said:
            self.said(f"> {shown or command}")
        self._write(command.encode("ascii", "replace") + b"\r\n")
        return self._reply(self.server.timeout)

    def _checked(self, reply: Reply) -> None:
        if not reply.good:
            raise LineLost(f"The server does not start anew: {reply.code} {reply.text}")

    def _write(self, data: bytes) -> None:
        self.socket.settimeout(self.server.patience)
        self.socket.sendall(data)

    def _reply(self, seconds: float) -> Reply:
        """Return the next reply; raises LineLost if it is not all there after `seconds`, or is none."""
        ends = 0.0
        first = self.buffer.find(b"\n")
        if first > 3 and self.buffer[3:4] != b"-":  # one line that is there already
            line, self.buffer = self.buffer[:first], self.buffer[first + 1 :]
            return self._read([line])
        lines: list[bytes] = []
        while True:
            line, newline, rest = self.buffer.partition(b"\n")
            if newline:
                self.buffer = rest
                lines.append(line)
                if line[3:4] != b"-":
                    return self._read(lines)
                continue
            if len(self.buffer) > MAX_REPLY or len(lines) > 1000:
                raise LineLost("The server's reply has no end.")
            ends = ends or time.monotonic() + seconds
            left = ends - time.monotonic()
            if left <= 0:
                raise LineLost(f"The server did not answer within {seconds:g} s.")
            self.socket.settimeout(left)
            try:
                data = self.socket.recv(BIG)
            except TimeoutError as error:
                raise LineLost(f"The server did not answer within {seconds:g} s.") from error
            if not data:
                raise LineLost("The server closed the line.")
            self.buffer += data

    def _read(self, lines: list[bytes]) -> Reply:
        if not lines[-1][:3].isdigit():
            raise LineLost(f"The server talks no SMTP: {lines[-1][:60]!r}")
        text = "\n".join(line[4:].decode("ascii", "replace").strip() for line in lines)
        reply = Reply(int(lines[-1][:3]), text)
        if reply.code == CLOSES:
            self.closing = True
        if self.said:
            self.said(f"< {reply.code} {text}")
        return reply

    def quit(self) -> None:
        """Say goodbye, and close."""
        try:
            self._ask("QUIT")
        except OSError:
            pass  # it is over either way
        self.close()

    def close(self) -> None:
        """Close the connection as it stands."""
        self.closing = True
        self.socket.close()

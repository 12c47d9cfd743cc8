"""A line to a mail server: reached, greeted, encrypted and logged in, then commands out and replies in.

SMTP as in RFC 5321, with STARTTLS (RFC 3207) and AUTH (RFC 4954).
"""

import base64
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass

from glossary.domain.mail import LineLost, Refused, Reply

MAX_REPLY = 65_536  # bytes of one reply; RFC 5321 has 512 a line
BIG = 262_144  # bytes read at once
CLOSES = 421


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
        greeting = self.reply(self.server.timeout)
        if not greeting.good:
            raise Refused(f"The server does not greet: {greeting.code} {greeting.text}")
        self._ehlo()
        if self.server.starttls:
            if "STARTTLS" not in self.extensions:
                raise Refused("EMAIL_USE_TLS is on, but the server offers no STARTTLS. Nothing was sent in clear text.")
            answer = self.ask("STARTTLS")
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
        answer = self.ask(f"EHLO {self.server.name}")
        if answer.good:
            lines = [line.strip().upper() for line in answer.text.split("\n")[1:]]
            self.extensions = {word: rest for word, _, rest in (line.partition(" ") for line in lines)}
            return
        answer = self.ask(f"HELO {self.server.name}")
        if not answer.good:
            raise Refused(f"The server does not take our greeting: {answer.code} {answer.text}")
        self.extensions = {}

    def _log_in(self) -> None:
        ways = self.extensions.get("AUTH", "").split()
        user, password = self.server.user.encode(), self.server.password.encode()
        if "PLAIN" in ways:
            secret = base64.b64encode(b"\0" + user + b"\0" + password).decode()
            answer = self.ask(f"AUTH PLAIN {secret}", shown="AUTH PLAIN …")
        elif "LOGIN" in ways:
            answer = self.ask("AUTH LOGIN")
            for part in (user, password):
                if answer.code == 334:
                    answer = self.ask(base64.b64encode(part).decode(), shown="…")
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

    def ask(self, command: str, *, shown: str = "") -> Reply:
        """Give one command and return what the server says to it; `shown` stands for it in the dialogue."""
        if self.said:
            self.said(f"> {shown or command}")
        self.write(command.encode("ascii", "replace") + b"\r\n")
        return self.reply(self.server.timeout)

    def write(self, data: bytes) -> None:
        """Send bytes as they are; replies are read by `reply`, one for each command that is in them."""
        self.socket.settimeout(self.server.patience)
        self.socket.sendall(data)

    def reply(self, seconds: float) -> Reply:
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
            self.ask("QUIT")
        except OSError:
            pass  # it is over either way
        self.close()

    def close(self) -> None:
        """Close the connection as it stands."""
        self.closing = True
        self.socket.close()

"""A mail server for tests: it takes what the script says, and remembers each message that it accepted, before it
answers.

`Sink(script)` listens in a thread. A script is called with the step (`connect`, `EHLO`, `MAIL`, `RCPT`, `DATA`, `body`,
`after`) and what was said, and returns the answer: text to send, `DROP` to close the line, a function that does with
the socket what it likes, or None for the usual answer.
"""

import contextlib
import re
import socket
import threading

DROP = object()
USUAL = {
    "connect": "220 sink",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    "body": "250 taken",
    "RSET": "250 ok",
}


class Sink:
    """A scripted SMTP server on loopback."""

    def __init__(self, script=lambda step, said: None, *, extensions=("PIPELINING",), port=0):
        self.script, self.extensions = script, extensions
        self.accepted, self.seen, self.lines = [], [], 0
        self.lock = threading.Lock()
        self.server = socket.create_server(("127.0.0.1", port))
        self.port = self.server.getsockname()[1]
        self.open = []
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)  # or the thread that waits in accept would keep it
        self.server.close()
        for one in self.open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def ids(self, after=0):
        """Return the Message-IDs that were accepted, as often as they were; `after` leaves out so many."""
        return [re.search(rb"Message-ID: (<[^>]+>)", message)[1].decode() for _, message in self.accepted[after:]]

    def recipients(self):
        return [recipient for recipient, _ in self.accepted]

    def _listen(self):
        while True:
            try:
                line, _ = self.server.accept()
            except OSError:
                return
            self.lines += 1
            self.open.append(line)
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _answer(self, line, step, said=""):
        """Do what the script says; return the code that was sent, or None where the line is over."""
        self.seen.append((step, said))
        answer = self.script(step, said)
        if answer is None:
            answer = USUAL.get(step, "250 ok")
        if answer is DROP:
            raise OSError("dropped")
        if callable(answer):
            return answer(line)
        line.sendall(answer.encode() + b"\r\n")
        return int(answer[:3])

    def _serve(self, line):
        with contextlib.suppress(OSError, ValueError):
            self._talk(line, line.makefile("rb"))
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
        line.close()

    def _talk(self, line, file):
        self._answer(line, "connect")
        recipient = ""
        while command := file.readline():
            said = command.decode("latin-1").strip()
            verb = said.split()[0].upper() if said else ""
            if verb == "QUIT":
                line.sendall(b"221 bye\r\n")
                return
            if verb == "EHLO":
                if self.script("EHLO", said) is None:
                    shown = ["sink", *self.extensions]
                    text = "".join(f"250-{one}\r\n" for one in shown[:-1]) + f"250 {shown[-1]}\r\n"
                    line.sendall(text.encode())
                else:
                    self._answer(line, "EHLO", said)
                continue
            if verb == "RCPT":
                code = self._answer(line, "RCPT", said)
                recipient = said[9:-1] if code == 250 else ""
                continue
            if verb == "BDAT":
                message = file.read(int(said.split()[1]))
                if not recipient:
                    line.sendall(b"503 nobody\r\n")
                    continue
                self._take(line, recipient, message)
                recipient = ""
                continue
            if verb == "DATA" and not recipient:
                line.sendall(b"503 nobody\r\n")
                continue
            code = self._answer(line, verb, said)
            if verb == "DATA" and code == 354:
                lines = []
                while (one := file.readline()) not in {b".\r\n", b""}:
                    lines.append(one[1:] if one.startswith(b".") else one)
                if one == b"":
                    return
                self._take(line, recipient, b"".join(lines))
                recipient = ""

    def _take(self, line, recipient, message):
        if self.script("accept", recipient) is None:
            with self.lock:
                self.accepted.append((recipient, message))
        self._answer(line, "body", recipient)

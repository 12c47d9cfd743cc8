"""Sending mails over a line, a group at a time: one round trip a mail where the server allows it.

With PIPELINING (RFC 2920) the body of one mail and the envelope of the next go out in one write. Where the server
offers CHUNKING (RFC 3030) a whole group of mails does.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from glossary.domain.bounce import Step
from glossary.domain.mail import Fate, LineLost, Mail, Reply, Results, Stopped
from glossary.services.line import CLOSES, Line

GO_AHEAD = 354
Commit = Callable[[Sequence[Mail]], Collection[int]]


def _nothing(step: str) -> None:
    """Stand in for the probe of a test."""


def send_group(
    line: Line,
    mails: Sequence[Mail],
    *,
    commit: Commit | None = None,
    go_on: Callable[[], bool] = lambda: True,
    probe: Callable[[str], None] = _nothing,
) -> Results:
    """Send mails over a line; return what became of each. Never raises for what the server does.

    Once the server waits for the first body, `commit` is told which mails are about to go and returns the keys of
    those that may: the caller notes there, for good, that they are in doubt. `go_on` is asked before each body.
    """
    results = Results({mail.key: (Fate.UNSENT, None) for mail in mails})
    group = _Group(line, mails, results, commit, go_on, probe)
    try:
        if line.chunking:
            group.send_chunks()
        else:
            group.send_bodies()
    except OSError as error:
        results.lost = error if isinstance(error, LineLost) else LineLost(str(error))
        line.close()
    if line.closing and results.lost is None:
        results.lost = LineLost("The server closes the line.")
        line.close()
    return results


@dataclass
class _Group:
    """Mails on their way over one line, and what became of them so far."""

    line: Line
    mails: Sequence[Mail]
    results: Results
    commit: Commit | None
    go_on: Callable[[], bool]
    probe: Callable[[str], None]

    def send_bodies(self) -> None:
        """Send one body after the other, each with the envelope of the next where the server allows it."""
        waiting = self._open_first()
        if not waiting:
            return
        going = self._committed(waiting)
        if not going or going[0] is not waiting[0]:
            self.line.close()  # nothing else takes back a DATA
            raise Stopped("The first mail was taken back.")
        self.probe("in doubt")
        place = 0
        while place < len(going):
            if not self.go_on():
                self.line.close()
                raise Stopped("The time for this group is over.")
            mail = going[place]
            place += 1
            following = going[place] if place < len(going) and self.line.pipelining else None
            self._send_body(mail, following)
            place = self._open_next(going, place, is_asked=following is not None)

    def _open_first(self) -> list[Mail]:
        """Open envelopes until the server waits for a body; return that mail and those after it."""
        for place, mail in enumerate(self.mails):
            self.probe("envelope")
            self.results.at = mail.key
            opened = open_envelope(self.line, mail)
            if opened.code == GO_AHEAD:
                return list(self.mails[place:])
            self.results.fates[mail.key] = (opened.fate, opened)
        return []

    def _committed(self, waiting: list[Mail]) -> list[Mail]:
        """Have it noted that mails are about to go; return those that may."""
        if self.commit is None:
            return waiting
        may, self.results.committed = self.commit(waiting), True
        return [mail for mail in waiting if mail.key in may]

    def _send_body(self, mail: Mail, following: Mail | None) -> None:
        """Send the body of a mail whose envelope is open, and behind it the envelope of the one that follows."""
        self.results.at = mail.key
        self.results.fates[mail.key] = (Fate.UNKNOWN, None)
        self.line.write(_data(mail) + (_envelope(self.line, following) if following else b""))
        self.probe("body")
        answer = self.line.reply(self.line.server.patience)
        self.results.fates[mail.key] = (answer.fate, answer.at_step(Step.BODY))
        self.probe("answer")

    def _open_next(self, going: list[Mail], place: int, *, is_asked: bool) -> int:
        """Open envelopes from a place on until the server waits for a body; return the place of that mail.

        `is_asked`: the envelope of the first has gone out already.
        """
        while place < len(going):
            if is_asked:
                opened = _envelope_reply(self.line)
            else:
                self.results.at = going[place].key
                opened = open_envelope(self.line, going[place])
            if opened.code == GO_AHEAD:
                break
            self.results.fates[going[place].key] = (opened.fate, opened)
            is_asked = False
            place += 1
        return place

    def send_chunks(self) -> None:
        """Send all mails in one write, then read what the server says to each."""
        self.probe("envelope")
        _start_anew(self.line)  # the line is alive, before anything is in doubt
        going = self._committed(list(self.mails))
        self.probe("in doubt")
        if not going or not self.go_on():
            return
        self.results.fates.update({mail.key: (Fate.UNKNOWN, None) for mail in going})
        self.line.write(b"".join(_chunk(mail) for mail in going))
        self.probe("body")
        for mail in going:
            answer = _chunk_reply(self.line)
            self.results.fates[mail.key] = (answer.fate, answer)
            self.probe("answer")
            self.line.reply(self.line.server.timeout)  # to RSET


def open_envelope(line: Line, mail: Mail) -> Reply:
    """Give the envelope of a mail; return 354, or the reply that refuses it. Raises LineLost."""
    if line.pipelining:
        line.write(_envelope(line, mail))
        return _envelope_reply(line)
    if line.dirty:
        _start_anew(line)
    commands = (f"MAIL FROM:<{mail.sender}>", f"RCPT TO:<{mail.recipient}>", "DATA")
    for command, step in zip(commands, Step, strict=True):
        answer = line.ask(command)
        if not answer.good and not (command == "DATA" and answer.code == GO_AHEAD):
            line.dirty = True
            return _no(answer, step)
    return answer


def _start_anew(line: Line) -> None:
    reply = line.ask("RSET")
    if not reply.good:
        raise LineLost(f"The server does not start anew: {reply.code} {reply.text}")
    line.dirty = False


def _envelope(line: Line, mail: Mail) -> bytes:
    reset = "RSET\r\n" if line.dirty else ""
    return f"{reset}MAIL FROM:<{mail.sender}>\r\nRCPT TO:<{mail.recipient}>\r\nDATA\r\n".encode("ascii")


def _envelope_reply(line: Line) -> Reply:
    timeout = line.server.timeout
    if line.dirty:
        line.reply(timeout)
        line.dirty = False
    sender = line.reply(timeout)
    if sender.code == CLOSES:
        return _no(sender, Step.SENDER)  # nothing follows
    recipient, data = line.reply(timeout), line.reply(timeout)
    if sender.good and recipient.good and data.code == GO_AHEAD:
        return data
    line.dirty = True
    if data.code == GO_AHEAD:  # RFC 2920 3.1: it waits for a body although nobody is to get it
        line.write(b".\r\n")
        line.reply(line.server.patience)
    if sender.good:
        return _no(data, Step.BODY) if recipient.good else _no(recipient, Step.RECIPIENT)
    return _no(sender, Step.SENDER)


def _no(reply: Reply, step: Step) -> Reply:
    """Return a refusal as one: a yes where none belongs is the server's confusion."""
    if reply.good or reply.code < 400:
        raise LineLost(f"The server answers {reply.code} where it may not.")
    return reply.at_step(step)


def _data(mail: Mail) -> bytes:
    """Return the body as it goes over the line: a dot before a dot at the start of a line, and the last one."""
    message = mail.message
    if b"\r\n." in message or message.startswith(b"."):
        message = (b"\r\n" + message).replace(b"\r\n.", b"\r\n..")[2:]
    return message + (b".\r\n" if message.endswith(b"\r\n") else b"\r\n.\r\n")


def _chunk(mail: Mail) -> bytes:
    """Return a whole mail as it goes over the line, and a RSET that ends it whatever the server says."""
    size = len(mail.message)
    envelope = f"MAIL FROM:<{mail.sender}>\r\nRCPT TO:<{mail.recipient}>\r\nBDAT {size} LAST\r\n"
    return envelope.encode() + mail.message + b"RSET\r\n"


def _chunk_reply(line: Line) -> Reply:
    """Return the answer to a whole mail: the first of its three replies that refuses it, or the last."""
    replies = [line.reply(line.server.timeout), line.reply(line.server.timeout), line.reply(line.server.patience)]
    for reply, step in zip(replies, Step, strict=True):
        if not reply.good:
            return reply.at_step(step)
    return replies[-1]

"""Sending a group of mails: what each misbehaviour of the server comes to, and what may go at once."""

import socket
import time

import pytest

from glossary.domain.mail import Mail
from glossary.services.line import Line, Server
from glossary.services.smtp import send_group
from tests.sink import DROP, Sink

LONG = 30  # seconds: for answers that come
SHORT = 0.3  # seconds: for answers that never do


def mails(number=3, text="Hello\r\n"):
    return [
        Mail(n, "desk@example.org", f"r{n}@example.org", f"Message-ID: <{n}@x>\r\n\r\n{text}".encode())
        for n in range(number)
    ]


def send(sink, number=3, *, commit=None, timeout=LONG, patience=LONG, text="Hello\r\n", **over):
    """Return what became of each mail, in order, and why the line broke."""
    line = Line(Server("127.0.0.1", sink.port, timeout=timeout, patience=patience, **over))
    results = send_group(line, mails(number, text), commit=commit)
    line.close()
    return [results.fates[n][0].value for n in range(number)], results.lost


def at(step, number, answer):
    """Return a script that gives an answer at the n-th time of a step."""
    met = []

    def script(now, said):
        if now == step:
            met.append(said)
            if len(met) == number:
                return answer
        return None

    return script


def silent(line):
    time.sleep(SHORT * 4)


def endless(line):
    line.sendall(b"250-" + b"x" * 200_000)


def long_line(line):
    line.sendall(b"250 " + b"x" * 10_000 + b"\r\n")
    return 250


def byte_by_byte(line):
    for one in b"250 taken\r\n":
        line.sendall(bytes([one]))
        time.sleep(0.005)
    return 250


def goodbye(line):
    line.sendall(b"421 too many\r\n")
    line.shutdown(socket.SHUT_WR)
    line.recv(1 << 16)
    raise OSError("closed")


def drops_unsaid(line):
    line.shutdown(socket.SHUT_RDWR)


MISBEHAVIOURS = {
    "refuses one recipient": (at("RCPT", 2, "550 no such user"), "taken refused taken", False),
    "greylists one recipient": (at("RCPT", 2, "451 later"), "taken later taken", False),
    "refuses the sender of one": (at("MAIL", 2, "452 too many"), "taken later taken", False),
    "refuses the first": (at("RCPT", 1, "550 no"), "refused taken taken", False),
    "refuses the last": (at("RCPT", 3, "550 no"), "taken taken refused", False),
    "mailbox full after the body": (at("body", 2, "552 full"), "taken refused taken", False),
    "not now after the body": (at("body", 1, "451 later"), "later taken taken", False),
    "says 421 in between": (at("MAIL", 2, goodbye), "taken later unsent", True),
    "drops at the envelope": (at("RCPT", 2, DROP), "taken unsent unsent", True),
    "drops after the dot": (at("body", 2, DROP), "taken unknown unsent", True),
    "drops at DATA": (at("DATA", 1, DROP), "unsent unsent unsent", True),
    "talks no SMTP": (at("body", 1, "HTTP/1.1 400"), "unknown unsent unsent", True),
    "one line of 10,000 bytes": (at("body", 1, long_line), "taken taken taken", False),
    "a byte at a time": (at("body", 1, byte_by_byte), "taken taken taken", False),
    "a reply without an end": (at("body", 1, endless), "unknown unsent unsent", True),
    "closes both ways": (at("DATA", 2, drops_unsaid), "taken unsent unsent", True),
}


@pytest.mark.parametrize("extensions", [("PIPELINING",), ()], ids=["pipelining", "one by one"])
@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_each_mail_gets_its_own_fate(name, extensions):
    _, fates, lost = MISBEHAVIOURS[name]
    with Sink(_fresh(name), extensions=extensions) as sink:
        found, why = send(sink)
    assert (" ".join(found), why is not None) == (fates, lost)
    taken = found.count("taken")
    assert taken <= len(sink.accepted) <= taken + found.count("unknown") + found.count("refused") + found.count("later")


def _fresh(name):
    """Return the script of a misbehaviour, its count at nothing."""
    script, _, _ = MISBEHAVIOURS[name]
    met = next(cell.cell_contents for cell in script.__closure__ if isinstance(cell.cell_contents, list))
    met.clear()
    if name != "talks no SMTP":
        return script

    def says(step, said):
        answer = script(step, said)
        return (lambda line: line.sendall(b"HTTP/1.1 400 Bad\r\n")) if answer else None

    return says


def test_a_body_without_an_answer_in_time_is_unknown():
    with Sink(at("body", 2, silent)) as sink:
        found, why = send(sink, patience=SHORT)
    assert found == ["taken", "unknown", "unsent"] and "did not answer" in str(why)


def test_an_envelope_without_an_answer_in_time_is_unsent():
    with Sink(at("RCPT", 1, silent)) as sink:
        found, why = send(sink, timeout=SHORT)
    assert found == ["unsent"] * 3 and "did not answer" in str(why)


def test_chunks_go_out_together_and_each_has_its_fate():
    with Sink(at("RCPT", 2, "550 no"), extensions=("PIPELINING", "CHUNKING")) as sink:
        found, why = send(sink)
    assert found == ["taken", "refused", "taken"] and why is None
    assert sink.recipients() == ["r0@example.org", "r2@example.org"]


def test_chunks_that_were_not_answered_are_unknown():
    with Sink(at("body", 2, DROP), extensions=("PIPELINING", "CHUNKING")) as sink:
        found, _ = send(sink)
    assert found == ["taken", "unknown", "unknown"]


@pytest.mark.parametrize("extensions", [(), ("PIPELINING",), ("PIPELINING", "CHUNKING")])
def test_a_line_that_begins_with_a_dot_arrives_as_it_was(extensions):
    text = ".\r\n..two\r\n.end\r\nno.dot\r\n"
    with Sink(extensions=extensions) as sink:
        assert send(sink, 2, text=text)[0] == ["taken", "taken"]
    assert [message.partition(b"\r\n\r\n")[2].decode() for _, message in sink.accepted] == [text, text]


def test_nothing_of_a_body_goes_before_the_doubt_is_committed():
    seen = []
    with Sink() as sink:
        found, _ = send(sink, commit=lambda going: seen.append(len(sink.accepted)) or {mail.key for mail in going})
    assert (seen, found) == ([0], ["taken"] * 3)


def test_mails_that_the_commit_leaves_out_do_not_go():
    with Sink() as sink:
        found, _ = send(sink, commit=lambda going: {going[0].key, going[2].key})
    assert found == ["taken", "unsent", "taken"] and len(sink.accepted) == 2
    with Sink() as sink:
        found, why = send(sink, commit=lambda going: {going[1].key})
    assert found == ["unsent"] * 3 and sink.accepted == [] and "taken back" in str(why)


def test_an_old_server_without_ehlo_is_greeted_the_old_way():
    with Sink(lambda step, said: "502 what" if step == "EHLO" else None) as sink:
        assert send(sink)[0] == ["taken"] * 3
    assert "HELO" in [step for step, _ in sink.seen]

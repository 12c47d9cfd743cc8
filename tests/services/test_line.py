"""A line to a mail server: whom it talks to, and that nothing goes in clear text where TLS is asked."""

import pytest

from glossary.domain.mail import Refused
from glossary.services.line import Line, Server
from tests.sink import Sink

LONG = 30  # seconds: for answers that come


def test_a_stripped_starttls_ends_the_line_before_anything_is_said():
    with Sink() as sink, pytest.raises(Refused, match="Nothing was sent in clear text"):
        Line(Server("127.0.0.1", sink.port, starttls=True, user="me", password="secret"))
    assert [step for step, _ in sink.seen] == ["connect"] and sink.accepted == []


@pytest.mark.parametrize("answer", ["454 not now", "220 go on\r\n250 injected"])
def test_a_starttls_that_is_refused_or_comes_with_more_is_none(answer):
    with (
        Sink(lambda step, said: answer if step == "STARTTLS" else None, extensions=("STARTTLS",)) as sink,
        pytest.raises(Refused),
    ):
        Line(Server("127.0.0.1", sink.port, starttls=True, timeout=LONG))
    assert not [step for step, _ in sink.seen if step == "MAIL"]


def test_a_server_without_a_certificate_that_holds_is_refused():
    def plain(line):
        line.sendall(b"220 go on\r\n")
        line.recv(1)
        line.sendall(b"no handshake")
        line.close()

    sink = Sink(lambda step, said: plain if step == "STARTTLS" else None, extensions=("STARTTLS",))
    with sink, pytest.raises(Refused, match="TLS with 127.0.0.1 failed|does not start TLS"):
        Line(Server("127.0.0.1", sink.port, starttls=True, timeout=LONG))


@pytest.mark.parametrize(("greeting", "says"), [("421 busy", "does not greet"), ("554 go away", "does not greet")])
def test_a_server_that_does_not_greet_is_refused(greeting, says):
    with Sink(lambda step, said: greeting if step == "connect" else None) as sink, pytest.raises(Refused, match=says):
        Line(Server("127.0.0.1", sink.port))


def test_a_server_that_is_not_there_is_refused():
    with Sink() as sink:
        pass
    with pytest.raises(Refused, match="cannot be reached"):
        Line(Server("127.0.0.1", sink.port))


@pytest.mark.parametrize("offer", ["AUTH PLAIN LOGIN", "AUTH LOGIN"])
def test_user_and_password_are_given_and_never_shown(offer):
    told = []
    script = lambda step, said: {"AUTH": "334 go on" if "LOGIN" in said else "235 in", "bWU=": "334 go on"}.get(  # noqa: E731
        step.upper() if step != "bWU=" else step, "235 in" if step == "C2VJCMV0".upper() else None
    )
    with Sink(script, extensions=(offer,)) as sink:
        Line(Server("127.0.0.1", sink.port, user="me", password="secret"), said=told.append).close()
    assert not [one for one in told if "secret" in one or "c2VjcmV0" in one]


def test_a_wrong_password_is_said():
    sink = Sink(lambda step, said: "535 no" if step == "AUTH" else None, extensions=("AUTH PLAIN",))
    with sink, pytest.raises(Refused, match="does not take user and password: 535"):
        Line(Server("127.0.0.1", sink.port, user="me", password="secret"))

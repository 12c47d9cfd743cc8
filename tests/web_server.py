"""A web server on this host that behaves as badly as servers do, for the tests that fetch from it."""

import socketserver
import threading
from contextlib import contextmanager

import pytest

from glossary.services.fetching import fetch_text
from glossary.services.web_address import CannotFetch


class Server(socketserver.ThreadingTCPServer):
    """Answers each request with `answer(server, path)`: bytes, or pieces of bytes that are sent one after another."""

    daemon_threads = True

    def __init__(self, answer, tls=None):
        self.answer, self.tls, self.heads, self.names = answer, tls, [], []
        self.over = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]

    def url(self, path="/", *, host="127.0.0.1"):
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def allow(self, address, port):
        return (address, port) == ("127.0.0.1", self.port)

    def handle_error(self, request, client_address):
        """Say nothing of clients that hang up, which is what they are to do."""


class Handler(socketserver.BaseRequestHandler):
    """Reads the head of one request and sends the answer."""

    def handle(self):
        try:
            if self.server.tls:
                self.request = self.server.tls.wrap_socket(self.request, server_side=True)
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                received = self.request.recv(4096)
                if not received:
                    return
                head += received
            self.server.heads.append(head.decode("ascii"))
            pieces = self.server.answer(self.server, head.split()[1].decode("ascii"))
            for piece in [pieces] if isinstance(pieces, bytes) else pieces:
                self.request.sendall(piece)
        finally:
            self.request.close()


@contextmanager
def serving(answer, tls=None):
    """Run a server for the time of a test; `answer` is bytes for every request, or a function of server and path."""
    with Server(answer if callable(answer) else lambda server, path: answer, tls) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


def page(body="<p>Some words.", *, status="200 OK", **headers):
    body = body if isinstance(body, bytes) else body.encode()
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Length": len(body)} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    head = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items() if value is not None)]
    return "\r\n".join([*head, "", ""]).encode() + body


def redirect(location, status="302 Found"):
    return page("", status=status, Location=location)


def chunked(*chunks):
    return page(b"".join(chunks), Content_Length=None, Transfer_Encoding="chunked")


def fetch(server, path="/", **over):
    return fetch_text(server.url(path), **{"timeout": 5, "allow": server.allow} | over)


def refusal(server, path="/", **over):
    with pytest.raises(CannotFetch) as caught:
        fetch(server, path, **over)
    return str(caught.value)


def named(*answers):
    """Return a resolver that gives one answer after another, and the list of what it was asked."""
    asked = []

    def resolver(host, port):
        asked.append(host)
        return list(answers[min(len(asked), len(answers)) - 1])

    return resolver, asked

"""Asking web addresses, most of them on this host, and a few that nobody may be sent to."""

import socket
import ssl
import threading
import time

import pytest

from glossary.domain.errors import IllegalMove
from glossary.services.fetching import fetch_text
from glossary.services.web_address import MAX_REDIRECTS, USER_AGENT, CannotFetch
from tests.web_server import chunked, fetch, named, page, redirect, refusal, serving

QUICK = 0.4  # seconds that a fetch may take here
SLACK = 2.0  # seconds on top of that for a busy machine
# A certificate for page.example that it signed itself, and its key; for these tests alone, good until 2120.
CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQghJsdYWJMh96XGgV9
WSIjXgL9qN7yAnp4aQzrSQnu5BGhRANCAARXs8NFmuCWn5bVgVGQgIK4/JlBTEn9
kq0iKQ1OSaAToojKMdx+zrBVLfdIu4VeHEHksaHWMaRBCScURk1dIYBU
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBaTCCARCgAwIBAgIBATAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxwYWdlLmV4
YW1wbGUwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBcxFTATBgNV
BAMMDHBhZ2UuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFezw0Wa
4JafltWBUZCAgrj8mUFMSf2SrSIpDU5JoBOiiMox3H7OsFUt90i7hV4cQeSxodYx
pEEJJxRGTV0hgFSjSzBJMBcGA1UdEQQQMA6CDHBhZ2UuZXhhbXBsZTAPBgNVHRMB
Af8EBTADAQH/MB0GA1UdDgQWBBRfjF2DIxuUDsS7jtT0iGrhtu3n6zAKBggqhkjO
PQQDAgNHADBEAiBZwIXrcUW8kD75gp5Any72/KtaZvWYyGTijA8FfGK07gIgcPuR
sZmjSjx7kp6d2QdVWxCKFxqp6mLe8aA9e3sxci4=
-----END CERTIFICATE-----
"""


@pytest.fixture
def no_call(monkeypatch):
    """Fail if a connection is even tried."""
    monkeypatch.setattr(socket, "create_connection", lambda *_args, **_over: pytest.fail("a connection was tried"))


def test_the_request_is_plain_and_says_who_asks():
    with serving(page()) as server:
        fetch(server, "/a%20b/é?q=1 2#part".replace(" ", "%20"))
        assert server.heads == [
            "GET /a%20b/%C3%A9?q=1%202 HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{server.port}\r\n"
            f"User-Agent: {USER_AGENT}\r\n"
            "Accept: text/html, application/xhtml+xml, text/plain\r\n"
            "Accept-Encoding: identity\r\n"
            "Connection: close\r\n\r\n"
        ]


def test_no_proxy_is_taken_from_the_environment(monkeypatch):
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(page()) as server:
        assert fetch(server).text == "Some words."


def test_a_refusal_is_one_that_the_desk_shows():
    assert issubclass(CannotFetch, IllegalMove)


def endless(server, start, piece):
    """Yield the same piece until the test is over."""
    yield start
    while not server.over.is_set():
        yield piece


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (page("", Content_Length=None), b"x" * 10_000),
        (page("", Content_Length=10**12), b"x" * 10_000),
        (chunked(), b"2710\r\n" + b"x" * 10_000 + b"\r\n"),
        (chunked(b"-1\r\n"), b"x" * 10_000),  # http.client would read on for ever
        (chunked(), b"1;" + b"e" * 10_000 + b"\r\nx\r\n"),
        (chunked(b"0\r\n"), b"Trailer: " + b"x" * 10_000 + b"\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 400),
    ],
)
def test_an_endless_page_is_given_up_long_before_the_time_is(start, piece):
    with serving(lambda server, path: endless(server, start, piece)) as server:
        began = time.monotonic()
        assert refusal(server, max_bytes=100_000, timeout=60).startswith("The page is larger than 0.1 MB.")
        assert time.monotonic() - began < 10


def drip(server, text):
    """Yield a byte every 50 ms until the test is over, then nothing."""
    place = 0
    while not server.over.wait(0.05):
        yield text[place : place + 1] or b" "
        place += 1


@pytest.mark.parametrize(
    "answer",
    [
        lambda server, path: endless(server, b"", b"") if server.over.wait(60) else b"",
        lambda server, path: drip(server, b"HTTP/1.1 200 OK\r\nA: b\r\n"),
        lambda server, path: (
            piece for part in (iter([page("", Content_Length=None)]), drip(server, b"x")) for piece in part
        ),
        lambda server, path: (
            piece for part in (iter([page("", Content_Length=999)]), drip(server, b"x")) for piece in part
        ),
        lambda server, path: (
            piece for part in (iter([chunked()]), drip(server, b"1\r\nx\r\n" * 99)) for piece in part
        ),
    ],
    ids=["silence", "head drips", "body drips", "body of known length drips", "chunks drip"],
)
def test_a_slow_server_is_given_up_when_the_time_is_over(answer):
    with serving(answer) as server:
        began = time.monotonic()
        assert refusal(server, timeout=QUICK) == (
            "The server did not answer within 0.4 seconds. Paste the text instead."
        )
        assert QUICK <= time.monotonic() - began < QUICK + SLACK


def test_all_hops_share_one_time():
    def answer(server, path):
        server.over.wait(QUICK / 2)
        return redirect("/on")

    with serving(answer) as server:
        began = time.monotonic()
        assert "did not answer within 0.4 seconds" in refusal(server, timeout=QUICK)
        assert time.monotonic() - began < QUICK + SLACK


def test_a_slow_name_server_is_given_up_too():
    over = threading.Event()
    with serving(page()) as server:
        began = time.monotonic()
        said = refusal(server, timeout=QUICK, resolver=lambda host, port: over.wait(60) and [])
        over.set()
    assert "did not answer within 0.4 seconds" in said
    assert time.monotonic() - began < QUICK + SLACK


def test_a_port_at_which_nobody_listens_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(CannotFetch, match="The server cannot be reached"):
        fetch_text(f"http://127.0.0.1:{port}/", allow=lambda address, asked: asked == port)


@pytest.mark.parametrize("status", ["301 a", "302 a", "303 a", "307 a", "308 a"])
def test_a_redirect_is_followed_and_the_last_address_told(status):
    with serving(
        lambda server, path: redirect("../new page?é=1#there", status) if path == "/a/b" else page()
    ) as server:
        assert fetch(server, "/a/b").url == server.url("/new%20page?é=1#there")
        assert server.heads[1].startswith("GET /new%20page?%C3%A9=1 HTTP/1.1\r\n")


def test_five_redirects_are_followed_and_a_loop_is_not():
    with serving(lambda server, path: redirect(f"/{int(path[1:]) - 1}") if path > "/0" else page()) as server:
        assert fetch(server, f"/{MAX_REDIRECTS}").text == "Some words."
        assert refusal(server, f"/{MAX_REDIRECTS + 1}").startswith("The address was passed on more than 5 times.")
        assert len(server.heads) == 2 * (MAX_REDIRECTS + 1)


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:1/",
        "http://127.0.0.2:{port}/",
        "http://169.254.169.254/latest/meta-data/",
        "http://192.168.0.1/",
        "//10.0.0.1/",
        "http://[::1]:{port}/",
        "http://[::ffff:10.0.0.1]/",
    ],
)
def test_a_redirect_into_a_private_network_is_refused_before_anyone_is_called(location):
    with serving(lambda server, path: redirect(location.format(port=server.port))) as server:
        assert refusal(server).startswith("The address leads into a private network")
        assert len(server.heads) == 1


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://page.example/",
        "http://me:word@page.example/",
        "http://[",
        "gopher://page.example/",
        "http://a\tb/",
    ],
)
def test_a_redirect_to_what_is_no_plain_web_address_is_refused(location):
    with serving(redirect(location)) as server:
        refusal(server)
        assert len(server.heads) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.0.0.1:8000/",
        "http://localhost/",
        "http://0.0.0.0/",
        "http://10.0.0.1/",
        "https://169.254.169.254/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[fe80::1%25lo]/",
        "http://2130706433/",
        "http://017700000001/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://１２７.0.0.1/",
        "http://127.0.0.1./",
        "http://8.8.8.8:22/",
        "http://8.8.8.8:0/",
        "http://8.8.8.8:99999/",
        "http://me@8.8.8.8/",
        "http://me:word@8.8.8.8/",
        "http://@8.8.8.8/",
        "http://8.8.8.8\\@127.0.0.1/",
        "http://8.8.8.8 /",
        "http://8.8.8.8/\r\nX: y",
        "http://8.8.8.8/" + "x" * 3000,
        "ftp://8.8.8.8/",
        "file:///etc/passwd",
        "gopher://8.8.8.8/",
        "javascript:alert(1)",
        "//8.8.8.8/",
        "8.8.8.8",
        "http:///x",
        "http://[8.8.8.8",
        "http://a..b/",
        "http://" + "a" * 70 + ".example/",
        "",
    ],
)
def test_nothing_but_public_web_addresses_is_called(url, no_call):
    with pytest.raises(CannotFetch):
        fetch_text(url)


@pytest.mark.parametrize(
    "addresses", [["10.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["2606:4700::1111", "::1"], ["not an address"]]
)
def test_every_address_of_a_host_must_be_public(addresses, no_call):
    with pytest.raises(CannotFetch, match="private network"):
        fetch_text("https://page.example/", resolver=named(addresses)[0])


def test_the_address_that_was_checked_is_the_one_that_is_called(monkeypatch):
    called = []

    def refuse(address, timeout):
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(CannotFetch, match="cannot be reached"):
        fetch_text("https://page.example/", resolver=named(["93.184.216.34", "2606:4700::1111"], ["10.0.0.1"])[0])
    assert called == [("93.184.216.34", 443), ("2606:4700::1111", 443)]


def test_a_name_server_that_changes_its_mind_is_asked_only_once(monkeypatch):
    asked = []
    real = socket.getaddrinfo

    def changing(host, port, *args, **over):
        if host == "page.example":
            asked.append(host)
            host = "127.0.0.1" if len(asked) == 1 else "10.0.0.1"
        return real(host, port, *args, **over)

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    with serving(page()) as server:
        assert fetch_text(server.url(host="page.example"), allow=server.allow).text == "Some words."
        assert asked == ["page.example"]
        assert f"Host: page.example:{server.port}\r\n" in server.heads[0]


def test_each_hop_is_resolved_and_checked_anew():
    resolver, asked = named(["127.0.0.1"], ["10.0.0.1"])
    with serving(redirect("/again")) as server:
        with pytest.raises(CannotFetch, match="private network"):
            fetch_text(server.url(host="page.example"), allow=server.allow, resolver=resolver)
        assert asked == ["page.example", "page.example"]
        assert len(server.heads) == 1


def test_the_next_address_is_tried_where_the_first_is_dead():
    with serving(page()) as server:
        resolver, _ = named(["127.0.0.2", "127.0.0.1"])
        found = fetch_text(server.url(host="page.example"), allow=lambda address, port: True, resolver=resolver)
        assert found.text == "Some words."


@pytest.mark.parametrize("answer", [OSError("no such name"), UnicodeError("odd")])
def test_a_host_without_an_address_is_refused(answer, no_call):
    def resolver(host, port):
        raise answer

    for unknown in [resolver, lambda host, port: []]:
        with pytest.raises(CannotFetch, match="No server of this name can be found. Check the address."):
            fetch_text("https://page.example/", resolver=unknown)


def test_a_name_in_other_letters_is_asked_for_as_name_servers_know_it():
    resolver, asked = named([])
    with pytest.raises(CannotFetch):
        fetch_text("https://BÜCHER.example./", resolver=resolver)
    assert asked == ["xn--bcher-kva.example"]


def test_a_name_that_no_server_can_have_is_refused_by_its_name(no_call):
    with pytest.raises(CannotFetch, match="No server can have the name “a☃b.example”. Copy the address anew."):
        fetch_text("https://a☃b.example/")


@pytest.fixture
def tls(tmp_path):
    """Return what the server shows and what the client trusts."""
    path = tmp_path / "page.pem"
    path.write_text(CERTIFICATE)
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(path)
    return shown, ssl.create_default_context(cadata=CERTIFICATE[CERTIFICATE.index("-----BEGIN CERTIFICATE") :])


def test_a_certificate_is_asked_for_and_checked_by_the_name(tls):
    shown, trusted = tls
    names = []
    shown.sni_callback = lambda _sock, name, _context: names.append(name)
    with serving(page(), shown) as server:
        over = {"allow": server.allow, "resolver": named(["127.0.0.1"])[0]}
        assert fetch_text(server.url(host="page.example"), tls=trusted, **over).text == "Some words."
        for host, context in [("other.example", trusted), ("page.example", None)]:
            with pytest.raises(CannotFetch, match="The server cannot prove that the address is its own"):
                fetch_text(server.url(host=host), tls=context, **over)
        assert names == ["page.example", "other.example", "page.example"]
        assert len(server.heads) == 1, "no request goes to a server that cannot prove its name"


def test_a_handshake_that_never_comes_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        with pytest.raises(CannotFetch, match="did not answer within 0.4 seconds"):
            fetch_text(f"https://127.0.0.1:{port}/", timeout=QUICK, allow=lambda address, asked: asked == port)
        assert time.monotonic() - began < QUICK + SLACK

"""Fetching a source's text from a real server on this host that behaves as badly as servers do."""

import gzip

import pytest

from glossary.domain.names import clean_text
from glossary.services.fetching import FetchedText
from tests.web_server import chunked, fetch, page, refusal, serving


def test_a_page_is_fetched_as_text():
    with serving(page("<title>No</title><h1>Head</h1><p>Caf\u00e9 &amp; more.<script>no</script>")) as server:
        assert fetch(server) == FetchedText(server.url(), "Head\n\nCafé & more.", "text/html")


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (page("a < b\r\nc\rd", Content_Type="text/plain"), "a < b\nc\nd"),
        (page("<p>x</p>", Content_Type="application/xhtml+xml"), "x"),
        (page("<p>x</p>", Content_Type="TEXT/HTML"), "x"),
        (page("<p>x</p>", Content_Length=None), "x"),
        (chunked(b"3\r\n<p>\r\n", b"2;a=b\r\nxy\r\n", b"0\r\n\r\n"), "xy"),
        (page("caf\u00e9".encode("latin-1"), Content_Type="text/html; charset=iso-8859-1"), "café"),
        (page("<meta charset=windows-1251>слово".encode("cp1251"), Content_Type="text/html"), "слово"),
        (page("caf\u00e9!".encode("latin-1")), "caf\ufffd!"),  # its charset is a lie
        (page("caf\u00e9", Content_Type="text/html; charset=no-such-thing"), "café"),
        (page("a\0b\x07c\x1bd\x9fe\u202ef\ue000g\U0010ffffh\ti", Content_Type="text/plain"), "abcdefgh\ti"),
        (page("a&#0;b&#7;c&#x202e;d"), "a\ufffdbcd"),
        (page("x", Content_Encoding="Identity"), "x"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + page("x"), "x"),
    ],
)
def test_pages_are_read_however_they_are_sent(answer, text):
    with serving(answer) as server:
        assert fetch(server).text == text


def test_text_is_fit_to_be_kept_with_its_source():
    with serving(page("<p>icon \ue800<p>\u202bword\u202c \ufdd0")) as server:
        assert clean_text(fetch(server).text, limit=99, what="The text") == "icon\n\nword"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (page("%PDF", Content_Type="application/pdf"), "The address gives a PDF"),
        (page("{}", Content_Type="application/json"), "The address gives no page of text."),
        (page("x", Content_Type="image/png"), "The address gives no page of text."),
        (page("x", Content_Type=None), "The address gives no page of text."),
        (page(gzip.compress(b"x" * 9**7), Content_Encoding="gzip"), "The server sends the page packed"),
        (page("x", Content_Encoding="br"), "The server sends the page packed"),
        (page("<script>draw()</script>"), "The page shows no text until its scripts run."),
        (page("x", status="404 Not Found"), "The server has no such page (404). Check the address."),
        (page("x", status="410 Gone"), "The server has no such page (410). Check the address."),
        (page("x", status="403 Forbidden"), "The server answered 403 instead of the page."),
        (page("x", status="503 Busy"), "The server answered 503 instead of the page."),
        (page("", status="302 Found"), "The server answered 302 instead of the page."),
        (page("x", status="206 Partial Content"), "The server answered 206 instead of the page."),
        (page("x", Content_Length=2), "The server broke off before the page was complete."),
        (chunked(b"9\r\nx"), "The server broke off before the page was complete."),
        (chunked(b"-5\r\nxyz\r\n"), "The server broke off before the page was complete."),
        (chunked(b"zz\r\nx\r\n"), "The server broke off before the page was complete."),
        (b"", "The server broke off before the page was complete."),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "The server broke off before the page was complete."),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 300 + b"\r\n", "The server broke off before the page was complete."),
        (b"HTTP/1.1 200 " + b"O" * 90_000, "The server broke off before the page was complete."),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(answer, reason):
    with serving(answer) as server:
        said = refusal(server)
    assert said.startswith(reason)
    assert said.endswith((" Paste the text instead.", " Paste the passage instead.", " Check the address."))


def test_a_large_page_is_read_up_to_the_limit_and_refused_beyond_it():
    with serving(page("x" * 5000)) as server:
        assert len(fetch(server, max_bytes=5000).text) == 5000
        assert refusal(server, max_bytes=4999).startswith("The page is larger than 0.004999 MB.")

"""What may be kept, how it is asked for, until when it holds, and which acts change it."""

import gzip
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from glossary.domain.ready_page import (
    MAX_BYTES,
    as_of_later,
    etag_of,
    is_public_change,
    known_etag,
    packed_etag,
    page_of,
    plain_etag,
    takes_gzip,
    valid_until,
)

HTML = ("Content-Type", "text/html")


def test_a_page_keeps_the_headers_of_every_answer_and_varies_by_encoding():
    page = page_of(200, [HTML, ("Content-Length", "5"), ("ETag", '"x"'), ("X-Frame-Options", "DENY")], b"Words")
    assert page.headers == (HTML, ("X-Frame-Options", "DENY"), ("Vary", "Accept-Encoding"))
    assert gzip.decompress(page.packed) == b"Words" and page.etag == etag_of(b"Words") != etag_of(b"Word")


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (404, [HTML], b"Words"),
        (301, [HTML], b""),
        (500, [HTML], b"Words"),
        (200, [("Set-Cookie", "a=b")], b"Words"),
        (200, [("vary", "Accept, Cookie")], b"Words"),
        (200, [("Cache-Control", "no-store, private")], b"Words"),
        (200, [("Content-Encoding", "gzip")], b"Words"),
        (200, [HTML], b"x" * (MAX_BYTES + 1)),
    ],
)
def test_what_is_one_readers_or_has_no_end_is_not_kept(status, headers, body):
    assert page_of(status, headers, body) is None


def test_the_page_of_the_next_day_has_a_validator_of_its_own():
    page = page_of(200, [HTML], b"Today", later=b"The latest")
    later = as_of_later(page)
    assert (later.body, gzip.decompress(later.packed), later.etag) == (b"The latest",) * 2 + (etag_of(b"The latest"),)
    assert page_of(200, [HTML], b"Same", later=b"Same").later == b""


def test_a_redirect_has_nothing_to_pack():
    assert page_of(302, [("Location", "/deck/2026-05-29/")], b"").packed == b""


@pytest.mark.parametrize(
    ("sent", "packed", "known"),
    [
        ('"a"', False, '"a"'),
        ('"a-gzip"', True, '"a-gzip"'),
        ('"a"', True, '"a"'),
        ('"a-gzip"', False, '"a-gzip"'),
        ('W/"a-gzip"', True, '"a-gzip"'),
        ('"b", W/"a"', False, '"a"'),
        ('"a", "a-gzip"', False, '"a"'),
        ('"a", "a-gzip"', True, '"a-gzip"'),
        ("*", False, '"a"'),
        ("*", True, '"a-gzip"'),
        ('"b"', True, ""),
        ("", False, ""),
        ("a", False, ""),
        ('"a-gzip-gzip"', False, ""),
    ],
)
def test_a_reader_who_has_either_form_of_a_page_is_told_which_one_they_have(sent, packed, known):
    assert known_etag('"a"', sent, packed=packed) == known


def test_a_packed_page_has_a_validator_of_its_own_that_leads_back_to_the_plain_one():
    etag = etag_of(b"Words")
    assert packed_etag(etag) != etag and plain_etag(packed_etag(etag)) == plain_etag(etag) == etag
    assert plain_etag(f"-gzip{etag}") != etag


@pytest.mark.parametrize(
    ("sent", "takes"),
    [("gzip", True), ("br, GZIP;q=0.5", True), ("*", True), ("", False), ("br", False), ("gzip; q=0", False)],
)
def test_gzip_is_sent_to_those_who_take_it(sent, takes):
    assert takes_gzip(sent) is takes


def test_a_page_holds_for_an_hour_and_never_past_midnight_at_the_desk():
    zone = ZoneInfo("America/New_York")
    noon = datetime(2026, 3, 8, 16, tzinfo=UTC)
    assert valid_until(noon, zone) == noon.timestamp() + 3600
    late = datetime(2026, 3, 9, 3, 30, tzinfo=UTC)  # 23:30 of the day on which the clocks went forward
    assert valid_until(late, zone) == datetime(2026, 3, 9, 4, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("verb", "on_a_draft", "public"),
    [
        ("published", False, True),
        ("withdrew", True, True),
        ("an act that nobody has thought of", True, True),
        ("saved", False, True),
        ("saved", True, False),
        ("commented on", False, False),
        ("set to locked:", False, False),
    ],
)
def test_an_act_is_public_unless_it_is_known_not_to_be(verb, on_a_draft, public):
    assert is_public_change(verb, on_a_draft=on_a_draft) is public

"""The charset of a page, believed where it can be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.charset import decoded


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("é".encode(), "text/html; charset=utf-8"),
        ("é".encode("latin-1"), "text/html; charset=ISO-8859-1"),
        ("é".encode("latin-1"), "text/html;charset = 'latin1'"),
        ("é".encode("utf-16-le"), 'text/html; charset="utf-16le"'),
        ("é".encode(), "text/html"),
        ("é".encode("cp1252"), "text/html"),
        ("\ufeffé".encode(), "text/html; charset=latin-1"),
        ("\ufeffé".encode("utf-16-le"), "text/html; charset=latin-1"),
        ("\ufeffé".encode("utf-16-be"), ""),
        ("é".encode(), "text/html; charset=unicode_escape"),
        ("é".encode(), "text/html; charset=utf-7"),
        ("é".encode(), "text/html; charset=zlib"),
        ("é".encode(), "text/html; charset=idna"),
        ("é".encode(), "text/html; charset=undefined"),
        ("é".encode(), "text/html; charset=" + "9" * 9000),
        ("é".encode(), "text/html; charset*" + "9" * 9000 + "*=x"),
    ],
)
def test_a_page_is_read_in_the_charset_it_is_written_in(body, content_type):
    assert decoded(body, content_type) == "é"


@pytest.mark.parametrize(
    "meta",
    [
        "<meta charset=koi8-r>",
        "<META charset='KOI8-R'>",
        '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">',
    ],
)
def test_a_page_may_name_its_charset_itself(meta):
    assert decoded((meta + "слово").encode("koi8-r"), "text/html") == meta + "слово"
    assert decoded((meta + "слово").encode(), "text/html; charset=utf-8") == meta + "слово"


def test_a_page_that_can_be_read_is_not_in_utf_16_whatever_it_says():
    page = "<meta charset=utf-16>é"
    assert decoded(page.encode(), "text/html") == page


def test_quotes_of_windows_are_read_as_browsers_read_them():
    assert decoded(b"\x93quoted\x94", "text/html; charset=iso-8859-1") == "“quoted”"


def test_what_does_not_fit_the_charset_is_replaced():
    assert decoded(b"caf\xe9 now", "text/html; charset=utf-8") == "caf\ufffd now"


@given(st.binary(max_size=200), st.text(max_size=60).map("text/html; charset=".__add__))
def test_nothing_raises(body, content_type):
    assert isinstance(decoded(body, content_type), str)

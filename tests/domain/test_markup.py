"""The small part of Markdown, and what must never come out of it."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.markup import ALLOWED_TAGS, blocks_of, foreign_links, to_html

HOSTILE = [
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](data:text/html,x)",
    "![x](https://a.example/x.png)",
    "<img src=x onerror=alert(1)>",
    "# Not a heading",
    "[a](https://a.example \"onmouseover='x'\")",
]


class Tags(HTMLParser):
    """Collects the tags and attributes of a page."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes = set(), []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs


def check_harmless(html):
    found = Tags(html)
    assert found.tags <= ALLOWED_TAGS
    for name, value in found.attributes:
        assert name in {"href", "rel", "start", "title"}
        assert name != "href" or not re.match(r"(?i)\s*(javascript|data|vbscript):", value or "")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text):
    check_harmless(to_html(text))


def test_paragraphs_lists_emphasis_code_and_links_are_all_there_is():
    html = to_html("It *runs* `x`. See [it](https://a.example).\n\n- One\n- Two")
    assert "<em>runs</em>" in html and "<code>x</code>" in html and 'href="https://a.example"' in html
    assert html.count("<li>") == 2


def test_foreign_links_are_found():
    assert foreign_links("[x](//evil.example)") == ["//evil.example"]
    assert foreign_links("[x](mailto:a@b.c) [y](https://a.example)") == ["mailto:a@b.c"]


@given(st.text(max_size=120))
def test_no_body_is_too_strange(text):
    blocks_of(text)
    check_harmless(to_html(text))

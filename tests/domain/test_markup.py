"""The small part of Markdown, and what must never come out of it."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.markup import (
    ALLOWED_TAGS,
    TextLink,
    blocks_of,
    foreign_links,
    passages_of,
    to_html,
    wordless_links,
)

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


class Shown(HTMLParser):
    """Collects what a page shows, with a space where a new line begins."""

    def __init__(self, html):
        super().__init__()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.text += " " if tag in {"p", "li", "br", "ul", "ol"} else ""

    def handle_data(self, data):
        self.text += data


@given(st.text(alphabet="ab *_`[]()<>&;#!\\\n-1.h:/", max_size=80))
def test_what_readers_see_is_what_checkers_are_given(body):
    """The page and the lines come from one text by two ways; a word that only one of them has would go unchecked."""
    given_to_checkers = " ".join(block.text for block in blocks_of(body))
    assert Shown(to_html(body)).text.split() == given_to_checkers.split()


@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        ("One.\n\nTwo.", ["One.", "Two."]),
        ("One\nline.", ["One line."]),
        ("- One\n- Two\n\nThree", ["One", "Two", "Three"]),
        ("A *b* **c** `d` [e](https://a.example)", ["A b c d e"]),
        ("# No heading", ["# No heading"]),
        ("&lt;b&gt; &amp; &copy;", ["<b> & ©"]),
        ("", []),
    ],
)
def test_marks_fall_away_and_words_stay(body, blocks):
    assert [block.text for block in blocks_of(body)] == blocks


def test_a_link_is_known_by_the_place_at_which_it_starts():
    (block,) = blocks_of("A *b* [c](https://a.example) and [d](https://b.example/x).")
    assert [(block.text[at], target) for at, target in block.links] == [
        ("c", "https://a.example"),
        ("d", "https://b.example/x"),
    ]


def test_foreign_links_are_found():
    assert foreign_links("[x](//evil.example)") == ["//evil.example"]
    assert foreign_links("[x](mailto:a@b.c) [y](https://a.example)") == ["mailto:a@b.c"]


@given(st.text(max_size=120))
def test_no_body_is_too_strange(text):
    blocks_of(text)
    check_harmless(to_html(text))


def test_what_no_sentence_holds_is_not_shown_as_words():
    assert "1987" not in to_html("1987. was the year.")
    assert wordless_links("It is.\n\n[&nbsp;](https://a.example)") == ["https://a.example"]


BODY = "A *large* large\nlanguage model, `RAG` [RAG](https://a.example/) & RAG <b>.\n\n* one RAG\n* **RAG** end"


def test_passages_are_the_blocks_and_know_where_no_link_may_stand():
    passages = passages_of(BODY)
    assert [one.text for one in passages] == [block.text for block in blocks_of(BODY)]
    text = passages[0].text
    assert [text[start:end] for start, end in passages[0].closed] == ["RAG", "RAG"]
    assert {2, 7} <= set(passages[0].walls) and passages[2].walls == (0, 3)


def test_links_are_put_upon_words_and_the_rest_is_as_before():
    links = []
    for passage in passages_of(BODY):
        names = [name for name in ("large language model", "RAG") if name in passage.text]
        starts = [(passage.text.rindex(name), len(name)) for name in names]
        links.append([TextLink(start, start + size, "/terms/x/") for start, size in starts])
    html = to_html(BODY, links)
    anchor = '<a href="/terms/x/" data-peek="" rel="noopener">'
    assert f"<em>large</em> {anchor}large\nlanguage model</a>, <code>RAG</code>" in html
    assert f"&amp; {anchor}RAG</a> &lt;b&gt;." in html
    assert f"<li>one {anchor}RAG</a></li>" in html and f"<strong>{anchor}RAG</a></strong> end" in html
    assert html.replace(anchor, "").count("</a>") == 5 and to_html(BODY).count("data-peek") == 0
    assert re.sub(f"{re.escape(anchor)}(.*?)</a>", r"\1", html, flags=re.DOTALL) == to_html(BODY)


@given(st.text(max_size=60), st.integers(0, 40), st.integers(1, 20))
def test_a_link_anywhere_lets_nothing_through(body, start, size):
    links = [[TextLink(start, start + size, "/terms/x/")] for _ in passages_of(body)]
    check_harmless(re.sub(r'<a href="/terms/x/" data-peek="" rel="noopener">', "<a>", to_html(body, links)))

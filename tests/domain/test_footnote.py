"""Footnote marks: put after their sentences, whatever markup they stand in; no word is ever changed."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.footnote import Noted, is_made_of, with_marks
from glossary.domain.markup import blocks_of, to_html
from glossary.domain.sentences import sentences_of
from glossary.domain.term import AliasKind, AliasWords, Words


def mark(number):
    return f'<a href="#c{number}" aria-label="Statement {number}: what we checked">{number}</a>'


def without_marks(html):
    html = re.sub(r'<sup class="fn".*?</sup>', "", html)
    return re.sub(r'<span class="s" id="s\d+">(.*?)</span>', r"\1", html, flags=re.DOTALL)


def test_a_mark_stands_after_its_sentence_and_the_sentence_can_be_reached():
    html = with_marks(
        "<p>Five sizes exist. People like it.</p>", [Noted("Five sizes exist.", 1), Noted("People like it.")]
    )
    assert html == (
        f'<p><span class="s" id="s1">Five sizes exist.</span><sup class="fn">{mark(1)}</sup> People like it.</p>'
    )


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("*Five* sizes exist. More.", "Five sizes exist."),
        ("See [the report](https://example.org/a?b=1&c=2). More.", "See the report."),
        ("It is `x < y & z`. More.", "It is x < y & z."),
        ("- One thing.\n- Another thing.", "Another thing."),
        ("A line\nthat breaks. More.", "A line that breaks."),
        ("Say “a” \\*and\\* b. More.", "Say “a” *and* b."),
        ("Two  blanks &amp; a sign. More.", "Two blanks & a sign."),
    ],
)
def test_a_sentence_is_found_in_its_markup(body, sentence):
    html = to_html(body)
    marked = with_marks(html, [Noted(sentence, 1)])
    assert 'id="s1"' in marked and mark(1) in marked
    assert without_marks(marked) == html


def test_no_link_stands_inside_a_link():
    html = to_html("[First words. Second words.](https://example.org/) Third words.")
    marked = with_marks(html, [Noted("First words.", 1), Noted("Second words.", 2), Noted("Third words.", 3)])
    outside, inside = marked.split("</a>", 1)[0], marked.split("</a>", 1)[1]
    assert "<sup" not in outside and inside.index("#c1") < inside.index("#c2") < inside.index("#c3")
    assert without_marks(marked) == html


def test_a_sentence_that_is_not_there_gets_no_mark_and_the_next_one_does():
    marked = with_marks("<p>One. Two.</p>", [Noted("Zero.", 1), Noted("Two.", 2)])
    assert "#c1" not in marked and "#c2" in marked


def test_the_same_words_twice_are_marked_each_in_its_place():
    marked = with_marks("<p>It is. It is.</p>", [Noted("It is."), Noted("It is.", 1)])
    assert marked.startswith('<p>It is. <span class="s"')


class Nesting(HTMLParser):
    """Fails on tags that are closed in the wrong order, and on links in links."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag != "br":
            assert tag != "a" or "a" not in self.open
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


bodies = st.lists(
    st.sampled_from(
        [
            "Five sizes. ",
            "*All* of `it`. ",
            "[A link. ",
            "ends](https://a.example/?x=1&y=2) here. ",
            "**B",
            "old.** ",
            "\n\n",
            "- an item. ",
            "&amp; <b>. ",
        ]
    ),
    max_size=12,
).map("".join)


@given(bodies)
def test_whatever_the_markup_the_result_is_well_formed_and_the_words_are_the_same(body):
    html = to_html(body)
    texts = [sentence.text for block in blocks_of(body) for sentence in sentences_of(block)]
    marked = with_marks(html, [Noted(text, number) for number, text in enumerate(texts, 1)])
    parser = Nesting()
    parser.feed(marked)
    assert not parser.open
    words = unescape(re.sub(r"<[^>]+>", "", re.sub(r'<sup class="fn".*?</sup>', "", marked)))
    assert words == unescape(re.sub(r"<[^>]+>", "", html))


WORDS = Words(
    "Qwen2",
    "It is one.",
    "Five *sizes*. More.\n\nLast.",
    "A shop.",
    (AliasWords("Qwen 2", AliasKind.SPELLING),),
    "Qwen3",
)
LINES = [
    ("headword", "Qwen2"),
    ("alias", "Also called: Qwen 2"),
    ("definition", "It is one."),
    ("body", "Five sizes."),
    ("body", "More."),
    ("body", "Last."),
    ("example", "A shop."),
    ("successor", "Succeeded by: Qwen3"),
]


def test_the_lines_of_a_card_are_its_words():
    assert is_made_of(WORDS, LINES)


@pytest.mark.parametrize("place", range(len(LINES)))
def test_a_line_more_or_less_or_other_is_noticed(place):
    part, text = LINES[place]
    assert not is_made_of(WORDS, [*LINES[:place], *LINES[place + 1 :]])
    assert not is_made_of(WORDS, [*LINES[:place], (part, f"Not {text}"), *LINES[place + 1 :]])
    assert not is_made_of(WORDS, [*LINES, (part, "More still.")])

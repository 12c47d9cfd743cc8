"""Reading pages as text, and ranking the passages of a source for a sentence."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.passage import MAX_RANKED, rank_passages, text_of_html

SOURCE = """Claude and its kin

A language model predicts the next token. Models of this kind are trained on text from the web.

Qwen2.5-VL was released by Alibaba in January 2025. It comes in three sizes. The largest has 72 billion parameters.
It reads pictures and video.

The weather was fine that day. Many people walked by the river.
"""
PIECES = [
    "Alpha",
    "beta",
    "gamma.",
    "Delta",
    "3.5",
    "it is;",
    "e.g.",
    "\n",
    "\n\n",
    "\n- ",
    "Dr.",
    "x!",
    "Y?",
    "z" * 90,
]
LINEAR = 3.0  # seconds that a mebibyte of broken markup may take on a busy machine; quadratic readers take minutes


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>One.<p>Two.", "One.\n\nTwo."),
        ("<h1>Head</h1>Text <b>of</b> a\n  page", "Head\n\nText of a page"),
        ("un<em>believ</em>able", "unbelievable"),
        ("One<br>two<br/>three", "One\ntwo\nthree"),
        ("<table><tr><td>Size<td>3B<tr><th>Year</th><td>2024</td></table>", "Size 3B\n\nYear 2024"),
        ("<ul><li>first</li><li>second</li></ul>", "first\n\nsecond"),
        ("<pre>a  line\nbroken\n\nfor  width</pre> and\nmore", "a line\nbroken\n\nfor width\n\nand more"),
        ("Tom &amp; Jerry &lt;3 &#233;&nbsp;&hellip;", "Tom & Jerry <3 é …"),
        ("a < b and 1<2 <3", "a < b and 1<2 <3"),
        ("", ""),
    ],
)
def test_the_words_of_a_page_stand_as_plain_paragraphs(page, text):
    assert text_of_html(page) == text


@pytest.mark.parametrize(
    "page",
    [
        "<title>No</title>Yes",
        "<script>if (a < b) { 'No </p>' }</script>Yes",
        "<SCRIPT type='x'>No</ScRiPt >Yes",
        "<style>p::after { content: 'No' }</style>Yes",
        "<noscript>No</noscript>Yes",
        "<nav><ul><li>No</ul></nav>Yes",
        "<div><nav><a href='/'>No</a></div>Yes",
        "<nav>No<nav>No</nav>No</nav>Yes",
        "<nav><div>No</div>No</nav>Yes",
        "<nav>No<main>Yes</main>",
        "Yes<footer>No</footer>",
        "<svg><text>No</text></svg>Yes",
        "<svg class='a'/>Yes",
        "<template><p>No</template>Yes",
        "<p hidden>No<p>Yes",
        "<div id=a hidden=''>No<div>No</div>No</div>Yes",
        "<div class='md hidden lg'>Yes</div>",
        "<!-- No > -->Yes",
        "<!-->Yes",
        "<!-- No --!>Yes",
        "<!DOCTYPE html>Yes",
        "<?xml version='1.0'?>Yes",
        "<![if No[x]]>Yes",
        "</>Yes</ no>",
        "<a title='No > no' href=x>Yes</a>",
        '<a title="No > no">Yes</a>',
        "<a title=>Yes</a>",
        "Yes<!-- No <p>No",
        "Yes<script>No",
        "Yes<a title='No>No",
        "Yes<a No",
    ],
)
def test_what_a_visitor_does_not_see_is_dropped(page):
    assert text_of_html(page) == "Yes"


def test_a_raised_number_stays_raised_so_that_a_million_is_not_read_as_106():
    assert text_of_html("10<sup>6</sup> tokens, 10<sup>−3</sup> s") == "10⁶ tokens, 10⁻³ s"
    assert text_of_html("said so<sup><a>[1]</a></sup> 5") == "said so[1] 5"


@given(st.text(max_size=300) | st.text(alphabet="<>/!-'\"=ap sup&#;[\n", max_size=300))
def test_no_page_raises(page):
    text = text_of_html(page)
    assert "\n\n\n" not in text and text == text.strip()


def test_a_number_of_a_sign_that_no_sign_has_raises_nothing():
    assert text_of_html("a&#" + "9" * 5000 + ";b&#xD800;c") == "a\ufffdb\ufffdc"


@pytest.mark.parametrize(
    "piece",
    ["<div>", "<b>", "<!--", "<a ", '<a href="', "<a ='\"", "= ", "<", "<nav>", "<nav></div>", "</a ", "&", "<?"],
)
def test_broken_markup_is_read_in_linear_time(piece):
    began = time.process_time()
    text_of_html("<a " * (piece == "= ") + piece * (2**20 // len(piece)))
    assert time.process_time() - began < LINEAR


def test_the_passage_that_speaks_of_the_sentence_comes_first():
    best, *_ = rank_passages(SOURCE, "Qwen2.5-VL is a model by Alibaba with 72 billion parameters.")
    assert best == (
        "Qwen2.5-VL was released by Alibaba in January 2025. It comes in three sizes. "
        "The largest has 72 billion parameters."
    )
    assert rank_passages(SOURCE, "People walk along rivers.")[0] == "Many people walked by the river."


def test_a_passage_holds_no_sentence_that_adds_nothing():
    assert rank_passages(SOURCE, "It predicts tokens.")[0] == "A language model predicts the next token."


@pytest.mark.parametrize(
    "sentence", ["", "It is what it was.", "Zebras graze.", "?!", "Не найдено", "\x00", "the of and"]
)
def test_a_sentence_that_shares_nothing_gets_nothing(sentence):
    assert rank_passages(SOURCE, sentence) == []


@pytest.mark.parametrize("text", ["", " \n\n ", "...", "\n"])
def test_an_empty_source_gives_nothing(text):
    assert rank_passages(text, "A model predicts.") == []


def test_numbers_and_names_count_more_than_plain_words():
    text = "The report covers releases.\n\nThe long report covers Mistral.\n\nThe long report covers 2023."
    assert rank_passages(text, "In it Mistral releases.", limit=1) == ["The long report covers Mistral."]
    assert rank_passages(text, "Plain releases of 2023.", limit=1) == ["The long report covers 2023."]


def test_a_rare_word_counts_more_than_a_common_one():
    text = "The model works.\n\nThe model runs.\n\nThe model sings.\n\nA choir hums."
    assert rank_passages(text, "A model hums.", limit=1) == ["A choir hums."]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Trained on two companies' data.", "It trains on the data of 2 companies."),
        ("It reads 128,000 tokens.", "It reads 128000 pages."),
        ("Releasing weights is common.", "They released it."),
        ("The OPENAI report.", "It is by OpenAI."),
    ],
)
def test_words_meet_in_all_their_forms(text, sentence):
    assert rank_passages(text, sentence) == [text]


def test_equals_come_in_the_order_of_the_text():
    text = "Alpha model one.\n\nBravo model two.\n\nDelta model six.\n\nGamma model ten."
    assert rank_passages(text, "A model.") == ["Alpha model one.", "Bravo model two.", "Delta model six."]
    assert rank_passages(text, "A model.", limit=1) == ["Alpha model one."]
    assert rank_passages(text, "A model.", limit=0) == []


def test_no_two_passages_overlap_or_repeat_each_other():
    repeated = SOURCE + "\n\n" + SOURCE.replace("January", "january")
    passages = rank_passages(repeated, "Qwen2.5-VL by Alibaba has 72 billion parameters and reads video.", limit=9)
    sentences = [sentence for passage in passages for sentence in passage.lower().rstrip(".").split(". ")]
    assert len(passages) > 1
    assert len(sentences) == len(set(sentences))


def test_of_passages_that_say_nearly_the_same_only_the_best_is_shown():
    teaser = "Qwen2.5-VL by Alibaba reads pictures and video on a phone"
    text = f"{teaser}.\n\n{teaser} today.\n\nAlibaba sells shoes."
    assert rank_passages(text, "Qwen2.5-VL by Alibaba reads video.") == [f"{teaser}.", "Alibaba sells shoes."]


def test_lines_broken_for_width_are_joined_and_headings_stand_alone():
    text = (
        "Models of speech\nThe model that was shown in the spring of that year hears\nEnglish speech and writes it "
        "down.\n- it hears German\n- it hears Dutch"
    )
    assert rank_passages(text, "The model shown hears speech.", limit=1) == [
        "The model that was shown in the spring of that year hears English speech and writes it down."
    ]
    assert rank_passages(text, "It hears Dutch.", limit=1) == ["- it hears Dutch"]


def test_a_sentence_longer_than_a_passage_is_cut_between_words():
    text = "model " * 100 + "x" * 1000 + " Alibaba " + "model " * 30 + "."
    passages = rank_passages(text, "A model by Alibaba.", limit=9)
    assert "Alibaba" in passages[0]
    assert all(len(passage) <= MAX_RANKED and passage in " ".join(text.split()) for passage in passages)


@given(
    st.lists(st.sampled_from(PIECES), max_size=400),
    st.sampled_from(["Alpha beta.", "Delta is 3.5 x.", "gamma y"]),
)
def test_a_passage_stands_in_the_text_word_for_word_and_is_short(words, sentence):
    text = " ".join(words)
    passages = rank_passages(text, sentence)
    assert len(passages) == len(set(passages)) <= 3
    for passage in passages:
        assert 0 < len(passage) <= MAX_RANKED
        assert passage in " ".join(text.split())


def test_a_long_source_is_ranked_at_once():
    text = "\n\n".join(
        f"Report {n} says that model {n % 97} was trained in {1990 + n % 40}. It had {n} layers. " * 3
        for n in range(1200)
    )
    assert len(text) > 200_000
    began = time.process_time()
    best, *_ = rank_passages(text, "Model 17 was trained in 2004, says report 1084.")
    assert time.process_time() - began < 2
    assert best.startswith("Report 1084 says")

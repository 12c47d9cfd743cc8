"""Running text: the keys of what could be a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.running_text import MAX_WORDS, Passage, opening_of, spaced_key


@pytest.mark.parametrize("name", ["", "?!", "one, two", "a b c d e f g h i", "(a)"])
def test_a_name_that_running_text_cannot_hold_has_no_key(name):
    assert spaced_key(name) == ""


@pytest.mark.parametrize(("one", "other"), [("Qwen 2", "qwen-2"), ("Ｑwen 2", "Qwen\u00a02"), ("Moore's", "moore’s")])
def test_spellings_share_a_key(one, other):
    assert spaced_key(one) == spaced_key(other)


def test_words_are_not_run_together():
    assert len({spaced_key(name) for name in ["log in", "login", "Qwen2", "Qwen 2", "C", "C++", "C#"]}) == 7


@pytest.mark.parametrize(
    ("key", "opening"), [("", ""), ("long short term", ""), ("long short term memory", "long short term")]
)
def test_only_a_long_name_has_an_opening(key, opening):
    assert opening_of(key) == opening


def test_of_longer_names_only_those_are_looked_for_that_are_known_to_begin_so():
    passage = Passage("He met long short-term memories, and long short stories of old.")
    assert set(passage.openings) == {
        *("he met long", "met long short", "long short term"),
        *("and long short", "long short stories", "short stories of"),
    }
    keys = {run[0] for run in passage.runs({"long short term", "nothing of it"})}
    forms = ["memories", "memorie", "memory"]
    assert {key for key in keys if opening_of(key)} == {f"long short term {form}" for form in forms}
    assert keys > {"long", "long short stories", "long short story", "memory"}


@given(st.text(alphabet="ab.- s", max_size=40))
def test_every_name_in_a_text_is_looked_for_however_long_it_is(text):
    tokens = Passage(text).tokens
    runs = Passage(text).runs(Passage(text).openings)
    for first in range(len(tokens)):
        for last in range(first, min(first + MAX_WORDS, len(tokens))):
            key = spaced_key(text[tokens[first].start : tokens[last].end])
            if key and tokens[first].gap != "-" and first:
                assert (key, first, last, tokens[last].end) in runs


@given(st.text(max_size=80))
def test_any_text_can_be_read(text):
    passage = Passage(text)
    assert all(key == key.strip() for key, _, _, _ in passage.runs(passage.openings))

"""Running text: the keys of what could be a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.running_text import Passage, keys_of, spaced_key


@pytest.mark.parametrize("name", ["", "?!", "one, two", "a b c d e f g h i", "(a)"])
def test_a_name_that_running_text_cannot_hold_has_no_key(name):
    assert spaced_key(name) == ""


@pytest.mark.parametrize(("one", "other"), [("Qwen 2", "qwen-2"), ("Ｑwen 2", "Qwen\u00a02"), ("Moore's", "moore’s")])
def test_spellings_share_a_key(one, other):
    assert spaced_key(one) == spaced_key(other)


def test_words_are_not_run_together():
    assert len({spaced_key(name) for name in ["log in", "login", "Qwen2", "Qwen 2", "C", "C++", "C#"]}) == 7


@given(st.text(max_size=80))
def test_any_text_can_be_read(text):
    assert all(key == key.strip() for key in keys_of([Passage(text)]))

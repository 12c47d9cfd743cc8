"""Names, keys and addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.errors import BadText
from glossary.domain.names import clean_line, is_slug, letter_of, slug_for, sort_key, squeezed_key

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"]), max_size=60)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("C", "c"),
        ("C++", "c-plus-plus"),
        ("C#", "c-sharp"),
        (".NET", "dot-net"),
        ("GPT-4", "gpt-4"),
        ("GPT\u20114", "gpt-4"),
        ("GPT-4.1", "gpt-4-1"),
        ("GPT-41", "gpt-41"),
        ("Qwen2.5", "qwen2-5"),
        ("TCP/IP", "tcp-ip"),
        ("R&D", "r-and-d"),
        ("naïve Bayes", "naive-bayes"),
        ("神经", "u795e-u7ecf"),
    ],
)
def test_signs_make_addresses_of_their_own(name, slug):
    assert slug_for(name) == slug


@given(TEXT.filter(str.strip))
def test_every_name_has_an_address(name):
    assert is_slug(slug_for(name))


@given(TEXT)
def test_cleaning_twice_changes_nothing_more(text):
    try:
        once = clean_line(text, limit=100, what="It")
    except BadText:
        return
    assert clean_line(once, limit=200, what="It") == once


@pytest.mark.parametrize(
    "names", [("Qwen 2", "qwen-2", "QWEN2", "Ｑwen 2", "Qwen\u200b2"), ("GPT-4", "GPT\u20114", "gpt 4")]
)
def test_spellings_of_one_name_share_a_key(names):
    assert len({squeezed_key(name) for name in names}) == 1


def test_different_names_have_different_keys():
    names = ["C", "C++", "C#", "Qwen2.5", "Qwen25", "GPT-4.1", "GPT-41", ".NET", "NET"]
    assert len({squeezed_key(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("name", "letter"),
    [("Émile", "E"), ("3D", "#"), (".NET", "#"), ("zeta", "Z"), ("神经", "#"), ("Łódź", "L"), ("Ærø", "A")],
)
def test_names_stand_under_their_letter(name, letter):
    assert letter_of(name) == letter


def test_letters_with_marks_strokes_and_ligatures_sort_with_their_letter_in_both_cases():
    names = ["Zeta", "Øre", "łódź", "Łódź 2", "Lodge", "Ærø"]
    assert sorted(names, key=sort_key) == ["Ærø", "Lodge", "łódź", "Łódź 2", "Øre", "Zeta"]
    assert sort_key("Łódź") == sort_key("łódź") == "lodz"

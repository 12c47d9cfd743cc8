"""What a row of a file says of a term."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.intake import COLUMNS, AliasGiven, BadRow, Row, quoted
from glossary.domain.term import AliasKind
from tests.domain.test_intake_file import HEADER, read, read_json


def test_every_column_arrives_in_its_place():
    text = (
        ";".join(COLUMNS) + "\nLLM;A model.;Text.\nMore.;Ex.;acronym:LLM | full form: Large model|C::x;Basics;a | b;"
        "Hard;c;llm;12\n"
    ).replace("Text.\nMore.", '"Text.\nMore."')
    assert read(text) == [
        Row(
            line=2,
            headword="LLM",
            definition="A model.",
            body="Text.\nMore.",
            example="Ex.",
            aliases=(
                AliasGiven("LLM", AliasKind.ACRONYM),
                AliasGiven("Large model", AliasKind.FULL_FORM),
                AliasGiven("C::x"),
            ),
            topic="Basics",
            tags=("a", "b"),
            level="hard",
            volatility="C",
            slug="llm",
            readers=12,
        )
    ]


def test_formulas_of_a_spreadsheet_are_plain_text():
    formula = '=HYPERLINK("https://example.org")'
    doubled = formula.replace('"', '""')
    assert read(f'{HEADER}"{doubled}",@SUM(A1),+1,,,\n') == [Row(2, formula, "@SUM(A1)", "+1")]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("level", "expert", "The level “expert” is none of: easy, medium, hard."),
        ("volatility", "E", "The volatility “E” is none of: A, B, C, D."),
        ("slug", "No Slug", "The slug “No Slug” is no address"),
        ("slug", "\x1b[2J", "“\ufffd[2J”"),
    ],
)
def test_a_value_outside_its_list_is_named(column, value, said):
    (bad,) = read(f"headword,{column}\nToken,{value}\n")
    assert isinstance(bad, BadRow)
    assert said in bad.reason


def test_json_lines_say_the_same_with_lists_and_numbers():
    row = {
        "headword": "LLM",
        "definition": "A model.",
        "aliases": ["acronym:LM", {"text": "Quen", "kind": "Misspelling", "shown": False, "ambiguous": True}],
        "topic": "Basics",
        "tags": ["a", "b|c"],
        "level": "easy",
        "readers": 5,
        "body": None,
    }
    assert read_json(row, {"headword": "B", "aliases": "x|y", "readers": "6"}) == [
        Row(
            1,
            "LLM",
            "A model.",
            aliases=(
                AliasGiven("LM", AliasKind.ACRONYM),
                AliasGiven("Quen", AliasKind.MISSPELLING, shown=False, ambiguous=True),
            ),
            topic="Basics",
            tags=("a", "b|c"),
            level="easy",
            readers=5,
        ),
        Row(2, "B", aliases=(AliasGiven("x"), AliasGiven("y")), readers=6),
    ]


def test_an_empty_text_or_list_in_json_lines_says_that_the_part_is_empty():
    assert read_json({"headword": "A", "body": "", "aliases": [], "tags": [], "topic": "", "level": ""}) == [
        Row(1, "A", body="", aliases=(), tags=(), topic="", level="")
    ]


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner), max_leaves=5),
    st.sampled_from(COLUMNS),
)
def test_no_value_of_json_raises_anything(value, column):
    (row,) = read_json({"headword": "A", column: value})
    assert isinstance(row, Row | BadRow)


def test_a_text_is_quoted_short_and_without_what_a_terminal_would_obey():
    assert quoted("a\x1bb\ud800", 10) == "“a\ufffdb\ufffd”"
    assert quoted("abcdef", 3) == "“abc…”"

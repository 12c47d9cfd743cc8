"""What is said of a link goes where its sentence goes."""

import pytest

from glossary.domain.autolink import Choice
from glossary.domain.claim import lines_of
from glossary.domain.link_choice import Answer, Decision, choices_in, places_in, read_answer
from glossary.domain.term import Words

WORDS = Words(
    "Decoder",
    body="It has a memory. It runs.\n\n* [A memory](https://e.example) is `kept`.",
    example="Its memory is full.",
)


def test_every_sentence_of_the_running_text_has_its_place_and_the_hash_of_its_line():
    places = places_in(WORDS)
    hashes = [line.hash for line in lines_of(WORDS) if line.part in {"body", "example"}]
    assert [one.hash for passage in places for one in passage] == hashes
    assert [[(one.start, one.end) for one in passage] for passage in places] == [
        [(0, 17), (17, 26)],
        [(0, 18)],
        [(0, 20)],
    ]


def test_what_was_said_stands_where_the_sentence_stands_and_nowhere_else():
    said = {places_in(WORDS)[0][0].hash: [Decision(7, "Memory", True)], "gone": [Decision(7, "Memory", False)]}
    assert choices_in(WORDS, said) == [[Choice(0, 17, 7, "Memory", True)], [], []]
    moved = Words("Decoder", body="It is new. It has a memory.")
    assert choices_in(moved, said) == [[Choice(11, 28, 7, "Memory", True)], []]
    changed = Words("Decoder", body="It has a big memory. It runs.")
    assert choices_in(changed, said) == [[], []]


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ("7:ab12:Memory", Answer("ab12", "Memory", 7)),
        ("0:ab12:TCP: a name", Answer("ab12", "TCP: a name", 0)),
        ("back:ab12:Memory", Answer("ab12", "Memory", None)),
        ("", None),
        ("7:ab12", None),
        ("-1:ab12:Memory", None),
        ("٧:ab12:Memory", None),
        ("x:ab12:Memory", None),
    ],
)
def test_only_what_a_button_sends_is_an_answer(value, answer):
    assert read_answer(value) == answer

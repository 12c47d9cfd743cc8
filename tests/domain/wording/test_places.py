"""The sentences of a card, each with its place in the text as it was typed."""

from glossary.domain.claim import lines_of
from glossary.domain.term import Words
from glossary.domain.wording.places import code_in, places_of

WORDS = Words(
    headword="Git",
    definition="Git keeps versions.",
    body="It has *many* `git log` commands. It is old.",
    example="A team uses it.",
)


def test_each_sentence_knows_its_part_and_where_its_characters_stand_in_the_field():
    assert [(one.part, one.text) for one in places_of(WORDS)] == [
        ("definition", "Git keeps versions."),
        ("body", "It has many git log commands."),
        ("body", "It is old."),
        ("example", "A team uses it."),
    ]
    for one in places_of(WORDS):
        field = getattr(WORDS, one.part)
        assert "".join(field[at] for at in one.places) == one.text


def test_a_sentence_is_the_line_that_is_checked():
    lines = {line.hash for line in lines_of(WORDS)}
    assert {one.hash for one in places_of(WORDS)} <= lines


def test_code_is_known_by_its_sentence():
    ((named, spans),) = code_in(WORDS).items()
    place = next(one for one in places_of(WORDS) if one.hash == named)
    assert [place.text[start:end] for start, end in spans] == ["git log"]

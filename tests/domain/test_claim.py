"""Lines, and when a verdict carries over."""

from dataclasses import replace
from datetime import date

import pytest

from glossary.domain.claim import GivenVerdict, LineState, Part, Verdict, lines_of, standing_verdict
from glossary.domain.digest import digest_of
from glossary.domain.term import AliasKind, AliasWords, Words

WORDS = Words(
    "Qwen2",
    "Qwen2 is a family.",
    "It is open. Sizes vary.\n\nThis matters. People use it.",
    "A shop has one.",
    (AliasWords("Qwen 2", AliasKind.SPELLING),),
)


def moved(change):
    """Return the sentences of WORDS whose context a change alters."""
    before = {line.text: line.context for line in lines_of(WORDS)}
    after = {line.text: line.context for line in lines_of(replace(WORDS, **change))}
    return {text for text in before if text in after and before[text] != after[text]}


def test_every_public_word_is_a_line():
    assert [(line.part, line.text) for line in lines_of(WORDS)] == [
        (Part.HEADWORD, "Qwen2"),
        (Part.ALIAS, "Also called: Qwen 2"),
        (Part.DEFINITION, "Qwen2 is a family."),
        (Part.BODY, "It is open."),
        (Part.BODY, "Sizes vary."),
        (Part.BODY, "This matters."),
        (Part.BODY, "People use it."),
        (Part.EXAMPLE, "A shop has one."),
    ]


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({"body": WORDS.body.replace("Sizes vary.", "Sizes differ.")}, {"This matters."}),
        ({"body": WORDS.body.replace("People use it.", "Nobody uses it.")}, set()),
        ({"body": WORDS.body.replace("Sizes", "\n\nSizes")}, {"Sizes vary."}),
        ({"definition": "Qwen2 is a set."}, {"It is open.", "This matters."}),
        ({"example": "A bank has one."}, set()),
        ({"aliases": ()}, set()),
    ],
)
def test_a_change_is_read_again_where_the_meaning_leans_on_it(change, again):
    assert moved(change) == again


def test_a_new_headword_is_read_again_everywhere():
    assert len(moved({"headword": "Qwen3"})) == len(lines_of(WORDS)) - 1


def test_one_not_or_one_alias_changes_the_digest():
    for change in ({"definition": "Qwen2 is not a family."}, {"aliases": ()}):
        assert digest_of(replace(WORDS, **change)) != digest_of(WORDS)
    assert digest_of(Words.from_json(WORDS.to_json())) == digest_of(WORDS)


def given(verdict=Verdict.SUPPORTED, context="a", day=1):
    return GivenVerdict(verdict, context, date(2026, 1, day))


@pytest.mark.parametrize(
    ("newest_first", "state", "day"),
    [
        ([], LineState.OPEN, None),
        ([given()], LineState.SETTLED, 1),
        ([given(context="b")], LineState.READ_AGAIN, 1),
        ([given(context="b", day=2), given()], LineState.SETTLED, 1),
        ([given(Verdict.OUTDATED, day=3), given()], LineState.STOPPED, 3),
        ([given(context="b", day=4), given(Verdict.OUTDATED, day=3), given()], LineState.READ_AGAIN, 4),
    ],
)
def test_a_verdict_stands_in_its_context_and_no_older_one_survives_a_bad_one(newest_first, state, day):
    found, verdict = standing_verdict("a", newest_first)
    assert found == state
    assert (verdict.checked_on.day if verdict else None) == day

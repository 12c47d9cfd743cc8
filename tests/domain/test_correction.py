"""What goes when one text takes another's place, and what the facts suggest of it."""

import pytest

from glossary.domain.claim import Part, Verdict, lines_of
from glossary.domain.correction import Fate, Gone, Said, check_said, suggest_fate, words_that_go
from glossary.domain.errors import IllegalMove
from glossary.domain.term import AliasKind, AliasWords, Words


def words(body="It runs on a phone. Five sizes exist.", **over):
    return Words(**({"headword": "Qwen2", "definition": "Qwen2 is a family of models.", "body": body} | over))


def gone(before, after, origins=None):
    return [(one.was, one.now, one.quiet) for one in words_that_go(lines_of(before), lines_of(after), origins or {})]


def test_only_what_readers_lose_is_asked_about():
    assert gone(words(), words()) == []
    assert gone(words(), words(body="It runs on a phone. Six sizes exist.")) == [
        ("Five sizes exist.", "Six sizes exist.", False)
    ]
    assert gone(words(), words(body="It runs on a phone.")) == [("Five sizes exist.", "", False)]
    assert gone(words(body=""), words()) == []


def test_words_that_move_are_not_gone():
    assert gone(words(), words(body="Five sizes exist. It runs on a phone.")) == []
    assert gone(words(), words(body="It runs on a phone.", example="Five sizes exist.")) == []


def test_another_address_behind_the_same_words_is_no_news():
    old = words(body="It runs on [a phone](https://a.example/).")
    new = words(body="It runs on [a phone](https://b.example/).")
    assert gone(old, new) == [("It runs on a phone.", "It runs on a phone.", True)]


def test_a_mended_spelling_is_quiet():
    old, new = words(body="It runs on a phnoe."), words(body="It runs on a phone.")
    before, after = lines_of(old)[-1].hash, lines_of(new)[-1].hash
    assert gone(old, new, {after: before}) == [("It runs on a phnoe.", "It runs on a phone.", True)]


def test_a_name_that_goes_is_a_line_that_goes():
    old = words(aliases=(AliasWords("Qwen 2", AliasKind.SPELLING),))
    assert gone(old, words()) == [("Also called: Qwen 2", "", False)]


@pytest.mark.parametrize(
    ("was", "now", "verdict", "suggested"),
    [
        ("Five sizes exist.", "Six sizes exist.", None, Fate.NO_LONGER_TRUE),
        ("It has 7 sizes.", "It has 8 sizes.", None, Fate.NO_LONGER_TRUE),
        ("It can draw.", "It cannot draw.", None, Fate.NO_LONGER_TRUE),
        ("People use Qwen2 here.", "People use Llama here.", None, Fate.NO_LONGER_TRUE),
        ("It weighs a gram.", "It weighs a ton.", None, Fate.NO_LONGER_TRUE),
        ("People download it often.", "People often download it.", None, Fate.STILL_TRUE),
        ("It answers questions.", "It replies to questions.", None, Fate.STILL_TRUE),
        ("It answers questions.", "", None, None),
        ("It answers questions.", "It replies.", Verdict.CONTRADICTED, Fate.WAS_WRONG),
        ("It answers questions.", "", Verdict.OUTDATED, Fate.NO_LONGER_TRUE),
    ],
)
def test_what_the_facts_suggest(was, now, verdict, suggested):
    assert suggest_fate(Gone(3, was, now), Part.BODY, verdict) == suggested


def test_every_line_needs_its_word_and_a_correction_its_reason():
    line = Gone(3, "Five sizes exist.", "Six sizes exist.")
    with pytest.raises(IllegalMove, match="Five sizes exist"):
        check_said([line], {})
    with pytest.raises(IllegalMove, match="say why"):
        check_said([line], {3: Said(Fate.WAS_WRONG, "  ")})
    check_said([line], {3: Said(Fate.WAS_WRONG, "Miscounted.")})
    check_said([line], {3: Said(Fate.NO_LONGER_TRUE)})
    check_said([Gone(3, "Five sizes exist.", "Five sizes exist.", quiet=True)], {})

"""What became of words that somebody read: the table of corrections and what follows from them."""

from datetime import date

import pytest

from glossary.domain.correction import CorrectionKind
from glossary.domain.version import Ending, Fate, Standing, Told, fates_of, standing_of, today_of, told_on

JUNE, JULY = date(2026, 6, 3), date(2026, 7, 3)


def told(kind, was="Five.", now="Six.", on=JUNE, why="Miscounted."):
    return Told(CorrectionKind(kind), was, now, why, on)


@pytest.mark.parametrize(
    ("kinds", "standing"),
    [
        ([], Standing.REWORDED),
        (["minor edit"], Standing.REWORDED),
        (["clarification"], Standing.CLARIFIED),
        (["update", "clarification"], Standing.UPDATED),
        (["clarification", "correction", "update"], Standing.CORRECTED),
    ],
)
def test_the_gravest_word_on_any_sentence_is_the_standing(kinds, standing):
    rows = [told(kind, was=f"Old {n}.", now=f"New {n}.") for n, kind in enumerate(kinds)]
    fates = fates_of({f"Old {n}." for n in range(9)}, rows, {f"New {n}." for n in range(9)})
    assert standing_of(fates, current=False, withdrawn=False) == standing


def test_a_withdrawal_outweighs_all_and_the_current_words_are_current():
    fates = fates_of({"Five."}, [told("correction")], {"Six."})
    assert standing_of(fates, current=True, withdrawn=False) == Standing.CURRENT
    assert standing_of(fates, current=True, withdrawn=True) == Standing.WITHDRAWN


def test_later_wordings_are_followed_to_those_of_today():
    rows = [told("correction"), told("minor edit", "Six.", "Six of them.", JULY, "")]
    (fate,) = fates_of({"Five."}, rows, {"Six of them."})
    assert (fate.kind, fate.was, fate.now, fate.on) == ("correction", "Five.", "Six of them.", JUNE)
    assert today_of("Five.", rows, {"Six of them."}) == "Six of them."


def test_a_minor_edit_that_turned_out_wrong_later_counts_as_wrong():
    rows = [told("minor edit", why=""), told("correction", "Six.", "Seven.", JULY, "It is seven.")]
    (fate,) = fates_of({"Five."}, rows, {"Seven."})
    assert (fate.kind, fate.was, fate.now, fate.why, fate.on) == ("correction", "Five.", "Seven.", "It is seven.", JULY)


def test_a_sentence_that_stands_today_is_not_gone_whatever_was_said_in_between():
    assert fates_of({"Five."}, [told("clarification")], {"Five."}) == []
    assert today_of("Five.", [told("clarification")], {"Five."}) == "Five."


def test_words_in_whose_place_nothing_stands_today_have_none():
    (fate,) = fates_of({"Five."}, [told("correction")], {"Something else."})
    assert fate.now == ""
    assert today_of("Five.", [told("correction")], set()) == "" == today_of("Unknown.", [], set())


def test_what_was_said_of_other_sentences_does_not_count():
    assert fates_of({"Nine."}, [told("correction")], {"Six."}) == []


def test_a_circle_of_wordings_comes_to_an_end():
    rows = [told("minor edit", "A.", "B."), told("minor edit", "B.", "A."), told("update", "A.", "")]
    (fate,) = fates_of({"A."}, rows, set())
    assert (fate.kind, fate.now) == ("update", "")


@pytest.mark.parametrize(
    ("ending", "standing"),
    [
        (Ending.CLOSED, Standing.CLOSED),
        (Ending.MERGED, Standing.MERGED),
        (Ending.TAKEN_BACK, Standing.REWORDED),
        (None, Standing.REWORDED),
    ],
)
def test_the_last_words_of_a_card_end_with_it_and_their_own_withdrawal_outweighs_that(ending, standing):
    assert standing_of([], current=False, withdrawn=False, last_until=ending) == standing
    assert standing_of([], current=False, withdrawn=True, last_until=ending) == Standing.WITHDRAWN


def test_the_day_of_a_standing_is_the_newest_of_what_decides_it():
    def fate(kind, day):
        return Fate(kind, "was", "now", "why", date(2026, 6, day))

    fates = [fate("correction", 3), fate("correction", 5), fate("update", 9)]
    assert told_on(Standing.CORRECTED, fates) == date(2026, 6, 5)
    assert told_on(Standing.REWORDED, fates) is None

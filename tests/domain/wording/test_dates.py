"""Dates as running text gives them."""

from datetime import date

import pytest

from glossary.domain.interval import Volatility
from glossary.domain.wording.dates import ages_on, last_day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("As of July 2024", date(2024, 7, 31)),
        ("as of February 2024", date(2024, 2, 29)),
        ("As of July 3, 2024", date(2024, 7, 3)),
        ("as of 3 July 2024", date(2024, 7, 3)),
        ("as of February 31, 2023", date(2023, 2, 28)),
        ("As of 2024", date(2024, 12, 31)),
        ("As of early 2024", date(2024, 4, 30)),
        ("As of late 2024", date(2024, 12, 31)),
        ("as of spring 2024", date(2024, 5, 31)),
        ("as of the release", None),
        ("as of 9999", None),
    ],
)
def test_a_date_in_words_means_its_last_day(text, day):
    assert last_day(text) == day


def test_a_dated_statement_is_of_class_c_or_of_a_faster_one():
    assert (
        ages_on("As of July 2024", Volatility.STABLE)
        == date(2025, 1, 31)
        == ages_on("As of July 2024", Volatility.MOVING)
    )
    assert ages_on("As of July 2024", Volatility.FAST) == date(2024, 9, 14)
    assert ages_on("As of then", Volatility.FAST) is None

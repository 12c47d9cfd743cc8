"""Settings that are read from the environment."""

import pytest

from deckproject.settings import parse_sender, parse_weekdays


@pytest.mark.parametrize(
    ("value", "days"),
    [
        ("all", range(7)),
        (" ALL ", range(7)),
        ("mon,tue,wed,thu,fri", range(5)),
        ("Saturday, sunday", (5, 6)),
    ],
)
def test_days_of_the_week_are_read_by_name(value, days):
    assert parse_weekdays(value) == frozenset(days)


@pytest.mark.parametrize("value", ["", "never", "mon;tue", "1,2", "mon,funday"])
def test_other_days_are_refused_with_a_sentence(value):
    with pytest.raises(ValueError, match="neither “all” nor days"):
        parse_weekdays(value)


@pytest.mark.parametrize(
    ("value", "header"),
    [
        ("desk@localhost", "desk@localhost"),
        ("Acme, Inc. <Brief@Bücher.example>", '"Acme, Inc." <Brief@xn--bcher-kva.example>'),
    ],
)
def test_a_sender_is_kept_as_a_header_has_it(value, header):
    assert parse_sender(value) == header and parse_sender(header) == header


@pytest.mark.parametrize("value", ["Daily Deck", "brief@dailydeck", "Deck <ü@dailydeck.example>", "a@b@c.example"])
def test_a_sender_that_mail_cannot_come_from_is_refused_at_start(value):
    with pytest.raises(ValueError, match="sender|mail"):
        parse_sender(value)

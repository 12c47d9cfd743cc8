"""How a site began, in the ids that are made of it."""

from datetime import date

import pytest

from glossary.domain.origin import Origin


@pytest.mark.parametrize(
    ("url", "on", "tag"),
    [
        ("https://deck.example", date(2026, 1, 1), "tag:deck.example,2026:deck/1"),
        ("http://Deck.example:8000", date(2026, 5, 1), "tag:deck.example,2026-05:deck/1"),
        ("https://deck.example/ai", date(2027, 1, 2), "tag:deck.example,2027-01-02:deck/1"),
    ],
)
def test_a_tag_uri_has_the_first_host_and_the_shortest_form_of_its_day(url, on, tag):
    assert Origin(url, "Daily Deck", on).tag("deck/1") == tag

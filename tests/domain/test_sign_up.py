"""How often a mailbox may be written to for a sign-up."""

from datetime import UTC, datetime, timedelta

import pytest

from glossary.domain.sign_up import in_turn, may_mail

NOW = datetime(2026, 5, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("third", "last", "may"),
    [
        (None, 10, True),
        (None, 9, False),  # ten minutes apart
        (600, 30, False),  # three a day
        (24 * 60 - 1, 600, False),
        (24 * 60, 30, True),  # the first of them is a day old
        (24 * 60, 5, False),  # ten minutes apart even then
    ],
)
def test_three_mails_in_any_day_ten_minutes_apart(third, last, may):
    third_at = None if third is None else NOW - timedelta(minutes=third)
    assert may_mail(NOW, last_at=NOW - timedelta(minutes=last), third_at=third_at) is may


def test_the_oldest_and_the_newest_wishes_take_turns_and_none_is_seen_to_twice():
    wishes = list(range(9))
    assert in_turn(wishes, wishes[::-1], limit=4) == [0, 8, 1, 7]
    assert in_turn(wishes, wishes[::-1], limit=20) == [0, 8, 1, 7, 2, 6, 3, 5, 4]
    assert in_turn([], [], limit=4) == []

"""How often a mailbox may be written to for a sign-up."""

from datetime import UTC, datetime, timedelta

import pytest

from glossary.domain.sign_up import may_mail

NOW = datetime(2026, 5, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "first", "last", "may"),
    [
        (1, 11, 11, True),
        (1, 9, 9, False),  # ten minutes apart
        (2, 600, 10, True),
        (3, 600, 30, False),  # three a day
        (3, 24 * 60, 30, True),  # the day is over
        (3, 24 * 60, 5, False),  # ten minutes apart even then
    ],
)
def test_three_mails_a_day_ten_minutes_apart(sent, first, last, may):
    since, last_at = NOW - timedelta(minutes=first), NOW - timedelta(minutes=last)
    assert may_mail(NOW, since=since, sent=sent, last_at=last_at) is may

"""The desk's clock: what is today where the desk is."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import time_machine

from glossary.services.clock import moment, today

LATE = datetime(2026, 6, 3, 23, 30, tzinfo=UTC)


def test_the_day_is_that_of_the_desk_and_not_of_the_server(settings):
    settings.EDITORIAL_TIME_ZONE = ZoneInfo("Europe/Berlin")
    assert today(LATE) == date(2026, 6, 4)
    settings.EDITORIAL_TIME_ZONE = ZoneInfo("America/New_York")
    assert today(LATE) == date(2026, 6, 3)


def test_without_a_moment_it_is_now(settings):
    settings.EDITORIAL_TIME_ZONE = ZoneInfo("UTC")
    with time_machine.travel(LATE, tick=False):
        assert (moment(), today()) == (LATE, date(2026, 6, 3))
    assert moment(LATE) is LATE

"""Work of which only one may run at a time."""

from datetime import UTC, datetime, timedelta

import pytest

from glossary.models import JobRun
from glossary.services.job import LEASE, JobRuns, only_one

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 29, 23, 59, tzinfo=UTC)


def at(**later):
    return lambda: NOW + timedelta(**later)


def test_one_at_a_time_and_the_next_when_it_has_ended():
    with only_one("a"):
        with pytest.raises(JobRuns, match="run this again"), only_one("a"):
            raise AssertionError("two at once")
        with only_one("b"):
            pass
    with only_one("a"):
        pass
    assert not JobRun.objects.exists()


def test_a_failure_gives_the_claim_back():
    with pytest.raises(ZeroDivisionError), only_one("a"):
        raise ZeroDivisionError
    with only_one("a"):
        pass


def test_a_process_that_died_holds_it_for_ten_minutes_even_over_midnight():
    JobRun.objects.create(job="a", day=NOW.date(), at=NOW)
    with pytest.raises(JobRuns), only_one("a", now=at(minutes=9)):
        pass
    with only_one("a", now=lambda: NOW + LEASE):
        pass


def test_a_sign_of_life_prolongs_it_and_one_that_comes_too_late_stops_it():
    moments = iter([NOW, NOW + timedelta(minutes=9), NOW + timedelta(minutes=30)])
    with pytest.raises(JobRuns, match="stops here"), only_one("a", now=lambda: next(moments)) as alive:
        alive()
        with pytest.raises(JobRuns), only_one("a", now=at(minutes=18)):
            pass
        with only_one("a", now=at(minutes=20)):
            alive()

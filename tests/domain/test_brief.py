"""The brief's rules: waiting, the pace under a cap, progress, subjects."""

from datetime import UTC, datetime, timedelta

import pytest

from glossary.domain.brief import IN_FLIGHT, Progress, pace, subject_of, wait_after

NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(("attempt", "minutes"), [(0, 1), (1, 1), (2, 5), (3, 15), (4, 60), (9, 60)])
def test_a_refused_mail_waits_longer_each_time(attempt, minutes):
    assert wait_after(attempt, 0) == timedelta(minutes=minutes)
    assert wait_after(attempt, 1) == timedelta(minutes=minutes) * 1.2


@pytest.mark.parametrize("cap", [1, 59, 60, 100, 600, 3600, 1_000_000])
def test_no_hour_has_more_than_the_cap(cap):
    group, interval = pace(cap)
    assert 1 <= group <= IN_FLIGHT
    assert group * (timedelta(hours=1) / interval) <= cap + 1e-6


def test_progress_counts_and_foresees_the_end():
    counts = {"sent": 600, "pending": 280, "claimed": 10, "in_doubt": 13, "failed": 5, "suppressed": 2, "expired": 1}
    progress = Progress(counts, uncertain=3, started_at=NOW - timedelta(minutes=10))
    assert (progress.total, progress.waiting, progress.failed, progress.left_out, progress.expired) == (
        911,
        300,
        5,
        2,
        1,
    )
    assert progress.a_minute(NOW) == 60
    assert progress.ends_at(NOW) == NOW + timedelta(minutes=5)


@pytest.mark.parametrize(("waiting", "late"), [(1200, 600), (600, 0), (0, 0)])
def test_what_will_not_leave_before_the_window_ends_is_counted(waiting, late):
    progress = Progress({"pending": waiting}, 0, None, per_hour=600)
    assert progress.too_late(NOW, NOW + timedelta(hours=1)) == late
    assert Progress({"pending": waiting}, 0, None).too_late(NOW, NOW) == 0
    assert progress.too_late(NOW, NOW - timedelta(hours=1)) == waiting


def test_before_the_start_the_cap_says_when_it_will_end():
    assert Progress({"pending": 1200}, 0, None, per_hour=600).ends_at(NOW) == NOW + timedelta(hours=2)
    assert Progress({"pending": 1200}, 0, None).ends_at(NOW) is None


@pytest.mark.parametrize(
    ("title", "names", "subject"),
    [
        ("From token to answer", ["Token"], "From token to answer"),
        ("", ["RAG", "LoRA", *"abcde"], "RAG, LoRA + 5 more"),
        ("", ["Reinforcement learning from human feedback", "Retrieval-augmented generation", *"abcde"],
         "Reinforcement learning from human feedback + 6 more"),
        ("", ["A" * 20 + " " + "B" * 60, *"abcdef"], "A" * 20 + "…"),
        ("", ["A" * 80, *"abcdef"], "A" * 59 + "…"),
    ],
)  # fmt: skip
def test_a_subject_fits_into_sixty_characters(title, names, subject):
    assert subject_of(title, names) == subject and len(subject) <= 60


FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
FLAG = "\U0001f1eb\U0001f1f7"


@pytest.mark.parametrize(
    ("headwords", "subject"),
    [
        (["One"], "One"),
        (["One", "Two"], "One, Two"),
        (["One", "W" * 58], "One + 1 more"),
        (["W" * 70, "Two"], "W" * 59 + "…"),
        ([FAMILY * 20, "Two"], FAMILY * 11 + "…"),
        (["a" + FLAG * 40, "Two"], "a" + FLAG * 29 + "…"),
        (["e\u0301" * 40, "Two"], "e\u0301" * 29 + "…"),
        (["\U0001f44d\U0001f3fd" * 40, "Two"], "\U0001f44d\U0001f3fd" * 29 + "…"),
    ],
)
def test_a_subject_is_cut_between_signs_and_one_card_is_named_alone(headwords, subject):
    assert subject_of("", headwords) == subject and len(subject) <= 60

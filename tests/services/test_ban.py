"""Keeping a term out of decks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Role
from glossary.models import Ban, TrailEntry
from glossary.services.ban import ban_term, lift_ban
from tests.factories import make_published_term, make_user

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def sam():
    return make_user(Role.SCHEDULER)


@pytest.fixture
def term():
    return make_published_term("Qwen2", now=NOW - timedelta(days=3))


def test_a_ban_holds_from_its_first_day_to_its_last(term, sam):
    ban_term(term, first=DAY, until=DAY + timedelta(days=2), reason="Being rewritten.", by=sam, now=NOW)
    held = [Ban.objects.on(DAY + timedelta(days=n)).exists() for n in range(-1, 4)]
    assert held == [False, True, True, True, False]
    assert TrailEntry.objects.filter(verb="kept out of decks", reason__contains="Being rewritten.").count() == 1


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ({"reason": " "}, "Say why"),
        ({"until": DAY - timedelta(days=1)}, "before the first"),
        ({"first": DAY - timedelta(days=9), "until": DAY - timedelta(days=1)}, "past"),
    ],
)
def test_a_ban_needs_a_reason_and_days_to_come(term, sam, over, says):
    given = {"first": DAY, "until": None, "reason": "Being rewritten."} | over
    with pytest.raises(IllegalMove, match=says):
        ban_term(term, **given, by=sam, now=NOW)


@pytest.mark.parametrize("days", [-5, 0, 5])
def test_a_lifted_ban_holds_no_more_and_stays_in_the_history(term, sam, days):
    first = DAY + timedelta(days=days)
    ban = ban_term(term, first=first, until=None, reason="Being rewritten.", by=sam, now=NOW)
    lift_ban(ban, by=sam, now=NOW)
    assert not Ban.objects.on(DAY + timedelta(days=6)).exists()
    kept = Ban.objects.get()
    assert (kept.reason, kept.by, kept.lifted_at) == ("Being rewritten.", sam, NOW)
    with pytest.raises(IllegalMove, match="over already"):
        lift_ban(ban, by=sam, now=NOW)


def test_only_those_who_compose_ban_and_lift(term, sam):
    editor = make_user(Role.EDITOR)
    with pytest.raises(PermissionDenied):
        ban_term(term, first=DAY, until=None, reason="So.", by=editor, now=NOW)
    ban = ban_term(term, first=DAY, until=None, reason="So.", by=sam, now=NOW)
    with pytest.raises(PermissionDenied):
        lift_ban(ban, by=editor, now=NOW)

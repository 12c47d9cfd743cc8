"""The demonstration: prepared by one command, never in a database that is not its own, always with today's deck."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from deckproject.demo import demo_environment
from glossary.domain.deck import DeckState
from glossary.models import Deck, Installation, Term
from glossary.services.demo import bring_in_starter, claim_installation, deal_decks, make_accounts
from glossary.services.term import save_term
from tests.factories import details_of, make_draft, make_term, make_user

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def prepare(now):
    claim_installation(now)
    accounts = make_accounts()
    list(bring_in_starter(accounts, now=now))
    return accounts, deal_decks(accounts, now=now)


def test_today_has_a_deck_on_thirty_successive_dates():
    for day in range(30):
        now = NOON + timedelta(days=day)
        prepare(now)
        deck = Deck.objects.get(day=now.date())
        assert deck.state == DeckState.PUBLISHED
        assert deck.cards.count() == 7 and deck.cards.values("term").distinct().count() == 7
        ahead = Deck.objects.filter(day__gt=now.date()).count()
        assert ahead >= 1, "there is a deck for tomorrow"
    assert not Deck.objects.filter(state=DeckState.MISSED).exists()


def test_running_it_again_overwrites_nothing():
    accounts, dealt = prepare(NOON)
    assert len(accounts.passwords) == 6 and dealt
    term = Term.objects.get(slug="qwen2")
    editor = accounts.people["editor"]
    save_term(term, make_draft("Qwen2", body="My own words."), details=details_of(term), by=editor)
    again, more = prepare(NOON)
    assert not again.passwords and not more
    assert Term.objects.get(slug="qwen2").body == "My own words."
    assert Installation.objects.count() == 1


@pytest.mark.parametrize(
    "use", [lambda: make_term(), lambda: make_user(), lambda: Deck.objects.create(day=NOON.date())]
)
def test_a_database_in_use_is_refused(use, capsys):
    use()
    with pytest.raises(CommandError, match="in use and is not a demonstration"):
        call_command("demo", "--no-serve", stdout=StringIO())
    assert not Installation.objects.exists()


def test_no_answer_is_no_to_deleting_it(monkeypatch):
    monkeypatch.setattr("builtins.input", lambda _question: "")
    with pytest.raises(CommandError, match="Nothing was deleted"):
        call_command("demo", "--no-serve", "--reset", stdout=StringIO())


def test_it_runs_on_a_database_of_its_own_whatever_is_set(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgres://real@db/site")
    monkeypatch.setenv("SECRET_KEY", "a real one")
    monkeypatch.delenv("SITE_URL")
    there = demo_environment(tmp_path, port="8123")
    assert there["DATABASE_URL"] == f"sqlite:///{tmp_path / 'demo.sqlite3'}"
    assert there["SITE_URL"] == "http://127.0.0.1:8123"
    assert there["SECRET_KEY"] not in {"a real one", ""}
    assert there["SECRET_KEY"] == demo_environment(tmp_path)["SECRET_KEY"]
    assert Path(tmp_path / "demo.key").stat().st_mode & 0o777 == 0o600


def test_each_role_has_an_account_of_its_own():
    accounts, _ = prepare(NOON)
    assert set(accounts.people) == {"editor", "checker", "publisher", "scheduler", "subscriber-admin", "admin"}
    assert get_user_model().objects.filter(is_staff=True).count() == 6

"""The demonstration: prepared by one command, never in a database that is not its own, always with today's deck."""

import socket
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from deckproject.demo import demo_environment
from glossary.domain.deck import DeckState
from glossary.models import Card, Deck, Term
from glossary.services.demo import bring_in_starter, claim_installation, deal_decks, make_accounts
from glossary.services.starter import starter_cards
from glossary.services.term import save_term
from tests.factories import details_of, make_draft, make_term, make_user

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
EVERY = starter_cards()
FEW = [card for place, card in enumerate(EVERY) if place % 5 == 0 or card.slug == "qwen2"]


@pytest.fixture(autouse=True)
def few(request, monkeypatch):
    """Make do with a fifth of the starter glossary: what holds for so few cards is the harder to keep."""
    if not request.node.get_closest_marker("endurance"):
        monkeypatch.setattr("glossary.services.demo.starter_cards", lambda: FEW)


def prepare(now):
    claim_installation(now)
    accounts = make_accounts()
    list(bring_in_starter(accounts, now=now))
    return accounts, deal_decks(accounts, now=now)


@pytest.fixture
def var(monkeypatch, tmp_path):
    """Where the command keeps its log-ins: beside the database it is told of."""
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", str(tmp_path / "demo.sqlite3"))
    monkeypatch.setattr(settings, "STATIC_ROOT", tmp_path / "static")
    return tmp_path


def run_demo(*options):
    out = StringIO()
    call_command("demo", "--no-serve", *options, stdout=out)
    return out.getvalue()


def everything():
    """Return how many rows of each kind the glossary has."""
    return {model.__name__: model.objects.count() for model in apps.get_app_config("glossary").get_models()}


def test_one_command_prepares_the_site_and_again_overwrites_nothing(var):
    first = run_demo()
    kept = var / "demo-accounts.txt"
    log_ins = dict(row.split("\t") for row in kept.read_text().splitlines())
    assert set(log_ins) == {"editor", "checker", "publisher", "scheduler", "subscriber-admin", "admin"}
    assert kept.stat().st_mode & 0o777 == 0o600
    for name, password in log_ins.items():
        assert authenticate(username=name, password=password).is_staff
        assert first.count(password) == 1
    assert first.count("checked and published:") == Term.objects.published().count() == len(FEW) >= 21
    assert first.count("dealt: Deck of") == Deck.objects.count() == 10

    term, editor = Term.objects.get(slug="qwen2"), User.objects.get(username="editor")
    saved = save_term(term, make_draft("Qwen2", body="My own words."), details=details_of(term), by=editor)
    editor.set_password("a password of my own")
    editor.save()
    before, there = kept.read_text(), everything()
    again = run_demo()
    assert "checked and published" not in again and "dealt" not in again
    assert kept.read_text() == before and everything() == there
    now = Term.objects.get(slug="qwen2")
    assert (now.body, now.version, now.working_id) == ("My own words.", saved.version, saved.working_id)
    assert authenticate(username="editor", password="a password of my own")


def test_today_has_a_deck_however_long_nobody_looked_and_no_card_is_younger_than_its_deck():
    for day in (0, 1, 2, 4, 7, 8, 15, 16, 29):
        now = NOON + timedelta(days=day)
        prepare(now)
        assert Deck.objects.get(day=now.date()).state == DeckState.PUBLISHED
    cards = Card.objects.select_related("deck", "edition").prefetch_related("edition__fact_checks")
    assert cards.count() == 7 * Deck.objects.count()
    for card in cards:
        assert card.edition.check_standing().stamp_on == card.checked_on < card.deck.day


def test_today_has_a_deck_on_thirty_successive_dates_once_its_moment_has_come():
    early = NOON.replace(hour=settings.PUBLISH_AT.hour) - timedelta(minutes=1)
    prepare(early)
    today = Deck.objects.get(day=early.date())
    assert today.state == DeckState.LOCKED and today.cards.filter(edition__isnull=False).count() == 7
    for day in range(30):
        now = NOON + timedelta(days=day)
        prepare(now)
        deck = Deck.objects.get(day=now.date())
        assert deck.state == DeckState.PUBLISHED
        assert deck.cards.count() == 7 and deck.cards.values("term").distinct().count() == 7
        ahead = Deck.objects.filter(day__gt=now.date()).count()
        assert ahead >= 1, "there is a deck for tomorrow"
    assert not Deck.objects.filter(state=DeckState.MISSED).exists()


@pytest.mark.endurance
def test_the_whole_starter_glossary_goes_through_the_desk_and_twelve_decks_have_no_card_twice():
    for day in range(0, 12, 3):
        accounts, _ = prepare(NOON + timedelta(days=day))
    assert Term.objects.published().count() == len(EVERY)
    assert list(bring_in_starter(accounts, now=NOON + timedelta(days=9))) == []
    decks = list(Deck.objects.order_by("day"))[:12]
    cards = Card.objects.filter(deck__in=decks)
    assert cards.count() == cards.values("term").distinct().count() == 84
    assert not cards.filter(reason__contains="For this day").exists()


@pytest.mark.parametrize(
    "use", [lambda: make_term(), lambda: make_user(), lambda: Deck.objects.create(day=NOON.date())]
)
def test_a_database_in_use_is_refused(var, use):
    use()
    before = everything()
    with pytest.raises(CommandError, match="in use and is not a demonstration") as refused:
        run_demo()
    assert refused.value.returncode == 1 and "will not touch it" in str(refused.value)
    assert everything() == before and not list(var.iterdir())


def test_a_port_on_which_something_answers_is_refused_before_anything_is_prepared():
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(CommandError, match="is in use"):
        call_command("demo", "--port", str(other.getsockname()[1]), stdout=StringIO())
    assert not Term.objects.exists()


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

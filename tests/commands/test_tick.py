"""`manage.py tick`."""

import signal
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError

from glossary.domain.deck import DeckState
from glossary.domain.roles import Role
from glossary.management.commands import tick
from glossary.models import Deck, DeskPreference, Notice, TrailEntry
from glossary.services.arming import disarm
from glossary.services.fact_check import send_back
from glossary.services.gate import PublishOutcome
from glossary.services.sign_up import ask
from glossary.services.term import submit_term
from tests.factories import make_brief_of, make_deck, make_term, make_user

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 25)  # the clocks of London go back
MOMENT = datetime(2026, 10, 25, 7, tzinfo=UTC)


def run(*args, at=MOMENT):
    with time_machine.travel(at, tick=False):
        call_command("tick", *args)


def test_the_deck_is_published_at_its_moment_and_once(settings, capsys):
    settings.EDITORIAL_TIME_ZONE = ZoneInfo("Europe/London")
    make_deck(DAY, state=DeckState.LOCKED)
    run(at=MOMENT - timedelta(seconds=1))
    assert not Deck.objects.published().exists()
    run()
    run(at=MOMENT + timedelta(minutes=1))
    assert capsys.readouterr().out == "published: Deck of October 25, 2026\n"
    assert TrailEntry.objects.filter(verb="published", deck__isnull=False).count() == 1


@pytest.mark.parametrize("state", [DeckState.READY, DeckState.LOCKED])
def test_a_dry_run_says_what_would_be_and_writes_nothing(state, capsys):
    deck = make_deck(DAY, state=state)
    before = (Deck.objects.values().get(), list(deck.cards.values()), TrailEntry.objects.count())
    run("--dry-run")
    assert capsys.readouterr().out == "would be published: Deck of October 25, 2026\n"
    assert (Deck.objects.values().get(), list(deck.cards.values()), TrailEntry.objects.count()) == before


def test_a_dry_run_says_what_waits_and_why_it_would_not_leave(capsys, open_sign_up):
    make_brief_of(3)
    ask("ada@example.org")
    call_command("tick", "--dry-run")
    said = capsys.readouterr().out
    assert "mails of the brief that wait: 3\n" in said and "wishes for the brief that wait: 1\n" in said
    assert "nothing would leave" not in said and mail.outbox == []
    disarm()
    call_command("tick", "--dry-run")
    assert "nothing would leave: No machine is armed." in capsys.readouterr().out


@pytest.fixture
def sent_back():
    editor = make_user(Role.EDITOR)
    editor.email = "ada@example.org"
    editor.save()
    make_deck(DAY, state=DeckState.LOCKED)
    edition = submit_term(make_term(by=editor, now=MOMENT), by=editor, now=MOMENT)
    send_back(edition, by=make_user(Role.CHECKER), comment="Name the sizes.", now=MOMENT)


def test_staff_are_mailed_once_and_a_quiet_round_says_nothing(sent_back, capsys):
    run()
    assert capsys.readouterr().out == "published: Deck of October 25, 2026\nmails to staff: 2\n"
    assert [message.subject.partition("desk: ")[2] for message in mail.outbox] == [
        "Qwen2: sent back to you",
        "2 things to do",
    ]
    run(at=MOMENT + timedelta(minutes=1))
    assert capsys.readouterr().out == ""
    assert len(mail.outbox) == 2


def test_a_dry_run_mails_nobody_and_claims_nothing(sent_back, capsys):
    run("--dry-run")
    assert capsys.readouterr().out == "would be published: Deck of October 25, 2026\n"
    assert mail.outbox == []
    assert Notice.objects.to_mail().exists() and not DeskPreference.objects.exists()


def test_a_missed_deck_is_counted_and_a_dry_run_leaves_it(capsys):
    deck = make_deck(DAY, state=DeckState.LOCKED)
    late = MOMENT + timedelta(days=1) - timedelta(hours=5)
    run("--dry-run", at=late)
    deck.refresh_from_db()
    assert deck.state == DeckState.LOCKED
    run(at=late)
    deck.refresh_from_db()
    assert deck.state == DeckState.MISSED
    told = "gate: There is no deck for October 26, 2026. Compose one, and set it ready."
    said = capsys.readouterr().out.splitlines()
    assert said == [told, "would be marked as missed: 1", told, "marked as missed: 1"]


def test_a_deck_that_nobody_made_ready_ends_with_code_one_and_the_reason(capsys):
    make_deck(DAY, state=DeckState.DRAFT)
    with pytest.raises(SystemExit) as end:
        run()
    assert end.value.code == 1
    assert "nobody made it ready" in capsys.readouterr().err


def test_the_loop_outlives_a_database_that_is_away_and_stops_on_a_signal(monkeypatch, caplog):
    looks = []

    def look(**_):
        looks.append(1)
        if len(looks) == 1:
            raise OperationalError("gone")
        signal.raise_signal(signal.SIGTERM)
        return PublishOutcome()

    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    monkeypatch.setattr(tick, "publish_due", look)
    monkeypatch.setattr(tick, "SECONDS", 0)
    monkeypatch.setattr(tick, "close_old_connections", lambda: None)
    try:
        call_command("tick", "--loop")
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    assert len(looks) == 2
    assert "cannot be reached" in caplog.text

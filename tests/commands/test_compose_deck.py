"""`manage.py compose_deck`."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from glossary.domain.roles import Role
from glossary.models import Deck, Term, TrailEntry
from glossary.services.clock import today
from tests.factories import make_dealt_term, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def stock():
    checker = make_user(Role.CHECKER)
    return [make_dealt_term(f"Word {n}", by=checker, tag=f"Topic {n}") for n in range(21)]


@pytest.fixture
def sam():
    return make_user(Role.SCHEDULER, username="sam")


def test_it_composes_a_day_with_its_reasons_and_a_second_run_changes_nothing(stock, sam, capsys):
    call_command("compose_deck", "--by", "sam")
    said = capsys.readouterr().out
    assert said.count("as it was never dealt") == 7 and "points" in said
    deck = Deck.objects.get()
    assert (deck.day, deck.state, deck.cards.count()) == (today(), "draft", 7)
    entries = TrailEntry.objects.count()
    call_command("compose_deck", "--by", "sam")
    assert "has its deck" in capsys.readouterr().out
    assert TrailEntry.objects.count() == entries


def test_a_dry_run_shows_the_same_and_writes_nothing(stock, sam, capsys):
    call_command("compose_deck", "--dry-run")
    shown = capsys.readouterr().out
    assert not Deck.objects.exists()
    call_command("compose_deck", "--by", "sam")
    assert capsys.readouterr().out == shown


def test_many_days_and_a_day_that_cannot_be(stock, sam, capsys):
    call_command("compose_deck", "--by", "sam", "--days", "3")
    assert Deck.objects.filter(cards__position=7).count() == 3
    Term.objects.update(due_on=today())
    later = (today() + timedelta(days=5)).isoformat()
    with pytest.raises(SystemExit) as end:
        call_command("compose_deck", "--by", "sam", "--date", later)
    assert end.value.code == 1 and "Only 0 terms may be dealt" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--by", "nobody"], ["--by", "eve"], ["--by", "sam", "--days", "0"]])
def test_wrong_arguments_end_with_code_two(sam, arguments):
    make_user(Role.EDITOR, username="eve")
    with pytest.raises(CommandError) as end:
        call_command("compose_deck", *arguments)
    assert end.value.returncode == 2

"""`manage.py watch_sources`."""

import io
import signal

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from glossary.domain.roles import Role
from glossary.domain.watch import Seen
from glossary.management.commands import watch_sources as command
from glossary.models import Doubt, SourceWatch, WatchRun
from glossary.services import watch
from glossary.services.watch import LEASE
from tests.factories import make_published_term, make_source, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def source():
    make_published_term("Qwen2")
    return make_source(by=make_user(Role.CHECKER))


@pytest.fixture
def answering(monkeypatch):
    """Return a function that decides what every server answers."""

    def answer(seen):
        given = watch.watch_sources.__kwdefaults__ | {"fetch": lambda url, known: seen}
        monkeypatch.setattr(watch.watch_sources, "__kwdefaults__", given)

    return answer


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_quiet_watch_says_how_many_it_visited(source, answering, capsys):
    answering(Seen(status=200, url=source.url, text="It says so."))
    call_command("watch_sources")
    assert capsys.readouterr().out == "Sources visited: 1. New doubts: 0.\n"
    call_command("watch_sources")
    assert capsys.readouterr().out == "Sources visited: 0. New doubts: 0.\n"


def test_a_new_doubt_is_told_and_ends_with_code_one(source, answering, capsys):
    answering(Seen(status=404, url=source.url))
    with pytest.raises(SystemExit) as end:
        call_command("watch_sources")
    assert end.value.code == 1
    assert capsys.readouterr().out == (
        "dead link: Qwen2 Technical Report: The server has no such page any more (404).\n"
        "Sources visited: 1. New doubts: 1.\n"
    )


def test_a_dry_run_lists_and_neither_asks_nor_writes(source, answering, capsys):
    answering(None)
    call_command("watch_sources", "--dry-run")
    assert capsys.readouterr().out == (
        f"would be asked for: Qwen2 Technical Report ({source.url})\n"
        "Dry run, nothing was asked for or written. Sources due: 1\n"
    )
    assert not SourceWatch.objects.exists() and not WatchRun.objects.exists()


def test_a_second_watch_ends_at_once_and_well(source, answering, capsys):
    answering(None)
    WatchRun.objects.create(begun_at=timezone.now(), until=timezone.now() + LEASE)
    call_command("watch_sources")
    assert capsys.readouterr().out == "Another watch is at work. Nothing was done; it does the same.\n"
    assert not SourceWatch.objects.exists()


@pytest.mark.parametrize("limit", ["0", "-1"])
def test_a_limit_below_one_is_refused(limit):
    with pytest.raises(CommandError, match="at least 1") as refused:
        call_command("watch_sources", f"--limit={limit}")
    assert refused.value.returncode == 2


def test_a_database_that_goes_away_ends_with_code_two(source, monkeypatch):
    def gone(**_):
        raise OperationalError("gone")
        yield

    monkeypatch.setattr(command, "watch_sources", gone)
    with pytest.raises(CommandError, match="Stopped by an error: gone. Visited: 0") as refused:
        call_command("watch_sources")
    assert refused.value.returncode == 2


def test_progress_is_shown_on_a_terminal_only(source, answering):
    answering(Seen(status=200, url=source.url, text="It says so."))
    screen = Terminal()
    call_command("watch_sources", stderr=screen, stdout=io.StringIO())
    assert "1 of 1 sources visited" in screen.getvalue()


def test_a_signal_stops_it_after_the_visit_at_hand(source, monkeypatch, capsys):
    def fetch(url, known):
        signal.raise_signal(signal.SIGTERM)
        return Seen(status=200, url=url, text="It says so.")

    make_published_term("Token")
    monkeypatch.setattr(watch.watch_sources, "__kwdefaults__", watch.watch_sources.__kwdefaults__ | {"fetch": fetch})
    before = signal.getsignal(signal.SIGTERM)
    call_command("watch_sources")
    assert capsys.readouterr().out == "Sources visited: 1. New doubts: 0.\n"
    assert signal.getsignal(signal.SIGTERM) == before
    assert not Doubt.objects.exists()


def test_the_help_names_the_exit_codes():
    parser = command.Command().create_parser("manage.py", "watch_sources")
    assert "Exit codes: 0 no new doubt" in " ".join(parser.format_help().split())

"""`manage.py rebuild_search`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from glossary.management.commands import rebuild_search
from glossary.models import SearchName
from glossary.services.search import search
from tests.factories import make_published_term

pytestmark = pytest.mark.django_db


class Terminal(StringIO):
    def isatty(self):
        return True


def run(stderr=None, **options):
    out = StringIO()
    call_command("rebuild_search", stdout=out, stderr=stderr or StringIO(), **options)
    return out.getvalue()


def test_it_makes_the_index_anew_and_says_how_much_it_holds():
    make_published_term("Qwen2")
    SearchName.objects.all().delete()
    assert run() == "The search index holds 1 published term.\n"
    assert search("qwen2").is_exact


def test_a_dry_run_writes_nothing():
    make_published_term("Qwen2")
    SearchName.objects.all().delete()
    assert run(dry_run=True) == "Dry run, nothing was written. Published terms: 1.\n"
    assert not SearchName.objects.exists()


def test_a_terminal_gets_a_bar():
    make_published_term("Qwen2")
    terminal = Terminal()
    run(stderr=terminal)
    assert "100% 1 terms" in terminal.getvalue()


def test_a_database_that_fails_ends_it_with_its_own_code(monkeypatch):
    def fail(**_):
        raise OperationalError("gone")

    monkeypatch.setattr(rebuild_search, "rebuild", fail)
    with pytest.raises(CommandError) as stopped:
        run()
    assert stopped.value.returncode == 2 and "gone" in str(stopped.value)

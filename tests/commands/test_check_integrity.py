"""`manage.py check_integrity`."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from glossary.management.commands import check_integrity
from glossary.services.integrity_words import Fault
from tests.factories import make_published_term

pytestmark = pytest.mark.django_db


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def run(**streams):
    call_command("check_integrity", **streams)


def test_a_clean_desk_leaves_with_nothing_but_a_summary(capsys):
    make_published_term()
    run()
    printed = capsys.readouterr()
    assert printed.out == "2 terms, names, old addresses, decks and ready pages looked at: no fault.\n"
    assert printed.err == ""


def test_a_fault_is_one_line_that_names_the_row_and_the_exit_code_is_1(capsys):
    make_published_term()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE glossary_term SET letter = 'Z'")
    with pytest.raises(SystemExit) as left:
        run()
    assert left.value.code == 1
    fault, summary = capsys.readouterr().out.splitlines()
    assert fault.startswith("shelf: qwen2: It stands under “Z”")
    assert summary.endswith("looked at: 1 fault.")


def test_a_line_break_in_a_broken_row_does_not_make_a_second_line(monkeypatch, capsys):
    monkeypatch.setattr(check_integrity, "check_integrity", lambda **_: [Fault("lines", "a\nb", "It\r\nis broken.")])
    with pytest.raises(SystemExit):
        run()
    assert capsys.readouterr().out.splitlines()[0] == "lines: a b: It is broken."


def test_a_database_that_goes_away_is_another_exit_code(monkeypatch):
    def gone(**_):
        yield Fault("lines", "qwen2", "It is broken.")
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(check_integrity, "check_integrity", gone)
    with pytest.raises(CommandError, match="Faults so far: 1") as stopped:
        run(stdout=io.StringIO())
    assert stopped.value.returncode == 2


def test_only_a_terminal_is_told_how_far_it_is():
    make_published_term()
    terminal, pipe = Terminal(), io.StringIO()
    run(stderr=terminal, stdout=io.StringIO())
    run(stderr=pipe, stdout=io.StringIO())
    assert "1 rows looked at" in terminal.getvalue()
    assert pipe.getvalue() == ""


def test_the_help_gives_the_exit_codes(capsys):
    with pytest.raises(SystemExit):
        check_integrity.Command().create_parser("manage.py", "check_integrity").parse_args(["--help"])
    assert "Exit codes: 0 everything is as the desk left it, 1 there are faults" in " ".join(
        capsys.readouterr().out.split()
    )

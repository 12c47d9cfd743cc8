"""`manage.py report_content`."""

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from glossary.management.commands import report_content
from tests.factories import make_published_term

pytestmark = pytest.mark.django_db


def test_nothing_to_report_ends_well(capsys):
    call_command("report_content")
    assert capsys.readouterr().out == "Loose ends: 0.\n"


def test_each_row_names_where_it_is_mended_and_the_end_has_code_one(capsys):
    term = make_published_term("Qwen2")
    with pytest.raises(SystemExit) as end:
        call_command("report_content")
    assert end.value.code == 1
    assert capsys.readouterr().out == (
        "unlinked term: Qwen2: No other card mentions it: readers come to it by search and the A–Z list alone. "
        f"http://testserver{term.get_desk_url()}\nLoose ends: 1.\n"
    )


def test_one_kind_alone_and_as_a_table(capsys):
    make_published_term("Qwen2")
    call_command("report_content", "--kind=overdue")
    assert capsys.readouterr().out == "Loose ends: 0.\n"
    with pytest.raises(SystemExit):
        call_command("report_content", "--csv")
    assert capsys.readouterr().out.splitlines()[0] == "kind,subject,what,fix"


def test_a_database_that_is_away_ends_with_code_two(monkeypatch):
    def away():
        raise OperationalError("gone")

    monkeypatch.setattr(report_content, "content_report", away)
    with pytest.raises(CommandError, match="cannot be read: gone") as refused:
        call_command("report_content")
    assert refused.value.returncode == 2


def test_the_help_names_the_exit_codes():
    parser = report_content.Command().create_parser("manage.py", "report_content")
    assert "Exit codes: 0 no loose end, 1 there are some" in " ".join(parser.format_help().split())

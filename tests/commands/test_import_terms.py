"""`manage.py import_terms`."""

import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from glossary.domain.roles import Role
from glossary.management.commands import import_terms
from glossary.models import Edition, JobRun, Term, TrailEntry
from glossary.services.job import only_one
from tests.factories import make_term, make_user

pytestmark = pytest.mark.django_db
TABLE = "headword,definition\nToken,A token is a piece of text.\nPrompt,A prompt is what is asked.\n"


@pytest.fixture
def editor():
    return make_user(Role.EDITOR, username="ed")


@pytest.fixture
def file(tmp_path):
    def write(text: str | bytes = TABLE, name: str = "terms.csv") -> str:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


def run(*args: str) -> int:
    """Return the exit code, as the shell gets it."""
    try:
        call_command("import_terms", *args)
    except SystemExit as end:
        return int(end.code or 0)
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        return error.returncode
    return 0


def test_a_second_import_at_once_ends_cleanly_and_writes_nothing(editor, file, capsys):
    with only_one(import_terms.JOB):
        assert run(file(), "--by", "ed") == 0
        assert "Another one is at work. Nothing was done" in capsys.readouterr().out and not Term.objects.exists()
        assert run(file(), "--by", "ed", "--dry-run") == 0  # it writes nothing and needs no turn
    assert run(file(), "--by", "ed") == 0 and Term.objects.count() == 2
    assert not JobRun.objects.exists()


def test_a_long_import_gives_signs_of_life_and_stops_where_it_was_taken_for_dead(editor, file, capsys, monkeypatch):
    monkeypatch.setattr(import_terms, "SIGN", 1)
    monkeypatch.setattr(import_terms.Progress, "show", lambda self, done: JobRun.objects.all().delete())
    assert run(file(), "--by", "ed") == 2
    assert "stops here" in capsys.readouterr().err and Term.objects.count() == 1


def test_a_file_is_brought_in_and_counted(editor, file, capsys):
    assert run(file(), "--by", "ed") == 0
    assert capsys.readouterr() == ("create: 2, update: 0, unchanged: 0, conflict: 0, bad: 0\n", "")
    assert set(Term.objects.values_list("slug", "stage")) == {("token", "draft"), ("prompt", "draft")}
    assert run(file(), "--by", "ed") == 0
    assert capsys.readouterr().out == "create: 0, update: 0, unchanged: 2, conflict: 0, bad: 0\n"


def test_a_dry_run_counts_and_writes_nothing(editor, file, capsys):
    make_term("Token", by=editor)
    before = (list(Term.objects.values()), Edition.objects.count(), TrailEntry.objects.count())
    assert run(file(), "--by", "ed", "--dry-run") == 0
    assert capsys.readouterr().out == (
        "Dry run, nothing was written. create: 1, update: 1, unchanged: 0, conflict: 0, bad: 0\n"
    )
    assert (list(Term.objects.values()), Edition.objects.count(), TrailEntry.objects.count()) == before


def test_refused_rows_are_named_by_line_and_the_others_are_taken(editor, file, capsys):
    text = "headword;topic;readers\nToken;Cooking;\nPrompt;;many\nBench;;5\n"
    assert run(file(text), "--by", "ed") == 1
    out, err = capsys.readouterr()
    assert out == "create: 1, update: 0, unchanged: 0, conflict: 1, bad: 1\n"
    assert err.splitlines() == [
        "line 2: There is no tag “Cooking”. Publishers keep the list of tags.",
        "line 3: “readers” must be a whole number from 0 to 2,147,483,647.",
    ]
    assert Term.objects.get().readers_need == 5


@pytest.mark.parametrize("name", ["terms.jsonl", "terms.ndjson", "TERMS.JSON"])
def test_the_name_of_a_file_says_that_it_is_json_lines(editor, file, name):
    assert run(file(json.dumps({"headword": "Token", "aliases": ["Tok"]}), name), "--by", "ed") == 0
    assert Term.objects.get().aliases.get().text == "Tok"


def test_the_option_says_more_than_the_name(editor, file):
    assert run(file('{"headword": "Token"}', "terms.csv"), "--by", "ed", "--format", "jsonl") == 0
    assert Term.objects.get().headword == "Token"


def test_a_dash_reads_standard_input(editor, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TABLE.encode())))
    assert run("-", "--by", "ed") == 0
    assert Term.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("headword,colour\nToken,red\n", "Unknown column: “colour”. The columns are headword, definition, body,"),
        ("", "The file is empty."),
        (b"PK\x03\x04", "spreadsheet"),
    ],
)
def test_a_file_that_is_none_of_terms_ends_with_code_two_and_the_reason(editor, file, capsys, text, said):
    assert run(file(text), "--by", "ed") == 2
    assert said in capsys.readouterr().err
    assert not Term.objects.exists()


@pytest.mark.parametrize("path", ["no/such/file.csv", "."])
def test_a_file_that_cannot_be_opened_ends_with_code_two(editor, path, capsys):
    assert run(path, "--by", "ed") == 2
    assert path in capsys.readouterr().err


@pytest.mark.parametrize(("name", "said"), [("nobody", "no user “nobody”"), ("ch", "You may not write terms.")])
def test_who_is_unknown_or_may_not_write_ends_with_code_two(file, capsys, name, said):
    make_user(Role.CHECKER, username="ch")
    assert run(file(), "--by", name) == 2
    assert said in capsys.readouterr().err
    assert not Term.objects.exists()


@pytest.mark.parametrize(
    ("error", "said"), [(OperationalError("it is locked"), "locked"), (KeyboardInterrupt(), "Int")]
)
def test_a_stop_in_the_middle_says_how_far_it_came(editor, file, capsys, monkeypatch, error, said):
    begin = import_terms.import_rows

    def stop(*args, **options):
        yield next(begin(*args, **options))
        raise error

    monkeypatch.setattr(import_terms, "import_rows", stop)
    assert run(file(), "--by", "ed") == 2
    err = capsys.readouterr().err
    assert said in err
    assert "So far: create: 1," in err
    assert Term.objects.count() == 1


def test_without_a_terminal_progress_is_a_line_every_so_many_rows(editor, file, capsys, monkeypatch):
    monkeypatch.setattr(import_terms, "EVERY", 2)
    run(file(TABLE + "Bench,A bench.\nLora,A way.\nBert,A model.\n"), "--by", "ed")
    assert capsys.readouterr().err == "2 rows\n4 rows\n"


class Terminal(io.StringIO):
    """What a person looks at."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_bar_shows_how_much_was_read_and_gives_way_to_lines(editor, file):
    terminal = Terminal()
    text = "headword,readers\n" + "".join(f"Word {n},\n" for n in range(24)) + "Odd,many\nLast,\n"
    call = import_terms.Command(stderr=terminal, stdout=io.StringIO(), no_color=True)
    with pytest.raises(SystemExit):
        call_command(call, file(text), by="ed")
    assert "\r\x1b[K[#############################.]  97% 25 rows" in terminal.getvalue()
    assert "25 rows\r\x1b[Kline 26: “readers” must be a whole number from 0 to 2,147,483,647.\n" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_the_help_names_the_columns_and_the_exit_codes():
    text = " ".join(import_terms.Command().create_parser("manage.py", "import_terms").format_help().split())
    assert (
        "Columns: headword, definition, body, example, aliases, topic, tags, level, volatility, slug, readers" in text
    )
    assert "Exit codes: 0 every row was taken, 1 some rows were refused, 2 nothing was taken" in text

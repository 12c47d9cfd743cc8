"""`manage.py import_terms`: bring in drafts from a CSV or JSON Lines file."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper
from django.db import OperationalError

from glossary.domain.intake import COLUMNS, BadRow, Row
from glossary.domain.intake_file import BadFile, Format, read_rows
from glossary.services.intake import Tally, import_rows
from glossary.services.job import JobRuns, only_one

REFUSED, STOPPED = 1, 2  # exit codes
EVERY = 1_000  # rows between two lines of progress where there is no terminal
JOB = "import of terms"
SIGN = 100  # rows between two signs of life
STEP = 25  # rows between two looks of the bar
WIDTH = 30  # characters of the bar
CLEAR = "\r\x1b[K"  # back to the start of the line, and empty it
FORMATS = {".jsonl": Format.JSONL, ".ndjson": Format.JSONL, ".json": Format.JSONL}
EPILOG = (
    "Exit codes: 0 every row was taken, 1 some rows were refused, 2 nothing was taken or the import stopped: the file "
    "cannot be read, a column is unknown, or the user may not write terms. Where another import is at work nothing is "
    "done and that is said, with code 0. Run again after a stop: rows that are there already are left unchanged."
)


class Progress:
    """How far the import is: a bar on a terminal, otherwise a line every 1,000 rows."""

    def __init__(self, out: OutputWrapper, stream: IO[bytes], size: int) -> None:
        self.out = out
        self.stream = stream
        self.size = size  # bytes; 0 if that is not known
        self.is_bar = out.isatty()

    def show(self, done: int) -> None:
        """Tell that so many rows are done."""
        if self.is_bar and done % STEP == 0:
            self.out.write(f"{CLEAR}{self._bar()}{done:,} rows", style_func=str, ending="")
            self.out.flush()
        elif not self.is_bar and done % EVERY == 0:
            self.out.write(f"{done:,} rows", style_func=str)

    def clear(self) -> None:
        """Make room for a line of text."""
        if self.is_bar:
            self.out.write(CLEAR, style_func=str, ending="")
            self.out.flush()

    def _bar(self) -> str:
        if not self.size:
            return ""
        part = min(1.0, self.stream.tell() / self.size)
        full = round(WIDTH * part)
        return f"[{'#' * full}{'.' * (WIDTH - full)}] {part:4.0%} "


class Command(BaseCommand):
    """Bring in drafts; never checks, never what readers see."""

    help = (
        "Bring in drafts from a CSV file (UTF-8; comma, semicolon or tab; the first line names the columns) or JSON "
        f"Lines (one object a line). Columns: {', '.join(COLUMNS)}; only headword is required. Several aliases or tags "
        "are separated by |, and an alias may say its kind: “acronym:LLM”. So are the terms to be read first, the "
        "broader and the related ones, which may also stand in later rows; what would run in a circle is refused with "
        "the way round. A successor must be a published term. A row finds its term by its slug, otherwise "
        "by its headword. What a row does not say (no column, an empty cell, null) stays as it is; an empty text in "
        "JSON Lines empties the part. Readers see nothing of it before a check has passed."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Add the exit codes to the help."""
        return super().create_parser(prog_name, subcommand, epilog=EPILOG, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", metavar="FILE", help="the file, or - for standard input")
        parser.add_argument(
            "--format",
            choices=[form.value for form in Format],
            help="how the file is written (jsonl for .jsonl, .ndjson and .json, otherwise csv)",
        )
        parser.add_argument("--dry-run", action="store_true", help="count what would be done and write nothing")
        parser.add_argument("--by", metavar="USERNAME", required=True, help="the editor whose drafts these are")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import row by row, print what was refused and the counts."""
        by = User.objects.filter(username=options["by"]).first()
        if by is None:
            raise CommandError(f"There is no user “{options['by']}”.", returncode=STOPPED)
        path, dry_run = options["file"], options["dry_run"]
        form = options["format"] or FORMATS.get(Path(path).suffix.lower(), Format.CSV)
        tally = Tally()
        try:
            with nullcontext(lambda: None) if dry_run else only_one(JOB) as alive:
                self._read(path, form, tally, by=by, dry_run=dry_run, alive=alive)
        except JobRuns as error:
            self.stdout.write(str(error))
            return
        except OperationalError as error:
            raise CommandError(f"Stopped by an error: {error}. So far: {tally}", returncode=STOPPED) from error
        self.stdout.write(f"Dry run, nothing was written. {tally}" if dry_run else str(tally))
        if tally.refused:
            raise SystemExit(REFUSED)

    def _read(
        self, path: str, form: Format, tally: Tally, *, by: User, dry_run: bool, alive: Callable[[], None]
    ) -> None:
        """Read the file and import its rows; what stops it is said with the exit code of a stop."""
        try:
            with nullcontext(sys.stdin.buffer) if path == "-" else open(path, "rb") as stream:
                progress = Progress(self.stderr, stream, 0 if path == "-" else os.path.getsize(path))
                self._import(read_rows(stream, form), progress, tally, by=by, dry_run=dry_run, alive=alive)
        except (BadFile, PermissionDenied) as error:
            raise CommandError(str(error), returncode=STOPPED) from error
        except (OSError, OperationalError, JobRuns) as error:
            raise CommandError(f"Stopped by an error: {error}. So far: {tally}", returncode=STOPPED) from error
        except KeyboardInterrupt as error:
            raise CommandError(f"Interrupted. So far: {tally}", returncode=STOPPED) from error

    def _import(
        self,
        rows: Iterator[Row | BadRow],
        progress: Progress,
        tally: Tally,
        *,
        by: User,
        dry_run: bool,
        alive: Callable[[], None],
    ) -> None:
        try:
            outcomes = import_rows(rows, by=by, dry_run=dry_run, progress=progress.show)
            for number, outcome in enumerate(outcomes, start=1):
                tally.add(outcome)
                if number % SIGN == 0:
                    alive()
                if outcome.refused:
                    progress.clear()
                    self.stderr.write(str(outcome))
        finally:
            progress.clear()

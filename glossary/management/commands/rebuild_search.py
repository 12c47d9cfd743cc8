"""`manage.py rebuild_search`: make the search index anew from the published words."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from glossary.models import Term
from glossary.services.search_index import rebuild

STOPPED = 2  # exit code
EVERY = 1_000  # terms between two lines of progress where there is no terminal
WIDTH = 30  # characters of the bar
CLEAR = "\r\x1b[K"  # back to the start of the line, and empty it
EPILOG = "Exit codes: 0 the index is new, 2 the work stopped before its end; run it again."


class Command(BaseCommand):
    """Read every published term and write what a search finds it by."""

    help = (
        "Make the search index anew from the published terms, a few hundred at a time: readers can search and staff "
        "can work meanwhile. Needed after restoring single tables, or when check_integrity finds fault with the search."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Add the exit codes to the help."""
        return super().create_parser(prog_name, subcommand, epilog=EPILOG, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="say how many terms there are and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild, and say how many terms are in the index."""
        self.total = Term.objects.published().count()
        if options["dry_run"]:
            self.stdout.write(f"Dry run, nothing was written. Published terms: {self.total:,}.")
            return
        try:
            done = rebuild(progress=self._show)
        except OperationalError as error:
            raise CommandError(f"Stopped by an error: {error}.", returncode=STOPPED) from error
        finally:
            if self.stderr.isatty():
                self.stderr.write(CLEAR, style_func=str, ending="")
        self.stdout.write(f"The search index holds {done:,} published term{'' if done == 1 else 's'}.")

    def _show(self, done: int) -> None:
        part = min(1.0, done / max(1, self.total))
        if self.stderr.isatty():
            full = round(WIDTH * part)
            bar = f"[{'#' * full}{'.' * (WIDTH - full)}] {part:4.0%} {done:,} terms"
            self.stderr.write(f"{CLEAR}{bar}", style_func=str, ending="")
            self.stderr.flush()
        elif done % EVERY == 0:
            self.stderr.write(f"{done:,} terms", style_func=str)

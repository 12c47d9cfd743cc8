"""`manage.py watch_sources`: look whether the sources are still there and still say what they said."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from glossary.services.watch import Visit, WatchRuns, due_sources, watch_sources

RAISED, STOPPED = 1, 2  # exit codes
USUAL = 100  # sources
CLEAR = "\r\x1b[K"  # back to the start of the line, and empty it
EPILOG = (
    "Exit codes: 0 no new doubt, or nothing is due, or another watch is at work; 1 new doubts were raised; 2 the watch "
    "stopped before its end, as the database could not be reached, or an option is wrong."
)


class Command(BaseCommand):
    """Visit the sources that were not seen for a week; raises doubts, changes nothing that readers see."""

    help = (
        "Ask for the sources that checks rest on, the longest unseen first and none twice within a week, and look "
        "whether the passages that were taken word for word still stand there. A dead link, a move, or a passage that "
        "is gone becomes a doubt: the cards that rest on it go to the checkers, readers see no change. One request at "
        "a time and two seconds between two to the same host; addresses inside a private network are never called. "
        "Run it daily; tick does so too, for a few sources. Two at once do no harm: the second ends at once."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Add the exit codes to the help."""
        return super().create_parser(prog_name, subcommand, epilog=EPILOG, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--limit", type=int, default=USUAL, help=f"how many sources at most ({USUAL})")
        parser.add_argument("--dry-run", action="store_true", help="list the sources that are due and ask for none")

    def handle(self, *args: Any, **options: Any) -> None:
        """Visit, print a line for each doubt, and the counts."""
        limit = options["limit"]
        if limit < 1:
            raise CommandError("--limit is at least 1.", returncode=STOPPED)
        due = due_sources()
        number = min(limit, due.count())
        if options["dry_run"]:
            for source in due[:limit]:
                self.stdout.write(f"would be asked for: {source} ({source.url})")
            self.stdout.write(f"Dry run, nothing was asked for or written. Sources due: {number:,}")
            return
        stopped = threading.Event()
        before = {sign: signal.signal(sign, lambda *_: stopped.set()) for sign in (signal.SIGINT, signal.SIGTERM)}
        visited = raised = 0
        try:
            for visit in watch_sources(limit=limit, stop=stopped.is_set):
                visited += 1
                raised += len(visit.doubts)
                self._tell(visit)
                self._show(visited, number)
        except WatchRuns as other:
            self.stdout.write(str(other))
            return
        except OperationalError as error:
            raise CommandError(f"Stopped by an error: {error}. Visited: {visited:,}.", returncode=STOPPED) from error
        finally:
            for sign, handler in before.items():
                signal.signal(sign, handler)
            self._clear()
        self.stdout.write(f"Sources visited: {visited:,}. New doubts: {raised:,}.")
        if raised:
            raise SystemExit(RAISED)

    def _tell(self, visit: Visit) -> None:
        self._clear()
        for doubt in visit.doubts:
            where = f"{doubt.sentence.term}, " if doubt.sentence else ""
            self.stdout.write(" ".join(f"{doubt.kind}: {where}{visit.source}: {doubt.reason}".split()))

    def _show(self, done: int, number: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"{CLEAR}{done:,} of {number:,} sources visited", style_func=str, ending="")
            self.stderr.flush()

    def _clear(self) -> None:
        if self.stderr.isatty():
            self.stderr.write(CLEAR, style_func=str, ending="")
            self.stderr.flush()

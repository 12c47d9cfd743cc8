"""`manage.py check_integrity`: find what was changed behind the desk."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from glossary.services.integrity import check_integrity
from glossary.services.ready_page import drop_all

FAULTY, STOPPED = 1, 2  # exit codes
CLEAR = "\r\x1b[K"  # back to the start of the line, and empty it
EPILOG = (
    "Exit codes: 0 everything is as the desk left it, 1 there are faults, 2 the look stopped before its end, as the "
    "database could not be read."
)


class Command(BaseCommand):
    """Compute everything anew that a date rests on."""

    help = (
        "Compute anew every digest, cut into sentences, verdict, date, frozen deck, redirect, name, due date and ready "
        "page, and print what differs from the rows, one line each: “kind: subject: what is wrong and what to do”. "
        "Nothing is mended; where there are faults the ready pages are dropped, so that readers get what still holds. "
        "It may run at any time, while people work."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Add the exit codes to the help."""
        return super().create_parser(prog_name, subcommand, epilog=EPILOG, **kwargs)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the faults and their number."""
        faults = 0
        self.looked_at = 0
        try:
            for fault in check_integrity(progress=self._show):
                faults += 1
                self._clear()
                self.stdout.write(" ".join(f"{fault.kind}: {fault.subject}: {fault.says}".split()))
        except OperationalError as error:
            raise CommandError(
                f"Stopped by an error: {error}. Faults so far: {faults:,}.", returncode=STOPPED
            ) from error
        finally:
            self._clear()
        looked = f"{self.looked_at:,} terms, names, old addresses, decks and ready pages looked at"
        number = f"{faults:,} fault{'' if faults == 1 else 's'}" if faults else "no fault"
        self.stdout.write(f"{looked}: {number}.")
        if faults:
            drop_all()
            raise SystemExit(FAULTY)

    def _show(self, done: int) -> None:
        self.looked_at = done
        if self.stderr.isatty():
            self.stderr.write(f"{CLEAR}{done:,} rows looked at", style_func=str, ending="")
            self.stderr.flush()

    def _clear(self) -> None:
        if self.stderr.isatty():
            self.stderr.write(CLEAR, style_func=str, ending="")
            self.stderr.flush()

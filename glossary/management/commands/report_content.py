"""`manage.py report_content`: links, aliases and terms that lead nowhere, and cards that are overdue."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from glossary.domain.content import LooseEnd
from glossary.services.content import content_report, write_csv

FOUND, STOPPED = 1, 2  # exit codes
EPILOG = "Exit codes: 0 no loose end, 1 there are some, 2 the database could not be read."


class Command(BaseCommand):
    """Print the content report; reads only."""

    help = (
        "Print the loose ends of the glossary, a line each with the address at which it is mended: sources whose link "
        "is broken or redirects, links between cards that are gone, cards that are overdue, aliases by which nobody "
        "gets anywhere, and published terms that no other card mentions. Nothing is written."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Add the exit codes to the help."""
        return super().create_parser(prog_name, subcommand, epilog=EPILOG, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--kind", choices=[kind.value for kind in LooseEnd], help="only rows of this kind")
        parser.add_argument("--csv", action="store_true", help="print a table for a spreadsheet")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the rows, and their number."""
        try:
            rows = content_report()
        except OperationalError as error:
            raise CommandError(f"The database cannot be read: {error}", returncode=STOPPED) from error
        rows = [row for row in rows if options["kind"] in {None, row.kind}]
        if options["csv"]:
            write_csv(self.stdout, rows)
        else:
            for row in rows:
                line = f"{row.kind}: {row.subject}: {row.says} {settings.SITE_URL}{row.path}"
                self.stdout.write(" ".join(line.split()))
            self.stdout.write(f"Loose ends: {len(rows):,}.")
        if rows:
            raise SystemExit(FOUND)

"""`manage.py take_bounces`: one mail that came back, as a mail server hands it in."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError

from glossary.domain.bounce import MAX_MAIL
from glossary.services.bounce import take_report

KEEP_IT = 75  # EX_TEMPFAIL of sysexits.h: the mail server keeps the mail and tries again
EPILOG = (
    "Exit codes: 0 the mail was read, whatever it said; 75 the database cannot be reached: the mail server keeps the "
    "mail and tries again later, as Postfix and others do."
)


class Command(BaseCommand):
    """Read one delivery or abuse report from standard input and draw its consequences."""

    help = (
        "Read one mail from standard input, as mail servers pipe it into a program (in /etc/aliases: "
        'bounces: "|/path/to/manage.py take_bounces"). A report that a mailbox is gone (RFC 3464), or that a reader '
        "called the brief spam (RFC 5965), ends the brief for that reader; a full mailbox on the third day. It counts "
        "only where it brings back the Message-ID of a mail to that reader, so that nobody can put another out; any "
        "other mail changes nothing."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Add the exit codes to the help."""
        return super().create_parser(prog_name, subcommand, epilog=EPILOG, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="say what the mail would do, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the mail and say of how many readers it told."""
        raw = sys.stdin.buffer.read(MAX_MAIL + 1)
        try:
            named = take_report(raw, dry_run=options["dry_run"])
        except ValueError as error:
            self.stderr.write(f"Nothing was changed: {error}")
            return
        except OperationalError as error:
            self.stderr.write(f"The database cannot be reached: {error}")
            raise SystemExit(KEEP_IT) from error
        would = "Dry run, nothing was written. " if options["dry_run"] else ""
        self.stdout.write(f"{would}Readers whom this mail tells of: {named}")

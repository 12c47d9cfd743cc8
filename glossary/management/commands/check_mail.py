"""`manage.py check_mail you@example.org`: whether mail will arrive, and what to mend."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from glossary.services.arming import why_not_sending
from glossary.services.mail_check import check_mail


class Command(BaseCommand):
    """Talk to the mail server and say what was found."""

    help = (
        "Send one test mail and show the dialogue with the mail server, what is wrong with the sender's address and "
        "with TLS, and which DNS records to set (SPF, DKIM, DMARC). Writes nothing. Exit codes: 0 the mail was taken "
        "and nothing is wrong; 1 something is, and it is said."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("to", help="where the test mail goes: an address of yours")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check and tell."""
        try:
            found = check_mail(options["to"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        for line in found.dialogue:
            self.stdout.write(line)
        for line in found.advice:
            self.stdout.write(f"note: {line}")
        if found.taken:
            self.stdout.write(f"The mail server took the mail. Look for it at {options['to']}, also under spam.")
        if why := why_not_sending():
            self.stdout.write(f"next: {why}")
        for line in found.faults:
            self.stderr.write(f"wrong: {line}")
        if found.faults:
            raise SystemExit(1)

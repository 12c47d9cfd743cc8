"""`manage.py check_integrity`: compute every digest, date, redirect and key anew, and name what does not agree."""

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand

from glossary.services.integrity import check_integrity


class Command(BaseCommand):
    """Look after the promise that the date never covers words that were not checked."""

    help = "Compute every digest, sentence, date, freeze, redirect and key anew and name what does not agree."

    def create_parser(self, *args: Any, **kwargs: Any) -> Any:
        """Keep the exit codes on lines of their own."""
        parser: ArgumentParser = super().create_parser(*args, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = "Exit codes:\n  0  everything agrees\n  1  something does not; each fault is a line"
        return parser

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each fault; leave with 1 if there is any."""
        number = 0
        for fault in check_integrity():
            number += 1
            self.stdout.write(str(fault))
        if number:
            ending = "" if number == 1 else "s"
            self.stdout.write(f"{number} fault{ending}. What is named above needs a person’s eyes.")
            sys.exit(1)
        self.stdout.write("Everything agrees: no date covers words that were not checked.")

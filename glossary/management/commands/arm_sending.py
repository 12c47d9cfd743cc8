"""`manage.py arm_sending`: let this machine, and no other, send the brief."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from glossary.domain.errors import IllegalMove
from glossary.services.arming import arm, armed_host, disarm, host_name, why_not_sending


class Command(BaseCommand):
    """Arm or disarm."""

    help = (
        "Let this machine with this database send the brief, and no other: a restored or copied database sends nothing "
        "until this is run where it is. --disarm stops all sending; decks are published all the same. Exit codes: 0 "
        "done, or so already; 1 mail is not set up, and what to do is said."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--disarm", action="store_true", help="let no machine send")
        parser.add_argument("--dry-run", action="store_true", help="say how things stand and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it and say how things stand."""
        if options["dry_run"]:
            self.stdout.write(f"this is {host_name()}; armed is {armed_host() or 'none'}")
            self.stdout.write(why_not_sending() or "This machine may send.")
            return
        if options["disarm"]:
            self.stdout.write("disarmed: no brief leaves" if disarm() else "no machine was armed")
            return
        try:
            self.stdout.write(f"armed: {arm()}")
        except IllegalMove as error:
            raise CommandError(str(error)) from error

"""`manage.py send_brief`: send what waits of the briefs."""

import os
import signal
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections
from django.utils import timezone

from glossary.models import Brief
from glossary.services.arming import why_not_sending
from glossary.services.brief import progress_of
from glossary.services.delivery import send_due
from glossary.services.worker import Tally, make_worker

SECONDS = 5  # between two looks of --loop
LOOK = timedelta(seconds=30)  # that one look takes at most


class Command(BaseCommand):
    """Be one sender."""

    help = (
        "Send what is due of the briefs whose decks are published, and end those past their window of 20 hours. Safe "
        "to run in many places at once: each mail is claimed in the database. `tick` does the same; this is for "
        "further senders. Exit codes: 0 done, or nothing to do; 1 nothing may leave from here, and what to do is said."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--loop", action="store_true", help="go on until stopped")
        parser.add_argument("--hired", action="store_true", help="with --loop: stop when who started it is gone")
        parser.add_argument("--dry-run", action="store_true", help="say what waits and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Send once, or until a signal comes."""
        if options["dry_run"]:
            for brief in Brief.objects.open().select_related("deck"):
                self.stdout.write(f"{brief}: {brief.state}, {progress_of(brief).waiting} to send")
            self.stdout.write(why_not_sending() or "This machine may send.")
            return
        worker = make_worker()
        if not options["loop"]:
            tally = send_due(worker)
            worker.transport.close()
            self._tell(tally)
            if tally.why_not:
                raise SystemExit(1)
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stopped.set())
        boss = os.getppid()
        while not worker.stopped.is_set() and (not options["hired"] or os.getppid() == boss):
            try:
                self._tell(send_due(worker, until=timezone.now() + LOOK), quiet=True)
            except OperationalError as error:
                self.stderr.write(f"the database cannot be reached, trying again: {error}")
            close_old_connections()
            worker.stopped.wait(self._pause(worker.tally))
        worker.transport.close()

    def _pause(self, tally: Tally) -> float:
        """Return the seconds to the next look: fewer where more may leave before."""
        left = SECONDS if tally.next_at is None else (tally.next_at - timezone.now()).total_seconds()
        return min(SECONDS, max(0.0, left))

    def _tell(self, tally: Tally, *, quiet: bool = False) -> None:
        for missed in tally.missed:
            self.stderr.write(f"missed: {missed}. Nobody got it.")
        if tally.why_not and not quiet:
            self.stderr.write(tally.why_not)
        if tally.sent or tally.failed or tally.later or tally.uncertain:
            self.stdout.write(
                f"sent: {tally.sent}, failed: {tally.failed}, later: {tally.later}, uncertain: {tally.uncertain}"
            )

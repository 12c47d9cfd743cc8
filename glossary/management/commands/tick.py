"""`manage.py tick`: everything that is due now."""

import logging
import signal
import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections

from glossary.services.gate import pass_gates, publish_due
from glossary.services.health import beat
from glossary.services.inbox import send_digests
from glossary.services.notice import send_notices
from glossary.services.ready_page import drop_spent

SECONDS = 30  # between two looks of --loop
logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Publish today's deck when its moment has come."""

    told = ""  # the last refusal that was said

    help = (
        "Do everything that is due now: look again at the coming deck 12 hours and 1 hour before it goes out, putting "
        "reserves in place of cards that may not; publish today's deck at PUBLISH_AT in the editorial time zone; mark "
        "past decks that were not published as missed; mail staff what came to them; clear away pages that hold no "
        "longer; tell HEARTBEAT_URL that all went well. Safe to run every minute and in "
        "many places at once: what must happen once is claimed in the database. Exit codes: 0 done, or nothing to do; "
        "1 today's deck was not published."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--loop", action="store_true", help="look again twice a minute until stopped")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look once, or until a signal comes."""
        if not options["loop"]:
            if not self._look(dry_run=options["dry_run"]):
                raise SystemExit(1)
            return
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        while not stopped.is_set():
            try:
                self._look(dry_run=options["dry_run"])
            except OperationalError as error:
                logger.warning("the database cannot be reached, trying again: %s", error)
            close_old_connections()
            stopped.wait(SECONDS)

    def _look(self, *, dry_run: bool) -> bool:
        """Act once; return whether all is well."""
        for says in pass_gates(dry_run=dry_run):
            self.stdout.write(f"gate: {says}")
        outcome = publish_due(dry_run=dry_run)
        would = "would be " if dry_run else ""
        if outcome.published:
            self.stdout.write(f"{would}published: {outcome.published}")
        if outcome.missed:
            self.stdout.write(f"{would}marked as missed: {outcome.missed}")
        if outcome.refused and outcome.refused != self.told:  # a loop says it once, not twice a minute
            self.stderr.write(outcome.refused)
        self.told = outcome.refused
        if not dry_run and (mails := send_notices() + send_digests()):
            self.stdout.write(f"mails to staff: {mails}")
        if not dry_run:
            drop_spent(now=int(time.time()))
            if not outcome.refused:
                beat()
        return not outcome.refused

"""`manage.py tick`: everything that is due now."""

import logging
import signal
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections, connection
from django.utils import timezone

from glossary.domain.brief import DeliveryState
from glossary.models import Brief, Delivery, SignUp
from glossary.services.arming import why_not_sending
from glossary.services.delivery import send_due
from glossary.services.gate import pass_gates, publish_due
from glossary.services.health import beat
from glossary.services.inbox import send_digests
from glossary.services.notice import send_notices
from glossary.services.ready_page import drop_spent
from glossary.services.report import forget, send_outcomes
from glossary.services.sign_up import forget_unconfirmed, take_sign_ups
from glossary.services.watch import watch_daily
from glossary.services.worker import Worker, make_worker

SECONDS = 30  # between two looks of --loop
logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Publish today's deck when its moment has come."""

    told = ""  # the last refusal that was said
    unsent = ""  # why no brief left, as it was said last
    stopped = threading.Event()
    worker: Worker | None = None  # keeps its line to the mail server from look to look

    help = (
        "Do everything that is due now: look again at the coming deck 12 hours and 1 hour before it goes out, putting "
        "reserves in place of cards that may not; publish today's deck at PUBLISH_AT in the editorial time zone; mark "
        "past decks that were not published as missed; send what waits of the brief; mail those who asked for it the "
        "link that confirms it; mail staff what came to them; tell readers who reported something, and left an "
        "address, how it ended; once a day, after the deck, look at some sources (watch_sources does it for more); "
        "clear away pages that hold no longer; tell HEARTBEAT_URL that all went well. Safe to run every minute and in "
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
        self.stopped = stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        self.worker = make_worker()
        self.worker.stopped = stopped
        others: list[subprocess.Popen[bytes]] = []
        try:
            while not stopped.is_set():
                try:
                    if not options["dry_run"]:
                        self._hire(others)
                    self._look(dry_run=options["dry_run"])
                except OperationalError as error:
                    logger.warning("the database cannot be reached, trying again: %s", error)
                close_old_connections()
                stopped.wait(self._pause())
        finally:
            for other in others:
                other.terminate()
            self.worker.transport.close()
            for other in others:
                other.wait()

    def _hire(self, others: "list[subprocess.Popen[bytes]]") -> None:
        """Start the further senders that EMAIL_WORKERS asks for, or that ended by themselves, at each look.

        SQLite has one writer, and so one sender.
        """
        further = settings.EMAIL_WORKERS - 1 if connection.vendor == "postgresql" else 0
        for gone in [other for other in others if other.poll() is not None]:
            logger.warning("a sender ended with %s; another takes its place", gone.returncode)
            others.remove(gone)
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "send_brief", "--loop", "--hired"]
        others += [subprocess.Popen(command) for _ in range(further - len(others))]

    def _pause(self) -> float:
        """Return the seconds to the next look: fewer where more of the brief may leave before."""
        next_at = self.worker.tally.next_at if self.worker else None
        return SECONDS if next_at is None else min(SECONDS, max(0.0, (next_at - timezone.now()).total_seconds()))

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
        if dry_run:
            self._say_what_waits()
        else:
            if mails := take_sign_ups():
                self.stdout.write(f"confirmation mails: {mails}")
            if forgotten := forget_unconfirmed():
                self.stdout.write(f"addresses forgotten that nobody confirmed: {forgotten}")
            self._send()
        if not dry_run and (mails := send_notices() + send_digests()):
            self.stdout.write(f"mails to staff: {mails}")
        if not dry_run:
            if answers := send_outcomes():
                self.stdout.write(f"answers to readers: {answers}")
            forget()
            for visit in watch_daily(stop=self.stopped.is_set):
                for doubt in visit.doubts:
                    self.stdout.write(f"{doubt.kind}: {visit.source}")
            drop_spent(now=int(time.time()))
            if not outcome.refused:
                beat()
        return not outcome.refused

    def _say_what_waits(self) -> None:
        """Say what would be sent, and why it would not."""
        waiting = Delivery.objects.filter(state=DeliveryState.PENDING, not_before__lte=timezone.now()).count()
        wishes = SignUp.objects.count()
        if waiting:
            self.stdout.write(f"mails of the brief that wait: {waiting}")
        if wishes:
            self.stdout.write(f"wishes for the brief that wait: {wishes}")
        if (waiting or wishes) and (why := why_not_sending()):
            self.stdout.write(f"nothing would leave: {why}")

    def _send(self) -> None:
        """Send of the brief what may leave; in a loop for one look at most, so that the rest is not kept waiting."""
        worker = self.worker or make_worker()
        until = timezone.now() + timedelta(seconds=SECONDS) if self.worker else None
        tally = send_due(worker, until=until)
        for missed in tally.missed:
            self.stderr.write(f"missed: {missed}. Nobody got it.")
        if tally.why_not and tally.why_not != self.unsent and Brief.objects.open().exists():
            self.stderr.write(f"no brief leaves: {tally.why_not}")
        self.unsent = tally.why_not
        if not self.worker:
            worker.transport.close()
        if tally.sent or tally.failed or tally.later or tally.uncertain:
            self.stdout.write(
                f"brief: {tally.sent} sent, {tally.failed} failed, {tally.later} later, {tally.uncertain} uncertain"
            )

"""`manage.py demo`: a working site to click through, on this machine."""

import os
import signal
import socket
import subprocess
import sys
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from glossary.domain.errors import IllegalMove
from glossary.models import Term
from glossary.services.demo import (
    Accounts,
    bring_in_starter,
    claim_installation,
    deal_decks,
    make_accounts,
    make_story_accounts,
)
from glossary.services.starter import FOLDER

STORIES = {
    "qwen2": """
1. Ada writes a term, pastes the card and sends it to the checker. The date in it is not taken over.
2. Ben adds the report of July 2024 as a source. It cannot support “latest”; he suggests “As of July 2024, …”.
3. Ada accepts it with one key, Y. Ben sweeps the explanations (X), settles the rest, passes and publishes.
4. Ada adds a sentence. Readers still see the old page; Ben settles the new line and reads one again.
5. Ada mends “downlaod”. Ben confirms it with one key, Y: the date stays.
6. Somebody changes a word in the database. manage.py check_integrity names the card, and its date is gone.
"""
}


class Command(BaseCommand):
    """Prepare the demonstration and serve it with its scheduler until it is stopped."""

    help = (
        "Prepare a demonstration site in its own database (var/demo.sqlite3) and serve it on this machine. Safe to "
        "run again: it adds the decks that are missing and overwrites nothing. Exit codes: 0 served or prepared, "
        "1 refused or failed, with the reason."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--no-serve", action="store_true", help="prepare the site and stop")
        parser.add_argument("--port", type=int, default=8000, help="the port on 127.0.0.1 (8000)")
        parser.add_argument(
            "--story",
            choices=sorted(STORIES),
            help="prepare a demonstration of three minutes",
        )
        parser.add_argument("--reset", action="store_true", help="delete the demonstration first, after asking")
        parser.add_argument("--yes", action="store_true", help="answer yes to the question of --reset")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, print the table of log-ins, serve."""
        story = options["story"] or ""
        if not options["no_serve"]:
            self._check_is_free(options["port"])
        database = Path(str(settings.DATABASES["default"]["NAME"]))
        if options["reset"]:
            self._reset(database, sure=options["yes"])
        self.stdout.write("Preparing the demonstration …")
        call_command("migrate", verbosity=0)
        try:
            claim_installation()
            accounts = make_accounts()
            if story:
                self._check_untold(story)
                make_story_accounts(accounts)
            for term in bring_in_starter(accounts, but=story):
                self.stdout.write(f"  checked and published: {term}")
            for deck in deal_decks(accounts):
                self.stdout.write(f"  dealt: {deck} ({deck.state})")
        except IllegalMove as error:
            raise CommandError(str(error)) from error
        call_command("collectstatic", interactive=False, verbosity=0)
        self._print_log_ins(accounts, database.parent / "demo-accounts.txt")
        if story:
            self.stdout.write(f"\nThe card to paste lies in {FOLDER / f'story-{story}.txt'}\n{STORIES[story]}")
        if not options["no_serve"]:
            self._serve(options["port"])

    def _check_untold(self, story: str) -> None:
        if Term.objects.filter(slug=story).exists():
            raise CommandError(f"The card “{story}” is there already. Begin anew: demo --story {story} --reset")

    def _reset(self, database: Path, *, sure: bool) -> None:
        if not sure and input(f"Delete the demonstration in {database}? [y/N] ").strip().lower() != "y":
            raise CommandError("Nothing was deleted.")
        connection.close()
        for path in [database, *database.parent.glob(f"{database.name}-*"), database.parent / "demo-accounts.txt"]:
            path.unlink(missing_ok=True)

    def _print_log_ins(self, accounts: Accounts, path: Path) -> None:
        """Keep new passwords in a file that only its owner can read, and print the whole table."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.writelines(f"{name}\t{password}\n" for name, password in accounts.passwords.items())
        self.stdout.write(f"\n  {'the site':<18} {settings.SITE_URL}/\n  {'the desk':<18} {settings.SITE_URL}/admin/\n")
        for row in path.read_text(encoding="utf-8").splitlines():
            name, _, password = row.partition("\t")
            self.stdout.write(f"  {name:<18} {password}")
        self.stdout.write(f"\nThe log-ins are kept in {path}.")

    def _check_is_free(self, port: int) -> None:
        """Refuse a port on which something answers: the server would share it, and each answer be of either."""
        with suppress(OSError, OverflowError), socket.create_connection(("127.0.0.1", port), timeout=2):
            raise CommandError(
                f"Port {port} of this machine is in use. If that is this demonstration, it is ready there; to serve "
                f"anew, stop it first. Or serve on another port: --port {port + 1}"
            )

    def _serve(self, port: int) -> None:
        """Run the web server and the scheduler; when one ends or a signal comes, end both."""
        server = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--no-access-log",
            "--backpressure",
            "64",
            "--log-level",
            "warning",
            "deckproject.wsgi:application",
        ]
        tick = [sys.executable, sys.argv[0], "tick", "--loop"]
        children = [subprocess.Popen(command, cwd=settings.BASE_DIR) for command in (server, tick)]
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        self.stdout.write(f"\nServing on {settings.SITE_URL}/ — Ctrl C stops it.")
        self.stdout.flush()
        try:
            while all(child.poll() is None for child in children):
                try:
                    children[0].wait(timeout=1)
                except subprocess.TimeoutExpired:
                    continue
        except KeyboardInterrupt:
            self.stdout.write("\nStopping …")
        finally:
            for child in children:
                child.terminate()
            for child in children:
                child.wait(timeout=15)

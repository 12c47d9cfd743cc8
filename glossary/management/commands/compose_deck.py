"""`manage.py compose_deck`: the best seven for a day, or for each day that lacks a deck."""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from glossary.domain.errors import IllegalMove
from glossary.models import Deck
from glossary.services.clock import today
from glossary.services.composition import ComposedDay, compose_days, preview

MOST_DAYS = 62


class Command(BaseCommand):
    """Compose decks from the command line."""

    help = (
        "Compose the deck of a day, or of each of several days, that has no full deck yet; it becomes a draft that a "
        "scheduler looks at and sets ready. Cards that stand in an unfinished deck stay; a full deck is left as it is, "
        "so running it again, or twice at once, changes nothing more. Prints each card with its reason. Exit codes: 0 "
        "done, or nothing to do; 1 a day cannot have a deck, and the output says which rule binds; 2 wrong arguments."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--by", metavar="USERNAME", help="the scheduler in whose name it is done")
        parser.add_argument("--date", type=date.fromisoformat, help="the first day, as 2026-05-29; today by default")
        parser.add_argument("--days", type=int, default=1, help=f"how many days, {MOST_DAYS} at most")
        parser.add_argument("--relax", action="store_true", help="use the smallest relaxation where a day needs one")
        parser.add_argument("--dry-run", action="store_true", help="show what would be dealt and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compose, or show what composing would come to."""
        first, number = options["date"] or today(), options["days"]
        if not 1 <= number <= MOST_DAYS:
            raise CommandError(f"--days is between 1 and {MOST_DAYS}.", returncode=2)
        days = [first + timedelta(days=n) for n in range(number)]
        if options["dry_run"]:
            there = set(Deck.objects.filter(day__in=days).values_list("day", flat=True))
            done = [preview(day, relax=options["relax"]) for day in days if day not in there]
        else:
            by = User.objects.filter(username=options["by"] or "").first()
            if by is None:
                raise CommandError("Name a scheduler with --by USERNAME: the history keeps who did it.", returncode=2)
            try:
                done = compose_days(days, by=by, relax=options["relax"])
            except (PermissionDenied, IllegalMove) as refusal:
                raise CommandError(str(refusal), returncode=2) from refusal
        for one in done:
            self._tell(one)
        if not done:
            self.stdout.write("Each of these days has its deck.")
        if any(one.composition is None for one in done):
            raise SystemExit(1)

    def _tell(self, one: ComposedDay) -> None:
        if one.composition is None:
            self.stderr.write(f"{one.day}: {one.refused}")
            return
        note = f" ({one.composition.relaxed})" if one.composition.relaxed else ""
        self.stdout.write(f"{one.day}: {one.composition.points} points{note}")
        for place, card in enumerate(one.composition.cards, start=1):
            self.stdout.write(f"  {place}. {card.headword}: {one.composition.reasons[card.term]}")
        for miss in one.composition.near_misses:
            self.stdout.write(f"  not {miss.card.headword}: {miss.says}")

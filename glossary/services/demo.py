"""The demonstration site: accounts, the starter glossary checked in days gone by, and decks around today."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction

from glossary.domain.deck import DeckState, has_deck, publishing_moment
from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Role
from glossary.models import Deck, Installation, Term
from glossary.services.arming import arm
from glossary.services.clock import moment, today
from glossary.services.composition import compose_deck
from glossary.services.deck import create_deck, move_deck
from glossary.services.gate import publish_due
from glossary.services.ready_page import drop_all
from glossary.services.roles import ensure_groups
from glossary.services.starter import Desk, bring_in, relate_starter, starter_cards

DAYS_BACK = 6  # decks that are already there when a newcomer looks around
DAYS_AHEAD = 3
FIRST_CHECK_DAYS = 9  # before today; the checks lie before the first deck
CHECK_HOUR = time(10, 0)


@dataclass
class Accounts:
    """One member of staff for each role, and one who may do everything; passwords only for those just made."""

    people: dict[str, User] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)


def claim_installation(now: datetime | None = None) -> None:
    """Mark an empty database as a demonstration, which may write mails; raises IllegalMove if it is in use."""
    if Installation.objects.filter(demo=True).exists():
        arm(now=now)
        return
    if Term.objects.exists() or Deck.objects.exists() or get_user_model().objects.exists():
        raise IllegalMove("This database is in use and is not a demonstration. The demonstration will not touch it.")
    with transaction.atomic():
        Installation.objects.create(demo=True, made_at=moment(now))
        drop_all()  # every page says so
        arm(now=now)


@transaction.atomic
def make_accounts() -> Accounts:
    """Return the staff of the demonstration, making those who are missing with random passwords."""
    accounts = Accounts()
    groups = ensure_groups()
    users = get_user_model().objects
    for name in [*(role.value.replace(" ", "-") for role in Role), "admin"]:
        user = users.filter(username=name).first()
        if user is None:
            accounts.passwords[name] = secrets.token_urlsafe(9)
            user = users.create_user(
                name,
                email=f"{name}@example.org",
                password=accounts.passwords[name],
                is_staff=True,
                is_superuser=name == "admin",
            )
        accounts.people[name] = user
    for role in Role:
        accounts.people[role.value.replace(" ", "-")].groups.add(groups[role])
    return accounts


@transaction.atomic
def make_story_accounts(accounts: Accounts) -> None:
    """Add the two people of a story: Ada, who writes, and Ben, who checks and may publish."""
    groups = ensure_groups()
    for name, roles in (("ada", [Role.EDITOR]), ("ben", [Role.CHECKER, Role.PUBLISHER])):
        user = User.objects.filter(username=name).first()
        if user is None:
            accounts.passwords[name] = secrets.token_urlsafe(9)
            user = User.objects.create_user(
                name, email=f"{name}@example.org", password=accounts.passwords[name], is_staff=True
            )
        user.groups.set([groups[role] for role in roles])
        accounts.people[name] = user


def bring_in_starter(
    accounts: Accounts, *, now: datetime | None = None, folder: Path | None = None, but: str = ""
) -> Iterator[Term]:
    """Bring in the starter cards that are missing, each as of a day before the first deck; yields each.

    `but` leaves out one card by its slug: a story writes it in front of the audience.
    """
    desk = Desk(accounts.people["editor"], accounts.people["checker"], accounts.people["publisher"])
    there = set(Term.objects.values_list("slug", flat=True))
    cards = starter_cards(folder) if folder else starter_cards()
    for place, card in enumerate(cards):
        if card.slug not in there and card.slug != but:
            day = today(now) - timedelta(days=FIRST_CHECK_DAYS + place % 6)
            yield bring_in(card, desk=desk, now=_at(day, CHECK_HOUR))
    relate_starter(cards, by=desk.editor, now=_at(today(now) - timedelta(days=DAYS_BACK + 1), CHECK_HOUR))


def deal_decks(accounts: Accounts, *, now: datetime | None = None) -> list[Deck]:
    """Deal the decks that are missing from six days ago to three days ahead, past ones as of their own day."""
    dealt = []
    scheduler = accounts.people["scheduler"]
    present = moment(now)
    last = Deck.objects.order_by("day").values_list("day", flat=True).last()
    first = today(now) - timedelta(days=DAYS_BACK)
    for day in (first + timedelta(days=n) for n in range(DAYS_BACK + DAYS_AHEAD + 1)):
        if (
            not has_deck(day, settings.DECK_DAYS)
            or Deck.objects.filter(day=day).exists()
            or (last is not None and day < min(last, today(now)))
        ):
            continue
        as_of = min(present, _at(day, time(0, 5)))
        deck = create_deck(day, by=scheduler, now=as_of)
        compose_deck(deck, by=scheduler, version=deck.version, relax=True, now=as_of)
        for step in (DeckState.READY, DeckState.LOCKED):
            deck.refresh_from_db()
            move_deck(deck, step, by=scheduler, version=deck.version, now=as_of)
        due = publishing_moment(day, settings.PUBLISH_AT, settings.EDITORIAL_TIME_ZONE)
        if due <= present:
            publish_due(now=due)
        deck.refresh_from_db()
        dealt.append(deck)
    publish_due(now=present)  # a deck that an earlier run dealt ahead
    return dealt


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, settings.EDITORIAL_TIME_ZONE)

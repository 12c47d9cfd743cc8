"""Keeping a term out of the decks of some days."""

from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from glossary.domain.errors import IllegalMove
from glossary.domain.names import clean_line
from glossary.domain.roles import Action
from glossary.models import Ban, Term
from glossary.services.clock import moment, today
from glossary.services.roles import require
from glossary.services.trail import record

MAX_REASON = 300  # characters


@transaction.atomic
def ban_term(term: Term, *, first: date, until: date | None, reason: str, by: User, now: datetime | None = None) -> Ban:
    """Keep a term out of the decks from `first` to `until`, or until it is lifted; decks that have it keep it.

    Raises IllegalMove without a reason, for days that end before they begin, and for days gone by.
    """
    require(by, Action.COMPOSE)
    reason = clean_line(reason, limit=MAX_REASON, what="The reason")
    if not reason:
        raise IllegalMove(f"Say why “{term}” is kept out: whoever composes next sees it.")
    if until is not None and until < first:
        raise IllegalMove("The last day comes before the first one. Change one of the two.")
    if until is not None and until < today(now):
        raise IllegalMove("These days are past. Choose days to come.")
    ban = Ban.objects.create(term=term, first=first, until=until, reason=reason, by=by, at=moment(now))
    days = f"{first} to {until}" if until else f"from {first}"
    record(by, "kept out of decks", str(term), now=moment(now), term=term, reason=f"{days}: {reason}")
    return ban


@transaction.atomic
def lift_ban(ban: Ban, *, by: User, now: datetime | None = None) -> None:
    """Let a term into decks again; the ban stays in the history. Raises IllegalMove for one that is over."""
    require(by, Action.COMPOSE)
    present = moment(now)
    over = Q(until__isnull=False, until__lt=today(now))
    if not Ban.objects.standing().filter(pk=ban.pk).exclude(over).update(lifted_at=present):
        raise IllegalMove("This ban is over already.")
    record(by, "let into decks again", str(ban.term), now=present, term=ban.term, reason=ban.reason)

"""Writing the trail: every act leaves one entry, in the transaction of the act; what it may change is dropped there."""

from datetime import datetime
from typing import TypedDict, Unpack

from django.contrib.auth.models import User

from glossary.models import Deck, Term, TrailEntry
from glossary.services.ready_page import note_act

SYSTEM = "Daily Deck"


class About(TypedDict, total=False):
    """What an act was about, as far as there is something to say: fields of `TrailEntry`."""

    term: Term | None
    deck: Deck | None
    from_digest: str
    to_digest: str
    reason: str


def record(by: User | None, verb: str, subject: str, *, now: datetime, **about: Unpack[About]) -> TrailEntry:
    """Add an entry; `by` is None for what the system does by itself.

    Ready pages that the act may have changed are dropped: `services/ready_page.py` says by the verb which.
    """
    note_act(verb, term=about.get("term"), on_a_deck=about.get("deck") is not None)
    made = entry(by, verb, subject, now=now, **about)
    made.save()
    return made


def entry(by: User | None, verb: str, subject: str, *, now: datetime, **about: Unpack[About]) -> TrailEntry:
    """Return an entry that is not saved, for whoever writes many at once."""
    name = by.get_username() if by else SYSTEM
    return TrailEntry(actor=by, actor_name=name, at=now, verb=verb, subject=subject[:200], **about)

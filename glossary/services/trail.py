"""Writing the trail: every act leaves one entry, in the transaction of the act."""

from datetime import datetime

from django.contrib.auth.models import User

from glossary.models import Deck, Term, TrailEntry

SYSTEM = "Daily Deck"


def record(
    by: User | None,
    verb: str,
    subject: str,
    *,
    now: datetime,
    term: Term | None = None,
    deck: Deck | None = None,
    from_digest: str = "",
    to_digest: str = "",
    reason: str = "",
) -> TrailEntry:
    """Add an entry; `by` is None for what the system does by itself."""
    made = entry(
        by,
        verb,
        subject,
        now=now,
        term=term,
        deck=deck,
        from_digest=from_digest,
        to_digest=to_digest,
        reason=reason,
    )
    made.save()
    return made


def entry(
    by: User | None,
    verb: str,
    subject: str,
    *,
    now: datetime,
    term: Term | None = None,
    deck: Deck | None = None,
    from_digest: str = "",
    to_digest: str = "",
    reason: str = "",
) -> TrailEntry:
    """Return an entry that is not saved, for whoever writes many at once."""
    return TrailEntry(
        actor=by,
        actor_name=by.get_username() if by else SYSTEM,
        at=now,
        verb=verb,
        subject=subject[:200],
        term=term,
        deck=deck,
        from_digest=from_digest,
        to_digest=to_digest,
        reason=reason,
    )

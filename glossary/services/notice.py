"""Telling members of staff what came to them."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User

from glossary.models import DeskPreference, Notice, NoticeKind, Term
from glossary.services.clock import moment


def tell(
    person: User,
    kind: NoticeKind,
    *,
    term: Term,
    path: str,
    now: datetime,
    text: str = "",
    line: int | None = None,
    said_by: User | None = None,
) -> Notice | None:
    """Leave a notice for a person, in the transaction of the act; nobody is told of their own acts."""
    if said_by is not None and said_by.pk == person.pk:
        return None
    return Notice.objects.create(
        person=person,
        kind=kind,
        term=term,
        path=path,
        at=now,
        text=text,
        line=line,
        said_by=said_by.get_username() if said_by else "",
    )


def put_away(person: User, notices: Iterable[int], *, now: datetime | None = None) -> int:
    """Mark a person's own notices as read; return how many that were."""
    return Notice.objects.unread().filter(person=person, pk__in=list(notices)).update(read_at=moment(now))


def preference_of(person: User) -> DeskPreference:
    """Return how a person likes to work; what nobody chose is as the model has it."""
    return DeskPreference.objects.filter(person=person).first() or DeskPreference(person=person)


def set_preference(
    person: User, *, mails: bool | None = None, digest: bool | None = None, keys: bool | None = None
) -> DeskPreference:
    """Change what is given and keep the rest."""
    given = {name: on for name, on in (("mails", mails), ("digest", digest), ("keys", keys)) if on is not None}
    preference, _ = DeskPreference.objects.update_or_create(person=person, defaults=given)
    return preference

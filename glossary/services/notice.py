"""Telling members of staff what came to them."""

from datetime import datetime

from django.contrib.auth.models import User

from glossary.models import Notice, NoticeKind, Term


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

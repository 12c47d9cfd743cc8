"""The shared library of sources."""

from datetime import date, datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.names import clean_line
from glossary.domain.roles import Action
from glossary.models.source import Publisher, Source
from glossary.services.clock import moment, today
from glossary.services.roles import may
from glossary.services.trail import record

is_web_address = URLValidator(schemes=["http", "https"])


@transaction.atomic
def keep_source(
    url: str,
    *,
    title: str,
    publisher: str,
    by: User,
    published_on: date | None = None,
    primary: bool = False,
    now: datetime | None = None,
) -> Source:
    """Return the source of this address, adding it to the library if it is new; raises BadText or IllegalMove."""
    if not (may(by, Action.CHECK) or may(by, Action.WRITE)):
        raise PermissionDenied("You may not add sources.")
    url = clean_line(url, limit=500, what="The address")
    known = Source.objects.filter(url=url).first()
    if known:
        return known
    try:
        is_web_address(url)
    except ValidationError as error:
        raise BadText("The address of a source begins with https:// or http:// and names a page.") from error
    title = clean_line(title, limit=300, what="The title")
    publisher = clean_line(publisher, limit=200, what="The publisher")
    if not title or not publisher:
        raise IllegalMove("A source new to the library needs its title and its publisher.")
    if published_on and published_on > today(now):
        raise IllegalMove("The source is dated in the future. Give the day on which it was published.")
    house, _ = Publisher.objects.get_or_create(name=publisher)
    source = Source.objects.create(url=url, title=title, publisher=house, published_on=published_on, primary=primary)
    record(by, "added the source", title, now=moment(now))
    return source

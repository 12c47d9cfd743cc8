"""The shared library of sources."""

from datetime import date, datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.names import clean_line, clean_text
from glossary.domain.roles import Action
from glossary.models import Term
from glossary.models.source import Party, Source, SourceText
from glossary.services.clock import moment, today
from glossary.services.desk_word import index_term
from glossary.services.roles import may, require
from glossary.services.trail import record

is_web_address = URLValidator(schemes=["http", "https"])


MAX_SOURCE_TEXT = 400_000  # characters kept for ranking passages


@transaction.atomic
def keep_text(source: Source, text: str, *, by: User, fetched: bool = False, now: datetime | None = None) -> SourceText:
    """Keep the text of a source, pasted or fetched, so that its passages can be ranked for each line."""
    require(by, Action.CHECK)
    text = clean_text(text[:MAX_SOURCE_TEXT], limit=MAX_SOURCE_TEXT, what="The text of the source")
    if not text.strip():
        raise IllegalMove("The text is empty. Paste the words of the source.")
    kept, _ = SourceText.objects.update_or_create(
        source=source, defaults={"text": text, "fetched": fetched, "at": moment(now)}
    )
    record(by, "fetched the text of" if fetched else "pasted the text of", source.title, now=moment(now))
    return kept


@transaction.atomic
def keep_source(
    url: str,
    *,
    title: str,
    publisher: str,
    by: User,
    published_on: date | None = None,
    primary: bool = False,
    for_term: Term | None = None,
    now: datetime | None = None,
) -> Source:
    """Return the source of this address, adding it to the library if it is new; raises BadText or IllegalMove.

    `for_term` puts it at hand for whoever writes or checks that term.
    """
    if not (may(by, Action.CHECK) or may(by, Action.WRITE)):
        raise PermissionDenied("You may not add sources.")
    url = clean_line(url, limit=500, what="The address")
    source = Source.objects.filter(url=url).first() or _new_source(
        url, title=title, publisher=publisher, by=by, published_on=published_on, primary=primary, now=now
    )
    if for_term is not None and not for_term.sources.filter(pk=source.pk).exists():
        for_term.sources.add(source)
        index_term(for_term)
        record(by, "put a source at hand for", str(for_term), now=moment(now), term=for_term, reason=source.title)
    return source


def _new_source(
    url: str, *, title: str, publisher: str, by: User, published_on: date | None, primary: bool, now: datetime | None
) -> Source:
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
    house, _ = Party.objects.get_or_create(name=publisher)
    source = Source.objects.create(url=url, title=title, publisher=house, published_on=published_on, primary=primary)
    record(by, "added the source", title, now=moment(now))
    return source

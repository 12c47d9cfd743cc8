"""What readers ask for and do not find: counted by match key, without any trace of who asked, and shown to editors."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.names import MAX_NAME, squeezed_key
from glossary.domain.roles import Action
from glossary.domain.search import MAX_QUERY, read_query
from glossary.models import Ask
from glossary.models.ask import ENOUGH
from glossary.models.name import MAX_KEY
from glossary.services.clock import moment
from glossary.services.roles import require
from glossary.services.trail import record

ONE_WORD_EVERY = timedelta(minutes=1)  # a word is counted once in this time, however many ask for it
ALL_WORDS_A_MINUTE = 60  # asks of the whole site that are counted; programs ask faster than readers do
KEPT = 5_000  # words that are kept at most
STALE = timedelta(days=30)  # a word that hardly anybody asked for makes room after this time


class TooManyAsks(IllegalMove):
    """More asks came within a minute than readers make."""


def ask_for(text: str, *, now: datetime | None = None) -> Ask:
    """Count that a reader wants a card for `text` and return the count as it stands.

    Nothing about the reader is kept or looked at; instead the same word is counted once a minute, and the site counts
    60 asks a minute. Raises BadText for a text that is no name, TooManyAsks when the brake holds or no room is left.
    """
    if len(text) > MAX_QUERY:
        raise BadText(f"A name has at most {MAX_QUERY} characters. Ask for the word itself.")
    query = read_query(text)
    if not query.words:
        raise BadText("Type the word you look for, with a letter or a digit in it.")
    at = moment(now)
    key, name = squeezed_key(query.text)[:MAX_KEY], query.text[:MAX_NAME]
    if Ask.objects.filter(last_at__gt=at - timedelta(minutes=1)).count() >= ALL_WORDS_A_MINUTE:
        raise TooManyAsks("Many words are being asked for just now. Try again in a minute.")
    if not Ask.objects.filter(pk=key).exists():
        _make_room(at)
        try:
            with transaction.atomic():
                return Ask.objects.create(key=key, text=name, first_at=at, last_at=at)
        except IntegrityError:
            pass  # another reader asked for it at this moment; theirs is the first ask
    waited = Ask.objects.filter(pk=key, last_at__lte=at - ONE_WORD_EVERY)
    waited.update(number=F("number") + 1, last_at=at)
    return Ask.objects.get(pk=key)


def asks_for_desk() -> QuerySet[Ask]:
    """Return the words that at least three asks came for and that no term, not even a draft, goes by yet."""
    return Ask.objects.for_desk()


@transaction.atomic
def dismiss_ask(key: str, *, by: User, now: datetime | None = None) -> Ask:
    """Put a word aside: editors see it no more, whatever comes in. Raises IllegalMove if it is not open."""
    require(by, Action.WRITE)
    at = moment(now)
    if not Ask.objects.open().filter(pk=key).update(dismissed_at=at, dismissed_by=by):
        raise IllegalMove("Nobody waits for this word any more.")
    ask = Ask.objects.get(pk=key)
    record(by, "put aside what readers asked for", ask.text, now=at, reason=f"{ask.number} asks")
    return ask


def _make_room(at: datetime) -> None:
    if Ask.objects.count() < KEPT:
        return
    stale = Ask.objects.open().filter(number__lt=ENOUGH, last_at__lte=at - STALE)
    if not stale.delete()[0]:
        raise TooManyAsks("Editors have more words to look at than they can. Try again another day.")

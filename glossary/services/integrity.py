"""Integrity: computing anew everything that the services leave, to find what was changed behind them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import OperationalError, connection
from django.db.models import Model, QuerySet

from glossary.domain.deck import DECK_SIZE, EDITABLE, DeckState
from glossary.domain.fact_check import STANDS, Result
from glossary.domain.names import is_slug
from glossary.domain.term import Stage
from glossary.domain.wording.rules import Severity
from glossary.models import AnkiPackage, Card, Deck, Name, OldSlug, ReadyPage, RuleSetting, Term, TrailEntry
from glossary.services.integrity_pages import package_faults, page_faults
from glossary.services.integrity_search import search_faults, searched_rows
from glossary.services.integrity_term import VERBS, term_faults, wanted_names
from glossary.services.integrity_words import Fault, rows_of, with_rows, word_faults

CHUNK = 50  # rows that are in memory at a time, each with all that belongs to it
BROKEN_ROW = (AttributeError, KeyError, TypeError, ValueError, OperationalError)  # what a row of nonsense raises
BESIDES = (
    "names",
    "meanings",
    "merged__aliases",
    "sources",
    "desk_words",
    "link_keys",
    "search_names",
)  # of a term, read along with it

Key = int | str
Look = Callable[[list[Key]], Iterator[tuple[Key, list[Fault]]]]  # rows by key → each with its faults


def check_integrity(*, progress: Callable[[int], None] | None = None) -> Iterator[Fault]:
    """Yield every fault of the glossary; reads only, in chunks, with a bounded number of queries for each.

    People may work meanwhile: what looks wrong is looked at twice, and a row that cannot be read is a fault by itself.
    `progress` is told how many rows were looked at. Raises OperationalError if the database cannot be reached.
    """
    done = 0
    looks: list[tuple[type[Model], Look]] = [
        (Term, _look_at_terms),
        (Name, _look_at_names),
        (OldSlug, _look_at_old_slugs),
        (Deck, _look_at_decks),
        (ReadyPage, page_faults),
        (AnkiPackage, package_faults),
    ]
    for model, look in looks:
        for keys in _chunks(model):
            yield from _seen_twice(model, keys, look)
            done += len(keys)
            if progress:
                progress(done)


def _chunks(model: type[Model]) -> Iterator[list[Key]]:
    rows: QuerySet[Model] = model._default_manager.order_by("pk")
    keys: list[Key] = list(rows.values_list("pk", flat=True)[:CHUNK])
    while keys:
        yield keys
        keys = list(rows.filter(pk__gt=keys[-1]).values_list("pk", flat=True)[:CHUNK])


def _seen_twice(model: type[Model], keys: list[Key], look: Look) -> Iterator[Fault]:
    """Look at all rows together, then at each suspect alone, and yield what was seen both times."""
    first: dict[Key, list[Fault]] | None
    try:
        first = dict(look(keys))
    except BROKEN_ROW as error:
        _raise_if_unreachable(error)
        first = None
    for key in keys:
        if first is not None and not first.get(key):
            continue
        try:
            again = dict(look([key])).get(key, [])
        except BROKEN_ROW as error:
            _raise_if_unreachable(error)
            subject = f"{model._meta.verbose_name} {key}"
            yield Fault("row", subject, f"It cannot be read ({error}). Restore its rows from a backup.")
            continue
        yield from (fault for fault in again if first is None or fault in first[key])


def _raise_if_unreachable(error: Exception) -> None:
    """Raise the error again unless the database still answers: then the row is to blame."""
    if isinstance(error, OperationalError) and not connection.is_usable():
        raise error


def _look_at_terms(keys: list[Key]) -> Iterator[tuple[Key, list[Fault]]]:
    terms = with_rows(Term.objects.filter(pk__in=keys)).select_related("merged_into", "search_entry")
    off = frozenset(RuleSetting.objects.filter(level=Severity.OFF.value).values_list("rule", flat=True))
    found = [rows_of(term, off) for term in terms.prefetch_related(*BESIDES)]
    searched = searched_rows(found)
    names = {rows.term.pk: wanted_names(rows) for rows in found}
    book = Name.objects.in_bulk({key for wanted in names.values() for key in wanted or ()})
    trail: dict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
    entries = TrailEntry.objects.filter(term_id__in=keys, verb__in=VERBS.values()).order_by()
    for pk, verb, before, after in entries.values_list("term_id", "verb", "from_digest", "to_digest"):
        trail[pk or 0][verb, before if verb == VERBS[Result.WITHDRAWN] else after] += 1
    for rows in found:
        pk = rows.term.pk
        others = term_faults(rows, trail=trail[pk], names=names[pk], book=book)
        yield pk, [*word_faults(rows), *others, *search_faults(rows, searched)]


def _look_at_names(keys: list[Key]) -> Iterator[tuple[Key, list[Fault]]]:
    """Compare ambiguous names with their meanings; whose a name is, its term's own look has found out."""
    for name in Name.objects.filter(pk__in=keys).prefetch_related("meanings"):
        meanings, says = name.meanings.all(), ""
        if name.ambiguous and not meanings:
            says = "It is ambiguous and means no term at all. Delete the row."
        elif name.ambiguous and name.public != any(meaning.public for meaning in meanings):
            says = "Whether readers may use it is not what its meanings say. Save one of its terms again."
        elif meanings and not name.ambiguous:
            says = "It means one term and has a list of meanings as well. Save its term again."
        yield name.pk, [Fault("name", f"name {name.pk}", says)] if says else []


def _look_at_old_slugs(keys: list[Key]) -> Iterator[tuple[Key, list[Fault]]]:
    taken = set(Term.objects.filter(slug__in=keys).values_list("slug", flat=True))
    for old in OldSlug.objects.filter(pk__in=keys).select_related("term"):
        says = ""
        if old.slug in taken:
            says = "It is the address of a term today and is kept as an old one too. Delete the old one."
        elif old.term.stage == Stage.MERGED:
            says = f"It leads to “{old.term.slug}”, which is merged into another: let it lead there."
        elif not is_slug(old.slug):
            says = "Nobody can ask for it: addresses have small letters, digits and single hyphens. Delete the row."
        yield old.pk, [Fault("redirect", f"address {old.slug}", says)] if says else []


def _look_at_decks(keys: list[Key]) -> Iterator[tuple[Key, list[Fault]]]:
    for deck in Deck.objects.filter(pk__in=keys).with_cards():
        yield deck.pk, list(_deck_faults(deck))


def _deck_faults(deck: Deck) -> Iterator[Fault]:
    name = f"deck {deck.day}"
    cards = list(deck.cards.all())
    if deck.state not in set(DeckState):
        yield Fault("deck", name, f"Its state is “{deck.state}”, which does not exist. Restore the row from a backup.")
    if deck.state in EDITABLE:
        for card in cards:
            if card.edition_id is not None:
                says = "Its words are frozen, and the deck is not locked. Take the card out and choose it again."
                yield Fault("deck", f"{name}, card {card.position}", says)
    if deck.state not in {DeckState.LOCKED, DeckState.PUBLISHED}:
        return
    if sorted(card.position for card in cards) != list(range(1, DECK_SIZE + 1)):
        says = f"It has {len(cards)} cards and needs one at each place from 1 to {DECK_SIZE}. "
        yield Fault("deck", name, f"{says}Restore its cards from a backup.")
    moments = [at for at in (deck.locked_at, deck.published_at) if at is not None]
    if deck.locked_at is None or (deck.state == DeckState.PUBLISHED and deck.published_at is None):
        yield Fault("deck", name, f"It is {deck.state}, and since when is not known. Restore the row from a backup.")
    for card in cards:
        if says := _unfrozen(card, moments):
            yield Fault("freeze", f"{name}, card {card.position}", f"{says} Restore the row from a backup.")


def _unfrozen(card: Card, moments: list[datetime]) -> str:
    """Return what is wrong with a frozen card; empty if its words bore its date when they were dealt."""
    if card.edition is None:
        return "Its words were never frozen."
    if card.edition.term_id != card.term_id:
        return "Its words are those of another term."
    if not any(_stamp_at(card, moment) == card.checked_on for moment in moments):
        return f"No check of its words gave them the date {card.checked_on} when the deck was locked."
    return ""


def _stamp_at(card: Card, moment: datetime) -> object:
    """Return the date that the newest decision gave the card's words by then; None if it gave none."""
    checks = card.edition.fact_checks.all() if card.edition else []
    decided = [check for check in checks if check.at <= moment and check.result != Result.SENT_BACK]
    newest = max(decided, key=lambda check: check.pk, default=None)
    return newest.stamp_on if newest is not None and newest.result in STANDS else None

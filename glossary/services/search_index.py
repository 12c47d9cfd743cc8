"""Keeping the search index: what readers find a published term by, in the transaction that changes it."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from glossary.domain.names import squeezed_key
from glossary.domain.search import Entry, deletions_of, entry_of, folded, typo_words
from glossary.domain.term import Words
from glossary.models import NamePlace, SearchEntry, SearchName, SearchTypo, Term
from glossary.models.search import NAMES_TEXT, TEXT, has_text_table
from glossary.services.names import wanted_names

CHUNK = 200  # terms of a rebuild that are in memory at a time
PARTS = {TEXT: ("names", "definition", "body"), NAMES_TEXT: ("names",)}  # what each of SQLite's indexes is made from

Named = dict[str, tuple[NamePlace, str]]  # key → what the name is, and how readers see it


def index_published(term: Term) -> None:
    """Make the index agree with what readers see of the term now: its published words, and all names that lead to it.

    Called after `sync_names`, with the term's lock held. A term that is not published is found by nothing.
    """
    if term.published_at is None:
        return  # readers never saw it
    words = term.published.words if term.published is not None else None
    names: list[str] = []
    if words is not None:
        printed = {squeezed_key(name) for name in printed_names(words)}
        hidden = [text for key, (text, _, public) in wanted_names(term).items() if public and key not in printed]
        names = [*printed_names(words), *hidden]
    _write_names(term, names_of(words, names) if words else {})
    _write_entry(term.pk, entry_of(words, names) if words else None)
    add_typos(names)


def printed_names(words: Words) -> list[str]:
    """Return the names that readers see, the headword first."""
    return [words.headword, *(alias.text for alias in words.aliases)]


def names_of(words: Words, names: Iterable[str]) -> Named:
    """Return under which keys a term is found: by the names of its words, and by those of `names` that are not printed.

    A name with marks on its letters is found without them, too.
    """
    found: Named = {}

    def add(name: str, place: NamePlace) -> None:
        found.setdefault(squeezed_key(name), (place, "" if place == NamePlace.HIDDEN else name))

    add(words.headword, NamePlace.HEADWORD)
    for alias in words.aliases:
        add(alias.text, NamePlace.ALIAS)
    for name in names:
        add(name, NamePlace.HIDDEN)
    for name in [*printed_names(words), *names]:
        if bare := squeezed_key(folded(name)):
            add(bare, NamePlace.HIDDEN)
    return found


def add_typos(names: Iterable[str]) -> None:
    """Let words of these names be found by their misspellings; words that are known are left as they are."""
    wanted = typo_words(names)
    known = set(SearchTypo.objects.filter(word__in=wanted).values_list("word", flat=True).distinct())
    rows = [SearchTypo(deletion=n, word=word) for word in sorted(wanted - known) for n in sorted(deletions_of(word))]
    SearchTypo.objects.bulk_create(rows, ignore_conflicts=True)  # somebody else may publish such a word just now


def rebuild(*, progress: Callable[[int], None] | None = None) -> int:
    """Make the whole index anew from the published terms and return their number; readers search meanwhile.

    One chunk of terms is one transaction, so nobody waits long. `progress` is told how many terms are done.
    """
    done = 0
    SearchEntry.objects.exclude(Exists(Term.objects.published().filter(pk=OuterRef("pk")))).delete()
    SearchName.objects.exclude(Exists(Term.objects.published().filter(pk=OuterRef("term_id")))).delete()
    for keys in _chunks(Term.objects.published()):
        with transaction.atomic():
            for term in Term.objects.select_for_update(of=("self",)).filter(pk__in=keys).select_related("published"):
                index_published(term)
        done += len(keys)
        if progress:
            progress(done)
    _sweep_typos()
    if has_text_table():
        with connection.cursor() as cursor:
            for table in PARTS:
                cursor.execute(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")
    return done


def astray_in_text(entries: Mapping[int, Entry | None]) -> set[int]:
    """Return the terms that the database's full-text index does not find by their words, or has without any.

    `entries` are rows of the index by term, None for a term without one. Reads only: two questions to each index for
    all of them. On PostgreSQL the index is a generated column, which cannot differ.
    """
    if not has_text_table() or not entries:
        return set()
    return set().union(*(_astray_in(table, entries) for table in PARTS))


def _astray_in(table: str, entries: Mapping[int, Entry | None]) -> set[int]:
    asked = {pk: _whole(entry, PARTS[table]) for pk, entry in entries.items() if entry is not None}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table}_docsize WHERE id IN ({', '.join(map(str, map(int, entries)))})")
        found = {row[0] for row in cursor.fetchall()}
        astray = found ^ asked.keys()
        one = f"SELECT rowid FROM {table} WHERE rowid = %s AND {table} MATCH %s"
        if asked:
            cursor.execute(" UNION ALL ".join([one] * len(asked)), [value for row in asked.items() for value in row])
            astray |= asked.keys() - {row[0] for row in cursor.fetchall()}
    return astray


def _whole(entry: Entry, parts: Iterable[str]) -> str:
    """Return a query that only a card with exactly these words in this order answers."""
    return " AND ".join(f'{part} : "{words}"' for part, words in _parts_of(entry, parts).items() if words)


def _write_names(term: Term, wanted: Named) -> None:
    there = {name.key: name for name in SearchName.objects.filter(term=term)}
    gone = [name.pk for key, name in there.items() if wanted.get(key) != (name.place, name.text)]
    if gone:
        SearchName.objects.filter(pk__in=gone).delete()
    new = [
        SearchName(term=term, key=key, place=place, text=text)
        for key, (place, text) in wanted.items()
        if key not in there or there[key].pk in gone
    ]
    SearchName.objects.bulk_create(new)


def _write_entry(term_id: int, wanted: Entry | None) -> None:
    row = SearchEntry.objects.filter(pk=term_id).first()
    there = Entry(row.names, row.definition, row.body) if row else None
    if there == wanted:
        return
    if there is not None:
        _forget_text(term_id, there)
        SearchEntry.objects.filter(pk=term_id).delete()
    if wanted is not None:
        SearchEntry.objects.create(term_id=term_id, names=wanted.names, definition=wanted.definition, body=wanted.body)
        _learn_text(term_id, wanted)


def _forget_text(term_id: int, entry: Entry) -> None:
    """Take a card out of SQLite's full-text indexes, which have to be told the words they know."""
    for table, parts in PARTS.items() if has_text_table() else ():
        _insert(table, {table: "delete", "rowid": term_id, **_parts_of(entry, parts)})


def _learn_text(term_id: int, entry: Entry) -> None:
    for table, parts in PARTS.items() if has_text_table() else ():
        _insert(table, {"rowid": term_id, **_parts_of(entry, parts)})


def _parts_of(entry: Entry, parts: Iterable[str]) -> dict[str, str]:
    return {part: getattr(entry, part) for part in parts}


def _insert(table: str, row: Mapping[str, int | str]) -> None:
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(row))
        cursor.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def _chunks(terms: QuerySet[Term]) -> Iterator[list[int]]:
    rows = terms.order_by("pk").values_list("pk", flat=True)
    keys = list(rows[:CHUNK])
    while keys:
        yield keys
        keys = list(rows.filter(pk__gt=keys[-1])[:CHUNK])


def _sweep_typos() -> None:
    """Drop the words that no published name has any more."""
    known: set[str] = set()
    for names in SearchEntry.objects.values_list("names", flat=True).iterator():
        known.update(names.split())
    stale = set(SearchTypo.objects.values_list("word", flat=True).distinct().iterator()) - known
    for word in sorted(stale):
        SearchTypo.objects.filter(word=word).delete()

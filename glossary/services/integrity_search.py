"""Integrity of search: readers find a term by its published words and its names, and by nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from glossary.domain.names import squeezed_key
from glossary.domain.search import Entry, deletions_of, entry_of, typo_words
from glossary.domain.term import AliasKind, Words
from glossary.models import NamePlace, SearchTypo, Term
from glossary.services.integrity_words import Fault, TermRows, words_of
from glossary.services.search_index import astray_in_text, names_of, printed_names

REBUILD = "Run rebuild_search."


@dataclass(frozen=True)
class Searched:
    """What the search index has for some terms besides their own rows."""

    typos: set[tuple[int, str]]  # number → word by which misspelt names are understood
    astray: set[int]  # terms that the full-text index does not have as their rows do


def searched_rows(found: Sequence[TermRows]) -> Searched:
    """Read what the index has for these terms; a constant number of queries."""
    entries = {rows.term.pk: _entry(rows.term) for rows in found}
    words = sorted({word for entry in entries.values() if entry for word in entry.names.split()})
    typos = SearchTypo.objects.filter(word__in=words).values_list("deletion", "word")
    return Searched(set(typos), astray_in_text(entries))


def search_faults(rows: TermRows, index: Searched) -> Iterator[Fault]:
    """Yield where the search index differs from the term."""
    term = rows.term
    there = {name.key: (NamePlace(name.place), name.text) for name in term.search_names.all()}
    published = rows.editions.get(term.published_id or 0)
    words = words_of(published) if published else None
    if published is not None and words is None:
        return  # that its words cannot be read is a fault by itself
    if words is None:
        if there or _entry(term) is not None or term.pk in index.astray:
            yield Fault("search", term.slug, f"Readers see no words of it, and a search looks for it. {REBUILD}")
        return
    names = _names(rows, words)
    if there != names_of(words, names):
        yield Fault("search", term.slug, f"Readers do not find it by its names, or find it by others. {REBUILD}")
    if _entry(term) != entry_of(words, names) or term.pk in index.astray:
        yield Fault("search", term.slug, f"The words by which readers find it are not its published ones. {REBUILD}")
    if not {(number, word) for word in typo_words(names) for number in deletions_of(word)} <= index.typos:
        yield Fault("search", term.slug, f"A misspelt name of it is not understood. {REBUILD}")


def _names(rows: TermRows, words: Words) -> list[str]:
    """Return the names by which readers may find a term: printed ones, hidden ones, and those of merged terms."""
    term = rows.term
    hidden = [alias.text for alias in term.aliases.all() if not alias.shown or alias.kind == AliasKind.MISSPELLING]
    own = {name.key for name in term.names.all() if name.public}
    merged = [name for one in term.merged.all() for name in (one.headword, *(a.text for a in one.aliases.all()))]
    printed = printed_names(words)
    known = {squeezed_key(name) for name in printed}
    unprinted = [*hidden, *(name for name in merged if squeezed_key(name) in own)]
    return [*printed, *(name for name in unprinted if squeezed_key(name) not in known)]


def _entry(term: Term) -> Entry | None:
    row = getattr(term, "search_entry", None)
    return Entry(row.names, row.definition, row.body) if row else None

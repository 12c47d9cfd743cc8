"""Search over published words: by name, by how a name begins, by words of the card, and by misspelt words.

The same road on both databases: each step is one indexed look-up with a bound on what it may bring, the last ranking is
done here over at most a hundred cards. Nothing is counted, nothing of a draft is in the index.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from glossary.domain.search import (
    MAX_TYPO_WORD,
    Entry,
    Query,
    allowed_typos,
    deletions_of,
    name_asked_for,
    nearest_word,
    ranked,
    read_query,
    stem_of,
    words_of,
)
from glossary.domain.snippet import Piece, snippet_of
from glossary.domain.term import Words
from glossary.models import FactCheck, Term
from glossary.models.search import LAST, NAMES_TEXT, TEXT
from glossary.models.term_for_readers import terms_for_readers
from glossary.services.clock import today

PAGE = 20  # hits on one page
MOST = 100  # hits that a search gives at all
SCORED = 2_000  # cards that the database scores for one query; more of them would only cost time
NAMES_READ = 60  # names that begin with what was asked
TYPOS_READ = 2_000  # rows of words that come near a misspelt one before they are compared letter by letter
FEW = 10  # cards that hold all of three or more words; with fewer, those that hold some of them stand for choice too
SUGGESTED = 8
NEAR = 4
COMMON_STARTS = (6, 4, 3, 2, 1)  # letters that the nearest names share with the query at least, if nothing else helps
# What is asked past the ORM, which takes longer to build such a query than the database to answer it
WHOLE_NAME = """SELECT 0 AS step, term_id, place, key FROM glossary_searchname WHERE key IN ({})
    ORDER BY place, term_id LIMIT %s"""
NAME_START = """SELECT {} AS step, term_id, place, key FROM glossary_searchname WHERE key >= %s AND key < %s
    ORDER BY key, place, term_id LIMIT %s"""
IN_SQLITE = """SELECT term_id, names, definition, body FROM (
        SELECT key, score FROM (
            SELECT rowid AS key, bm25({0}, 8.0, 4.0, 1.0) AS score FROM {0} WHERE {0} MATCH %s LIMIT %s
        ) ORDER BY score, key LIMIT %s
    ) AS best CROSS JOIN glossary_searchentry ON term_id = key"""
# Of EXISTS, PostgreSQL expects that one of the first cards holds the stem, and reads all of them if none does
HELD = """SELECT count(*) FROM (
        SELECT 1 FROM glossary_searchentry WHERE vector @@ to_tsquery('simple', %s) LIMIT 20
    ) AS held"""
SAME_NUMBER = "SELECT deletion, word FROM glossary_searchtypo WHERE deletion IN ({}) LIMIT %s"
NAME_VECTOR = "to_tsvector('simple'::regconfig, names)"  # as migration 0024 indexes it
IN_POSTGRESQL = """SELECT entry.term_id, names, definition, body FROM (
        SELECT term_id FROM (
            SELECT term_id, ts_rank('{{0.1, 0.2, 0.5, 1.0}}', vector, asked, 1) AS score
            FROM glossary_searchentry, to_tsquery('simple', %s) AS asked WHERE {} @@ asked LIMIT %s
        ) AS scored ORDER BY score DESC, term_id LIMIT %s
    ) AS best JOIN glossary_searchentry AS entry USING (term_id)"""


@dataclass(frozen=True)
class Hit:
    """One term that answers, with the words and the check readers see, and the passage that says so."""

    term: Term
    words: Words
    check: FactCheck
    pieces: tuple[Piece, ...] = ()
    matched: str = ""  # the printed name that answers, where it is not the headword

    @property
    def late(self) -> bool:
        """Whether the check is overdue, which readers are told."""
        return self.term.overdue_on is not None and self.term.overdue_on <= today()


@dataclass(frozen=True)
class Results:
    """One page of what a query finds. `meant` is the headword of the term that a misspelt query seems to mean."""

    query: Query
    hits: tuple[Hit, ...] = ()
    found: int = 0  # on all pages; MOST stands for that many or more
    meant: str = ""
    page: int = 1
    is_exact: bool = False  # a term goes by exactly this name

    @property
    def pages(self) -> int:
        """How many pages there are, one at least."""
        return max(1, -(-self.found // PAGE))


@dataclass(frozen=True)
class Named:
    """Terms by what a name of theirs says, best first; the first `exact` go by exactly the name that was asked for."""

    terms: list[int]
    exact: int = 0


def search(text: str, *, page: int = 1) -> Results:
    """Return page `page` (from 1) of the published terms that answer `text`, best first. Never raises.

    Order: a name that is the query, names that begin with it, names that hold its words, then cards that do. If no
    name answers, words are read as misspelt: those hits come first where no card holds the words as they were typed.
    """
    query = read_query(text)
    if not query.text:
        return Results(query)
    names, stems, meant = _named(query), query.stems, 0
    named = names.terms
    texts = _in_texts(stems) if len(named) < MOST else []
    if not named:
        mended = _mended(query)
        if mended is not None:
            named_by_typo = _named(mended).terms
            meant = named_by_typo[0] if named_by_typo else 0
            texts = [*texts, *named_by_typo] if texts else [*named_by_typo, *_in_texts(mended.stems)]
            stems = tuple(dict.fromkeys([*stems, *mended.stems]))
        if not texts or (not meant and len(stems) > 2 and len(texts) < FEW):
            texts = _in_texts(stems, any_of_them=True)  # of what was told in many words no card holds each
    keys = list(dict.fromkeys([*named, *texts]))[:MOST]
    page = max(1, min(page, -(-len(keys) // PAGE)))
    shown = _shown([*keys[(page - 1) * PAGE : page * PAGE], *([meant] if meant else [])])
    hits = tuple(
        Hit(term, words, check, tuple(snippet_of(words, stems)), name_asked_for(words, query))
        for key in keys[(page - 1) * PAGE : page * PAGE]
        if key in shown
        for term, words, check in [shown[key]]
    )
    headword = shown[meant][1].headword if meant in shown else ""
    return Results(query, hits, len(keys), headword, page, names.exact > 0)


def suggest(text: str) -> list[Hit]:
    """Return up to eight terms whose names answer what has been typed so far, best first; by typos if none does."""
    query = read_query(text)
    if not query.text:
        return []
    named = _named(query).terms
    if not named and (mended := _mended(query)) is not None:
        named = _named(mended).terms
    return [Hit(*row) for row in _in_order(named[:SUGGESTED])]


def nearest(text: str, *, limit: int = NEAR) -> list[Term]:
    """Return the published terms whose names come nearest to `text`: as `suggest`, else those that begin alike."""
    query = read_query(text)
    if not query.text:
        return []
    named = _named(query).terms
    if not named and (mended := _mended(query)) is not None:
        named = _named(mended).terms
    key = query.keys[-1]
    for length in COMMON_STARTS:
        if not named and len(key) >= length:
            _, (named,) = _by_names([], [key[:length]])
    return [term for term, _, _ in _in_order(named[:limit])]


def _named(query: Query) -> Named:
    """Return the terms that a name of theirs answers with: the whole of it, its beginning, its words."""
    exact, starts = _by_names(query.keys, dict.fromkeys([*query.keys[:1], *query.keys[-1:]]))
    start = next((terms for terms in starts if terms), [])  # as it was typed, else in its barest form
    terms = list(dict.fromkeys([*exact, *start, *_by_words(query.words, query.stems)]))
    return Named(terms, len(exact))


def _by_names(keys: Sequence[str], starts: Iterable[str]) -> tuple[list[int], list[list[int]]]:
    """Return the terms with a name under one of the keys, in the order of the keys; and those with a name that begins
    so, for each of the beginnings: headwords first, in the order of the letters. One question for all of them.
    """
    asked: list[str] = []
    values: list[str | int] = []
    if keys:
        asked.append(f"SELECT * FROM ({WHOLE_NAME.format(', '.join(['%s'] * len(keys)))}) AS whole")
        values += [*keys, NAMES_READ]
    beginnings = list(starts)
    for place, start in enumerate(beginnings, start=1):
        asked.append(f"SELECT * FROM ({NAME_START.format(place)}) AS start_{place}")
        values += [start, start + LAST, NAMES_READ]
    if not asked:
        return [], []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked), values)
        rows = cursor.fetchall()
    exact = sorted((keys.index(key), place, term) for step, term, place, key in rows if step == 0)
    begun = [sorted((p, key, term) for step, term, p, key in rows if step == n) for n in range(1, len(beginnings) + 1)]
    return list(dict.fromkeys(t for *_, t in exact)), [list(dict.fromkeys(t for *_, t in rows)) for rows in begun]


def _by_words(words: Sequence[str], stems: Sequence[str]) -> list[int]:
    """Return the terms whose names hold all the words; the last may be still unfinished."""
    telling = [word for word in words if stem_of(word) in stems]
    if not telling or len(telling[-1]) < 3:
        return []
    if connection.vendor == "sqlite":
        parts = [f'("{word}" OR "{stem_of(word)}")' for word in telling[:-1]]
        asked = " AND ".join([*parts, f'("{telling[-1]}"* OR "{stem_of(telling[-1])}")'])
    else:
        parts = [f"('{word}' | '{stem_of(word)}')" for word in telling[:-1]]
        asked = " & ".join([*parts, f"('{telling[-1]}':* | '{stem_of(telling[-1])}')"])
    return ranked(stems, _matching(asked, in_names=True))


def _in_texts(stems: Sequence[str], *, any_of_them: bool = False) -> list[int]:
    """Return the terms whose card holds all the stems, or any of them."""
    if not stems:
        return []
    if connection.vendor == "sqlite":
        asked = (" OR " if any_of_them else " AND ").join(f'"{stem}"' for stem in stems)
    else:
        asked = (" | " if any_of_them else " & ").join(f"'{stem}'" for stem in stems)
    return ranked(stems, _matching(asked))


def _matching(asked: str, *, in_names: bool = False) -> list[tuple[int, Entry]]:
    """Return the best hundred of the first 2,000 cards that match, as the database's own score has them.

    `asked` is in the database's language; its words hold letters and digits only (`words_of`). Names have an index of
    their own, as one of the whole card reads every card that holds the word.
    """
    if connection.vendor == "sqlite":
        statement = IN_SQLITE.format(NAMES_TEXT if in_names else TEXT)
    else:
        statement = IN_POSTGRESQL.format(NAME_VECTOR if in_names else "vector")
    with connection.cursor() as cursor:
        cursor.execute(statement, [asked, SCORED, MOST])
        return [(key, Entry(names, definition, body)) for key, names, definition, body in cursor.fetchall()]


def _mended(query: Query) -> Query | None:
    """Return the query with its misspelt words as they are spelt in names; None if there is nothing to mend.

    Written as one word first ("gradiant decent"), then word by word; a word that some card holds is not misspelt.
    """
    whole = "".join(words_of(query.text))
    asked = {word for word in query.words if allowed_typos(word)}
    if len(query.words) > 1 and len(whole) <= MAX_TYPO_WORD:
        asked.add(whole)
    if not asked:
        return None
    near = _nearest_names(asked)
    if near.get(whole):
        return read_query(near[whole])
    words = [near.get(word) or word for word in query.words]
    if words == list(query.words):
        return None
    held = _held_by_some({stem_of(word) for word in query.words})
    words = [old if stem_of(old) in held else new for old, new in zip(query.words, words, strict=True)]
    return read_query(" ".join(words)) if words != list(query.words) else None


def _nearest_names(asked: Iterable[str]) -> dict[str, str]:
    """Return for each word the word of a name that comes nearest to it, "" if none does: one question for all."""
    numbers = {word: deletions_of(word) for word in asked}
    values = sorted(set().union(*numbers.values()))
    with connection.cursor() as cursor:
        cursor.execute(SAME_NUMBER.format(", ".join(["%s"] * len(values))), [*values, TYPOS_READ])
        rows = cursor.fetchall()
    return {word: nearest_word(word, [near for n, near in rows if n in own]) for word, own in numbers.items()}


def _held_by_some(stems: Iterable[str]) -> set[str]:
    """Return those of the stems that any published card holds: one question for all of them."""
    asked = sorted(stems)
    if connection.vendor == "sqlite":
        one = "SELECT %s WHERE EXISTS (SELECT 1 FROM glossary_searchtext WHERE glossary_searchtext MATCH %s)"
        values = [value for stem in asked for value in (stem, f'"{stem}"')]
    else:
        one = f"SELECT %s WHERE ({HELD}) > 0"
        values = [value for stem in asked for value in (stem, f"'{stem}'")]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([one] * len(asked)), values)
        return {row[0] for row in cursor.fetchall()}


def _shown(keys: Iterable[int]) -> dict[int, tuple[Term, Words, FactCheck]]:
    """Return the terms that readers may see, with their words; what was changed behind the services is left out."""
    found = terms_for_readers(list(keys))
    return {key: (term, *pair) for key, term in found.items() if (pair := term.shown()) is not None}


def _in_order(keys: list[int]) -> list[tuple[Term, Words, FactCheck]]:
    shown = _shown(keys)
    return [shown[key] for key in keys if key in shown]

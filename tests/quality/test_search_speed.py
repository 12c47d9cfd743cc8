"""Search at any size: how long each kind of query takes, in turn with what a plain `icontains` needs for the same.

SEARCH_TERMS sets the number of terms (default 2,000). Rows are put in directly, in bulk, as the services leave them.
"""

import gc
import gzip
import json
import os
import random
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from time import perf_counter, process_time

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Q

from glossary.domain.digest import digest_of
from glossary.domain.names import letter_of, sort_key
from glossary.domain.search import Entry, allowed_typos, deletions_of, stem_of, typo_words, words_of
from glossary.domain.term import AliasKind, AliasWords, Words
from glossary.domain.typo import WORD_LIST
from glossary.models import DeskWord, Edition, FactCheck, SearchEntry, SearchName, SearchTypo, Term
from glossary.models.search import has_text_table
from glossary.services.desk_word import find_terms
from glossary.services.search import _nearest_names, search, suggest
from glossary.services.search_index import PARTS, names_of
from tests.factories import make_published_term

pytestmark = [pytest.mark.django_db, pytest.mark.quality]
NUMBER = int(os.environ.get("SEARCH_TERMS", "2000"))
ASKED = int(os.environ.get("SEARCH_ASKED", "200"))  # queries of each kind
CHUNK = 20_000
TARGETS = {"exact": 15, "alias": 15, "title": 15, "body": 30}  # ms, p99


def put(table, columns, rows):
    """Write rows past the models, as quickly as the database takes them."""
    listed = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", rows)
        else:
            with cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


INDEXED_AFTER = [SearchName, SearchEntry, DeskWord]  # the many rows, to which no other table refers


@contextmanager
def without_indexes():
    """Drop the indexes that no constraint needs, and make each of them at one go when the rows are there."""
    tables = [model._meta.db_table for model in INDEXED_AFTER]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            sql = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql > '' AND sql NOT LIKE '%%UNIQUE%%'"
            cursor.execute(f"{sql} AND tbl_name IN ({', '.join(['%s'] * len(tables))})", tables)
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table whose check is still to come gives no index back
            cursor.execute("SET LOCAL session_replication_role = replica")  # the rows are right: nothing is looked up
            cursor.execute("SET LOCAL maintenance_work_mem = '1GB'")
            sql = "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef NOT LIKE '%%UNIQUE%%'"
            cursor.execute(f"{sql} AND tablename = ANY(%s)", [tables])
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        for _, definition in indexes:
            cursor.execute(definition)


class Model:
    """A row that the services made, as a pattern for more of its kind."""

    def __init__(self, row):
        self.table = row._meta.db_table
        self.columns = [field.column for field in row._meta.concrete_fields]
        with connection.cursor() as cursor:
            listed = ", ".join(f'"{column}"' for column in self.columns)
            cursor.execute(f"SELECT {listed} FROM {self.table} WHERE id = %s", [row.pk])
            self.values = dict(zip(self.columns, cursor.fetchone(), strict=True))

    def put(self, changes):
        put(self.table, self.columns, [list((self.values | over).values()) for over in changes])


def make_words(number, vocabulary, dice):
    """Return the words of term `number`: names of its own, a text of common and rare words."""

    def some(length):
        return [vocabulary[int(len(vocabulary) * dice.random() ** 3)] for _ in range(length)]

    name = " ".join([*(vocabulary[int(len(vocabulary) * dice.random())] for _ in range(dice.choice((1, 2, 2, 3))))])
    headword = f"{name.capitalize()} {number}"
    alias = f"{dice.choice(vocabulary)}-{number % 97} {dice.choice(vocabulary)}"
    return Words(
        headword=headword,
        definition=f"It is {' '.join(some(14))}.",
        body=f"{' '.join(some(60)).capitalize()}.",
        aliases=(AliasWords(alias, AliasKind.SPELLING),),
    )


def fill(number):
    """Put in `number` published terms with everything a search reads, and return their words."""
    pattern = make_published_term("Pattern", aliases=["Model"])
    term, edition = Model(pattern), Model(pattern.published)
    check, alias = Model(pattern.published.fact_checks.get()), Model(pattern.aliases.get())
    with gzip.open(WORD_LIST, "rt", encoding="ascii") as lines:
        vocabulary = [word for word in lines.read().split() if len(word) > 3]
    dice = random.Random(7)
    dice.shuffle(vocabulary)
    stems = {word: stem_of(word) for word in vocabulary}
    first = max(Term.objects.latest("pk").pk, Edition.objects.latest("pk").pk, FactCheck.objects.latest("pk").pk) + 1
    all_words, ids = [], count(1)
    known = set(SearchTypo.objects.values_list("word", flat=True))
    with without_indexes():
        for start in range(0, number, CHUNK):
            batch = [make_words(n, vocabulary, dice) for n in range(start, min(start + CHUNK, number))]
            rows = [(first + start + place, words, digest_of(words)) for place, words in enumerate(batch)]
            edition.put(
                {"id": pk, "term_id": pk, "digest": digest, "words_json": json.dumps(words.to_json())}
                for pk, words, digest in rows
            )
            term.put(
                {
                    "id": pk,
                    "slug": f"term-{pk}",
                    "headword": words.headword,
                    "definition": words.definition,
                    "body": words.body,
                    "working_id": pk,
                    "published_id": pk,
                    "sort_key": sort_key(words.headword),
                    "letter": letter_of(words.headword),
                }
                for pk, words, _ in rows
            )
            check.put({"id": pk, "edition_id": pk, "digest": digest} for pk, _, digest in rows)
            alias.put({"id": pk + 1_000, "term_id": pk, "text": words.aliases[0].text} for pk, words, _ in rows)
            put(
                "glossary_searchname",
                ["id", "term_id", "key", "place", "text"],
                [
                    (next(ids) + 1_000, pk, key, int(place), text)
                    for pk, words, _ in rows
                    for key, (place, text) in names_of(words, []).items()
                ],
            )
            put(
                "glossary_searchentry",
                ["term_id", "names", "definition", "body"],
                [entry_row(*r[:2], stems) for r in rows],
            )
            put("glossary_deskword", ["term_id", "word"], [(pk, w) for pk, words, _ in rows for w in desk_words(words)])
            new = {w for words in batch for w in typo_words([words.headword, words.aliases[0].text])} - known
            put("glossary_searchtypo", ["deletion", "word"], sorted((n, w) for w in new for n in deletions_of(w)))
            known |= new
            all_words += batch
    with connection.cursor() as cursor:
        if has_text_table():
            for table in PARTS:
                cursor.execute(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")
        cursor.execute("ANALYZE")
    return all_words


def entry_row(pk, words, stems):
    names = f"{words.headword} {words.aliases[0].text}".casefold().replace("-", " ").split()
    body = [[stems.get(w, w) for w in part.casefold().strip(".").split()] for part in (words.definition, words.body)]
    entry = Entry(" ".join(dict.fromkeys([*names, *map(stem_of, names)])), " ".join(body[0]), " ".join(body[1]))
    return pk, entry.names, entry.definition, entry.body


def desk_words(words):
    return set(f"{words.headword} {words.aliases[0].text} {words.definition}".casefold().strip(".").split())


def mistyped(name, dice):
    place = dice.randrange(1, max(2, len(name.split()[0]) - 1))
    return name[:place] + name[place + 1 : place + 2] + name[place : place + 1] + name[place + 2 :]


def queries(all_words, dice):
    """Return kind → queries; each was made from a term that is there, but for those that nothing answers."""
    some = [dice.choice(all_words) for _ in range(ASKED)]
    texts = [words.definition.removeprefix("It is ").strip(".").split() for words in some]
    return {
        "exact": [words.headword for words in some],
        "alias": [words.aliases[0].text for words in some],
        "title": [words.headword[: max(4, len(words.headword) // 2)] for words in some],
        "body": [text[0] if n % 3 else " ".join(text[:2]) for n, text in enumerate(texts)],
        "typo": [mistyped(words.headword, dice) for words in some],
        "no hit": ["".join(dice.choice("qxzjkv") for _ in range(9)) for _ in some],
    }


def plain(text):
    """Return what a list without an index finds: the same twenty terms at most."""
    fields = Q(headword__icontains=text) | Q(aliases__text__icontains=text) | Q(definition__icontains=text)
    return list(Term.objects.published().filter(fields | Q(body__icontains=text)).distinct()[:20])


def cpu():
    """Return the seconds of processor time that this process and its PostgreSQL session have used."""
    used = process_time()
    if connection.vendor == "postgresql":
        stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text(encoding="ascii")
        used += sum(map(int, stat.rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")
    return used


class DefaultAdmin(admin.ModelAdmin):
    """The list of terms as Django's admin searches it where nothing else is said."""

    search_fields = ("headword", "aliases__text", "definition")


def default_admin(text):
    terms, doubled = DefaultAdmin(Term, admin.site).get_search_results(None, Term.objects.all(), text)
    return list((terms.distinct() if doubled else terms).order_by("sort_key", "slug")[:50])


def make_trigrams():
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        cursor.execute("SET LOCAL maintenance_work_mem = '1GB'")
        cursor.execute("CREATE INDEX search_names_by_trigram ON glossary_searchname USING gin (text gin_trgm_ops)")


def by_trigrams(text):
    """Return the names that come nearest by PostgreSQL's own means."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT text FROM glossary_searchname WHERE text %% %s ORDER BY similarity(text, %s) DESC LIMIT 8",
            [text] * 2,
        )
        return cursor.fetchall()


def by_deletions(text):
    """Return what search takes misspelt words for."""
    return _nearest_names(word for word in words_of(text) if allowed_typos(word))


class Watch:
    """Times of one kind of act: each by the clock, all together by the processor, which other programs do not slow."""

    def __init__(self, act):
        self.act, self.times, self.used = act, [], 0.0

    def do(self, text):
        began, before = perf_counter(), cpu()
        self.act(text)
        self.used += cpu() - before
        self.times.append((perf_counter() - began) * 1_000)

    def at(self, part):
        return sorted(self.times)[min(len(self.times) - 1, int(len(self.times) * part))]

    @property
    def mean(self):
        return self.used * 1_000 / len(self.times)

    def __str__(self):
        return f"{self.at(0.5):8.1f} {self.at(0.99):8.1f} {self.mean:8.1f}"


def desk(text):
    return list(find_terms(Term.objects.all(), text).order_by("sort_key", "slug")[:50])


def compare(what, acts, texts):
    """Let two do the same in turn and print how many times as long the second takes."""
    watches = {name: Watch(act) for name, act in acts.items()}
    for text in texts:
        for watch in watches.values():
            watch.do(text)
    ours, theirs = watches.values()
    medians = ", ".join(f"{name} {watch.at(0.5):.2f} ms" for name, watch in watches.items())
    print(f"    {what}: {medians}, {theirs.at(0.5) / ours.at(0.5):.0f} × by the median")


def test_how_long_a_search_takes_beside_icontains():
    began = perf_counter()
    all_words = fill(NUMBER)
    filled = perf_counter() - began
    gc.freeze()  # no server holds so many words in its memory: looking through them is no part of a search
    dice = random.Random(11)
    asked = queries(all_words, dice)
    assert search(asked["exact"][0]).hits[0].words.headword == asked["exact"][0]
    rivals = max(3, min(ASKED, 100_000 // NUMBER))  # the slow one is asked less often where it takes seconds
    print(
        f"\n{connection.vendor}, {NUMBER:,} terms put in within {filled:.0f} s; ms by the clock, and of processor time"
    )
    acts = {"search": search, "suggest": suggest, "desk": desk, "icontains": plain}
    print(f"{'':18}" + "".join(f"{name:>11} p50      p99      cpu" for name in acts) + "   cpu ×")
    for kind, texts in asked.items():
        watches = {name: Watch(act) for name, act in acts.items()}
        for n, text in enumerate(texts):
            for name, watch in watches.items():
                if name != "icontains" or n < rivals:
                    watch.do(text)
        times = "   ".join(str(watch) for watch in watches.values())
        print(
            f"{kind:8} {TARGETS.get(kind, ''):>6}   {times} {watches['icontains'].mean / watches['search'].mean:6.0f}"
        )
        if kind in {"title", "body"}:
            compare(f"{kind}, at the desk", {"desk": desk, "default admin": default_admin}, texts[:rivals])
        if kind == "typo" and connection.vendor == "postgresql":
            make_trigrams()
            compare("typo, the look-up", {"deletions": by_deletions, "pg_trgm": by_trigrams}, texts[: rivals * 5])
        found = [bool(search(text).hits) for text in texts[:20]]
        assert any(found) == (kind != "no hit"), kind

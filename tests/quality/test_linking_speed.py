"""How long the links of a 4 KB text take among 150,000 and 1,000,000 names: the figures are printed, not judged.

By the clock, and of processor time (of this process and its PostgreSQL session), which other programs do not slow.
"""

import os
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from glossary.domain.autolink import Why
from glossary.domain.running_text import spaced_key
from glossary.domain.term import Words
from glossary.models import LinkKey, Term
from glossary.services.lexicon import mentions_on
from glossary.services.starter import starter_cards

pytestmark = [pytest.mark.django_db, pytest.mark.quality]
SIZES = (150_000, 1_000_000)
NUMBERS = {
    "postgresql": "SELECT n FROM generate_series(%s, %s) AS n",
    "sqlite": "WITH RECURSIVE r(n) AS (SELECT %s UNION ALL SELECT n + 1 FROM r WHERE n < %s) SELECT n FROM r",
}
RUNS = 200


def text_of(size):
    """Return running text of the starter glossary, `size` characters of it."""
    bodies = "\n\n".join(card.draft.body for card in reversed(starter_cards()))
    assert len(bodies) >= size
    return bodies[:size]


def add_names(first, last, terms):
    """Add names of one to four words, past the services: a million would take them hours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO glossary_linkkey (key, term_id, text, policy, ambiguous) "
            "SELECT name, term, name, 'auto', false FROM (SELECT "
            "CASE n %% 4 WHEN 0 THEN 'language' WHEN 1 THEN 'large language' WHEN 2 THEN 'the model of' ELSE '' END "
            f"|| ' name' || n AS name, {terms[0]} + n %% {len(terms)} AS term FROM ({NUMBERS[connection.vendor]}) a) b",
            [first, last],
        )
        cursor.execute("ANALYZE glossary_linkkey")


def cpu():
    """Return the seconds of processor time that this process and its PostgreSQL session have used."""
    used = process_time()
    if connection.vendor == "postgresql":
        stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text(encoding="ascii")
        used += sum(map(int, stat.rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")
    return used


def measure(words):
    """Return the best and the median by the clock, the mean of processor time, and the names that are linked.

    Each time anew: nothing that was read of the text is kept.
    """
    took = []
    before = cpu()
    for _ in range(RUNS):
        began = perf_counter()
        mentions = mentions_on(words, own=None).every
        took.append(perf_counter() - began)
    used = (cpu() - before) / RUNS
    linked = [one.names[0].text for one in mentions if one.why == Why.LINKED]
    return min(took), median(took), used, linked


def test_links_of_a_text_take_as_long_among_a_million_names():
    slugs = [card.slug for card in starter_cards()] + [f"term-{n}" for n in range(1_000)]
    Term.objects.bulk_create(Term(slug=slug, headword=slug) for slug in slugs)
    terms = list(Term.objects.filter(slug__startswith="term-").order_by("pk").values_list("pk", flat=True))
    for card in starter_cards():
        name, term = card.draft.headword, Term.objects.get(slug=card.slug)
        LinkKey.objects.create(term=term, text=name, key=spaced_key(name))
    texts = {
        "": text_of(4_096),
        ", a quarter of them beginning with words of the text": f"The model of it.{text_of(4_080)}",
    }
    before, found = 0, []
    for size in SIZES:
        add_names(before + 1, size, terms)
        before = size
        for kind, text in texts.items():
            words = Words("", body=text)
            with CaptureQueriesContext(connection) as queries:
                mentions_on(words, own=None)
            found.append((f"{size:,} names{kind}", *measure(words), len(queries)))
    print(f"\n{connection.vendor}: links of a text of 4,096 characters, {RUNS} times, in ms")
    print(f"{'best':>9} {'median':>9} {'processor':>9}")
    for name, *taken, links, count in found:
        times = " ".join(f"{value * 1000:9.2f}" for value in taken)
        print(f"{times}   {count} × SQL, {len(links)} links: {name}")
    usual, worst = found[::2], found[1::2]
    for name, (small, large) in {"growth": usual, "growth where many begin so": worst}.items():
        print(" ".join(f"{large[n] / small[n]:9.2f}" for n in (1, 2, 3)), f"  {name}")
    assert {len(links) for *_, links, _ in found} == {len(found[0][4])} and len(found[0][4]) > 3
    assert [count for *_, count in found] == [1, 2, 1, 2]

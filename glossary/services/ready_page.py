"""Ready pages: keeping an answer, and dropping it in the transaction that changes what it shows.

No page rendered before a change survives it. Whoever changes public words holds a lock, shared with others who do,
until the commit, and moves the mark. Whoever keeps a page takes the same lock for itself alone, without waiting: where
somebody is changing something it is not had and the page is sent but not kept; where it is had, nobody is, and a mark
that is still as it was before rendering proves that nobody was meanwhile. On SQLite a transaction that writes is alone
anyway.

Nobody who changes something waits for another who does: pages that the other is deleting are marked as dropped instead.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet, Sum

from glossary.domain.ready_page import MAX_PATH, Page, is_public_change, pack
from glossary.models import AnkiPackage, DroppedPage, PageDependency, PublicChange, ReadyPage, Term
from glossary.services.page_copy import page_copy

LOCK = 0xCA4D  # of PostgreSQL: shared by those who change public words, alone for one who keeps a page
MOST_SPENT = 5_000  # pages cleared away in one transaction
LAST_READERS = 600  # seconds in which whoever found a package good has long got its bytes
MOST_TERMS = 1_000  # a page that shows more of them depends on any


@dataclass
class Shows:
    """What a page is made from. As it stands: from everything, so that any public change drops it."""

    terms: frozenset[int] = field(default_factory=frozenset)
    any_term: bool = True
    any_deck: bool = True


def mark() -> int:
    """Return the mark of all public changes; one query."""
    return PublicChange.objects.aggregate(all=Sum("moves"))["all"] or 0


def keep_page(path: str, page: Page, *, build: str, shows: Shows, before: int, until: int) -> int:
    """Keep a page for its address; return the key of its row, 0 where it is not kept.

    `before` is the mark from before rendering, `until` the second since 1970 until which the page holds. Never waits
    for somebody who is changing something; the page is then not kept.
    """
    if len(path) > MAX_PATH:
        return 0
    terms = frozenset() if shows.any_term or len(shows.terms) > MOST_TERMS else shows.terms
    try:
        with _never_waiting(), transaction.atomic():
            if not _alone() or mark() != before:
                return 0
            _drop(ReadyPage.objects.filter(path=path, build=build))
            row = ReadyPage.objects.create(
                path=path,
                build=build,
                valid_until=until,
                status=page.status,
                etag=page.etag,
                headers=json.dumps(page.headers),
                terms=f",{','.join(map(str, sorted(terms)))}," if terms else "",
                any_term=shows.any_term or len(shows.terms) > MOST_TERMS,
                any_deck=shows.any_deck,
                packed=page.packed,
                body=page.body,
                later=pack(page.later),
            )
            PageDependency.objects.bulk_create(PageDependency(page=row, term_id=term) for term in sorted(terms))
    except OperationalError:  # SQLite: somebody else is writing
        return 0
    return row.pk


def note_act(verb: str, *, term: Term | None, on_a_deck: bool) -> None:
    """Drop what an act of the trail may have changed; called in its transaction, by whoever writes the entry."""
    on_a_draft = term is not None and term.published_id is None and term.published_at is None
    if not is_public_change(verb, on_a_draft=on_a_draft):
        return
    if term is not None or on_a_deck:
        drop_pages(terms=[term] if term else [], decks=on_a_deck)
    else:
        drop_all()


@transaction.atomic
def drop_pages(*, terms: Iterable[Term] = (), decks: bool = False) -> None:
    """Drop the pages that a change of these terms concerns: those that show one of them or a term that names it as its
    relation, and those that show any term; with `decks`, those that show any deck.

    Call it in the transaction of the change, before or after it. Where a name begins or ends to be a link, `terms` are
    those whose words contain the name.
    """
    _announce()
    concerned = _with_those_who_name({term.pk for term in terms})
    pages = Q(any_term=True)
    if decks:
        pages |= Q(any_deck=True)
    if concerned:
        pages |= Q(pk__in=PageDependency.objects.filter(term__in=concerned).values("page"))
    _drop(ReadyPage.objects.filter(pages))
    transaction.on_commit(lambda: page_copy().drop(terms=concerned, any_term=True, any_deck=decks))


@transaction.atomic
def drop_all() -> None:
    """Drop every page; for a change of which nobody can say what it concerns. Call it in its transaction."""
    _announce()
    _drop(ReadyPage.objects.all())
    transaction.on_commit(lambda: page_copy().clear())


@transaction.atomic
def drop_spent(*, now: int) -> int:
    """Clear away pages that hold no longer at `now`, in seconds since 1970; return how many. Readers notice nothing."""
    spent = ReadyPage.objects.filter(valid_until__lte=now).order_by("pk").values_list("pk", flat=True)
    number = _drop(ReadyPage.objects.filter(pk__in=list(spent[:MOST_SPENT])))
    DroppedPage.objects.exclude(page__in=ReadyPage.objects.values("pk")).delete()
    AnkiPackage.objects.filter(valid_until__lte=now - LAST_READERS, making_until__lte=now).delete()
    return number


def _drop(pages: QuerySet[ReadyPage]) -> int:
    """Delete these pages; mark those that somebody else is deleting, as that may be taken back. Return how many."""
    keys = list(pages.values_list("pk", flat=True))
    free = list(ReadyPage.objects.select_for_update(skip_locked=True).filter(pk__in=keys).values_list("pk", flat=True))
    if held := set(keys) - set(free):
        DroppedPage.objects.bulk_create(DroppedPage(page=page) for page in sorted(held))
    if free:
        PageDependency.objects.filter(page__in=free).delete()
        ReadyPage.objects.filter(pk__in=free)._raw_delete(ReadyPage.objects.db)
    return len(keys)


def _with_those_who_name(terms: set[int]) -> set[int]:
    """Return these terms and every term whose page names one of them: as read first, broader, related, newer."""
    if not terms:
        return set()
    named = Q(prerequisites__in=terms) | Q(broader__in=terms) | Q(related__in=terms)
    others = Term.objects.filter(named).order_by().values_list("pk")
    direct = Term.objects.filter(Q(contrast__in=terms) | Q(contrasted_by__in=terms) | Q(successor__in=terms))
    return terms | {pk for (pk,) in others.union(direct.order_by().values_list("pk"))}


def _announce() -> None:
    """Hold the lock of those who change public words until the commit, and move the mark; waits for no other change."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])
    free = PublicChange.objects.select_for_update(skip_locked=True).order_by("pk").first()
    if free is None:
        PublicChange.objects.create(moves=1)
    else:
        PublicChange.objects.filter(pk=free.pk).update(moves=F("moves") + 1)


def _alone() -> bool:
    """Return whether nobody is changing public words, and nobody begins to until this transaction ends."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


@contextmanager
def _never_waiting() -> Iterator[None]:
    """Let SQLite refuse at once where somebody else is writing, instead of waiting as for other transactions."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {patience}")

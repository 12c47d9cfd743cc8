"""Relating terms: makers, priorities, what is read first; none of it is words, so none of it voids a check."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import connection, transaction

from glossary.domain.deck import MAX_PRIORITY
from glossary.domain.errors import IllegalMove
from glossary.domain.names import clean_line, squeezed_key
from glossary.domain.relations import Relation, Relations, circle
from glossary.domain.roles import Action
from glossary.models import Name, Party, Term
from glossary.services.clock import moment
from glossary.services.roles import require
from glossary.services.trail import record

MAX_VENDOR = 200  # characters
LOCK = 0x5EED  # of PostgreSQL: one person at a time closes or opens ways between terms


@transaction.atomic
def relate_term(term: Term, relations: Relations, *, by: User, now: datetime | None = None) -> Term:
    """Give a term these relations in place of those it has; raises IllegalMove for a circle, naming the way round."""
    require(by, Action.WRITE)
    _one_at_a_time()
    term = Term.objects.select_for_update().get(pk=term.pk)
    before = relations_of(term)
    if before == relations:
        return term
    if not 0 <= relations.priority <= MAX_PRIORITY:
        raise IllegalMove(f"The priority is between 0 and {MAX_PRIORITY}.")
    if term.pk in {*relations.related, relations.contrast}:
        raise IllegalMove("A term is neither related to itself nor taken for itself.")
    check_circle(term, relations.prerequisites, Relation.PREREQUISITE)
    check_circle(term, relations.broader, Relation.BROADER)
    vendor = clean_line(relations.vendor, limit=MAX_VENDOR, what="The maker")
    term.vendor = Party.objects.get_or_create(name=vendor)[0] if vendor else None
    term.priority, term.contrast_id = relations.priority, relations.contrast
    term.save(update_fields=["vendor", "priority", "contrast"])
    term.prerequisites.set(relations.prerequisites)
    term.broader.set(relations.broader)
    term.related.set(relations.related)
    changed = [name for name in vars(relations) if getattr(before, name) != getattr(relations, name)]
    record(by, "related", str(term), now=moment(now), term=term, reason=", ".join(changed))
    return term


def relations_of(term: Term) -> Relations:
    """Return the relations of a term as they stand."""
    return Relations(
        vendor=term.vendor.name if term.vendor else "",
        priority=term.priority,
        prerequisites=tuple(sorted(term.prerequisites.values_list("pk", flat=True))),
        broader=tuple(sorted(term.broader.values_list("pk", flat=True))),
        related=tuple(sorted(term.related.values_list("pk", flat=True))),
        contrast=term.contrast_id,
    )


def check_circle(term: Term, targets: Collection[int], relation: Relation) -> None:
    """Raise IllegalMove if edges from `term` to `targets` would close a circle; the message names the way round."""

    def further(terms: Collection[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for start, end in _edges(relation, terms):
            found.setdefault(start, []).append(end)
        return found

    way = circle(term.pk, targets, further)
    if way:
        names = {one.pk: str(one) for one in Term.objects.filter(pk__in=way)}
        told = " → ".join(names[one] for one in way)
        raise IllegalMove(f"This would run in a circle ({relation.value}): {told}. Take one of them out.")


def _edges(relation: Relation, terms: Collection[int]) -> list[tuple[int, int]]:
    match relation:
        case Relation.SUCCESSOR:
            rows = Term.objects.filter(pk__in=terms).values_list("pk", "successor")
            return [(start, end) for start, end in rows if end is not None]
        case Relation.PREREQUISITE:
            first = Term.prerequisites.through.objects.filter(from_term__in=terms)
            return list(first.values_list("from_term", "to_term"))
    broader = Term.broader.through.objects.filter(from_term__in=terms)
    return list(broader.values_list("from_term", "to_term"))


def terms_named(names: Sequence[str], *, besides: Term | None = None) -> list[Term]:
    """Return the terms that go by these names, drafts among them; raises IllegalMove for a name of none or several."""
    asked = {squeezed_key(name): name for name in names if name.strip()}
    rows = Name.objects.filter(key__in=asked, term__isnull=False).select_related("term")
    found = {row.key: row.term for row in rows if row.term is not None}
    if missing := [name for key, name in asked.items() if key not in found]:
        raise IllegalMove(f"No term, or more than one, goes by the name “{missing[0].strip()}”. Give its headword.")
    return [found[key] for key in asked if besides is None or found[key].pk != besides.pk]


def _one_at_a_time() -> None:
    """Let others who relate terms wait until this transaction ends: two halves of a circle may not close it unseen.

    SQLite has one writer at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])

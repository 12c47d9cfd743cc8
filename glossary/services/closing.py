"""Closing a term: retired with its reason, or merged into another."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Action
from glossary.domain.term import Stage
from glossary.models import OldSlug, Term
from glossary.services.clock import moment
from glossary.services.link_choice import move_choices
from glossary.services.names import sync_names
from glossary.services.publication import take_from_readers
from glossary.services.roles import require
from glossary.services.search_index import index_published
from glossary.services.term import take_back_submission
from glossary.services.trail import record


@transaction.atomic
def retire_term(
    term: Term, *, by: User, reason: str, successor: Term | None = None, now: datetime | None = None
) -> Term:
    """Close a term: its address answers 410 with the reason, and with its successor if there is one."""
    require(by, Action.PUBLISH)
    if not reason.strip():
        raise IllegalMove("Say in a sentence why the term is retired: readers of the old address see it.")
    term = _open_term(term)
    term.successor = successor or term.successor
    take_back_submission(term)
    take_from_readers(term, Stage.RETIRED, reason, now=moment(now))
    record(by, "retired", str(term), now=moment(now), term=term, reason=reason)
    return term


@transaction.atomic
def merge_term(term: Term, *, into: Term, by: User, reason: str = "", now: datetime | None = None) -> Term:
    """Close a term in favour of a published one: all its addresses lead there with one redirect."""
    require(by, Action.PUBLISH)
    locked = {t.pk: t for t in Term.objects.select_for_update().filter(pk__in=[term.pk, into.pk]).order_by("pk")}
    if term.pk == into.pk:
        raise IllegalMove("A term cannot be merged into itself.")
    into = locked[into.pk]
    if into.stage != Stage.PUBLISHED:
        raise IllegalMove("A term can only be merged into a published one.")
    term = _open_term(term)
    term.merged_into = into
    take_back_submission(term)
    take_from_readers(term, Stage.MERGED, reason, now=moment(now))
    Term.objects.filter(merged_into=term).update(merged_into=into)
    OldSlug.objects.filter(term=term).update(term=into)
    move_choices(term, into=into)
    sync_names(into)
    index_published(into)
    record(by, "merged", str(term), now=moment(now), term=term, reason=f"into {into}. {reason}".strip())
    return term


def _open_term(term: Term) -> Term:
    term = Term.objects.select_for_update().get(pk=term.pk)
    if term.stage not in {Stage.DRAFT, Stage.PUBLISHED}:
        raise IllegalMove(f"This term is {term.stage} already.")
    return term

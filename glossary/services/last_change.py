"""When readers last got something else on a page: of a deck, a shelf, the list of all terms."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django.conf import settings
from django.db.models import F, Max, Q, QuerySet

from glossary.domain.deck import DeckState
from glossary.domain.fact_check import Result
from glossary.models import Correction, FactCheck, Term
from glossary.services.clock import today


def deck_changes() -> dict[int, datetime]:
    """Return by its key when the page of a deck last changed after it was dealt; three queries for all decks.

    What changes it is what came beside its frozen words: a correction, a withdrawal, and the check that ended one.
    """
    moments: dict[int, datetime] = {}
    told = Correction.objects.public()
    looks: list[tuple[QuerySet[Any], str]] = [
        (told, "sentence__claims__edition"),
        (told.filter(sentence__isnull=True), "from_edition"),
        (FactCheck.objects.filter(edition__fact_checks__result=Result.WITHDRAWN), "edition"),
    ]
    for rows, edition in looks:
        deck = f"{edition}__cards__deck"
        dealt = rows.filter(**{f"{deck}__state": DeckState.PUBLISHED}, at__gte=F(f"{deck}__locked_at"))
        for key, at in dealt.order_by().values_list(deck).annotate(last=Max("at")):
            moments[key] = max(at, moments.get(key, at))
    return moments


def list_change(now: datetime) -> datetime | None:
    """Return when a list of all terms last changed; None before the first was published; one query.

    Terms that readers had once and have no more count: their going changed the list.
    """
    row = Term.objects.filter(published_at__isnull=False).aggregate(**_newest(now), filed=Max("filed_at"))
    return max(filter(None, [row["filed"], *_moments(row)]), default=None)


def tag_changes(now: datetime) -> dict[int, datetime]:
    """Return by its key when the page of a tag last changed; two queries for all tags.

    From which tag a term was taken is not kept, so filing one elsewhere counts as a change of every tag.
    """
    once = Term.objects.filter(published_at__isnull=False).order_by()
    filed = once.aggregate(at=Max("filed_at"))["at"]
    changed: dict[int, datetime] = {}
    for row in once.filter(tags__isnull=False).values("tags").annotate(**_newest(now)):
        changed[row["tags"]] = max(filter(None, [filed, *_moments(row)]))
    return changed


def _newest(now: datetime) -> dict[str, Any]:
    return {"changed": Max("changed_at"), "overdue": Max("overdue_on", filter=Q(overdue_on__lte=today(now)))}


def _moments(row: Mapping[str, Any]) -> list[datetime | None]:
    """Return when words or standing last changed, and when one last fell overdue: at midnight at the desk."""
    late = datetime.combine(row["overdue"], time(), settings.EDITORIAL_TIME_ZONE) if row["overdue"] else None
    return [row["changed"], late]

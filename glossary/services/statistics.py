"""How long cards wait to be read, and what is overdue."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median, quantiles

from glossary.domain.fact_check import Result
from glossary.models import FactCheck, Term
from glossary.services.clock import moment, today

SPAN = timedelta(days=90)


@dataclass(frozen=True)
class Lag:
    """Hours from the edit to the check that passed it, over the checks of a span; None where there was none."""

    checks: int
    median_hours: float | None
    p90_hours: float | None


def review_lag(*, now: datetime | None = None, span: timedelta = SPAN) -> Lag:
    """Return how long editions passed within `span` had waited since they were made: one query."""
    since = moment(now) - span
    hours: dict[int, float] = {}
    passed = FactCheck.objects.filter(result=Result.PASSED, at__gte=since).order_by("pk")
    for edition, made, at in passed.values_list("edition_id", "edition__made_at", "at"):
        hours.setdefault(edition, max(0.0, (at - made).total_seconds() / 3600))  # a re-check is no lag
    waits = sorted(hours.values())
    if not waits:
        return Lag(0, None, None)
    ninth = quantiles(waits, n=10, method="inclusive")[8] if len(waits) > 1 else waits[0]
    return Lag(len(waits), round(median(waits), 1), round(ninth, 1))


def overdue_by_class(*, now: datetime | None = None) -> dict[str, int]:
    """Return for each class of volatility how many published terms are due for another look: one query."""
    day: date = today(now)
    due = Term.objects.published().filter(due_on__lte=day).values_list("volatility", flat=True)
    return dict(sorted(Counter(due).items()))

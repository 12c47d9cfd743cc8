"""How long cards wait to be read, and what is overdue."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median, quantiles

from django.db.models import Min

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
    """Return how long the editions first passed within `span` had waited since they were made: one query.

    Words that come back and pass a second time had their lag the first time.
    """
    since = moment(now) - span
    passed = FactCheck.objects.filter(result=Result.PASSED).order_by().values("edition_id", "edition__made_at")
    first = passed.annotate(first_at=Min("at")).filter(first_at__gte=since)
    pairs = first.values_list("edition__made_at", "first_at")
    waits = sorted(max(0.0, (at - made).total_seconds() / 3600) for made, at in pairs)
    if not waits:
        return Lag(0, None, None)
    ninth = quantiles(waits, n=10, method="inclusive")[8] if len(waits) > 1 else waits[0]
    return Lag(len(waits), round(median(waits), 1), round(ninth, 1))


def overdue_by_class(*, now: datetime | None = None) -> dict[str, int]:
    """Return for each class of volatility how many published terms are due for another look: one query."""
    day: date = today(now)
    due = Term.objects.published().to_look_at(day=day).values_list("volatility", flat=True)
    return dict(sorted(Counter(due).items()))

"""How fresh the glossary stays if nobody looks at it again, and what it takes to keep it so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

HORIZON = 90  # days
MINUTES_A_LINE = 1.0  # to look at a line again with its source: the desk's own measure for a new card


@dataclass(frozen=True)
class Outlook:
    """What falls due. `due_by_day` has for each day from today on how many terms are due by then."""

    total: int
    due_by_day: tuple[int, ...]
    lines_a_term: float

    @property
    def fresh_at_the_end(self) -> int:
        """Terms that are still good at the horizon if nothing is re-checked."""
        return self.total - (self.due_by_day[-1] if self.due_by_day else 0)

    @property
    def minutes_a_day(self) -> float:
        """Minutes a day that re-checking takes as terms fall due over the horizon, what is due already included."""
        if not self.due_by_day:
            return 0.0
        return self.due_by_day[-1] * self.lines_a_term * MINUTES_A_LINE / len(self.due_by_day)


def outlook(due: Mapping[date, int], *, total: int, overdue: int, lines: int, today: date) -> Outlook:
    """Return the outlook from `due`, how many terms fall due on each day after today; `overdue` are due already.

    `lines` is the number of lines of all `total` terms: a term is taken to have as many as the mean, and all of them to
    be looked at, which is the most that it can be, as lines of slower classes may wait.
    """
    so_far, days = overdue, [overdue]
    for number in range(1, HORIZON):
        so_far += due.get(today + timedelta(days=number), 0)
        days.append(so_far)
    return Outlook(total, tuple(days), lines / total if total else 0.0)

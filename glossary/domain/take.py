"""The order in which cards wait for a checker: a score that is the sum of its printed parts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from glossary.domain.doubt import DoubtKind, points_for
from glossary.domain.volatility import Volatility

OVERDUE_A_DAY = 2  # points
MAX_OVERDUE = 120
A_REPORT = 30  # a report of a reader that the desk found right
MAX_REPORTS = 4  # reports that count: many people may say the same
DECK_POINTS = {0: 50, 1: 40, 2: 30, 3: 25, 4: 20, 5: 15, 6: 10, 7: 5}  # by days until the deck
CLASS_POINTS = {Volatility.STABLE: 0, Volatility.SLOW: 5, Volatility.MOVING: 10, Volatility.FAST: 20}
MAX_NEED = 10
CUT_POINTS = 60  # a sentence was cut by one person alone: somebody else reads the card within a day
MINUTES_A_LINE = {"open": 1.0, "read again": 0.2, "spelling": 0.1}


@dataclass(frozen=True)
class Waiting:
    """What is known of a card that waits: the facts its place in the queue follows from.

    `readers_need` is the traffic number of the import; `most_needed` the largest one in the glossary.
    """

    due_on: date | None = None
    next_deck: date | None = None
    reports: int = 0
    doubts: Collection[DoubtKind] = ()
    volatility: Volatility = Volatility.STABLE
    readers_need: int = 0
    most_needed: int = 0
    after_cut: bool = False
    since: datetime | None = None


@dataclass(frozen=True)
class Score:
    """The parts of a card's place in the queue, in points."""

    overdue: int = 0
    deck: int = 0
    reports: int = 0
    doubts: int = 0
    volatility: int = 0
    readers: int = 0
    cut: int = 0

    @property
    def total(self) -> int:
        """The sum of the parts."""
        return self.overdue + self.deck + self.reports + self.doubts + self.volatility + self.readers + self.cut


def score_of(card: Waiting, *, today: date) -> Score:
    """Return the score of a card that waits; every part can be explained in half a sentence."""
    late = max(0, (today - card.due_on).days) if card.due_on else 0
    until = (card.next_deck - today).days if card.next_deck else None
    need = 0
    if card.most_needed and card.readers_need:
        need = max(1, round(MAX_NEED * card.readers_need / card.most_needed))
    return Score(
        overdue=min(MAX_OVERDUE, OVERDUE_A_DAY * late),
        deck=DECK_POINTS.get(until, 0) if until is not None else 0,
        reports=A_REPORT * min(MAX_REPORTS, card.reports),
        doubts=points_for(card.doubts),
        volatility=CLASS_POINTS[card.volatility],
        readers=need,
        cut=CUT_POINTS if card.after_cut else 0,
    )


def minutes_for(states: Sequence[str]) -> int:
    """Return about how many minutes the lines in these states take; at least one if any waits."""
    minutes = sum(MINUTES_A_LINE.get(state, 1.0) for state in states)
    return max(1, round(minutes)) if states else 0

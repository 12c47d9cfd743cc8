"""How well a name deserves its links: what editors decided where it was mentioned, and the policy that follows.

Keyphraseness, after Mihalcea and Csomai (2007), "Wikify!": of the cards that mention a name, the share that link it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from glossary.domain.link_policy import LinkPolicy, is_everyday, starting_policy
from glossary.domain.wording.plain import is_common

LINKED_FROM = 0.5  # the share from which a name is linked by itself; found on a part of FOLDOC, like the next
WEIGHT = 2  # decisions that what is known of names of its kind counts for
KIND_WEIGHT = 20  # names of a kind that its starting share counts for
STARTING_SHARE = 0.6  # of the kinds that start as links
STARTING_SHARE_OF_EVERYDAY = 0.1
HOPELESS_AFTER, HOPELESS_BELOW = 10, 0.05  # decisions, share: a name that is hardly ever accepted is not asked about


class Kind(NamedTuple):
    """What sort of name it is, and whether the text writes it in its own case."""

    sort: str
    capital: bool
    as_written: bool


@dataclass(frozen=True)
class Tally:
    """How many cards link a name by an editor's word, and how many do not, where the text has it in one manner."""

    accepted: int = 0
    refused: int = 0

    @property
    def decided(self) -> int:
        """Return how many cards were decided on."""
        return self.accepted + self.refused

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.accepted + other.accepted, self.refused + other.refused)


@dataclass(frozen=True)
class Record:
    """What was decided on one name: where the text has it in its own case, and where in another."""

    name: str
    as_written: Tally = Tally()
    otherwise: Tally = Tally()

    @property
    def all(self) -> Tally:
        """Return both together."""
        return self.as_written + self.otherwise


def is_as_written(name: str, words: str) -> bool:
    """Return whether `words` of a text have the capitals of the name; an inflection at the end does not count.

    A name without capitals is as written everywhere: a sentence may open with it.
    """
    return name == name.lower() or words[: max(1, len(name) - 1)] == name[: max(1, len(name) - 1)]


def kind_of(name: str, *, as_written: bool = True) -> Kind:
    """Return the kind of a name: of names of one kind about as many links are accepted."""
    capital = name[:1].isupper()
    if " " in name or "-" in name:
        return Kind("words", capital, as_written)
    if len(name) == 1:
        return Kind("letter", capital, as_written)
    if name[1:] != name[1:].lower() or any(sign.isdigit() for sign in name):
        return Kind("letters", capital, as_written)
    sort = "everyday" if is_everyday(name) else "common" if is_common(name.casefold()) else "rare"
    return Kind(sort, capital, as_written)


def starting_share(name: str) -> float:
    """Return what share of its links is taken to be accepted, while nothing is known of its kind."""
    everyday = starting_policy(name) == LinkPolicy.SUGGEST
    return STARTING_SHARE_OF_EVERYDAY if everyday else STARTING_SHARE


def shares_by_kind(records: Iterable[Record]) -> dict[Kind, float]:
    """Return for each kind of name what share is accepted, each name counting as one.

    A kind of which little is known stays near the share that its names start with.
    """
    sums: dict[Kind, list[float]] = {}
    for record in records:
        for tally, as_written in ((record.as_written, True), (record.otherwise, False)):
            if tally.decided:
                start = [KIND_WEIGHT * starting_share(record.name), KIND_WEIGHT]
                known = sums.setdefault(kind_of(record.name, as_written=as_written), start)
                known[0] += tally.accepted / tally.decided
                known[1] += 1
    return {kind: total / names for kind, (total, names) in sums.items()}


def proposed_policy(record: Record, shares: Mapping[Kind, float]) -> LinkPolicy:
    """Return the policy that a name has earned; while nothing was decided at all, the one that it starts with.

    A name that deserves its links only where its capitals stand is linked in its own case; one that is hardly ever
    accepted is never linked, so that nobody is asked again.
    """
    total = record.all
    own = _share(record.as_written, record.name, shares, as_written=True)
    other = _share(record.otherwise, record.name, shares, as_written=False)
    if record.as_written.decided:  # what is accepted in other capitals is so all the more in its own
        own = max(own, _share(total, record.name, shares, as_written=True))
    elif total.decided:
        own = other
    if own >= LINKED_FROM:
        has_case = record.name != record.name.lower()
        return LinkPolicy.EXACT if has_case and other < LINKED_FROM else LinkPolicy.AUTO
    if total.decided >= HOPELESS_AFTER and total.accepted < HOPELESS_BELOW * total.decided:
        return LinkPolicy.NEVER
    return LinkPolicy.SUGGEST


def _share(tally: Tally, name: str, shares: Mapping[Kind, float], *, as_written: bool) -> float:
    known = shares.get(kind_of(name, as_written=as_written), starting_share(name))
    return (tally.accepted + WEIGHT * known) / (tally.decided + WEIGHT)

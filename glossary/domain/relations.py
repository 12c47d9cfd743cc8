"""How terms stand to one another: what is read first, what is broader; neither may run in a circle."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from glossary.domain.errors import IllegalMove

Node = TypeVar("Node", int, str)  # a term, by its key or by its address
MOST_STEPS = 200  # from a term upwards; a longer way is a mistake


class Relation(StrEnum):
    """A relation whose graph has no circle."""

    PREREQUISITE = "to be read first"
    BROADER = "broader"
    SUCCESSOR = "its successor"


@dataclass(frozen=True)
class Relations:
    """What a term's relations are to be: keys of terms, the maker's name, and an editor's priority from 0 to 100."""

    vendor: str = ""
    priority: int = 0
    prerequisites: tuple[int, ...] = ()
    broader: tuple[int, ...] = ()
    related: tuple[int, ...] = ()
    contrast: int | None = None


def circle(
    term: Node, targets: Collection[Node], further: Callable[[Collection[Node]], Mapping[Node, Collection[Node]]]
) -> list[Node]:
    """Return the circle that the edges from `term` to `targets` would close, from `term` round to it; [] for none.

    `further` returns for some terms where their edges lead; it is asked once for each step away. Raises IllegalMove
    past MOST_STEPS.
    """
    came_from: dict[Node, Node] = dict.fromkeys(targets, term)
    reached = set(targets)
    if term in reached:
        return [term, term]
    for _ in range(MOST_STEPS):
        found = further(sorted(reached)) if reached else {}
        reached = set()
        for start, ends in found.items():
            for end in ends:
                if end == term:
                    way = [term, start]
                    while way[-1] != term:
                        way.append(came_from[way[-1]])
                    return way[::-1]
                if end not in came_from:
                    came_from[end] = start
                    reached.add(end)
        if not reached:
            return []
    raise IllegalMove(f"From here the way up is longer than {MOST_STEPS} terms. Leave some out.")

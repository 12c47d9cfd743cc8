"""Is this still true? What became of the words that somebody read, from the corrections made since."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from glossary.domain.correction import CorrectionKind


class Standing(StrEnum):
    """Where the words of an edition stand with their readers now."""

    CURRENT = "current"
    REWORDED = "reworded"
    CLARIFIED = "clarified"
    UPDATED = "updated"
    CORRECTED = "corrected"
    CLOSED = "closed"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


class Ending(StrEnum):
    """What became of a card of which readers have no words any more."""

    TAKEN_BACK = "taken back"
    CLOSED = "closed"
    MERGED = "merged"


STANDING_OF = {
    CorrectionKind.CORRECTION: Standing.CORRECTED,
    CorrectionKind.UPDATE: Standing.UPDATED,
    CorrectionKind.CLARIFICATION: Standing.CLARIFIED,
}
GRAVEST_FIRST = (CorrectionKind.CORRECTION, CorrectionKind.UPDATE, CorrectionKind.CLARIFICATION)
STANDING_AT_THE_END = {Ending.CLOSED: Standing.CLOSED, Ending.MERGED: Standing.MERGED}
REPEATABLE = frozenset({Standing.CURRENT, Standing.REWORDED})  # words that may be shown as they stood


@dataclass(frozen=True)
class Told:
    """A correction as the rules see it: the words before and after, what readers are told of them, and when."""

    kind: CorrectionKind
    was: str
    now: str
    why: str
    on: date


@dataclass(frozen=True)
class Fate:
    """What became of one sentence: the gravest word on it since, and what stands in its place today, if anything."""

    kind: CorrectionKind
    was: str
    now: str
    why: str
    on: date


def fates_of(sentences: Collection[str], told: Sequence[Told], current: Collection[str]) -> list[Fate]:
    """Return what became of the sentences that are gone and of which readers are told something, oldest news first.

    `told` is in the order of time. A sentence that stands in the current words is not gone. Its later wordings are
    followed up to today's; the gravest thing that was said on the way is what counts, with its day and its reason.
    """
    fates = []
    for place, first in enumerate(told):
        if first.was not in sentences or first.was in current:
            continue
        if any(later.was == first.was for later in told[place + 1 :]):
            continue  # it came back in between and went again: the later word on it counts
        steps = _steps(first, told[place + 1 :], current)
        said = [step for kind in GRAVEST_FIRST for step in steps if step.kind == kind]
        if said:
            now = steps[-1].now if steps[-1].now in current else ""
            fates.append(Fate(said[0].kind, first.was, now, said[0].why, said[0].on))
    return fates


def today_of(sentence: str, told: Sequence[Told], current: Collection[str]) -> str:
    """Return what stands in the place of a sentence today; empty where nothing does. `told` is in the order of time."""
    if sentence in current:
        return sentence
    places = [place for place, one in enumerate(told) if one.was == sentence]
    if not places:
        return ""
    last = _steps(told[places[-1]], told[places[-1] + 1 :], current)[-1]
    return last.now if last.now in current else ""


def _steps(first: Told, later: Sequence[Told], current: Collection[str]) -> list[Told]:
    """Follow a sentence from one wording to the next until it is today's, or gone."""
    steps = [first]
    for step in later:
        if steps[-1].now and step.was == steps[-1].now and steps[-1].now not in current:
            steps.append(step)
    return steps


def standing_of(fates: Sequence[Fate], *, current: bool, withdrawn: bool, last_until: Ending | None = None) -> Standing:
    """Return where the words stand, by their own fate: a withdrawal of theirs outweighs all, then the gravest fate of a
    sentence. `last_until` is what became of the card while these were its words, None where others took their place.
    """
    if withdrawn:
        return Standing.WITHDRAWN
    if current:
        return Standing.CURRENT
    if last_until in STANDING_AT_THE_END:
        return STANDING_AT_THE_END[last_until]
    kinds = {fate.kind for fate in fates}
    return next((STANDING_OF[kind] for kind in GRAVEST_FIRST if kind in kinds), Standing.REWORDED)


def told_on(standing: Standing, fates: Sequence[Fate]) -> date | None:
    """Return the newest day on which what decides the standing was told of a sentence; None where nothing was."""
    return max((fate.on for fate in fates if STANDING_OF.get(fate.kind) == standing), default=None)

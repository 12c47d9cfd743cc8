"""How soon a checked line must be looked at again: its class, from A (stable) to D (fast), and what decides it."""

from glossary.domain.claim import ClaimKind
from glossary.domain.interval import Volatility as Volatility
from glossary.domain.interval import due_on as due_on
from glossary.domain.interval import interval_of
from glossary.domain.interval import overdue_on as overdue_on
from glossary.domain.wording.time_words import BARE, Reading, class_and_reason

KIND_CLASS = {
    ClaimKind.NAME: Volatility.STABLE,
    ClaimKind.EXPLANATION: Volatility.STABLE,
    ClaimKind.FACT: Volatility.SLOW,
}


def class_of(kind: ClaimKind, *chosen: Volatility | None) -> Volatility:
    """Return the fastest of the class that the kind of claim has by itself and those that people chose."""
    return max([KIND_CLASS[kind], *(choice for choice in chosen if choice)], key=lambda choice: choice.value)


def wording_class(sentence: str, reading: Reading = BARE) -> Volatility | None:
    """Return the class that the words of a sentence ask for; None where they ask for none."""
    given, _ = class_and_reason(sentence, reading)
    return Volatility(given) if given else None


def reason_of(
    kind: ClaimKind,
    sentence: str,
    chosen: Volatility,
    given: Volatility | None = None,
    reading: Reading = BARE,
) -> str:
    """Return what decides how soon a sentence is looked at again: "Class D, as it says “latest”: every 45 days".

    `chosen` is the editor's class for the whole card and `given` the checker's for this sentence.
    """
    said, why = class_and_reason(sentence, reading)
    fastest = class_of(kind, chosen, given, wording_class(sentence, reading))
    if said != fastest:
        why = "an editor chose it for the card" if chosen == fastest else f"it is a {kind.value}"
        why = "the checker chose it" if given == fastest and chosen != fastest != KIND_CLASS[kind] else why
    return f"Class {fastest.value}, as {why}: every {interval_of(fastest)}"

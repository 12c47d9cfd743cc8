"""Whether a change of one sentence is typographic only: the machine says so, or it is not."""

from collections.abc import Collection


def typo_reason(before: str, after: str, *, names: Collection[str] = ()) -> str | None:
    """Return why the change is typographic only; None when it may change what the sentence says."""
    return "white space" if before != after and before.split() == after.split() else None

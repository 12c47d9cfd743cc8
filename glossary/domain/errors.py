"""The refusals of the rules: each carries a sentence that an editor can read and act on."""


class IllegalMove(Exception):
    """The move cannot be made now; `str(error)` says why. Not a question of permission ("may not")."""


class StaleEdition(IllegalMove):
    """The words have changed since this person opened them: nothing was written (409)."""


class BadText(ValueError):
    """A text cannot be stored as it stands; `str(error)` says which character or length is the reason."""

"""Who may do what: the five roles and the actions each one is trusted with."""

from enum import StrEnum


class Role(StrEnum):
    """A job at the desk; its value is the name of the group that staff are put into."""

    EDITOR = "editor"
    CHECKER = "checker"
    PUBLISHER = "publisher"
    SCHEDULER = "scheduler"
    SUBSCRIBER_ADMIN = "subscriber admin"


class Action(StrEnum):
    """Something a service asks permission for; its value completes "You may not …"."""

    READ_DESK = "see the desk"
    WRITE = "write terms"
    SUBMIT = "send cards to a checker"
    COMMENT = "comment on a line"
    CHECK = "check cards"
    CUT = "cut a sentence from a published card"
    SETTLE_REPORTS = "settle reports of readers"
    ASSIGN = "assign cards"
    PUBLISH = "publish, withdraw, retire or merge terms"
    KEEP_TAGS = "change the list of tags"
    COMPOSE = "compose decks"
    KEEP_SUBSCRIBERS = "manage subscribers"


ROLE_ACTIONS: dict[Role, frozenset[Action]] = {
    Role.EDITOR: frozenset({Action.READ_DESK, Action.WRITE, Action.SUBMIT, Action.COMMENT}),
    Role.CHECKER: frozenset({Action.READ_DESK, Action.CHECK, Action.CUT, Action.COMMENT, Action.SETTLE_REPORTS}),
    Role.PUBLISHER: frozenset(
        {
            Action.READ_DESK,
            Action.PUBLISH,
            Action.CUT,
            Action.ASSIGN,
            Action.KEEP_TAGS,
            Action.COMMENT,
            Action.SETTLE_REPORTS,
        }
    ),
    Role.SCHEDULER: frozenset({Action.READ_DESK, Action.COMPOSE}),
    Role.SUBSCRIBER_ADMIN: frozenset({Action.READ_DESK, Action.KEEP_SUBSCRIBERS}),
}


def actions_of(roles: frozenset[Role], *, superuser: bool = False) -> frozenset[Action]:
    """Return the actions that these roles allow together.

    A superuser may do everything a role may; the rule of four eyes is no permission and binds superusers too.
    """
    if superuser:
        return frozenset(Action)
    return frozenset(action for role in roles for action in ROLE_ACTIONS[role])

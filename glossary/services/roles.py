"""Permission: every service asks here for the action, never for the name of a group."""

from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import Q

from glossary.domain.roles import ROLE_ACTIONS, Action, Role, actions_of

Person = User | AnonymousUser


def may(user: Person, action: Action) -> bool:
    """Return whether the user's roles allow the action; the roles are read once per user object."""
    if not user.is_authenticated or not user.is_active:
        return False
    allowed = getattr(user, "_allowed_actions", None)
    if allowed is None:
        names = set(user.groups.values_list("name", flat=True))
        roles = frozenset(role for role in Role if role.value in names)
        allowed = actions_of(roles, superuser=user.is_superuser)
        user._allowed_actions = allowed  # type: ignore[attr-defined]
    return action in allowed


def require(user: Person, action: Action) -> None:
    """Raise PermissionDenied unless the user may do this."""
    if not may(user, action):
        raise PermissionDenied(f"You may not {action.value}.")


def checkers() -> list[User]:
    """Return the active staff who may check cards, by name."""
    roles = [role.value for role, actions in ROLE_ACTIONS.items() if Action.CHECK in actions]
    allowed = Q(groups__name__in=roles) | Q(is_superuser=True)
    return list(User.objects.filter(allowed, is_active=True, is_staff=True).distinct().order_by("username"))


def ensure_groups() -> dict[Role, Group]:
    """Return the group of each role, making those that are missing."""
    return {role: Group.objects.get_or_create(name=role.value)[0] for role in Role}

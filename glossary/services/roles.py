"""Permission: every service asks here for the action, never for the name of a group."""

from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.exceptions import PermissionDenied

from glossary.domain.roles import Action, Role, actions_of

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


def ensure_groups() -> dict[Role, Group]:
    """Return the group of each role, making those that are missing."""
    return {role: Group.objects.get_or_create(name=role.value)[0] for role in Role}

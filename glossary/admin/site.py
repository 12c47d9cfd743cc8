"""What the pages of the desk have in common: permission comes from the roles, and only services write."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from glossary.domain.roles import Action
from glossary.services.roles import may


class DeskAdmin(admin.ModelAdmin):
    """A list that staff may read; nothing is added, changed or deleted by the admin itself."""

    actions: Any = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the person works at the desk."""
        return may(request.user, Action.READ_DESK)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person works at the desk."""
        return may(request.user, Action.READ_DESK)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds rows past the services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes rows past the services."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes rows past the services."""
        return False

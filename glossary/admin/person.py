"""People who work at the desk: switched off when they leave, never deleted, as what they did stays theirs."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.http import HttpRequest

admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(UserAdmin):
    """Django's own pages for people, without deleting: “Active” switches somebody off at once."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes a person whom checks and the trail name."""
        return False

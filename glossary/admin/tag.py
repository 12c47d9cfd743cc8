"""The closed list of tags, which publishers keep."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from taggit.admin import TagAdmin as StockTagAdmin
from taggit.models import Tag

from glossary.domain.roles import Action
from glossary.services.roles import may
from glossary.services.tag import keep_tag

admin.site.unregister(Tag)


@admin.register(Tag)
class TagAdmin(StockTagAdmin):
    """The closed list of tags, which publishers keep."""

    inlines = ()
    actions = None
    list_display = ["name", "slug"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the person works at the desk."""
        return may(request.user, Action.READ_DESK)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person works at the desk."""
        return may(request.user, Action.READ_DESK)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Publishers add tags."""
        return may(request.user, Action.KEEP_TAGS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Publishers rename tags."""
        return may(request.user, Action.KEEP_TAGS)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A tag stays: terms stand under it."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save through the service, as every other act."""
        keep_tag(obj, by=request.user)  # type: ignore[arg-type]  # the desk lets in nobody without a log-in

    def get_urls(self) -> list[Any]:
        """Leave out the bulk acts of the library, which write past the services."""
        return admin.ModelAdmin.get_urls(self)

"""The desk's records of what was decided and done, to read."""

from django.contrib import admin

from glossary.admin.site import DeskAdmin
from glossary.models import FactCheck, TrailEntry


@admin.register(FactCheck)
class FactCheckAdmin(DeskAdmin):
    """Decisions, as they were made."""

    list_display = ["edition", "result", "on", "stamp_on", "by"]
    list_select_related = ["edition", "by"]


@admin.register(TrailEntry)
class TrailAdmin(DeskAdmin):
    """Who did what, when and why."""

    list_display = ["at", "actor_name", "verb", "subject", "reason"]
    search_fields = ["subject", "actor_name"]

"""The desk's library of sources, to read."""

from django.contrib import admin
from django.db import models

from glossary.admin.site import DeskAdmin
from glossary.models import Source


@admin.register(Source)
class SourceAdmin(DeskAdmin):
    """The library of sources."""

    list_display = ["title", "publisher", "published_on", "primary", "url"]
    list_select_related = ["publisher"]
    search_fields = ["title", "url", "publisher__name"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

"""The one application of the project."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class GlossaryConfig(AppConfig):
    """The glossary: terms, checks, decks and the site that readers see."""

    name = "glossary"
    verbose_name = "Glossary"


class DeskConfig(AdminConfig):
    """Django's admin, with the desk's inbox as its first page."""

    default_site = "glossary.desk.DeskSite"

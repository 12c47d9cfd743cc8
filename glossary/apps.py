"""The one application of the project."""

from django.apps import AppConfig


class GlossaryConfig(AppConfig):
    """The glossary: terms, checks, decks and the site that readers see."""

    name = "glossary"
    verbose_name = "Glossary"

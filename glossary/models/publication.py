"""A publication: from when on readers had which words of a term."""

from django.db import models

from glossary.models.append_only import AppendOnly


class Publication(AppendOnly):
    """One edition put before readers; the same edition may come back later, which is another row."""

    term = models.ForeignKey("glossary.Term", on_delete=models.PROTECT, related_name="publications")
    edition = models.ForeignKey("glossary.Edition", on_delete=models.PROTECT, related_name="publications")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.edition}, from {self.at:%Y-%m-%d} on"

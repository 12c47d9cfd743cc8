"""Names under their keys: which term an address or a search means, and who may not take a name."""

from django.db import models
from django.db.models import Q

from glossary.domain.names import MAX_SLUG

MAX_KEY = 500  # NFKC can lengthen a name of 120 characters


class NameQuerySet(models.QuerySet["Name"]):
    """Names in the words of an address book."""

    def public(self) -> "NameQuerySet":
        """Names that readers may use: of published terms, and not only of their drafts."""
        return self.filter(public=True)


class Name(models.Model):
    """One key and the one term it means; an ambiguous key means several, listed in `meanings`."""

    key = models.CharField(max_length=MAX_KEY, primary_key=True)
    term = models.ForeignKey("glossary.Term", null=True, on_delete=models.CASCADE, related_name="names")
    ambiguous = models.BooleanField(default=False)
    public = models.BooleanField(default=False)

    objects = NameQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ambiguous=True, term__isnull=True) | Q(ambiguous=False, term__isnull=False),
                name="a_name_means_one_term_or_is_ambiguous",
            )
        ]

    def __str__(self) -> str:
        return self.key


class Meaning(models.Model):
    """One of the terms that an ambiguous name stands for."""

    name = models.ForeignKey("glossary.Name", on_delete=models.CASCADE, related_name="meanings")
    term = models.ForeignKey("glossary.Term", on_delete=models.CASCADE, related_name="meanings")
    public = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "term"], name="one_meaning_per_term")]

    def __str__(self) -> str:
        return f"{self.name_id} → {self.term_id}"


class OldSlug(models.Model):
    """An address that a term or one merged into it once had; it answers with one redirect to today's."""

    slug = models.SlugField(max_length=MAX_SLUG, primary_key=True)
    term = models.ForeignKey("glossary.Term", on_delete=models.PROTECT, related_name="old_slugs")

    def __str__(self) -> str:
        return self.slug

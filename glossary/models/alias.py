"""An alias: another name under which a term is found, as editors work on it."""

from django.db import models

from glossary.domain.link_policy import LinkPolicy
from glossary.domain.names import MAX_NAME
from glossary.domain.term import AliasKind


class Alias(models.Model):
    """Working text, like the term's own: readers get the aliases frozen in the published edition."""

    term = models.ForeignKey("glossary.Term", on_delete=models.CASCADE, related_name="aliases")
    text = models.CharField(max_length=MAX_NAME)
    kind = models.CharField(
        max_length=11, choices=[(kind.value, kind.value) for kind in AliasKind], default=AliasKind.SPELLING
    )
    shown = models.BooleanField(default=True)
    ambiguous = models.BooleanField(default=False)
    link_policy = models.CharField(
        max_length=10, choices=[(policy.value, policy.value) for policy in LinkPolicy], default=LinkPolicy.AUTO.value
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["term", "position", "pk"]
        verbose_name_plural = "aliases"

    def __str__(self) -> str:
        return self.text

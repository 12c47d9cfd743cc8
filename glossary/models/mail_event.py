"""What mail providers told: one row for each thing, so that telling it twice changes nothing."""

from django.db import models
from django.db.models import Q

from glossary.domain.bounce import BounceKind


class ProviderEvent(models.Model):
    """Something that a provider told about a mail, known by `domain.link_token.event_key` only: it names nobody.

    Rows are kept for good: a request that somebody recorded stays worthless however late it comes again.
    """

    key = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=9, choices=[(kind.value, kind.value) for kind in BounceKind])
    at = models.DateTimeField(help_text="When it was told.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(key__contains="@") & ~Q(key=""), name="an_event_keeps_no_address")
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.at:%Y-%m-%d}"

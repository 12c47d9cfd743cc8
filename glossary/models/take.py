"""Who has taken a term's card to check, until when."""

from datetime import datetime

from django.conf import settings
from django.db import models


class TakeQuerySet(models.QuerySet["Take"]):
    """Takes in the words of the queue."""

    def standing(self, now: datetime) -> "TakeQuerySet":
        """Takes that have not run out."""
        return self.filter(until__gt=now)


class Take(models.Model):
    """One person's hold on one term; it runs out by itself, so that nothing lies in a drawer."""

    term = models.OneToOneField("glossary.Term", on_delete=models.CASCADE, related_name="take")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="takes")
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    since = models.DateTimeField()
    until = models.DateTimeField()

    objects = TakeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(until__gt=models.F("since")), name="a_take_has_an_end_after_it")
        ]

    def __str__(self) -> str:
        return f"{self.term}: {self.person}"

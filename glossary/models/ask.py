"""What readers looked for and did not find: the word and how often, nothing about who asked."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from glossary.domain.names import MAX_NAME
from glossary.models.name import MAX_KEY, Name

ENOUGH = 3  # asks from which editors see a word


class AskQuerySet(models.QuerySet["Ask"]):
    """Asks in the words of the desk."""

    def open(self) -> "AskQuerySet":
        """Asks that nobody has put aside."""
        return self.filter(dismissed_at__isnull=True)

    def for_desk(self) -> "AskQuerySet":
        """Words that enough readers asked for and that are no term's name yet, the most wanted first."""
        taken = Name.objects.filter(key=models.OuterRef("key"))
        return self.open().filter(number__gte=ENOUGH).exclude(models.Exists(taken)).order_by("-number", "key")


class Ask(models.Model):
    """One match key that readers asked for, as the first of them wrote it."""

    key = models.CharField(max_length=MAX_KEY, primary_key=True)
    text = models.CharField(max_length=MAX_NAME)
    number = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField(db_index=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = AskQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(number__gte=1), name="an_ask_was_made_once_at_least")]

    def __str__(self) -> str:
        return self.text

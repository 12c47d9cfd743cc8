"""A brief: the deck of a day as mail."""

from django.db import models
from django.db.models import Q

from glossary.domain.brief import OPEN, BriefState


class BriefQuerySet(models.QuerySet["Brief"]):
    """Briefs in the words of whoever sends them."""

    def open(self) -> "BriefQuerySet":
        """Briefs of which something may still be sent."""
        return self.filter(state__in=OPEN)


class Brief(models.Model):
    """One a deck, made in the transaction that publishes it. `host` is the machine that was armed at the time.

    `recipients` counts the rows made with it; first briefs of readers who come later are rows besides.
    """

    deck = models.OneToOneField("glossary.Deck", on_delete=models.PROTECT, related_name="brief")
    state = models.CharField(max_length=7, choices=[(s.value, s.value) for s in BriefState], default=BriefState.QUEUED)
    host = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()
    window_ends = models.DateTimeField(help_text="Nothing of it is sent from this moment on.")
    template_version = models.CharField(max_length=20)
    recipients = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True, help_text="Why it does not go on by itself.")

    objects = BriefQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=OPEN, ended_at__isnull=True) | (~Q(state__in=OPEN) & Q(ended_at__isnull=False)),
                name="a_brief_that_is_over_has_its_end",
            ),
            models.CheckConstraint(
                condition=~Q(state=BriefState.SENDING) | Q(started_at__isnull=False),
                name="a_brief_being_sent_has_its_start",
            ),
        ]

    def __str__(self) -> str:
        return f"Brief of {self.deck.day:%B} {self.deck.day.day}, {self.deck.day.year}"


class CorrectionShown(models.Model):
    """That a reader who had wrong words is told so, once, in the brief named."""

    correction = models.ForeignKey("glossary.Correction", on_delete=models.PROTECT, related_name="shown")
    subscriber = models.ForeignKey("glossary.Subscriber", on_delete=models.CASCADE, related_name="corrections_shown")
    brief = models.ForeignKey("glossary.Brief", on_delete=models.PROTECT, related_name="corrections_shown")

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["brief", "subscriber"], name="correction_shown_in")]
        constraints = [models.UniqueConstraint(fields=["correction", "subscriber"], name="a_correction_is_shown_once")]

    def __str__(self) -> str:
        return f"{self.correction_id} to {self.subscriber_id}"

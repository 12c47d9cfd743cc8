"""Other words for a line, offered by a checker; the author takes them with one key."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Answer(models.TextChoices):
    """What became of a suggestion."""

    WAITING = "waiting", "waits for the author"
    ACCEPTED = "accepted", "accepted"
    DECLINED = "declined", "declined"


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    """Suggestions in the words of the desk."""

    def waiting(self) -> "SuggestionQuerySet":
        """Suggestions that nobody has answered."""
        return self.filter(answer=Answer.WAITING)


class Suggestion(models.Model):
    """A wording for one claim; empty words suggest a cut. Source and passage support the suggested words."""

    claim = models.ForeignKey("glossary.Claim", on_delete=models.PROTECT, related_name="suggestions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="suggestions")
    at = models.DateTimeField()
    text = models.TextField(blank=True)
    kind = models.CharField(max_length=11, blank=True)
    source = models.ForeignKey(
        "glossary.Source", null=True, blank=True, on_delete=models.PROTECT, related_name="suggestions"
    )
    passage = models.TextField(blank=True)
    passage_kind = models.CharField(max_length=10, blank=True)
    answer = models.CharField(max_length=8, choices=Answer.choices, default=Answer.WAITING)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer=Answer.WAITING, answered_at__isnull=True)
                | (~Q(answer=Answer.WAITING) & Q(answered_at__isnull=False)),
                name="an_answer_has_its_moment",
            ),
            models.UniqueConstraint(
                fields=["claim"], condition=Q(answer="waiting"), name="one_waiting_suggestion_per_line"
            ),
        ]

    def __str__(self) -> str:
        return self.text or "a cut"

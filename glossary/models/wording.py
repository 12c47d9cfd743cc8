"""What people say of the wording rules: findings answered for a sentence, how rules fare, and how loud they are."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from glossary.domain.wording.rules import Severity

MAX_RULE = 20  # characters of a rule's id


class Waiver(models.Model):
    """A finding answered with a reason, for one sentence and one rule; it goes where the sentence goes."""

    sentence = models.ForeignKey("glossary.Sentence", on_delete=models.PROTECT, related_name="waivers")
    rule = models.CharField(max_length=MAX_RULE)
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="waivers")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["sentence", "rule"], name="one_waiver_per_finding"),
            models.CheckConstraint(condition=~Q(reason=""), name="a_waiver_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.reason}"


class Outcome(models.TextChoices):
    """What became of a finding that an author sent to a checker."""

    OPEN = "", "open"
    ACCEPTED = "accepted", "accepted"
    IGNORED = "ignored", "ignored"


class FindingRecord(models.Model):
    """That a rule spoke of a sentence which was sent to a checker, and what became of it."""

    sentence = models.ForeignKey("glossary.Sentence", on_delete=models.PROTECT, related_name="findings")
    rule = models.CharField(max_length=MAX_RULE)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=8, blank=True, choices=Outcome.choices, default=Outcome.OPEN)

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["sentence", "rule"], name="a_finding_is_counted_once")]
        indexes = [models.Index(fields=["rule", "outcome"])]

    def __str__(self) -> str:
        return f"{self.rule} in “{self.sentence}”"


class RuleSetting(models.Model):
    """A level that a superuser gave a rule in place of the one in its file."""

    rule = models.CharField(max_length=MAX_RULE, unique=True)
    level = models.CharField(max_length=5, choices=[(s.value, s.value) for s in Severity if s != Severity.DATED])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rule_settings")
    at = models.DateTimeField()

    class Meta:
        ordering = ["rule"]

    def __str__(self) -> str:
        return f"{self.rule}: {self.level}"

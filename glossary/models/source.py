"""Sources, kept once each in a shared library, and the evidence that a check found in them."""

from django.db import models
from django.db.models import Q

from glossary.models.append_only import AppendOnly

MAX_PASSAGE = 1_000  # characters


class Party(models.Model):
    """A company or institution: it publishes sources, and terms are about what it makes."""

    name = models.CharField(max_length=200, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "parties"

    def __str__(self) -> str:
        return self.name


class Source(models.Model):
    """A page, paper or standard that checks rest on."""

    url = models.URLField("address", max_length=500, unique=True)
    title = models.CharField(max_length=300)
    publisher = models.ForeignKey("glossary.Party", on_delete=models.PROTECT, related_name="sources")
    published_on = models.DateField(null=True, blank=True, help_text="The day of its publication, if it is known.")
    primary = models.BooleanField(default=False, help_text="It comes from those who made or measured the thing.")
    archive_url = models.URLField("archived copy", max_length=500, blank=True)

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(url__startswith="https://") | Q(url__startswith="http://"), name="source_is_a_web_address"
            )
        ]

    def __str__(self) -> str:
        return self.title


class SourceText(models.Model):
    """The text of a source, pasted by a checker or fetched, kept only to rank its passages; readers never see it."""

    source = models.OneToOneField("glossary.Source", on_delete=models.CASCADE, related_name="kept_text")
    text = models.TextField()
    fetched = models.BooleanField(default=False)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.source}: {len(self.text)} characters"


class PassageKind(models.TextChoices):
    """Whether a passage is the source's own wording; readers are told which."""

    VERBATIM = "verbatim", "word for word"
    PARAPHRASE = "paraphrase", "in our words"


class Evidence(AppendOnly):
    """The passage of a source that a verdict rests on."""

    check_row = models.ForeignKey("glossary.ClaimCheck", on_delete=models.PROTECT, related_name="evidence")
    source = models.ForeignKey("glossary.Source", on_delete=models.PROTECT, related_name="evidence")
    passage = models.TextField()
    passage_kind = models.CharField(max_length=10, choices=PassageKind.choices)
    retrieved_on = models.DateField()

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [models.CheckConstraint(condition=~Q(passage=""), name="evidence_names_its_passage")]

    def __str__(self) -> str:
        return f"{self.source}: {self.passage[:60]}"

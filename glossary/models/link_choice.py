"""What editors said of a name in a sentence: that it is to be a link, or none."""

from django.conf import settings
from django.db import models

from glossary.domain.names import MAX_NAME


class LinkChoiceQuerySet(models.QuerySet["LinkChoice"]):
    """Choices in the words of the desk."""

    def made_last(self, number: int) -> "LinkChoiceQuerySet":
        """The choices that were made last."""
        return self.order_by("-pk")[:number]


class LinkChoice(models.Model):
    """One name of one term in one sentence. The link is no word of the sentence: no check is touched by it.

    It says what editors want now; who said what when is in the trail.
    """

    sentence = models.ForeignKey("glossary.Sentence", on_delete=models.PROTECT, related_name="link_choices")
    term = models.ForeignKey("glossary.Term", on_delete=models.PROTECT, related_name="link_choices")
    text = models.CharField(max_length=MAX_NAME, help_text="The name of the term.")
    accepted = models.BooleanField()
    as_written = models.BooleanField(help_text="The sentence has the name with its own capitals.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = LinkChoiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sentence", "term", "text"], name="one_choice_for_a_name_in_a_sentence")
        ]

    def __str__(self) -> str:
        return f"{self.text}: {'link' if self.accepted else 'no link'}"

"""What a member of staff is told: on the first page of the desk, and by mail if they like."""

from django.conf import settings
from django.db import models


class NoticeKind(models.TextChoices):
    """Why somebody is told."""

    ASSIGNED = "assigned", "assigned to you"
    SENT_BACK = "sent back", "sent back to you"
    PASSED = "passed", "passed"
    COMMENT = "comment", "said to you"
    SUGGESTION = "suggestion", "wording suggested to you"
    ANSWERED = "answered", "your wording was answered"
    CUT = "cut", "a sentence was cut"
    DECK = "deck", "a deck needs you"
    RESERVE = "reserve", "a reserve stepped in"
    BRIEF = "brief", "the brief needs you"


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices in the words of an inbox."""

    def unread(self) -> "NoticeQuerySet":
        """Notices that the person has not put away."""
        return self.filter(read_at__isnull=True)

    def to_mail(self) -> "NoticeQuerySet":
        """Notices whose mail has not been sent."""
        return self.filter(mailed_at__isnull=True)


class Notice(models.Model):
    """One thing that came to one person. `mailed_at` is set when its mail is claimed, or needs none."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=NoticeKind.choices)
    term = models.ForeignKey("glossary.Term", null=True, blank=True, on_delete=models.CASCADE, related_name="notices")
    deck = models.ForeignKey("glossary.Deck", null=True, blank=True, on_delete=models.CASCADE, related_name="notices")
    line = models.PositiveSmallIntegerField(null=True, blank=True)
    said_by = models.CharField(max_length=150, blank=True)
    text = models.TextField(blank=True)
    path = models.CharField(max_length=200)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["person", "read_at"]), models.Index(fields=["mailed_at"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.about}"

    @property
    def about(self) -> str:
        """The term or the deck that it is about; the decks as a whole where there is none."""
        return str(self.term or self.deck or "Decks")


class DeskPreference(models.Model):
    """How one person likes to work: mails, the daily digest, and single keys."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="desk_preference")
    mails = models.BooleanField(default=True, help_text="One mail when something comes to you.")
    digest = models.BooleanField(default=True, help_text="One mail a day with what waits for you.")
    keys = models.BooleanField(default=True, help_text="Single keys on the pages of the desk.")
    digest_sent_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.person)

"""The trail: who did what, when, from which words to which, and why. Append-only."""

from django.conf import settings
from django.db import models

from glossary.models.append_only import AppendOnly


class TrailEntry(AppendOnly):
    """One act of one person (or of the system, then without an actor)."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_name = models.CharField(max_length=150)
    at = models.DateTimeField(db_index=True)
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    term = models.ForeignKey("glossary.Term", null=True, blank=True, on_delete=models.SET_NULL, related_name="trail")
    deck = models.ForeignKey("glossary.Deck", null=True, blank=True, on_delete=models.SET_NULL, related_name="trail")
    from_digest = models.CharField(max_length=64, blank=True)
    to_digest = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "trail entries"

    def __str__(self) -> str:
        return f"{self.actor_name} {self.verb} {self.subject}"

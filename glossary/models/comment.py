"""What people at the desk say to each other about a line; a thread stays with its sentence until it is resolved."""

from django.conf import settings
from django.db import models
from django.db.models import Q

MAX_COMMENT = 2_000  # characters


class CommentQuerySet(models.QuerySet["Comment"]):
    """Comments in the words of a thread."""

    def unresolved(self) -> "CommentQuerySet":
        """Comments that still wait for somebody."""
        return self.filter(resolved_at__isnull=True)


class Comment(models.Model):
    """One remark on a claim. Its words never change; resolving it is the only later act."""

    claim = models.ForeignKey("glossary.Claim", on_delete=models.PROTECT, related_name="comments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments")
    at = models.DateTimeField()
    text = models.TextField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="a_comment_says_something"),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, resolved_by__isnull=True)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="resolved_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.text

"""A wish for the free brief, as a reader left it; it is gone as soon as somebody has seen to it."""

from django.db import models

from glossary.domain.names import MAX_SLUG
from glossary.domain.subscriber import MAX_ADDRESS


class SignUp(models.Model):
    """What the form of the first page leaves: one row, whoever's address it is, so that the answer tells nobody.

    `slug` is the page on which they asked, looked up only afterwards. `taken_at` is set while somebody sees to it.
    """

    address = models.CharField(max_length=MAX_ADDRESS)
    key = models.CharField(max_length=MAX_ADDRESS)
    slug = models.CharField(max_length=MAX_SLUG, blank=True)
    wording = models.CharField(max_length=20)
    asked_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Asked at {self.asked_at}"

"""An edition: the frozen words of a term, named by their digest."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from glossary.domain.digest import DIGEST_VERSION, digest_of
from glossary.domain.errors import IllegalMove
from glossary.domain.fact_check import STANDS, Result
from glossary.domain.term import Words

if TYPE_CHECKING:
    from glossary.models.fact_check import FactCheck

CHANGEABLE = frozenset({"submitted_at", "submitted_by", "withdrawn_at", "withdrawn_because"})


class EditionQuerySet(models.QuerySet["Edition"]):
    """Editions in the words of the desk."""

    def submitted(self) -> "EditionQuerySet":
        """Editions that wait for a checker."""
        return self.filter(submitted_at__isnull=False)

    def standing(self) -> "EditionQuerySet":
        """Editions that a check passed and nobody has taken back since."""
        return self.filter(withdrawn_at__isnull=True, fact_checks__result__in=STANDS).distinct()

    def with_check(self) -> "EditionQuerySet":
        """Editions with their fact checks at hand, newest first, in one further query."""
        return self.prefetch_related("fact_checks")


class Edition(models.Model):
    """The words of a term as they were saved; immutable but for its way through the desk."""

    term = models.ForeignKey("glossary.Term", on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    digest_version = models.PositiveSmallIntegerField(default=DIGEST_VERSION)
    words_json = models.JSONField("words")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True, help_text="Set while the edition waits for a checker.")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_because = models.CharField(max_length=500, blank=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["term", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["term", "digest"], name="one_edition_per_words"),
            models.UniqueConstraint(fields=["term", "number"], name="edition_numbers_are_unique"),
            models.UniqueConstraint(
                fields=["term"], condition=Q(submitted_at__isnull=False), name="one_submitted_edition_per_term"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawn_because=""), name="withdrawal_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.words_json['headword']}, edition {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert the edition, or update its way through the desk; raises IllegalMove for its words."""
        if not self._state.adding and not set(kwargs.get("update_fields") or {"words_json"}) <= CHANGEABLE:
            raise IllegalMove("The words of an edition are frozen. Save the term to make a new edition.")
        super().save(*args, **kwargs)

    def get_check_url(self, line: int | None = None) -> str:
        """Return the desk's address of the check page, at a line if one is named."""
        page = reverse("admin:glossary_edition_check", args=[self.pk])
        return f"{page}?line={line}#line-{line}" if line else page

    @property
    def words(self) -> Words:
        """The frozen words; raises KeyError or ValueError where somebody broke them behind the services."""
        return Words.from_json(self.words_json)

    @property
    def headword_as_read(self) -> str:
        """The headword that readers had; empty where somebody changed the words behind the services."""
        try:
            words = self.words
        except (KeyError, TypeError, ValueError):  # the stored words are not an edition's any more
            return ""
        return words.headword if digest_of(words) == self.digest else ""

    def check_standing(self) -> "FactCheck | None":
        """Return the check whose date these words may carry now; None if there is none.

        Nothing is taken on trust: the digest is computed anew from the words at hand and must equal the one that the
        checker passed. Words changed behind the services lose their date here.
        """
        if self.withdrawn_at is not None:
            return None
        checks = [check for check in self.fact_checks.all() if check.result != Result.SENT_BACK]
        if not checks:
            return None
        newest = max(checks, key=lambda check: check.pk)
        try:
            matches = digest_of(self.words) == newest.digest == self.digest
        except (KeyError, TypeError, ValueError):  # the stored words are not an edition's any more
            return None
        return newest if matches and newest.result in STANDS else None

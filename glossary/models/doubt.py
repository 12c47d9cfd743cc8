"""Doubts about sources and sentences, and what the watch over the sources saw."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from glossary.domain.doubt import MAX_REASON, DoubtKind, Ending
from glossary.domain.errors import IllegalMove

SETTLING = frozenset({"settled_at", "settled_by", "ending", "settled_because"})


class DoubtQuerySet(models.QuerySet["Doubt"]):
    """Doubts in the words of the desk."""

    def open(self) -> "DoubtQuerySet":
        """Doubts that nobody has settled."""
        return self.filter(settled_at__isnull=True)

    def delete(self) -> NoReturn:
        """Refuse."""
        raise IllegalMove("Doubts are kept: they are settled, not deleted.")


class Doubt(models.Model):
    """A reason to look again at a source, at a sentence, or at a sentence because of a source; it is settled once.

    A doubt about a source alone touches every published sentence that rests on it.
    """

    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in DoubtKind])
    source = models.ForeignKey(
        "glossary.Source", null=True, blank=True, on_delete=models.PROTECT, related_name="doubts"
    )
    sentence = models.ForeignKey(
        "glossary.Sentence", null=True, blank=True, on_delete=models.PROTECT, related_name="doubts"
    )
    reason = models.CharField(max_length=MAX_REASON)
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty where the machine raised it.",
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ending = models.CharField(max_length=24, blank=True, choices=[(way.value, way.value) for way in Ending])
    settled_because = models.CharField(max_length=MAX_REASON, blank=True)

    objects = DoubtQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(source__isnull=False) | Q(sentence__isnull=False), name="a_doubt_is_about_something"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_doubt_says_why"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, ending="")
                | (Q(settled_at__isnull=False) & ~Q(ending="")),
                name="a_settled_doubt_says_how",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | Q(settled_at__gte=F("raised_at")),
                name="a_doubt_is_settled_after_it_was_raised",
            ),
            models.UniqueConstraint(
                fields=["kind", "source"],
                condition=Q(settled_at__isnull=True, sentence__isnull=True),
                name="one_open_doubt_of_a_kind_on_a_source",
            ),
            models.UniqueConstraint(
                fields=["kind", "sentence"],
                condition=Q(settled_at__isnull=True, source__isnull=True),
                name="one_open_doubt_of_a_kind_on_a_sentence",
            ),
            models.UniqueConstraint(
                fields=["kind", "source", "sentence"],
                condition=Q(settled_at__isnull=True),
                name="one_open_doubt_of_a_kind_on_a_passage",
            ),
        ]
        indexes = [models.Index(fields=["settled_at", "kind"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.about}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert the doubt, or settle it; raises IllegalMove for what was said when it was raised."""
        if not self._state.adding and not set(kwargs.get("update_fields") or {"reason"}) <= SETTLING:
            raise IllegalMove("What a doubt says is kept as it was raised. Settle it, and raise another.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise IllegalMove("Doubts are kept: they are settled, not deleted.")

    def get_desk_url(self) -> str:
        """Return the desk's address of the doubt."""
        return reverse("admin:glossary_doubt_change", args=[self.pk])

    @property
    def about(self) -> str:
        """The sentence or the source that is in doubt, as a list names it."""
        return str(self.sentence or self.source)


class SourceWatch(models.Model):
    """What the watch saw of a source when it last looked; kept to ask politely and to tell one bad day from the end."""

    source = models.OneToOneField("glossary.Source", on_delete=models.CASCADE, related_name="watch")
    seen_at = models.DateTimeField(null=True, blank=True, db_index=True, help_text="When it was last asked for.")
    read_at = models.DateTimeField(null=True, blank=True, help_text="When its text was last read in full.")
    status = models.PositiveSmallIntegerField(default=0, help_text="The server's answer; 0 if there was none.")
    says = models.CharField(max_length=MAX_REASON, blank=True)
    failures = models.PositiveSmallIntegerField(default=0, help_text="Visits in a row without an answer.")
    answered_url = models.CharField(max_length=2000, blank=True, help_text="The address at which it was found.")
    moved_url = models.CharField(max_length=2000, blank=True, help_text="Where the server says it is for good.")
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=60, blank=True)
    not_before = models.DateTimeField(null=True, blank=True, help_text="The server asks to be left alone until then.")

    class Meta:
        verbose_name_plural = "source watches"

    def __str__(self) -> str:
        return f"{self.source}: {self.status or 'no answer'}"


class WatchRun(models.Model):
    """One round of the watch; the open row is its lock, which runs out if the process dies."""

    open = models.BooleanField(default=True)
    begun_at = models.DateTimeField()
    until = models.DateTimeField()
    visited = models.PositiveIntegerField(default=0)
    raised = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["open"], condition=Q(open=True), name="one_watch_at_a_time"),
            models.CheckConstraint(condition=Q(until__gt=F("begun_at")), name="a_watch_runs_out"),
        ]

    def __str__(self) -> str:
        return f"watch of {self.begun_at:%Y-%m-%d %H:%M}"

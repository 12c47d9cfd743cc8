"""A correction: what readers are told about words that they had and that are gone."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from glossary.domain.correction import MAX_WHY, NEEDS_WHY, NOTICE_DAYS, PUBLIC, CorrectionKind
from glossary.domain.digest import digest_of
from glossary.models.append_only import AppendOnly, AppendOnlyQuerySet


class CorrectionQuerySet(AppendOnlyQuerySet["Correction"]):
    """Corrections in the words of their readers."""

    def public(self) -> "CorrectionQuerySet":
        """Those that readers are told of: all but minor edits."""
        return self.filter(kind__in=PUBLIC)

    def for_readers(self) -> "CorrectionQuerySet":
        """Corrections with the term and the words they are about at hand, newest first; one query."""
        return self.select_related("term", "from_edition").order_by("-pk")

    def noticed(self, today: date) -> "CorrectionQuerySet":
        """Corrections and retractions of the past year: they stand on the page of the term."""
        return self.filter(kind__in=NEEDS_WHY, on__gt=today - timedelta(days=NOTICE_DAYS))

    def of_editions(self, editions: Collection[int]) -> "dict[int, list[Correction]]":
        """Return for each of these editions what readers were told of its words later, the oldest first; one query.

        An edition keeps a sentence that was corrected in a later one, so the sentence is what is looked for.
        """
        whole = Q(sentence__isnull=True, from_edition__in=editions)
        told = self.public().filter(whole | Q(sentence__claims__edition__in=editions))
        found: dict[int, dict[int, Correction]] = defaultdict(dict)
        for row in told.annotate(seen_in=F("sentence__claims__edition")).order_by("pk"):
            found[getattr(row, "seen_in") or row.from_edition_id][row.pk] = row  # noqa: B009  # an annotation
        return {edition: list(rows.values()) for edition, rows in found.items()}


class Correction(AppendOnly):
    """A sentence that readers had and do not get any more, with the checker's word on it.

    `was` and `now` repeat the words as they stood; a retraction, which takes the whole card back, names no sentence.
    """

    term = models.ForeignKey("glossary.Term", on_delete=models.PROTECT, related_name="corrections")
    kind = models.CharField(max_length=13, choices=[(kind.value, kind.value) for kind in CorrectionKind])
    sentence = models.ForeignKey(
        "glossary.Sentence", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections"
    )
    from_edition = models.ForeignKey("glossary.Edition", on_delete=models.PROTECT, related_name="corrections")
    to_edition = models.ForeignKey(
        "glossary.Edition", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections_made"
    )
    was = models.TextField(blank=True)
    now = models.TextField(blank=True)
    why = models.CharField(max_length=MAX_WHY, blank=True)
    on = models.DateField(help_text="The day of the change, in the editorial time zone.")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="corrections")

    objects = CorrectionQuerySet.as_manager()  # type: ignore[misc]  # narrows the manager of the base

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["term", "kind", "on"])]
        constraints = [
            models.CheckConstraint(condition=~Q(kind__in=NEEDS_WHY) | ~Q(why=""), name="a_correction_says_why"),
            models.CheckConstraint(
                condition=Q(kind=CorrectionKind.RETRACTION, sentence__isnull=True, was="", now="")
                | (
                    ~Q(kind=CorrectionKind.RETRACTION)
                    & Q(sentence__isnull=False, to_edition__isnull=False)
                    & ~Q(was="")
                ),
                name="a_retraction_takes_the_whole_card",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_edition.words_json['headword']}: {self.kind} of {self.on}"

    def get_absolute_url(self) -> str:
        """Return the address of its place in the public log."""
        return f"{reverse('corrections')}#correction-{self.pk}"

    @property
    def headword(self) -> str:
        """The name under which readers had the words; the address where somebody changed them behind the services."""
        edition = self.from_edition
        try:
            words = edition.words
        except (KeyError, TypeError, ValueError):  # the stored words are not an edition's any more
            return self.term.slug
        return words.headword if digest_of(words) == edition.digest else self.term.slug

    @property
    def is_retraction(self) -> bool:
        """Whether the whole card was taken back."""
        return self.kind == CorrectionKind.RETRACTION

"""A correction: what readers are told about words that they had and that are gone."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from glossary.domain.correction import MAX_WHY, NEEDS_WHY, NOTICE_DAYS, PUBLIC, CorrectionKind, sequel
from glossary.domain.deck import editorial_day
from glossary.models.append_only import AppendOnly, AppendOnlyQuerySet
from glossary.models.publication import Publication


class CorrectionQuerySet(AppendOnlyQuerySet["Correction"]):
    """Corrections in the words of their readers."""

    def public(self) -> "CorrectionQuerySet":
        """Those that readers are told of: all but minor edits."""
        return self.filter(kind__in=PUBLIC)

    def for_readers(self) -> "CorrectionQuerySet":
        """Corrections with the term and the words they are about at hand, newest first; one query."""
        return self.with_later().select_related("term", "from_edition").order_by("-pk")

    def with_later(self) -> "CorrectionQuerySet":
        """Corrections with what became of them later at hand, in the same query: see the properties of a row.

        The new words were taken back with the last edition in which readers had them. Where they were only reworded
        before that, they went with the card. What was taken back may come back: the same words, or the card with
        others.
        """
        had = Publication.objects.filter(term=OuterRef("term"))
        words = had.filter(edition__claims__sentence__text=OuterRef("now"))
        later = Correction.objects.filter(term=OuterRef("term"), pk__gt=OuterRef("pk"))
        retracted = later.filter(kind=CorrectionKind.RETRACTION).order_by("-pk").values("at")[:1]
        with_the_card = (
            Q(term__published__isnull=True) & ~Exists(later.public().filter(was=OuterRef("now"))) & ~Q(now="")
        )
        before = Correction.objects.filter(
            kind=CorrectionKind.RETRACTION,
            term=OuterRef("term"),
            at__lte=OuterRef("at"),
            at__gt=OuterRef(OuterRef("at")),
        )
        after = had.filter(at__gt=OuterRef("at")).order_by("pk")
        retraction = Q(kind=CorrectionKind.RETRACTION)
        same = after.filter(edition=OuterRef("from_edition"))
        return self.annotate(
            now_gone_at=Coalesce(
                Subquery(words.order_by("-pk").values("edition__withdrawn_at")[:1]),
                Case(When(with_the_card, then=Subquery(retracted))),
            ),
            now_back_at=Subquery(words.filter(Exists(before)).order_by("-pk").values("at")[:1]),
            same_back_at=Case(When(retraction, then=Subquery(same.values("at")[:1]))),
            card_back_at=Case(When(retraction & Q(to_edition=None), then=Subquery(after.values("at")[:1]))),
        )

    def noticed(self, today: date) -> "CorrectionQuerySet":
        """Corrections and retractions of the past year: they stand on the page of the term."""
        return self.filter(kind__in=NEEDS_WHY, on__gt=today - timedelta(days=NOTICE_DAYS))

    def of_editions(self, editions: Collection[int]) -> "dict[int, list[Correction]]":
        """Return for each of these editions what readers were told of its words later, the oldest first; one query.

        An edition keeps a sentence that was corrected in a later one, so the sentence is what is looked for. Where what
        came after an edition was taken back, its readers are told of that too.
        """
        whole = Q(sentence__isnull=True, from_edition__in=editions)
        told = self.public().filter(whole | Q(sentence__claims__edition__in=editions))
        own = told.annotate(seen_in=F("sentence__claims__edition")).with_later().order_by()
        after = self.retracted_after(Q(term__editions__in=editions)).with_later().order_by()
        found: dict[int, dict[int, Correction]] = defaultdict(dict)
        for row in own.union(after).order_by("pk"):
            found[getattr(row, "seen_in") or row.from_edition_id][row.pk] = row  # noqa: B009  # an annotation
        return {edition: list(rows.values()) for edition, rows in found.items()}

    def retracted_after(self, wanted: Q | None = None) -> "CorrectionQuerySet":
        """Retractions of what took the place of an earlier edition: a row for each such edition, as `seen_in`.

        It stood before the one that was taken back, and readers did not get it, nor one that came between the two,
        back instead. `wanted` says which of a term's editions are asked for: all by default.
        """
        had = Publication.objects.filter(edition=OuterRef("seen_in"), at__lte=OuterRef("at"))
        between = Publication.objects.filter(
            edition=OuterRef("to_edition"), at__lt=OuterRef("at"), pk__gt=OuterRef("last_had")
        )
        told = self.filter(wanted or Q(), kind=CorrectionKind.RETRACTION).annotate(seen_in=F("term__editions"))
        rows = told.alias(last_had=Subquery(had.order_by("-pk").values("pk")[:1])).filter(last_had__isnull=False)
        instead = Q(to_edition__isnull=False) & (Q(to_edition=F("seen_in")) | Exists(between))
        return rows.exclude(seen_in=F("from_edition")).exclude(instead)


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
        """Return the address of its place in the public log, on whatever page of it that is by then."""
        return f"{reverse('corrections')}?at={self.pk}#correction-{self.pk}"

    @property
    def headword(self) -> str:
        """The name under which readers had the words; the address where somebody changed them behind the services."""
        return self.from_edition.headword_as_read or self.term.slug

    @property
    def is_retraction(self) -> bool:
        """Whether the whole card was taken back."""
        return self.kind == CorrectionKind.RETRACTION

    @property
    def taken_back_at(self) -> datetime | None:
        """When the new words were taken back in their turn; None while they may be repeated. `with_later` has it."""
        return self._later("now_gone_at")

    @property
    def taken_back_on(self) -> date | None:
        """The editorial day on which the new words were taken back."""
        return _day_of(self.taken_back_at)

    @property
    def sequel(self) -> str:
        """What readers are told besides of a retraction, once the words or the card are there again."""
        return sequel(put_back=_day_of(self._later("same_back_at")), came_back=_day_of(self._later("card_back_at")))

    @property
    def last_changed(self) -> datetime:
        """When what readers are told of it last became something else."""
        moments = [self._later(name) for name in ("now_gone_at", "now_back_at", "same_back_at", "card_back_at")]
        return max([self.at, *(at for at in moments if at is not None)])

    def editions_before(self) -> models.QuerySet["Correction", int]:
        """Return the keys of the editions whose place what a retraction takes back had taken; a part of a query."""
        return Correction.objects.filter(pk=self.pk).retracted_after().values_list(F("seen_in"), flat=True)

    def _later(self, name: str) -> datetime | None:
        """Return what `with_later` knows of this row; asked for where it is not at hand."""
        if self.pk is not None and name not in self.__dict__:
            self.__dict__[name] = getattr(Correction.objects.with_later().get(pk=self.pk), name)
        found: datetime | None = self.__dict__.get(name)
        return found


def _day_of(at: datetime | None) -> date | None:
    return editorial_day(at, settings.EDITORIAL_TIME_ZONE) if at is not None else None

"""A report: a reader who says that something in a card is wrong, and what the desk found."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, Max, Min, OuterRef, Q

from glossary.domain.claim import Verdict
from glossary.domain.fact_check import Result
from glossary.domain.report import ReportVerdict
from glossary.models.claim import Claim, ClaimCheck
from glossary.models.fact_check import FactCheck
from glossary.models.publication import Publication


class ReportQuerySet(models.QuerySet["Report"]):
    """Reports in the words of the desk."""

    def waiting(self) -> "ReportQuerySet":
        """Reports that nobody has looked at."""
        return self.filter(verdict=ReportVerdict.WAITING)

    def grouped(self) -> "models.QuerySet[Report, dict[str, Any]]":
        """One row for each claim that was reported: how often, the newest report, since when; the oldest first."""
        rows = self.order_by().values("term_id", "sentence_id")
        return rows.annotate(n=Count("pk"), newest=Max("pk"), since=Min("at")).order_by("since", "newest")

    def alike(self, report: "Report") -> "ReportQuerySet":
        """Reports on the same claim: the same sentence of the same term, or the same card as a whole."""
        return self.filter(term=report.term_id, sentence=report.sentence_id)

    def with_end(self) -> "ReportQuerySet":
        """Reports that the desk found right, each marked by what happened since: whether readers still have the words,
        and whether what they have passed another check.

        A verdict counts once a pass of the published edition covers it, which is when readers get its date. Words that
        were sent back, or that wait for their pass, were not checked yet.
        """
        passed = FactCheck.objects.filter(
            result=Result.PASSED, at__gt=OuterRef("decided_at"), edition__published_for=OuterRef("term")
        )
        verdict = ClaimCheck.objects.filter(
            verdict=Verdict.SUPPORTED,
            sentence=OuterRef(OuterRef("sentence")),
            at__gt=OuterRef(OuterRef("decided_at")),
            at__lte=OuterRef("at"),
        )
        there = Claim.objects.filter(edition__published_for=OuterRef("term"), sentence=OuterRef("sentence"))
        other = Publication.objects.filter(at__gt=OuterRef("decided_at"), edition__published_for=OuterRef("term"))
        return self.filter(verdict=ReportVerdict.REOPENED).annotate(
            still_there=Exists(there),
            checked_again=Exists(passed.filter(Exists(verdict))),
            passed_again=Exists(passed),
            replaced=Exists(other.exclude(edition=OuterRef("edition"))),
        )

    def reopened(self) -> "ReportQuerySet":
        """Reports whose words wait for a new check, while readers still have them."""
        sentence = Q(sentence__isnull=False, still_there=True, checked_again=False)
        whole = Q(sentence__isnull=True, passed_again=False, replaced=False, term__published__isnull=False)
        return self.with_end().filter(sentence | whole)

    def ended(self) -> "ReportQuerySet":
        """Reports that were found right and whose words were checked again or went since."""
        sentence = Q(sentence__isnull=False) & (Q(still_there=False) | Q(checked_again=True))
        gone = Q(replaced=True) | Q(term__published__isnull=True)
        return self.with_end().filter(sentence | Q(sentence__isnull=True) & (Q(passed_again=True) | gone))

    def to_answer(self) -> "ReportQuerySet":
        """Reports whose reporter left an address and has not been written to."""
        return self.exclude(email="").filter(answered_at__isnull=True)


class Report(models.Model):
    """What one reader said of one sentence, or of a card as a whole, as they had it.

    `edition` is the one that they read. Nothing says who they are but the address that they may leave, and that is
    erased with the answer.
    """

    term = models.ForeignKey("glossary.Term", on_delete=models.PROTECT, related_name="reports")
    edition = models.ForeignKey("glossary.Edition", on_delete=models.PROTECT, related_name="reports")
    sentence = models.ForeignKey(
        "glossary.Sentence", null=True, blank=True, on_delete=models.PROTECT, related_name="reports"
    )
    quote = models.TextField(blank=True)
    said = models.TextField()
    email = models.EmailField(blank=True)
    at = models.DateTimeField()
    verdict = models.CharField(
        max_length=13, blank=True, default="", choices=[(v.value, v.value or "waits") for v in ReportVerdict]
    )
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="reports_decided"
    )
    answered_at = models.DateTimeField(null=True, blank=True, help_text="Claimed before the mail is sent.")

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["verdict", "term", "sentence"])]
        constraints = [
            models.CheckConstraint(condition=~Q(said=""), name="a_report_says_something"),
            models.CheckConstraint(
                condition=Q(verdict=ReportVerdict.WAITING, decided_at__isnull=True, decided_by__isnull=True)
                | (~Q(verdict=ReportVerdict.WAITING) & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="a_verdict_has_its_moment_and_person",
            ),
            models.CheckConstraint(
                condition=~Q(verdict=ReportVerdict.NOTHING_WRONG) | ~Q(reason=""), name="nothing_wrong_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(verdict=ReportVerdict.SPAM) | Q(email=""), name="spam_keeps_no_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term}: {self.said[:60]}"


class ReportBrake(models.Model):
    """How many reports came in one hour, from one network (as a keyed hash), on one term, or from everybody.

    Gone a day later."""

    key = models.CharField(max_length=80, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"

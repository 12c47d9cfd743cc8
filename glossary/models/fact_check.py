"""A fact check: one checker's decision about one edition."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from glossary.domain.claim import ClaimKind, LineState
from glossary.domain.errors import IllegalMove
from glossary.domain.fact_check import STANDS, Result
from glossary.models.append_only import AppendOnly
from glossary.models.claim import Claim

OLD_STAMP_DAYS = 180  # from then on readers are told which parts were re-checked later


class FactCheck(AppendOnly):
    """The decision, the digest of the words it covers, and the dates those words earned.

    `stamp_on` is the oldest date on which a line was really checked: the only date readers are shown. It is written
    when the check passes and cannot be written otherwise: `save` computes it anew from the claims.
    """

    edition = models.ForeignKey("glossary.Edition", on_delete=models.PROTECT, related_name="fact_checks")
    digest = models.CharField(max_length=64)
    digest_version = models.PositiveSmallIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="fact_checks")
    at = models.DateTimeField()
    on = models.DateField(help_text="The day of the decision, in the editorial time zone.")
    result = models.CharField(max_length=9, choices=[(result.value, result.value) for result in Result])
    comment = models.TextField(blank=True)
    stamp_on = models.DateField(null=True, blank=True)
    newest_on = models.DateField(null=True, blank=True)
    cut = models.ForeignKey(
        "glossary.Sentence",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="cuts",
        help_text="The sentence that was taken out of checked words, by one person alone.",
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(result__in=[Result.PASSED, Result.CUT])
                | Q(stamp_on__isnull=False, newest_on__isnull=False),
                name="a_pass_has_its_dates",
            ),
            models.CheckConstraint(
                condition=Q(result=Result.CUT, cut__isnull=False) & ~Q(comment="")
                | (~Q(result=Result.CUT) & Q(cut__isnull=True)),
                name="a_cut_names_its_sentence_and_says_why",
            ),
            models.CheckConstraint(
                condition=Q(stamp_on__isnull=True) | Q(stamp_on__lte=F("on")), name="no_date_in_the_future"
            ),
            models.CheckConstraint(condition=~Q(result=Result.SENT_BACK) | ~Q(comment=""), name="sent_back_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.edition}: {self.result} on {self.on}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert the decision; raises IllegalMove for a digest or a date that the edition's lines do not bear out."""
        if self.digest != self.edition.digest:
            raise IllegalMove("A fact check covers the edition it names: the digests differ.")
        if self.result in STANDS:
            self._refuse_unearned_date()
        super().save(*args, **kwargs)

    def parts_rechecked_on(self, today: date) -> date | None:
        """Return the newest date of a line where the stamp is old enough for readers to ask; else None."""
        if self.stamp_on is None or self.newest_on == self.stamp_on:
            return None
        return self.newest_on if (today - self.stamp_on).days > OLD_STAMP_DAYS else None

    def _refuse_unearned_date(self) -> None:
        """A pass needs every line settled, each fact a passage of a source, and the dates that follow.

        A cut adds no words: lines whose surroundings it changed keep their check until somebody reads them again.
        """
        lines = Claim.objects.lines(self.edition_id)
        good = {LineState.SETTLED, LineState.READ_AGAIN} if self.result == Result.CUT else {LineState.SETTLED}
        checks = [line.check for line in lines if line.check is not None and line.state in good]
        if len(checks) != len(lines) or not lines:
            raise IllegalMove("Not every line of the edition has been settled.")
        for check in checks:
            origin = check.source_check
            if check.kind == ClaimKind.FACT and not origin.evidence.all():
                raise IllegalMove("A line is called a fact but names no source.")
            if check.checked_on != origin.checked_on:
                raise IllegalMove("A line that was only read again keeps the date of its check.")
        dates = [check.checked_on for check in checks]
        if self.stamp_on != min(dates) or self.newest_on != max(dates):
            raise IllegalMove("The date of a check is the oldest date of its lines; it cannot be chosen.")

"""Sentences and their authors, the claims an edition makes of them, and the verdicts that checkers gave."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from glossary.domain.claim import ClaimKind, GivenVerdict, Line, LineState, Part, Verdict, standing_verdict
from glossary.domain.volatility import Volatility, class_of, due_on
from glossary.models.append_only import AppendOnly, AppendOnlyQuerySet
from glossary.models.edition import Edition


class SentenceQuerySet(AppendOnlyQuerySet["Sentence"]):
    """Sentences in the words of their history."""

    def origins(self, term_id: int) -> dict[str, str]:
        """Return for each respelt sentence of a term its hash → the hash of the sentence that it goes back to."""
        respelt = self.filter(term_id=term_id, respelt_from__isnull=False)
        before = dict(respelt.values_list("hash", "respelt_from__hash"))
        origins = {}
        for key in before:
            origin, passed = key, {key}
            while (further := before.get(origin)) is not None and further not in passed:  # a circle is damage
                passed.add(further)
                origin = further
            origins[key] = origin
        return origins

    def forebears(self, sentences: "list[Sentence]") -> "dict[int, list[int]]":
        """Return for each of these sentences that was respelt the keys it goes back to, the nearest first."""
        found: dict[int, list[int]] = {}
        for sentence in sentences:
            if sentence.respelt_from_id is not None:
                found[sentence.pk] = []
        if found:
            before = dict(
                self.filter(term_id=sentences[0].term_id, respelt_from__isnull=False).values_list(
                    "pk", "respelt_from_id"
                )
            )
            for key, chain in found.items():
                at: int | None = before.get(key)
                while at is not None and at not in chain:
                    chain.append(at)
                    at = before.get(at)
        return found


class Sentence(AppendOnly):
    """One sentence of one term, wherever and whenever it stood in it."""

    term = models.ForeignKey("glossary.Term", on_delete=models.PROTECT, related_name="sentences")
    part = models.CharField(max_length=10, choices=[(part.value, part.value) for part in Part])
    text = models.TextField()
    links = models.JSONField(default=list)
    hash = models.CharField(max_length=64, db_index=True)
    respelt_from = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="respellings",
        help_text="The sentence from which this one differs, so the machine says, in spelling only.",
    )

    objects = SentenceQuerySet.as_manager()  # type: ignore[misc]  # narrows the manager of the base

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["term", "hash"], name="one_row_per_sentence"),
            models.CheckConstraint(
                condition=Q(respelt_from__isnull=True) | ~Q(respelt_from=F("pk")), name="not_respelt_from_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class SentenceAuthor(AppendOnly):
    """Who typed a sentence's words; once an author, always an author."""

    sentence = models.ForeignKey("glossary.Sentence", on_delete=models.PROTECT, related_name="authors")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sentence", "user"], name="one_row_per_author")]

    def __str__(self) -> str:
        return f"{self.user} wrote “{self.sentence}”"


# what a verdict on the words before means for those of which only the spelling was mended
CARRIED_TO_RESPELT = {LineState.SETTLED: LineState.RESPELT, LineState.READ_AGAIN: LineState.READ_AGAIN}


@dataclass(frozen=True)
class ClaimLine:
    """A claim with what is known of it: its state, the check it rests on, and who wrote its words."""

    claim: "Claim"
    state: LineState
    check: "ClaimCheck | None"
    authors: frozenset[int]
    forebears: frozenset[int] = frozenset()  # authors of the sentences that this one was respelt from

    @property
    def writers(self) -> frozenset[int]:
        """Everybody who typed words of this line: nobody of them gives a verdict on it."""
        return self.authors | self.forebears

    @property
    def number(self) -> int:
        """The line's number on the check page, from 1."""
        return self.claim.place

    def volatility(self, chosen: Volatility) -> Volatility:
        """Return the class that decides when to look again; `chosen` is the editor's choice for the whole term."""
        if self.check is None:
            return chosen
        return class_of(ClaimKind(self.check.kind), Volatility(self.check.volatility), chosen)

    def due_on(self, chosen: Volatility) -> date | None:
        """Return the day on which the line must be looked at again; None where nothing was checked."""
        return due_on(self.check.checked_on, self.volatility(chosen)) if self.check else None


class ClaimQuerySet(AppendOnlyQuerySet["Claim"]):
    """Claims in the words of a checker."""

    def lines(self, edition_id: int) -> list[ClaimLine]:
        """Return the lines of an edition in order, each with its state, its check and its authors.

        Five queries; one more where a sentence was respelt.
        """
        claims = list(self.filter(edition_id=edition_id).select_related("sentence").order_by("place"))
        chains = Sentence.objects.forebears([claim.sentence for claim in claims])
        sentences = {claim.sentence_id for claim in claims}.union(*chains.values())
        checks: dict[int, list[GivenCheck]] = defaultdict(list)
        rows = ClaimCheck.objects.filter(sentence_id__in=sentences).order_by("-pk")
        for row in rows.select_related("claim", "by", "rests_on").prefetch_related("evidence__source__publisher"):
            given = GivenCheck(Verdict(row.verdict), row.claim.context, row.checked_on, row)
            checks[row.sentence_id].append(given)
        authors: dict[int, set[int]] = defaultdict(set)
        for sentence, user in SentenceAuthor.objects.filter(sentence_id__in=sentences).values_list("sentence", "user"):
            authors[sentence].add(user)
        lines = []
        for claim in claims:
            chain = chains.get(claim.sentence_id, [])
            state, given_check = standing_verdict(claim.context, checks[claim.sentence_id])
            for forebear in chain if given_check is None else []:
                before, given_check = standing_verdict(claim.context, checks[forebear])
                if given_check is not None:
                    state = CARRIED_TO_RESPELT.get(before, LineState.OPEN)
                    break
            row_of = given_check.row if given_check and state != LineState.OPEN else None
            earlier = frozenset(person for forebear in chain for person in authors[forebear])
            lines.append(ClaimLine(claim, state, row_of, frozenset(authors[claim.sentence_id]), earlier))
        return lines


class Claim(AppendOnly):
    """A sentence in its place in an edition."""

    edition = models.ForeignKey("glossary.Edition", on_delete=models.PROTECT, related_name="claims")
    place = models.PositiveSmallIntegerField()
    sentence = models.ForeignKey("glossary.Sentence", on_delete=models.PROTECT, related_name="claims")
    context = models.CharField(max_length=64, blank=True, help_text="Digest of what the meaning leans on.")
    block = models.PositiveSmallIntegerField(default=0)

    objects = ClaimQuerySet.as_manager()  # type: ignore[misc]  # narrows the manager of the base

    class Meta:
        ordering = ["edition", "place"]
        constraints = [models.UniqueConstraint(fields=["edition", "place"], name="one_claim_per_place")]

    def __str__(self) -> str:
        return f"{self.place}. {self.sentence}"

    @property
    def line(self) -> Line:
        """The claim as the rules see it."""
        sentence = self.sentence
        return Line(Part(sentence.part), sentence.text, tuple(sentence.links), self.context, self.block)


class ClaimCheckQuerySet(AppendOnlyQuerySet["ClaimCheck"]):
    """Verdicts in the words of a desk that looks back."""

    def behind_published(self) -> "ClaimCheckQuerySet":
        """The newest verdict on each sentence that readers see."""
        newer = ClaimCheck.objects.filter(sentence=OuterRef("sentence"), pk__gt=OuterRef("pk"))
        seen = Claim.objects.filter(sentence=OuterRef("sentence"), edition__published_for__isnull=False)
        return self.filter(~Exists(newer), Exists(seen))

    def since_withdrawal(self, edition: Edition) -> "ClaimCheckQuerySet":
        """Verdicts that somebody gave on lines of a withdrawn edition after it was taken back, not by reading again."""
        after = self.filter(sentence__claims__edition=edition, rests_on__isnull=True)
        return after.filter(at__gt=edition.withdrawn_at) if edition.withdrawn_at is not None else after.none()


class ClaimCheck(AppendOnly):
    """One checker's verdict on one sentence, in the context of one claim.

    `rests_on` is set where the words stood unchanged and were only read again: evidence and date are the earlier
    check's, and `checked_on` repeats its date.
    """

    claim = models.ForeignKey("glossary.Claim", on_delete=models.PROTECT, related_name="checks")
    sentence = models.ForeignKey("glossary.Sentence", on_delete=models.PROTECT, related_name="checks")
    verdict = models.CharField(max_length=13, choices=[(verdict.value, verdict.value) for verdict in Verdict])
    kind = models.CharField(max_length=11, choices=[(kind.value, kind.value) for kind in ClaimKind])
    volatility = models.CharField(max_length=1, choices=[(v.value, v.value) for v in Volatility])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="claim_checks")
    at = models.DateTimeField()
    checked_on = models.DateField()
    rests_on = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    splitter = models.CharField(max_length=40)
    note = models.TextField(blank=True)
    agreed = models.BooleanField(default=False, help_text="Given by accepting, word for word, what another suggested.")

    objects = ClaimCheckQuerySet.as_manager()  # type: ignore[misc]  # narrows the manager of the base

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["sentence", "-id"])]
        constraints = [
            models.CheckConstraint(condition=Q(verdict=Verdict.SUPPORTED) | ~Q(note=""), name="a_refusal_says_why"),
            models.CheckConstraint(
                condition=Q(rests_on__isnull=True) | Q(verdict=Verdict.SUPPORTED), name="only_support_is_carried"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} on {self.checked_on}"

    @property
    def source_check(self) -> "ClaimCheck":
        """The check that holds the evidence: this one, or the one it rests on."""
        return self.rests_on or self


@dataclass(frozen=True)
class GivenCheck(GivenVerdict):
    """A verdict as the rules see it, with the row that it came from."""

    row: ClaimCheck

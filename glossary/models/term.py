"""A term: its address, its stage, the text editors work on, and which edition readers get."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Prefetch, Q
from django.urls import reverse
from taggit.managers import TaggableManager

from glossary.domain.deck import FRESH_DAYS, MAX_PRIORITY
from glossary.domain.link_policy import LinkPolicy
from glossary.domain.names import MAX_NAME, MAX_SLUG
from glossary.domain.term import AliasDraft, AliasKind, CardDraft, Level, Stage, Words
from glossary.domain.volatility import Volatility

if TYPE_CHECKING:
    from glossary.models.fact_check import FactCheck


def due_by(day: date) -> Q:
    """Return the condition that a term has to be looked at again by `day`."""
    return Q(due_on__lte=day) | Q(stale_on__lte=day)


class TermQuerySet(models.QuerySet["Term"]):
    """Terms in editorial words."""

    def published(self) -> "TermQuerySet":
        """Terms that readers can find."""
        return self.filter(stage=Stage.PUBLISHED)

    def live(self) -> "TermQuerySet":
        """Terms whose names are taken: drafts and published ones."""
        return self.filter(stage__in=[Stage.DRAFT, Stage.PUBLISHED])

    def for_readers(self) -> "TermQuerySet":
        """Published terms with what readers get of them at hand: edition, checks, topic; a constant few queries."""
        return (
            self.published()
            .select_related("published", "topic")
            .prefetch_related("published__fact_checks")
            .defer("body", "definition", "example")
        )

    def with_tags(self) -> "TermQuerySet":
        """Terms with their tags at hand, in one further query."""
        return self.prefetch_related(Prefetch("tags"))

    def dealable(self, *, day: date) -> "TermQuerySet":
        """Published terms whose check stays good for the deck of `day`, but for those that a later one succeeds."""
        return self.published().not_succeeded().filter(due_on__gt=day + timedelta(days=FRESH_DAYS))

    def to_look_at(self, *, day: date) -> "TermQuerySet":
        """Terms that are due for a new check by `day`, or of which a date has grown too old by then."""
        return self.filter(due_by(day))

    def not_succeeded(self) -> "TermQuerySet":
        """Terms of which readers are not told, by a checked line, that a later one has succeeded them."""
        return self.filter(Q(successor__isnull=True) | Q(published__words_json__successor=""))

    def in_order(self) -> "TermQuerySet":
        """As the A-Z list has them."""
        return self.order_by("sort_key", "slug")

    def with_desk_state(self) -> "TermQuerySet":
        """Terms with the editions that say where they stand at the desk."""
        return self.select_related("working", "published", "topic").prefetch_related(
            Prefetch("working__fact_checks"), Prefetch("published__fact_checks")
        )


class Term(models.Model):
    """One entry of the glossary. Its words live in editions; what stands here is the identity and the working text."""

    slug = models.SlugField(max_length=MAX_SLUG, unique=True)
    stage = models.CharField(
        max_length=10, choices=[(s.value, s.value.capitalize()) for s in Stage], default=Stage.DRAFT
    )

    headword = models.CharField(max_length=MAX_NAME)
    definition = models.TextField(blank=True)
    body = models.TextField(blank=True)
    example = models.TextField(blank=True)
    ambiguous = models.BooleanField(default=False, help_text="Another term goes by the same name, and both may stay.")
    link_policy = models.CharField(
        max_length=10, choices=[(policy.value, policy.value) for policy in LinkPolicy], default=LinkPolicy.AUTO.value
    )
    version = models.PositiveIntegerField(default=1)

    working = models.ForeignKey(
        "glossary.Edition", null=True, blank=True, on_delete=models.PROTECT, related_name="working_for"
    )
    published = models.ForeignKey(
        "glossary.Edition", null=True, blank=True, on_delete=models.PROTECT, related_name="published_for"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(
        null=True, blank=True, help_text="When readers last got something else of it: words, date, or nothing any more."
    )
    filed_at = models.DateTimeField(
        null=True, blank=True, help_text="When its topic, its tags, a name of those, or its address last changed."
    )
    due_on = models.DateField(null=True, blank=True, help_text="When the soonest line must be looked at again.")
    overdue_on = models.DateField(null=True, blank=True, help_text="From this day readers see “Re-check due”.")
    stale_on = models.DateField(
        null=True, blank=True, help_text="From this day a date in the published words, “As of July 2024”, is too old."
    )
    closed_because = models.CharField(max_length=500, blank=True, help_text="What readers of the old address are told.")

    successor = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors")
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    topic = models.ForeignKey("taggit.Tag", null=True, blank=True, on_delete=models.PROTECT, related_name="topic_of")
    tags = TaggableManager(blank=True)
    level = models.CharField(max_length=6, blank=True, choices=[(x.value, x.value) for x in Level])
    volatility = models.CharField(
        max_length=1, choices=[(v.value, v.value) for v in Volatility], default=Volatility.SLOW
    )
    vendor = models.ForeignKey(
        "glossary.Party",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="terms",
        help_text="Who makes it.",
    )
    priority = models.PositiveSmallIntegerField(default=0, help_text="0 to 100; a deck prefers a higher one.")
    prerequisites = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="prerequisite_of")
    broader = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="narrower")
    related = models.ManyToManyField("self", symmetrical=True, blank=True)
    contrast = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="contrasted_by",
        help_text="The term that this one is taken for; a deck may show both.",
    )
    binned_at = models.DateTimeField(null=True, blank=True, help_text="A draft that was put into the bin.")
    readers_need = models.PositiveIntegerField(default=0, help_text="Readers who look for it, from an import.")
    sources = models.ManyToManyField("glossary.Source", blank=True, related_name="terms")

    sort_key = models.CharField(max_length=MAX_NAME, blank=True, db_index=True)
    letter = models.CharField(max_length=1, blank=True, db_index=True)

    was_corrected: bool  # told by terms_around() alone

    objects = TermQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stage=Stage.PUBLISHED, published__isnull=False)
                | (~Q(stage=Stage.PUBLISHED) & Q(published__isnull=True)),
                name="published_has_an_edition",
            ),
            models.CheckConstraint(
                condition=Q(stage=Stage.MERGED, merged_into__isnull=False)
                | (~Q(stage=Stage.MERGED) & Q(merged_into__isnull=True)),
                name="merged_has_a_target",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("pk")), name="not_merged_into_itself"
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | ~Q(successor=F("pk")), name="not_its_own_successor"
            ),
            models.CheckConstraint(
                condition=Q(binned_at__isnull=True) | Q(stage=Stage.DRAFT, published_at__isnull=True),
                name="only_drafts_never_published_are_binned",
            ),
            models.CheckConstraint(condition=Q(priority__lte=MAX_PRIORITY), name="priority_up_to_100"),
            models.CheckConstraint(
                condition=Q(contrast__isnull=True) | ~Q(contrast=F("pk")), name="not_its_own_contrast"
            ),
        ]
        indexes = [
            models.Index(fields=["stage", "sort_key"]),
            models.Index(fields=["stage", "due_on"]),
            models.Index(fields=["stage", "stale_on"]),
            models.Index(fields=["stage", "letter", "sort_key", "slug"], name="terms_by_letter"),
        ]

    def __str__(self) -> str:
        return self.headword

    def get_absolute_url(self) -> str:
        """Return the address of the term's page."""
        return reverse("term", args=[self.slug])

    def get_desk_url(self) -> str:
        """Return the desk's address of the writing form."""
        return reverse("admin:glossary_term_change", args=[self.pk])

    @staticmethod
    def get_new_url() -> str:
        """Return the desk's address at which a term is begun."""
        return reverse("admin:glossary_term_add")

    def draft(self) -> CardDraft:
        """Return the working text as the editor left it."""
        return CardDraft(
            headword=self.headword,
            definition=self.definition,
            body=self.body,
            example=self.example,
            aliases=tuple(
                AliasDraft(
                    alias.text, AliasKind(alias.kind), alias.shown, alias.ambiguous, LinkPolicy(alias.link_policy)
                )
                for alias in self.aliases.all()
            ),
            ambiguous=self.ambiguous,
            link_policy=LinkPolicy(self.link_policy),
        )

    def has_unpublished_words(self) -> bool:
        """Return whether the working text differs from what readers see."""
        return self.working_id is not None and self.working_id != self.published_id

    def last_change(self, now: datetime) -> datetime | None:
        """Return when readers last got something else of the term, falling overdue included; None before the first."""
        if self.changed_at is None or self.overdue_on is None:
            return self.changed_at
        late = datetime.combine(self.overdue_on, time(), settings.EDITORIAL_TIME_ZONE)
        return max(self.changed_at, late) if late <= now else self.changed_at

    def shown(self) -> "tuple[Words, FactCheck] | None":
        """Return the words readers may see and the check that covers them; None if there is no such pair now."""
        if self.published is None:
            return None
        check = self.published.check_standing()
        return (self.published.words, check) if check else None

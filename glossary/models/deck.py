"""A deck: the seven cards of one editorial day."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Prefetch, Q, Subquery
from django.urls import reverse

from glossary.domain.deck import DECK_SIZE, EDITABLE, MAX_TITLE, DeckState


class DeckQuerySet(models.QuerySet["Deck"]):
    """Decks in the words of a calendar."""

    def published(self) -> "DeckQuerySet":
        """Decks that readers can open."""
        return self.filter(state=DeckState.PUBLISHED)

    def editable(self) -> "DeckQuerySet":
        """Decks whose cards may still be changed."""
        return self.filter(state__in=EDITABLE)

    def with_cards(self) -> "DeckQuerySet":
        """Decks with their cards, the frozen editions and their checks, in two further queries."""
        cards = Card.objects.select_related("term", "edition").prefetch_related("edition__fact_checks")
        return self.prefetch_related(Prefetch("cards", cards))

    def with_neighbours(self) -> "DeckQuerySet":
        """Decks with the days of the published decks before and after, as `previous_day` and `next_day`."""
        others = Deck.objects.published().values("day")
        return self.annotate(
            previous_day=Subquery(others.filter(day__lt=OuterRef("day")).order_by("-day")[:1]),
            next_day=Subquery(others.filter(day__gt=OuterRef("day")).order_by("day")[:1]),
        )


class Deck(models.Model):
    """One day's deck. Locking freezes the words and the dates of its seven cards."""

    day = models.DateField(unique=True)
    state = models.CharField(
        max_length=9, choices=[(s.value, s.value.capitalize()) for s in DeckState], default=DeckState.DRAFT
    )
    title = models.CharField(max_length=MAX_TITLE, blank=True)
    theme = models.ForeignKey(
        "taggit.Tag",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="themed_decks",
        help_text="The topic the day is about: it may have more than two cards.",
    )
    version = models.PositiveIntegerField(default=1)
    locked_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = DeckQuerySet.as_manager()

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=DeckState.PUBLISHED, published_at__isnull=False)
                | (~Q(state=DeckState.PUBLISHED) & Q(published_at__isnull=True)),
                name="published_decks_have_their_moment",
            )
        ]

    def __str__(self) -> str:
        return f"Deck of {self.day:%B} {self.day.day}, {self.day.year}"

    def get_absolute_url(self) -> str:
        """Return the address of the deck's page."""
        return reverse("deck", args=[self.day.isoformat()])

    def get_desk_url(self) -> str:
        """Return the desk's address of the deck."""
        return reverse("admin:glossary_deck_change", args=[self.pk])

    @staticmethod
    def get_list_url() -> str:
        """Return the desk's address of the calendar."""
        return reverse("admin:glossary_deck_changelist")

    @staticmethod
    def get_new_url(day: date) -> str:
        """Return the desk's address at which a deck for this day is begun."""
        return f"{reverse('admin:glossary_deck_add')}?day={day.isoformat()}"

    @property
    def is_editable(self) -> bool:
        """Whether cards may still be chosen and moved."""
        return self.state in EDITABLE


class CardQuerySet(models.QuerySet["Card"]):
    """Cards in the words of the dealer."""

    def dealt_around(self, day: date, *, days: int, besides: int | None = None) -> dict[int, date]:
        """Return for each term the nearest day on which it is dealt, among those at most `days` away from `day`."""
        near = self.filter(deck__day__range=(day - timedelta(days=days), day + timedelta(days=days)))
        return near.dealt_nearest(day, besides=besides)

    def dealt_nearest(self, day: date, *, besides: int | None = None) -> dict[int, date]:
        """Return for each term the day nearest to `day` on which it is dealt, past or planned.

        Decks that were missed do not count; `besides` leaves out one deck by its key.
        """
        nearest: dict[int, date] = {}
        cards = self.exclude(deck__state=DeckState.MISSED).exclude(deck_id=besides)
        for term, dealt in cards.order_by("deck__day").values_list("term", "deck__day"):
            if term not in nearest or abs(dealt - day) < abs(nearest[term] - day):
                nearest[term] = dealt
        return nearest


class Card(models.Model):
    """A term's place in a deck. The edition and the date are set when the deck is locked, and stay."""

    deck = models.ForeignKey("glossary.Deck", on_delete=models.CASCADE, related_name="cards")
    position = models.PositiveSmallIntegerField()
    term = models.ForeignKey("glossary.Term", on_delete=models.PROTECT, related_name="cards")
    edition = models.ForeignKey(
        "glossary.Edition", null=True, blank=True, on_delete=models.PROTECT, related_name="cards"
    )
    checked_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why the composer or a person chose it.")
    pinned = models.BooleanField(default=False, help_text="It stays when the day is composed again.")
    override = models.CharField(max_length=300, blank=True, help_text="Why a person broke a soft rule with it.")

    objects = CardQuerySet.as_manager()

    class Meta:
        ordering = ["deck", "position"]
        constraints = [
            models.CheckConstraint(condition=Q(position__gte=1, position__lte=DECK_SIZE), name="seven_positions"),
            models.UniqueConstraint(fields=["deck", "position"], name="one_card_per_position"),
            models.UniqueConstraint(fields=["deck", "term"], name="no_term_twice_in_a_deck"),
            models.CheckConstraint(
                condition=Q(edition__isnull=True, checked_on__isnull=True)
                | Q(edition__isnull=False, checked_on__isnull=False),
                name="frozen_with_its_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.term}"


class BanQuerySet(models.QuerySet["Ban"]):
    """Bans in the words of a calendar."""

    def on(self, day: date) -> "BanQuerySet":
        """Bans that hold on `day`."""
        return self.standing().filter(Q(until__isnull=True) | Q(until__gte=day), first__lte=day)

    def standing(self) -> "BanQuerySet":
        """Bans that nobody has lifted."""
        return self.filter(lifted_at__isnull=True)


class Ban(models.Model):
    """A term that is kept out of the decks of some days, because somebody said so."""

    term = models.ForeignKey("glossary.Term", on_delete=models.CASCADE, related_name="bans")
    first = models.DateField("from")
    until = models.DateField(null=True, blank=True, help_text="The last day; empty means until it is lifted.")
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bans")
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = BanQuerySet.as_manager()

    class Meta:
        ordering = ["first", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("first")), name="ban_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="ban_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.term}, from {self.first}"

"""A reader of the free brief, and the addresses that are never written to."""

from typing import Any

from django.db import models
from django.db.models import Count, Max, Q

from glossary.domain.address import shown_address
from glossary.domain.link_token import HANDLE_LENGTH, new_handle
from glossary.domain.subscriber import MAX_ADDRESS, SubscriberState, SuppressionReason


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    """Readers of the brief in the words of its ledger."""

    def confirmed(self) -> "SubscriberQuerySet":
        """Those who asked for the brief and confirmed it."""
        return self.filter(state=SubscriberState.CONFIRMED)


class Subscriber(models.Model):
    """Somebody who asked for the brief. Erasing them deletes the row and leaves a keyed hash in Suppression.

    `address` is what mail goes to, `domain.address.mail_address` of what they typed; `key` is `address_key` of it, by
    which they are found again. `handle` is the random name that their links carry.
    """

    address = models.CharField(max_length=MAX_ADDRESS)
    key = models.CharField(max_length=MAX_ADDRESS, unique=True)
    handle = models.CharField(max_length=HANDLE_LENGTH, unique=True, default=new_handle, editable=False)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in SubscriberState], default=SubscriberState.UNCONFIRMED
    )
    term = models.ForeignKey(
        "glossary.Term",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="subscribers",
        help_text="The page on which they asked.",
    )
    asked_at = models.DateTimeField()
    wording = models.CharField(max_length=20, help_text="The version of the words that they agreed to.")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    left_how = models.CharField(max_length=40, blank=True, help_text="By which way they left.")
    paused_until = models.DateField(null=True, blank=True, help_text="The first day on which they get it again.")
    weekdays_only = models.BooleanField(default=False)
    soft_days = models.PositiveSmallIntegerField(default=0, help_text="Days in a row on which mail came back for now.")
    soft_before = models.DateField(null=True, blank=True, help_text="The day before that on which mail came back.")
    soft_on = models.DateField(null=True, blank=True, help_text="The last such day.")

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["state"], name="subscriber_state"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(address="") & ~Q(key=""), name="a_subscriber_has_an_address"),
            models.CheckConstraint(
                condition=~Q(state=SubscriberState.CONFIRMED) | Q(confirmed_at__isnull=False),
                name="the_confirmed_have_their_moment",
            ),
            models.CheckConstraint(
                condition=Q(state=SubscriberState.UNSUBSCRIBED, left_at__isnull=False)
                | (~Q(state=SubscriberState.UNSUBSCRIBED) & Q(left_at__isnull=True)),
                name="who_left_has_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def shown_address(self) -> str:
        """The address as its owner reads it."""
        return shown_address(self.address)


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    """Held-back addresses in the words of staff."""

    def counted(self) -> list[dict[str, Any]]:
        """Return how many there are for each reason, and the day of the last; one query."""
        return list(self.order_by("reason").values("reason").annotate(n=Count("pk"), last=Max("on")))


class Suppression(models.Model):
    """An address that nothing is sent to, known by `domain.link_token.suppression_key` only.

    Its owner lifts it by asking anew and confirming, unless it is `held`: that is the word of staff, for any reason.
    """

    key = models.CharField(max_length=64, unique=True)
    reason = models.CharField(max_length=9, choices=[(r.value, r.value) for r in SuppressionReason])
    on = models.DateField()
    held = models.BooleanField(default=False, help_text="Not even a confirmation goes there, until staff lift it.")

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(key__contains="@") & ~Q(key=""), name="suppression_keeps_no_address")
        ]

    def __str__(self) -> str:
        return f"{self.reason}, {self.on}"

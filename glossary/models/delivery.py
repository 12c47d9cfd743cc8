"""The ledger of the brief: one row for each mail to each reader."""

from datetime import datetime

from django.db import models
from django.db.models import Count, Q

from glossary.domain.brief import HELD, DeliveryState


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Rows of the ledger in the words of staff."""

    def uncertain(self, now: datetime) -> "DeliveryQuerySet":
        """Mails whose worker is gone and of which nobody knows whether the server took them."""
        return self.filter(state=DeliveryState.IN_DOUBT, lease_until__lte=now)

    def counted(self) -> dict[str, int]:
        """Return how many rows stand in each state; one query."""
        return dict(self.order_by().values_list("state").annotate(n=Count("pk")))


class Delivery(models.Model):
    """One mail of a brief to one reader; an erased reader's row stays without them.

    `attempt` counts the tries that the server, or the message itself, refused; `message_id` is set before the body goes
    out, so that an uncertain mail can be looked up at the mail server; so is `written_at`, which stays whatever becomes
    of a mail that may have arrived, as a reader of words that were corrected later is told so. A mail that goes
    `alone`, a first brief or one that staff send again, is not bound to the state and the window of its brief.
    """

    brief = models.ForeignKey("glossary.Brief", on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    subscriber = models.ForeignKey(
        "glossary.Subscriber", null=True, on_delete=models.SET_NULL, related_name="deliveries"
    )
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in DeliveryState], default=DeliveryState.PENDING
    )
    owner = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    alone = models.BooleanField(default=False)
    attempt = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    last_code = models.PositiveSmallIntegerField(null=True, blank=True)
    last_said = models.CharField(max_length=200, blank=True)
    message_id = models.CharField(max_length=200, blank=True)
    written_at = models.DateTimeField(
        null=True, blank=True, help_text="When the words were read that the reader has, or may have."
    )
    at = models.DateTimeField(help_text="When it came into its state.")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["brief", "not_before"], condition=Q(state=DeliveryState.PENDING), name="delivery_pending"
            ),
            models.Index(
                fields=["brief", "not_before"],
                condition=Q(state=DeliveryState.PENDING, alone=True),
                name="delivery_alone",
            ),
            models.Index(fields=["brief", "lease_until"], condition=Q(state__in=HELD), name="delivery_held"),
            models.Index(fields=["brief", "id"], condition=Q(state=DeliveryState.FAILED), name="delivery_failed"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["brief", "subscriber"], name="one_mail_per_brief_and_reader"),
            models.CheckConstraint(
                condition=(Q(state__in=HELD, lease_until__isnull=False) & ~Q(owner=""))
                | (~Q(state__in=HELD) & Q(lease_until__isnull=True, owner="")),
                name="a_held_mail_has_its_owner_and_lease",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[DeliveryState.IN_DOUBT, DeliveryState.SENT]) | ~Q(message_id=""),
                name="what_may_have_left_has_its_message_id",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.message_id}"

"""Mails that ask a reader to confirm: how many of them left of late, and the links in them."""

from datetime import datetime

from django.db import models
from django.db.models import Count, F, Q

from glossary.domain.sign_up import APART, COUNTED_FOR


class ConfirmationCountQuerySet(models.QuerySet["ConfirmationCount"]):
    """Counts in the words of the caps."""

    def free(self, now: datetime) -> "ConfirmationCountQuerySet":
        """Mailboxes that were written to before and may be again; the rule is `domain.sign_up.may_mail`."""
        room = Q(first_at__isnull=True) | Q(first_at__lte=now - COUNTED_FOR)
        return self.filter(room, last_at__lte=now - APART)

    def mails_since(self, moment: datetime) -> int:
        """Return how many mails left after `moment`, at most a day ago; one query."""
        mails = Count("pk") + Count("pk", filter=Q(before_at__gt=moment)) + Count("pk", filter=Q(first_at__gt=moment))
        return int(self.filter(last_at__gt=moment).aggregate(n=mails)["n"])

    def add(self, now: datetime) -> int:
        """Count one more mail to each of these mailboxes; return to how many."""
        return self.update(first_at=F("before_at"), before_at=F("last_at"), last_at=now)

    def take_back(self) -> None:
        """Forget the last mail to each of these mailboxes, which did not leave."""
        self.filter(before_at__isnull=True).delete()
        self.update(last_at=F("before_at"), before_at=F("first_at"), first_at=None)


class ConfirmationCount(models.Model):
    """When the last three confirmation mails to one mailbox left; the mailbox itself is not kept.

    `key` is `domain.link_token.mailbox_hash` of `domain.address.mailbox_key`: one row for +tags, dots and case. A mail
    is claimed by a conditional UPDATE of this row before it is sent.
    """

    key = models.CharField(max_length=64, unique=True)
    last_at = models.DateTimeField(db_index=True)
    before_at = models.DateTimeField(null=True, help_text="The mail before the last.")
    first_at = models.DateTimeField(null=True, help_text="The mail before that one.")

    objects = ConfirmationCountQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_at__isnull=True) | Q(before_at__isnull=False), name="counted_mails_have_no_gap"
            )
        ]

    def __str__(self) -> str:
        return f"The last at {self.last_at}"


class ConfirmationLinkQuerySet(models.QuerySet["ConfirmationLink"]):
    """Links in the words of whoever presses one."""

    def standing(self, now: datetime) -> "ConfirmationLinkQuerySet":
        """Those that may still be used."""
        return self.filter(expires__gt=now)


class ConfirmationLink(models.Model):
    """A link that confirms, one for each mail; all of a reader's go when one is used, and when they leave.

    A further mail, which anybody can ask for, takes nothing from the link of an earlier one. `token_hash` is the
    SHA-256 of the link's token, in hex: the token itself is nowhere.
    """

    subscriber = models.ForeignKey("glossary.Subscriber", on_delete=models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    expires = models.DateTimeField(db_index=True)

    objects = ConfirmationLinkQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Until {self.expires}"

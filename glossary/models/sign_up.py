"""A wish for the free brief, as a reader left it; it is gone as soon as somebody has seen to it."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q, Sum

from glossary.domain.names import MAX_SLUG
from glossary.domain.sign_up import COUNTED_FOR, FORGET_AFTER, LEASE
from glossary.domain.subscriber import MAX_ADDRESS


class SignUpQuerySet(models.QuerySet["SignUp"]):
    """Wishes in the words of whoever sees to them."""

    def free(self, now: datetime) -> "SignUpQuerySet":
        """Those that nobody sees to, or whose taker's lease is over."""
        return self.filter(Q(taken_at__isnull=True) | Q(taken_at__lt=now - LEASE))


class SignUp(models.Model):
    """What the form of the first page leaves: one row, whoever's address it is, so that the answer tells nobody.

    `slug` is the page on which they asked, looked up only afterwards. `network` is a keyed hash, another one each day,
    of where they asked from; empty where that is not known. `taken_at` is set while somebody sees to it.
    """

    address = models.CharField(max_length=MAX_ADDRESS)
    key = models.CharField(max_length=MAX_ADDRESS)
    slug = models.CharField(max_length=MAX_SLUG, blank=True)
    network = models.CharField(max_length=22, blank=True)
    wording = models.CharField(max_length=20)
    asked_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)

    objects = SignUpQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Asked at {self.asked_at}"


class SignUpTallyQuerySet(models.QuerySet["SignUpTally"]):
    """Tallies by what they count."""

    def add(self, key: str, *, now: datetime, number: int = 1) -> None:
        """Count `number` more under a key; safe in many processes at once."""
        self.get_or_create(key=key, defaults={"at": now})
        self.filter(key=key).update(count=F("count") + number, at=now)

    def of_networks(self, now: datetime) -> dict[str, int]:
        """Return how many mails each network was answered with in this hour; one query."""
        begins = SignUpTally.of_network("", now)
        found = self.filter(key__startswith=begins).values_list("key", "count")
        return {key.removeprefix(begins): count for key, count in found}

    def dropped_since(self, moment: datetime) -> int:
        """Return how many wishes were dropped after a moment; one query."""
        return int(self.filter(key__startswith="dropped:", at__gt=moment).aggregate(n=Sum("count"))["n"] or 0)

    def spent(self, now: datetime) -> "SignUpTallyQuerySet":
        """Those that nobody asks for any more."""
        networks = Q(key__startswith="network:", at__lt=now - COUNTED_FOR)
        return self.filter(networks | Q(at__lt=now - FORGET_AFTER))


class SignUpTally(models.Model):
    """How many mails answered one network (as a keyed hash) in one hour, and how many wishes were dropped on a day."""

    key = models.CharField(max_length=60, primary_key=True)
    count = models.IntegerField(default=0)
    at = models.DateTimeField(db_index=True)

    objects = SignUpTallyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"

    @staticmethod
    def of_network(network: str, now: datetime) -> str:
        """Return the key under which the mails to a network in this hour are counted."""
        return f"network:{now:%Y-%m-%dT%H}:{network}"

    @staticmethod
    def of_dropped(now: datetime) -> str:
        """Return the key under which the wishes dropped on this day are counted."""
        return f"dropped:{now:%Y-%m-%d}"

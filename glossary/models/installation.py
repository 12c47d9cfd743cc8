"""What this installation is: how it began, whether it is a demonstration, and which machine may send the brief."""

from django.db import models
from django.db.models import Q


class Installation(models.Model):
    """One row at most; absent on a site that was set up for real and has neither published a term nor sent a brief.

    `first_url`, `first_name` and `first_on` are the address, the name and the day with which the site first published:
    what is made from them, ids of feed items and of Anki's notes, stays for life when the address or the name changes.
    `armed_host` names the one machine and database that may send (`services.brief.host_name`): a copy of the database
    elsewhere sends nothing. `armed_nonce` and `runs` repeat what the file of that machine says
    (`services.sending_mark`): a database that was put back from a backup sends nothing either. `mail_free_at` is the
    pace kept for EMAIL_MAX_PER_HOUR: no mail is claimed before it.
    """

    demo = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    first_url = models.CharField(max_length=500, blank=True)
    first_name = models.CharField(max_length=100, blank=True)
    first_on = models.DateField(null=True, blank=True)
    only = models.BooleanField(default=True, unique=True, editable=False)
    armed_host = models.CharField(max_length=64, blank=True)
    armed_at = models.DateTimeField(null=True, blank=True)
    armed_nonce = models.CharField(max_length=32, blank=True)
    runs = models.PositiveBigIntegerField(default=0)
    mail_free_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(only=True), name="one_installation"),
            models.CheckConstraint(
                condition=Q(armed_host="", armed_at__isnull=True) | (~Q(armed_host="") & Q(armed_at__isnull=False)),
                name="an_armed_host_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(first_url="", first_on__isnull=True) | (~Q(first_url="") & Q(first_on__isnull=False)),
                name="a_first_address_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return "demonstration" if self.demo else "site"

"""What this installation is: so far, whether it is a demonstration."""

from django.db import models


class Installation(models.Model):
    """One row at most; absent on a site that was set up for real."""

    demo = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return "demonstration" if self.demo else "site"

"""A job that happens once a day: the row is the claim."""

from django.db import models


class JobRun(models.Model):
    """That a job of a day was done, or is being done in the transaction that wrote the row."""

    job = models.CharField(max_length=40)
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["job", "day"], name="a_job_runs_once_a_day")]

    def __str__(self) -> str:
        return f"{self.job} of {self.day}"

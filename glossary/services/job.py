"""Work of which only one may run at a time: a row is the claim, and it runs out if the process dies."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from glossary.domain.errors import IllegalMove
from glossary.models import JobRun
from glossary.services.clock import moment, today

LEASE = timedelta(minutes=10)  # after the last sign of life another may begin


class JobRuns(IllegalMove):
    """Another process is at this work."""


@contextmanager
def only_one(job: str, *, now: Callable[[], datetime] = moment) -> Iterator[Callable[[], None]]:
    """Hold the claim on a job while the block runs; yield what gives a sign of life, to be called every few minutes.

    Raises JobRuns where another process has it, before anything is written, and from a sign of life that comes so late
    that another process has begun.
    """
    begun = now()
    held = JobRun.objects.filter(job=job)
    if held.filter(at__gt=begun - LEASE).exists():
        raise JobRuns("Another one is at work. Nothing was done; run this again when it has ended.")
    held.filter(at__lte=begun - LEASE).delete()
    try:
        with transaction.atomic():
            run = JobRun.objects.create(job=job, day=today(begun), at=begun)
    except IntegrityError as error:
        raise JobRuns("Another one has just begun. Nothing was done; run this again when it has ended.") from error

    def alive() -> None:
        if not JobRun.objects.filter(pk=run.pk).update(at=now()):
            raise JobRuns("This took so long without a sign of life that another one has begun. It stops here.")

    try:
        yield alive
    finally:
        JobRun.objects.filter(pk=run.pk).delete()

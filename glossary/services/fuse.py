"""The fuse of a run: mails that a server refused say something about their readers, or about the sender."""

from glossary.domain.brief import DeliveryState
from glossary.models import Brief
from glossary.services import ledger
from glossary.services.bounce import note_delay, note_refusal
from glossary.services.brief import halt_brief
from glossary.services.worker import Worker


def is_blown(brief: Brief, worker: Worker, *, first: bool = False, over: bool = False) -> bool:
    """Return whether so much is refused that it is not the readers' fault; the brief is paused then, with the reason.

    What was refused waits again. At the first refusal of a run the earlier ones are counted in, once.
    """
    if first:
        counts = brief.deliveries.counted()
        worker.fuse.taken = max(worker.fuse.taken, counts.get(DeliveryState.SENT, 0))
        worker.fuse.refused = max(worker.fuse.refused, counts.get(DeliveryState.FAILED, 0))
    why, now = worker.fuse.blown(over=over), worker.clock()
    if not why:
        return False
    if halt_brief(brief, why, now=now):
        worker.tally.failed -= ledger.give_back([key for key, _, _ in worker.refused], now=now)
    worker.tally.why_not = why
    worker.refused = []
    return True


def note_refused(brief: Brief, worker: Worker) -> None:
    """Draw the consequences for readers whose own mail was refused for good: a mailbox that is gone gets no more.

    It waits for the end of the run, as a server that refuses everybody says nothing about anybody. Where none was taken
    yet and more are to go, nothing is said about the readers either; they come again in the next brief.
    """
    for reader, reply in worker.given_up:
        note_delay(reader, reply.code, reply.text, now=worker.clock())
    worker.given_up = []
    if not worker.refused or is_blown(brief, worker, over=True):
        return
    waiting = [DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.IN_DOUBT]
    if worker.fuse.taken or not brief.deliveries.filter(state__in=waiting).exists():
        for _, named, reply in worker.refused:
            if named is not None:
                note_refusal(named, reply.code, reply.text, step=reply.step, now=worker.clock())
    worker.refused = []

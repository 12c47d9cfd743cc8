"""One group of claimed mails on its way: written, noted as in doubt, handed over, and what became of each noted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from glossary.domain.brief import DeliveryState
from glossary.domain.mail import Mail
from glossary.services import ledger
from glossary.services.brief_mail import Written
from glossary.services.ledger import Row, Settled
from glossary.services.outcome import note_results, poisoned
from glossary.services.worker import Worker

UNSEEN = timedelta(seconds=10)  # that a correction may have been on its way into the database when words were read
ASK_AGAIN = timedelta(seconds=5)  # whether the readers of a group still want it is known for so long


def send_rows(
    rows: Sequence[Row],
    written: Written,
    corrections: dict[int, list[int]],
    since: dict[int, datetime],
    worker: Worker,
) -> None:
    """Send one group; whatever the server does, each row says afterwards what became of it."""
    now = worker.clock()
    mails, named, settled = [], [], []
    for row in rows:
        waits = worker.busy.get(row.address.rpartition("@")[2]) if worker.busy else None
        if not row.address:
            settled.append(Settled(row.pk, DeliveryState.SUPPRESSED, said="The reader was erased."))
        elif waits is not None and waits > now:
            settled.append(Settled(row.pk, DeliveryState.PENDING, not_before=waits))
        else:
            try:
                reader = row.subscriber or 0
                message_id, message = written.fill(
                    row.address, row.handle, corrections.get(reader, ()), since=since.get(reader)
                )
            except (ValueError, KeyError) as error:
                settled.append(poisoned(row, str(error), now=now))
            else:
                mails.append(Mail(row.pk, written.sender, row.address, message))
                named.append((row.pk, message_id))
    ledger.settle(settled, owner=worker.owner, now=now)
    if mails:
        _transmit({row.pk: row for row in rows}, mails, dict(named), written, worker)


def _transmit(
    rows: dict[int, Row], mails: Sequence[Mail], named: dict[int, str], written: Written, worker: Worker
) -> None:
    now = worker.clock()
    permit = _Permit(worker, written, named, asked=now, ends=now + worker.lease)
    results = worker.transport.send(mails, commit=permit.commit, go_on=permit.go_on, probe=worker.probe)
    note_results(results, rows, permit.left, worker, now=worker.clock())
    worker.probe("noted")


@dataclass
class _Permit:
    """What the ledger says of a group: which mails `may` go, until when, and which are `left` behind."""

    worker: Worker
    written: Written
    named: dict[int, str]  # Message-IDs
    asked: datetime
    ends: datetime
    may: set[int] = field(default_factory=set)
    left: list[int] = field(default_factory=list)

    def commit(self, going: Sequence[Mail]) -> set[int]:
        """Note that mails are in doubt, and that those of the group before have gone; return which may go."""
        worker = self.worker
        now = self.asked = worker.clock()
        self.ends = now + worker.lease
        worker.probe("before doubt")
        self.may = ledger.doubt(
            [(mail.key, self.named[mail.key]) for mail in going],
            sent=worker.sent,
            owner=worker.owner,
            now=now,
            needs=now + worker.needs,
            lease=self.ends,
            day=self.written.deck.day,
            written=self.written.read_at - UNSEEN,
        )
        worker.tally.sent += len(worker.sent)
        worker.sent = []
        self.left.extend(mail.key for mail in going if mail.key not in self.may)
        return self.may

    def go_on(self) -> bool:
        """Say before each body whether it may go; what was asked long ago is asked again, for the whole group."""
        now = self.worker.clock()
        if now - self.asked >= ASK_AGAIN:
            if not ledger.still_go(self.may, owner=self.worker.owner, now=now, day=self.written.deck.day):
                return False
            self.asked = now
        return now + self.worker.needs < self.ends

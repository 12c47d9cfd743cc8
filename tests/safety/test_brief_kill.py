"""Senders that are killed at any moment: nobody gets a brief twice, nobody is lost without a row that says so.

Real processes, PostgreSQL, and a mail server that keeps each message before it answers. The short run is for every
change; the long one, 10,000 mails and 120 kills, is `pytest -m endurance tests/safety/test_brief_kill.py`.
"""

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from glossary.domain.brief import IN_FLIGHT
from glossary.models import Brief, Delivery, Subscriber
from glossary.services.delivery import send_due
from glossary.services.line import Server
from glossary.services.transport import SmtpTransport
from glossary.services.worker import Worker
from tests.factories import make_brief_of
from tests.sink import Sink

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="Senders at once need PostgreSQL (DATABASE_URL)."),
]
WORKERS = 4
LEASE = timedelta(seconds=2)


def be_a_sender(port, database):
    connections["default"].settings_dict["NAME"] = database
    server = Server("127.0.0.1", port, timeout=0.9, patience=0.9)
    while True:
        worker = Worker(SmtpTransport(server), lease=LEASE, needs=timedelta(seconds=0.9))
        send_due(worker)
        worker.transport.close()
        time.sleep(0.05)


class Crew:
    """Senders, of which any may be killed and is replaced."""

    def __init__(self, port):
        self.context, self.port = multiprocessing.get_context("fork"), port
        self.database = connection.settings_dict["NAME"]
        connections.close_all()  # a connection must not be shared with a child
        self.people = [self._hire() for _ in range(WORKERS)]

    def _hire(self):
        person = self.context.Process(target=be_a_sender, args=(self.port, self.database), daemon=True)
        person.start()
        return person

    def kill(self, place):
        assert self.people[place].is_alive(), "a sender died by itself"
        os.kill(self.people[place].pid, signal.SIGKILL)
        self.people[place].join()
        connections.close_all()
        self.people[place] = self._hire()

    def dismiss(self):
        for person in self.people:
            os.kill(person.pid, signal.SIGKILL)
            person.join()


def sink_in_a_process(log, *, greylisted, unknown):
    """Start the sink in a process of its own, whose log holds each Message-ID before the server answers for it."""
    context = multiprocessing.get_context("fork")
    told = context.Queue()

    def script(step, said):
        if step == "RCPT" and said[9:-1] in unknown:
            return "550 no such user"
        if step == "RCPT" and said[9:-1] in greylisted and random.random() < 0.5:
            return "450 not now"
        if step == "body":  # accepted and kept; the answer comes a moment later
            time.sleep(random.uniform(0.001, 0.012))
        return None

    def serve():
        sink = Sink(script)
        told.put(sink.port)
        kept = 0
        with open(log, "a", buffering=1) as file:
            while True:
                fresh = sink.ids(kept)
                for one in fresh:
                    file.write(f"{one}\n")
                kept += len(fresh)
                time.sleep(0.01)

    person = context.Process(target=serve, daemon=True)
    person.start()
    return person, told.get(timeout=30)


def torment(tmp_path, settings, *, readers, kills, every):
    """Send to so many readers; each time that `every` more were taken a sender is killed. Return what came of it."""
    settings.EMAIL_HOST = "127.0.0.1"
    brief = make_brief_of(readers)
    spread_over_domains()
    addresses = list(brief.deliveries.order_by("pk").values_list("subscriber__address", flat=True))
    unknown, greylisted = set(addresses[::50]), set(addresses[5::10])
    connections.close_all()
    sink, port = sink_in_a_process(tmp_path / "taken", greylisted=greylisted, unknown=unknown)
    crew = Crew(port)
    try:
        for _ in range(kills):
            wait_for_more(tmp_path / "taken", brief, every)
            time.sleep(random.uniform(0, 0.05))
            crew.kill(random.randrange(WORKERS))
        drain(brief)
    finally:
        crew.dismiss()
    time.sleep(0.2)  # what the server kept last is in the log by then, as nothing is sent any more
    os.kill(sink.pid, signal.SIGKILL)
    sink.join()
    return brief, Counter((tmp_path / "taken").read_text().split()), kills, len(unknown)


def spread_over_domains():
    """Give the readers many domains, so that one which says “not now” three times in a row does not stop them all."""
    readers = list(Subscriber.objects.all())
    for reader in readers:
        reader.address = f"reader{reader.pk}@domain{reader.pk % 211}.example"
    Subscriber.objects.bulk_update(readers, ["address"], batch_size=500)


def wait_for_more(log, brief, number, seconds=60):
    """Wait until the server took so many more mails, or there are none left."""
    taken = lambda: log.read_text().count("\n") if log.exists() else 0  # noqa: E731
    before, end = taken(), time.monotonic() + seconds
    while taken() < before + number and time.monotonic() < end:
        if not brief.deliveries.filter(state__in=["pending", "claimed"]).exists():
            return
        time.sleep(0.02)


def drain(brief, seconds=240):
    """Wait until nothing is left to send: mails that were put off are due at once."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        now = timezone.now()
        brief.deliveries.filter(state="pending", not_before__gt=now).update(not_before=now)
        left = brief.deliveries.filter(state__in=["pending", "claimed"]).exists()
        live = brief.deliveries.filter(state="in_doubt", lease_until__gt=now).exists()
        if not left and not live:
            return
        time.sleep(0.1)
    pytest.fail(f"not drained: {brief.deliveries.counted()}")


def nobody_is_lost_or_told_twice(brief, taken, kills, unknown, readers):
    counted = brief.deliveries.counted()
    sent = set(brief.deliveries.filter(state="sent").values_list("message_id", flat=True))
    uncertain = set(brief.deliveries.uncertain(timezone.now()).values_list("message_id", flat=True))
    print(f"{readers} mails, {kills} kills: {counted}; taken {sum(taken.values())}, uncertain {len(uncertain)}")
    assert {one: copies for one, copies in taken.items() if copies > 1} == {}
    assert sent <= set(taken), "the ledger says sent, the server never took it"
    assert set(taken) <= sent | uncertain, "the server took it, and no row says so"
    assert sum(counted.values()) == readers and set(counted) <= {"sent", "failed", "in_doubt", "suppressed"}
    left_out = brief.deliveries.filter(state="suppressed")  # a worker whose lease ran out had been told of the mailbox
    assert left_out.exclude(subscriber__left_how="mail came back").count() == 0
    refused = counted.get("failed", 0) + left_out.count()
    assert refused <= unknown <= refused + len(uncertain)
    assert len(uncertain) == counted.get("in_doubt", 0) <= IN_FLIGHT * (kills + WORKERS)
    assert Brief.objects.get(pk=brief.pk).state in {"sent", "sending"}


def test_eight_kills_lose_nobody_and_repeat_nothing(tmp_path, settings):
    result = torment(tmp_path, settings, readers=300, kills=8, every=15)
    nobody_is_lost_or_told_twice(*result, readers=300)
    assert Delivery.objects.filter(state="sent").exists()


@pytest.mark.endurance
def test_a_hundred_and_twenty_kills_lose_nobody_and_repeat_nothing(tmp_path, settings):
    result = torment(tmp_path, settings, readers=10_000, kills=120, every=40)
    nobody_is_lost_or_told_twice(*result, readers=10_000)
    assert Delivery.objects.filter(state="sent").count() > 5000

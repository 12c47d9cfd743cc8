"""`tick --loop` as an operator runs it: real processes that share one ledger, and one signal that ends them all."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import connection

from glossary.models import Brief
from glossary.services.brief import make_brief
from tests.factories import make_brief_of, make_dealt_deck
from tests.sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)
needs_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="Senders at once need PostgreSQL (DATABASE_URL)."
)
ROOT = Path(__file__).resolve().parent.parent.parent
ARMED = []  # the variables of the sites that a test has armed
PATIENCE = 90  # seconds for what takes two or three on a quiet machine


def database_url():
    """Return the address of the database that the tests use."""
    now = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{now['NAME']}"
    password = f":{now['PASSWORD']}" if now["PASSWORD"] else ""
    return f"postgres://{now['USER']}{password}@{now['HOST']}:{now['PORT']}/{now['NAME']}"


def manage(told, *command):
    """Run a command of the site under these variables."""
    subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=told, stdout=subprocess.DEVNULL, check=True)


def start_tick(port, workers, **over):
    """Arm this machine as an operator does, and start `tick --loop` with so many senders."""
    told = os.environ | {
        "DATABASE_URL": database_url(),
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(port),
        "EMAIL_WORKERS": str(workers),
        "SECRET_KEY": site.SECRET_KEY,
        "LINK_KEY": site.LINK_KEY,
        **over,
    }
    manage(told, "arm_sending")
    ARMED.append(told)
    return subprocess.Popen(
        [sys.executable, "manage.py", "tick", "--loop"], cwd=ROOT, env=told, stdout=subprocess.DEVNULL
    )


@pytest.fixture(autouse=True)
def no_mark_left_behind():
    """Disarm what the test armed: its mark lies in var/, beside those of real sites."""
    yield
    while ARMED:
        manage(ARMED.pop(), "arm_sending", "--disarm")


def hired_by(tick):
    """Return the senders that it started."""
    children = Path(f"/proc/{tick.pid}/task/{tick.pid}/children")
    return [int(pid) for pid in children.read_text().split()] if children.exists() else []


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(is_so, what):
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def end(tick):
    """End it as an operator does; return its exit code, and that it left nobody behind."""
    hired = hired_by(tick)
    tick.send_signal(signal.SIGTERM)
    return tick.wait(PATIENCE), [pid for pid in hired if alive(pid)]


class Gate:
    """A script for the sink that answers no body until so many lines are open, and as slowly as it is told."""

    def __init__(self, lines=1, pause=0.0):
        self.lines, self.pause, self.sink = lines, pause, None

    def __call__(self, step, said):
        if step == "body":
            until = time.monotonic() + PATIENCE / 2
            while len(self.sink.open) < self.lines and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(self.pause)
        return None

    def open(self):
        self.sink = Sink(self)
        return self.sink


@needs_postgresql
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="Looking at processes needs /proc.")
def test_three_senders_share_the_ledger_and_a_signal_ends_them_all():
    brief = make_brief_of(900)
    with Gate(lines=3).open() as sink:
        tick = start_tick(sink.port, 3)
        try:
            wait_until(lambda: len(sink.accepted) == 900, "not all were sent")
            wait_until(lambda: Brief.objects.get(pk=brief.pk).state == "sent", "the brief does not end")
            assert sink.lines == 3 and len(hired_by(tick)) == 2
            assert Counter(sink.ids()) == Counter(brief.deliveries.values_list("message_id", flat=True))
            assert brief.deliveries.counted() == {"sent": 900}
        finally:
            code, left = end(tick)
    assert (code, left) == (0, [])


@pytest.mark.endurance  # a tick looks after its senders twice a minute
@needs_postgresql
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="Looking at processes needs /proc.")
def test_a_sender_that_is_killed_is_replaced_and_one_whose_tick_is_killed_goes_by_itself():
    first = make_brief_of(300)
    with Gate(pause=0.001).open() as sink:
        tick = start_tick(sink.port, 2)
        try:
            wait_until(lambda: len(sink.accepted) == 300, "the first brief was not sent")
            (before,) = hired_by(tick)
            os.kill(before, signal.SIGKILL)
            wait_until(lambda: any(pid != before for pid in hired_by(tick)), "nobody took its place")
            second = make_brief(
                make_dealt_deck(first.deck.day.replace(year=first.deck.day.year + 1)), now=first.made_at
            )
            wait_until(lambda: second.deliveries.counted() == {"sent": 300}, "the second brief was not sent")
            (hired,) = hired_by(tick)
        finally:
            tick.kill()
            tick.wait()
        wait_until(lambda: not alive(hired), "it outlives its tick")
    assert max(Counter(sink.ids()).values()) == 1 and len(sink.accepted) == 600


@needs_postgresql
def test_a_signal_in_the_middle_leaves_nothing_in_doubt_and_the_next_start_sends_the_rest():
    brief = make_brief_of(400)
    with Gate(pause=0.004).open() as sink:
        tick = start_tick(sink.port, 2)
        wait_until(lambda: len(sink.accepted) >= 60, "nothing was sent")
        assert end(tick) == (0, [])
        counted = brief.deliveries.counted()
        assert set(counted) == {"sent", "pending"} and counted["sent"] == len(sink.accepted) < 400
        assert not brief.deliveries.exclude(owner="").exists()
        tick = start_tick(sink.port, 2)
        try:
            wait_until(lambda: brief.deliveries.counted() == {"sent": 400}, "the rest was not sent")
        finally:
            assert end(tick) == (0, [])
    assert Counter(sink.ids()) == Counter(brief.deliveries.values_list("message_id", flat=True))


@pytest.mark.parametrize("workers", [1, 3])
def test_by_default_the_tick_sends_by_itself_and_on_sqlite_always(workers):
    if workers > 1 and connection.vendor == "postgresql":
        pytest.skip("PostgreSQL has several senders.")
    brief = make_brief_of(100)
    with Gate().open() as sink:
        tick = start_tick(sink.port, workers)
        try:
            wait_until(lambda: len(sink.accepted) == 100, "not all were sent")
            wait_until(lambda: Brief.objects.get(pk=brief.pk).state == "sent", "the brief does not end")
            assert sink.lines == 1 and hired_by(tick) == []
        finally:
            assert end(tick) == (0, [])
    assert Counter(sink.ids()) == Counter(brief.deliveries.values_list("message_id", flat=True))

"""PostgreSQL stopped dead and the mail server killed while mails go out: senders recover by themselves.

A database server of its own, made for this test with initdb; `manage.py send_brief --loop` as an operator runs it, with
shorter waits; a mail server that writes each mail down before it answers. `pytest -m endurance` runs it.
"""

import glob
import multiprocessing
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings as site

from glossary.domain.brief import IN_FLIGHT
from tests.sink import Sink

psycopg = pytest.importorskip("psycopg")
BIN = max(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]), default="")
INITDB = shutil.which("initdb", path=f"{BIN}:{os.environ['PATH']}")
pytestmark = [
    pytest.mark.endurance,
    pytest.mark.skipif(
        INITDB is None, reason="A database server of its own needs initdb (apt-get install postgresql)."
    ),
]
ROOT = Path(__file__).resolve().parent.parent.parent
READERS, STOPS, KILLS, WORKERS = 600, 6, 10, 3
SENDER = """
import sys
from datetime import timedelta
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from glossary.domain import brief
from glossary.management.commands import send_brief
settings.EMAIL_TIMEOUT = 0.4  # a lease of six seconds instead of two and a half minutes
brief.BACK_OFF = tuple(timedelta(seconds=one) for one in (0.3, 0.6, 1, 2))
send_brief.SECONDS = 0.2
call_command("send_brief", "--loop")
"""
SETTING = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.factories import make_brief_of
from glossary.models import Subscriber
brief = make_brief_of({readers})
readers = list(Subscriber.objects.all())
for reader in readers:  # so that one domain's trouble is not everybody's
    reader.address = f"reader{{reader.pk}}@domain{{reader.pk % 97}}.example"
Subscriber.objects.bulk_update(readers, ["address"], batch_size=200)
"""


class Cluster:
    """A database server in a folder, that may be stopped as if its power failed."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.user = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}  # root may not run one
        if self.user:
            shutil.chown(folder, "postgres", "postgres")
        self._run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync", "-D", str(folder))
        self.start()

    @property
    def url(self):
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self):
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "-w", "-D", str(self.folder), "-l", log, "-o", options)

    def stop(self, how="immediate"):
        self._run("pg_ctl", "stop", "-w", "-m", how, "-D", str(self.folder))

    def _run(self, name, *args):
        program = str(Path(INITDB).parent / name)
        subprocess.run([program, *args], check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=120, **self.user)

    def rows(self, question):
        with psycopg.connect(self.url, autocommit=True) as line:
            return line.execute(question).fetchall()


class WritingSink(Sink):
    """A mail server that writes each mail down before it answers, so that nothing is forgotten when it is killed."""

    def __init__(self, log, port):
        self.log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        super().__init__(port=port)

    def _take(self, line, recipient, message):
        os.write(self.log, re.search(rb"Message-ID: (<[^>]+>)", message)[1] + b"\n")
        time.sleep(random.uniform(0.005, 0.03))
        super()._take(line, recipient, message)


def serve(log, port):
    WritingSink(log, port)
    while True:
        time.sleep(60)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def start_sink(log, port):
    person = multiprocessing.get_context("spawn").Process(target=serve, args=(log, port), daemon=True)
    person.start()
    return person


def environment(cluster, port):
    return os.environ | {
        "DATABASE_URL": cluster.url,
        "DJANGO_SETTINGS_MODULE": "deckproject.settings",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(port),
        "SECRET_KEY": site.SECRET_KEY,
        "LINK_KEY": site.LINK_KEY,
        "PYTHONPATH": str(ROOT),
    }


@pytest.fixture
def cluster():
    with tempfile.TemporaryDirectory() as folder:  # not below pytest's own, which nobody else may enter
        cluster = Cluster(Path(folder))
        yield cluster
        cluster.stop()


def taken(log):
    return log.read_text().split() if log.exists() else []


def wait_for_more(log, number, seconds=60):
    before, end = len(taken(log)), time.monotonic() + seconds
    while len(taken(log)) < before + number and time.monotonic() < end:
        time.sleep(0.02)
    return len(taken(log)) >= before + number


def drained(cluster):
    """Return whether nothing is left to send, and nobody is at it."""
    left = "state IN ('pending', 'claimed') OR (state = 'in_doubt' AND lease_until > now())"
    return not cluster.rows(f"SELECT 1 FROM glossary_delivery WHERE {left} LIMIT 1")


def torment(cluster, log, port, sink):
    """Stop the database and kill the mail server, in any order, whenever some more mails were taken."""
    blows = ["database"] * STOPS + ["sink"] * KILLS
    random.shuffle(blows)
    struck = Counter()
    for blow in blows:
        if not wait_for_more(log, READERS // (STOPS + KILLS + 4)):
            break
        struck[blow] += 1
        if blow == "database":
            cluster.stop()
            time.sleep(random.uniform(0, 0.5))
            cluster.start()
        else:
            sink.kill()
            sink.join()
            time.sleep(random.uniform(0, 0.5))
            sink = start_sink(log, port)
    return struck, sink


def test_a_database_that_stops_dead_and_a_mail_server_that_is_killed_lose_nobody_and_repeat_nothing(cluster, tmp_path):
    log, port = tmp_path / "taken", free_port()
    told = environment(cluster, port)
    subprocess.run([sys.executable, "-c", SETTING.format(readers=READERS)], cwd=ROOT, env=told, check=True, timeout=300)
    sink = start_sink(log, port)
    said = tmp_path / "said"
    with said.open("w") as file:
        command = [sys.executable, "-c", SENDER]
        senders = [subprocess.Popen(command, cwd=ROOT, env=told, stdout=file, stderr=file) for _ in range(WORKERS)]
    try:
        struck, sink = torment(cluster, log, port, sink)
        end = time.monotonic() + 180
        while not drained(cluster):
            assert time.monotonic() < end, cluster.rows("SELECT state, count(*) FROM glossary_delivery GROUP BY 1")
            time.sleep(0.2)
        assert [sender.poll() for sender in senders] == [None] * WORKERS, said.read_text()[-3000:]
    finally:
        for sender in senders:
            sender.send_signal(signal.SIGTERM)
        codes = [sender.wait(60) for sender in senders]
        sink.kill()
        sink.join()
    assert codes == [0] * WORKERS
    rows = cluster.rows("SELECT state, message_id FROM glossary_delivery")
    of = {state: {named for one, named in rows if one == state} for state, _ in rows}
    copies = Counter(taken(log))
    print(
        f"{READERS} mails, {dict(struck)}: { {state: len(named) for state, named in of.items()} }, taken {len(copies)}"
    )
    assert struck == {"database": STOPS, "sink": KILLS}
    assert max(copies.values()) == 1
    assert len(rows) == READERS and set(of) <= {"sent", "in_doubt"}
    assert of["sent"] <= set(copies), "the ledger says sent, the server never took it"
    assert set(copies) <= of["sent"] | of.get("in_doubt", set()), "the server took it, and no row says so"
    assert len(of.get("in_doubt", ())) <= IN_FLIGHT * (STOPS * WORKERS + KILLS * WORKERS)

"""How fast the brief leaves, with its ledger kept, beside Django's own loop.

`pytest -m quality -s tests/quality/test_brief_speed.py`

Both send the same words to a sink in another process, over one kept line each. BRIEF_READERS sets the number of readers
(1,000 and 20,000 if it is not set). CPU is that of the sending processes, the database's own is told apart.
"""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection, connections

from glossary.domain.mail import Mail
from glossary.models import Brief, Delivery
from glossary.services.brief_mail import write_brief
from glossary.services.delivery import send_due
from glossary.services.line import Server
from glossary.services.transport import SmtpTransport, as_django
from glossary.services.worker import Worker
from tests.factories import make_brief_of
from tests.quality import fast_sink

pytestmark = [pytest.mark.quality, pytest.mark.django_db(transaction=True)]
READERS = [int(os.environ["BRIEF_READERS"])] if "BRIEF_READERS" in os.environ else [1000, 20_000]
RIVAL = 1000  # mails of Django's loop, whose cost a mail does not depend on their number


def backend_cpu():
    """Return the seconds of CPU that the database's process of this connection has used; 0 on SQLite."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def django_loop(port, mails):
    """Send as Django's documentation says: one message object a reader, one kept connection."""
    line = get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port)
    line.open()
    began, cpu = time.perf_counter(), time.process_time()
    for address, handle, base in mails:
        message = EmailMultiAlternatives(
            base.subject,
            base.body.replace("HANDLE", handle),
            base.from_email,
            [address],
            headers=base.extra_headers,
            connection=line,
        )
        message.attach_alternative(base.alternatives[0].content.replace("HANDLE", handle), "text/html")
        message.send()
    spent = time.perf_counter() - began, time.process_time() - cpu
    line.close()
    return spent


def one_worker(port, database, start, done):
    connections["default"].settings_dict["NAME"] = database
    start.wait()
    cpu, server = time.process_time(), backend_cpu()
    worker = Worker(SmtpTransport(Server("127.0.0.1", port)))
    while Delivery.objects.filter(state="pending").exists():
        send_due(worker)
    worker.transport.close()
    done.put((time.process_time() - cpu, backend_cpu() - server))


def our_workers(port, number, *, profile=False):
    """Send with so many processes; return seconds, CPU seconds of the senders, and of the database's processes."""
    context = multiprocessing.get_context("fork")
    start, done = context.Event(), context.Queue()
    database = connection.settings_dict["NAME"]
    connections.close_all()
    crew = [context.Process(target=one_worker, args=(port, database, start, done)) for _ in range(number)]
    for one in crew:
        one.start()
    time.sleep(0.5)  # they are all there when it begins; nothing hangs on it but the first milliseconds
    began = time.perf_counter()
    start.set()
    spent = [done.get(timeout=600) for _ in crew]
    seconds = time.perf_counter() - began
    for one in crew:
        one.join()
    return seconds, sum(cpu for cpu, _ in spent), sum(server for _, server in spent)


@pytest.mark.parametrize("readers", READERS)
def test_mails_a_second_and_cpu_a_mail(readers, settings, capsys):
    settings.EMAIL_HOST, settings.SITE_URL = "127.0.0.1", "https://dailydeck.example"
    brief = make_brief_of(readers)
    sinks = {"": fast_sink.start(), ", CHUNKING": fast_sink.start(chunking=True)}
    try:
        rows = Delivery.objects.values_list("subscriber__address", "subscriber__handle")[:RIVAL]
        named, message = write_brief(Brief.objects.get(pk=brief.pk)).fill("reader@example.org", "HANDLE")
        base = as_django(Mail(0, "desk@localhost", "reader@example.org", message))
        seconds, cpu = django_loop(sinks[""][0], [(address, handle, base) for address, handle in rows])
        count = len(rows)
        rival = cpu / count
        lines = [f"\n{readers:,} readers, {connection.vendor}, a mail of {len(message):,} bytes"]
        lines.append(f"Django's loop          {count / seconds:8,.0f} mails/s {rival * 1e6:7,.0f} µs CPU a mail")
        workers = [1, 2, 4] if connection.vendor == "postgresql" else [1]
        for way, (port, _) in sinks.items():
            for number in workers:
                Delivery.objects.update(state="pending", owner="", lease_until=None)
                Brief.objects.update(state="queued", ended_at=None)
                spent, ours, server = our_workers(port, number)
                assert set(Delivery.objects.counted()) == {"sent"}
                lines.append(
                    f"{number} worker(s){way:<12} {readers / spent:8,.0f} mails/s"
                    f" {ours / readers * 1e6:7,.0f} µs CPU a mail"
                    f" + {server / readers * 1e6:4,.0f} µs of the database: {rival / ours * readers:5.1f} × less CPU,"
                    f" {readers / spent / (count / seconds):5.1f} × the mails"
                )
        with capsys.disabled():
            print("\n".join(lines))
    finally:
        for _, child in sinks.values():
            os.kill(child, signal.SIGTERM)
            os.waitpid(child, 0)

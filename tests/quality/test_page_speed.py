"""What a page costs: CPU of the server per request, interleaved with a bare WSGI application under the same server.

Times on a shared machine are noise; the CPU time of the server's own processes per request is not.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import pytest
from django.conf import settings
from django.db import connection

from glossary.models import ReadyPage
from tests.factories import make_published_term

pytestmark = [
    pytest.mark.quality,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="Needs Linux, which counts CPU by process."),
]
CONNECTIONS = 16
REQUESTS = 1_000  # of each kind in a round; a fifth of it for Django alone
ROUNDS = 3
PATHS = 8_000  # of those that rotate


class Server:
    """One application of a module of this folder under granian, on a port of its own."""

    def __init__(self, name, folder, *, module="page_server", **over):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--workers", "1", "--blocking-threads", "1", "--no-access-log"]
        environ = os.environ | {
            "DATABASE_URL": database_url(),
            "BENCH_ANSWER": str(folder / "answer.json"),
            "BENCH_COPY": str(folder / "copy.sqlite3"),
            "SITE_URL": f"http://localhost:{self.port}",
            **over,
        }
        log = (folder / f"{name}.log").open("w")
        command += ["--log-level", "error", f"tests.quality.{module}:{name}"]
        self.process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environ, stdout=log, stderr=log)
        log.close()
        self._wait()

    def _wait(self):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.1)
        raise AssertionError("the server did not start")

    def cpu(self):
        """Return the CPU seconds of the server's processes so far."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        found = 0
        for pid in [str(self.process.pid), *children]:
            for task in Path(f"/proc/{pid}/task").iterdir():
                found += int((task / "schedstat").read_text().split()[0])
        return found / 1e9

    def ask(self, paths, number, headers=""):
        """Ask for `number` pages over all connections in turn; return the CPU µs of the server for each."""
        rest = f" HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode()
        asked = islice(cycle([b"GET " + path.encode() + rest for path in paths]), number)
        lines = [socket.create_connection(("127.0.0.1", self.port), timeout=60) for _ in range(CONNECTIONS)]
        size = len(first_answer(lines[0], b"GET " + paths[0].encode() + rest))
        before = self.cpu()
        for batch in iter(lambda: list(islice(asked, CONNECTIONS)), []):
            for line, question in zip(lines, batch, strict=False):
                line.sendall(question)
            for line, _ in zip(lines, batch, strict=False):
                left = size
                while left > 0 and (part := line.recv(1 << 16)):
                    left -= len(part)
                assert left == 0, "an answer of another length"
        spent = self.cpu() - before
        for line in lines:
            line.close()
        return spent / number * 1e6

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def database_url():
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    return f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


def first_answer(line, question):
    """Return one whole answer, head and body, by its Content-Length (a 304 has none)."""
    line.sendall(question)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += line.recv(1 << 16)
    head, _, body = answer.partition(b"\r\n\r\n")
    names = dict(row.lower().split(b": ", 1) for row in head.split(b"\r\n")[1:])
    length = 0 if b" 304 " in head.split(b"\r\n")[0] + b" " else int(names[b"content-length"])
    while len(body) < length:
        body += line.recv(1 << 16)
    return head + b"\r\n\r\n" + body


def multiply(number):
    """Make `number` ready pages of the one that is there, under addresses of their own."""
    page = ReadyPage.objects.get(path="/terms/qwen2/")
    names = [field.column for field in ReadyPage._meta.concrete_fields if field.column not in {"id", "path"}]
    columns = ", ".join(names)
    series = (
        "WITH RECURSIVE series(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM series WHERE n + 1 < %s) "
        if connection.vendor == "sqlite"
        else "WITH series AS (SELECT generate_series(0, %s - 1) AS n) "
    )
    insert = f"INSERT INTO glossary_readypage (path, {columns}) "
    select = f"SELECT '/terms/word-' || n || '/', {columns} FROM glossary_readypage, series WHERE id = %s"
    with connection.cursor() as cursor:
        sql = series + insert + select if connection.vendor == "sqlite" else insert + series + select
        cursor.execute(sql, [number, page.pk])
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE glossary_readypage")


@pytest.mark.parametrize("number", [100, 100_000])
def test_the_cost_of_a_page(number, tmp_path, capsys):
    make_published_term(body="\n\n".join(f"Paragraph {n} says what it is in some forty words. " * 4 for n in range(5)))
    servers = {"ready": Server("ready", tmp_path)}
    try:
        browser = http.client.HTTPConnection("127.0.0.1", servers["ready"].port)
        browser.request("GET", "/terms/qwen2/")
        answer = browser.getresponse()
        body = answer.read().decode()
        given = [(name, value) for name, value in answer.getheaders() if name not in {"server", "date"}]
        browser.close()
        (tmp_path / "answer.json").write_text(json.dumps({"headers": given, "body": body}))
        multiply(number)
        etag = answer.getheader("etag")
        servers |= {"bare": Server("bare", tmp_path), "plain": Server("plain", tmp_path)}
        one, many = ["/terms/word-7/"], [f"/terms/word-{n * 7919 % number}/" for n in range(min(PATHS, number))]
        kinds = {
            "bare WSGI": ("bare", one, REQUESTS, ""),
            "ready, one path": ("ready", one, REQUESTS, ""),
            "ready, rotating": ("ready", many, max(REQUESTS, len(many)), ""),
            "ready, gzip": ("ready", one, REQUESTS, "Accept-Encoding: gzip\r\n"),
            "ready, 304": ("ready", one, REQUESTS, f"If-None-Match: {etag}\r\n"),
            "Django, rendered": ("plain", ["/terms/qwen2/"], REQUESTS // 5, ""),
        }
        for server, paths, asked, headers in kinds.values():
            servers[server].ask(paths, asked, headers)  # what is asked for the first time costs more
        cost = {name: [] for name in kinds}
        for _ in range(ROUNDS):
            for name, (server, paths, asked, headers) in kinds.items():
                cost[name].append(servers[server].ask(paths, asked, headers))
    finally:
        for server in servers.values():
            server.stop()
    found = {name: median(values) for name, values in cost.items()}
    with capsys.disabled():
        print(f"\n{number:,} ready pages of {len(body.encode()):,} bytes on {connection.vendor}, {ROUNDS} rounds")
        print(f"{'':20}{'CPU µs a request':>18}{'× bare':>9}{'× one path':>12}")
        for name, value in found.items():
            by = value / found["bare WSGI"], value / found["ready, one path"]
            print(f"{name:20}{value:18.1f}{by[0]:9.2f}{by[1]:12.2f}")
    assert all(value > 0 for value in found.values())

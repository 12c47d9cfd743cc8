"""Servers in processes of their own, whose CPU is counted: granian with an application of this folder, and nginx."""

import getpass
import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from django.conf import settings
from django.db import connection

CONNECTIONS = 16
LOAD_TIME = 3  # seconds


@dataclass(frozen=True)
class Load:
    """What a server did under all the load that wrk makes: requests a second, and cores kept busy by either of them.

    Where neither kept a core busy, others had the machine, and the rate says little.
    """

    rate: float
    server: float
    wrk: float

    @property
    def by_core(self):
        """Requests for each CPU second of the server, which hold whoever else has the machine."""
        return self.rate / self.server


class Server:
    """One application of a module of this folder under granian, on a port of its own."""

    def __init__(self, name, folder, *, module="page_server", **over):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        environ = os.environ | {
            "DATABASE_URL": database_url(),
            "BENCH_ANSWER": str(folder / "answer.json"),
            "BENCH_COPY": str(folder / "copy.sqlite3"),
            "SITE_URL": f"http://localhost:{self.port}",
            **over,
        }
        environ.pop("PYTHONDONTWRITEBYTECODE", None)  # every start would compile Django anew
        self.log = folder / f"{name}.log"
        with self.log.open("w") as log:
            command = self.command(f"tests.quality.{module}:{name}", folder)
            self.process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environ, stdout=log, stderr=log)
        self._wait()

    def command(self, application, folder):
        flags = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port)]
        flags += ["--workers", "1", "--blocking-threads", "1", "--no-access-log", "--log-level", "error"]
        return [sys.executable, "-m", "granian", *flags, application]

    def _wait(self):
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.005)
        self.stop()
        raise AssertionError(f"the server did not start: {self.log.read_text()}")

    def cpu(self):
        """Return the CPU seconds of the server's processes so far."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        found = 0
        for pid in [str(self.process.pid), *children]:
            for task in Path(f"/proc/{pid}/task").iterdir():
                found += int((task / "schedstat").read_text().split()[0])
        return found / 1e9

    def answer(self, path):
        """Return head and body of the answer to one request."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as line:
            return answer_on(line, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    def ask(self, paths, number, headers=""):
        """Ask for `number` pages over all connections in turn; return the CPU µs of the server for each."""
        rest = f" HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode()
        asked = islice(cycle([b"GET " + path.encode() + rest for path in paths]), number)
        lines = [socket.create_connection(("127.0.0.1", self.port), timeout=60) for _ in range(CONNECTIONS)]
        size = len(answer_on(lines[0], b"GET " + paths[0].encode() + rest)[1])
        before = self.cpu()
        for batch in iter(lambda: list(islice(asked, CONNECTIONS)), []):
            for line, question in zip(lines, batch, strict=False):
                line.sendall(question)
            for line, _ in zip(lines, batch, strict=False):
                assert len(answer_on(line)[1]) == size, "an answer of another length"
        spent = self.cpu() - before
        for line in lines:
            line.close()
        return spent / number * 1e6

    def load(self, path):
        """Let wrk ask for one page as often as it can."""
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{LOAD_TIME}s", f"http://127.0.0.1:{self.port}{path}"]
        before, began, own = self.cpu(), time.monotonic(), cpu_of_children()
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        took = time.monotonic() - began
        assert "Non-2xx" not in told and "Socket errors" not in told, told
        rate = float(told.partition("Requests/sec:")[2].split()[0])
        return Load(rate, (self.cpu() - before) / took, (cpu_of_children() - own) / took)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stop()


class Nginx(Server):
    """nginx as Debian sets it up, with one worker, and the page as a file: `folder/page.html`."""

    ITS_OWN = {"content-type", "content-length", "etag", "last-modified"}

    def __init__(self, folder, body, headers):
        (folder / "page.html").write_bytes(body)
        self.headers = [(name, value) for name, value in headers if name not in self.ITS_OWN]
        super().__init__("nginx", folder)

    def command(self, application, folder):
        added = "".join(f'add_header {name} "{value}";\n' for name, value in self.headers)
        (folder / "nginx.conf").write_text(
            f"daemon off; user {getpass.getuser()}; worker_processes 1; pid {folder}/nginx.pid; error_log stderr;\n"
            "events { worker_connections 768; }\n"
            "http {\nsendfile on; tcp_nopush on; types { } default_type 'text/html; charset=utf-8'; access_log off;\n"
            "keepalive_requests 10000000;\n"  # granian closes no line either
            f"server {{ listen 127.0.0.1:{self.port}; root {folder};\n{added}}}\n}}\n"
        )
        return [nginx(), "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def nginx():
    """Return where nginx is, if it is; its folder is not among those of everybody's commands."""
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


def cpu_of_children():
    """Return the CPU seconds of the programs that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def database_url():
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    return f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


def answer_on(line, question=b""):
    """Return head and body of the next answer on a connection, by its Content-Length (a 304 has none)."""
    line.sendall(question)
    answer = b""
    while b"\r\n\r\n" not in answer:
        part = line.recv(1 << 16)
        assert part, "the server has hung up"
        answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    told = head.lower().partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
    length = 0 if head.split(b" ", 2)[1] == b"304" else int(told)
    while len(body) < length:
        part = line.recv(1 << 16)
        assert part, "the server has hung up"
        body += part
    return head, body

"""What a page costs beside its rivals: CPU of the server per request, all of them in turn.

Times on a shared machine are noise; the CPU time of the server's own processes per request is not. Wagtail and nginx
take part where they are installed; this installs Wagtail for one run, in an environment of its own:

    uv run --isolated --group rivals pytest -m quality tests/quality/test_page_speed.py
"""

import json
import shutil
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from glossary.domain.relations import Relations
from glossary.models import ReadyPage, Term
from glossary.services.relations import relate_term
from tests.factories import make_published_term
from tests.quality.rival_site import MODULE, make_rival, why_not
from tests.quality.servers import Nginx, Server, nginx

pytestmark = [
    pytest.mark.quality,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="Needs Linux, which counts CPU by process."),
]
REQUESTS = 1_000  # of each kind in a round; a fifth of it where the page is rendered
ROUNDS = 3
STARTS = 5
MEASURES = ("rate", "by_core", "server", "wrk")  # of a Load
PATHS = 8_000  # of those that rotate
ONE = "/terms/word-7/"
# What is to cost how much of what: more, less, sign and figure
COSTS = [
    ("ready, rotating", "bare WSGI", "≤", 2.0),
    ("ready, gzip", "ready, one path", "≤", 1.1),
    ("ready, 304", "ready, one path", "≤", 1.1),
    ("Wagtail, uncached", "ready, one path", "≥", 200),
    ("Wagtail, warm cache", "ready, one path", "≥", 8),
    ("Wagtail, uncached", "Django, rendered", "≥", 3),
]


@dataclass(frozen=True)
class Site:
    """A term whose page is ready, as its server sends it."""

    term: Term
    ready: Server
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name):
        return dict(self.headers).get(name, "")


@pytest.fixture
def site(tmp_path, editor, checker):
    body = "\n\n".join(f"Paragraph {n} says what it is in some forty words. " * 4 for n in range(5))
    qwen2, *beside = [
        make_published_term(name, author=editor, checker=checker, body=text, aliases=aliases)
        for name, text, aliases in (("Qwen2", body, ["Qwen 2", "Tongyi Qwen2"]), ("Qwen3", "", []), ("Llama 3", "", []))
    ]
    term = relate_term(qwen2, Relations(related=tuple(one.pk for one in beside)), by=editor)
    with Server("ready", tmp_path) as ready:
        head, body = ready.answer(term.get_absolute_url())
        headers = [tuple(row.split(": ", 1)) for row in head.decode().split("\r\n")[1:]]
        headers = [(name, value) for name, value in headers if name not in {"server", "date"}]
        (tmp_path / "answer.json").write_text(json.dumps({"headers": headers, "body": body.decode()}))
        yield Site(term, ready, headers, body)


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


def queries_of(client, path):
    """Return how many questions a page asks the database when it is rendered, the first of the process apart."""
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    return len(asked)


def kinds_of_answer(site, number, folder, running):
    """Start the servers; return of each kind of answer its server, paths, number of requests and headers."""
    many = [f"/terms/word-{n * 7919 % number}/" for n in range(min(PATHS, number))]
    bare, plain = (running.enter_context(Server(name, folder)) for name in ("bare", "plain"))
    kinds = {
        "bare WSGI": (bare, [ONE], REQUESTS, ""),
        "ready, one path": (site.ready, [ONE], REQUESTS, ""),
        "ready, rotating": (site.ready, many, max(REQUESTS, len(many)), ""),
        "ready, gzip": (site.ready, [ONE], REQUESTS, "Accept-Encoding: gzip\r\n"),
        "ready, 304": (site.ready, [ONE], REQUESTS, f"If-None-Match: {site.header('etag')}\r\n"),
        "Django, rendered": (plain, [site.term.get_absolute_url()], REQUESTS // 5, ""),
    }
    if nginx():
        file = running.enter_context(Nginx(folder, site.body, site.headers))
        kinds["nginx, static file"] = (file, ["/page.html"], REQUESTS, "")
    return kinds


def with_wagtail(site, kinds, folder, running):
    """Add Wagtail to the kinds of answer; return what its page is like."""
    rival = make_rival(site.term, folder)
    uncached = running.enter_context(Server("wagtail", folder, module=MODULE, **rival.environ))
    cached = running.enter_context(Server("wagtail", folder, module=MODULE, RIVAL_CACHE="yes", **rival.environ))
    kinds["Wagtail, uncached"] = (uncached, [rival.path], REQUESTS // 5, "")
    kinds["Wagtail, warm cache"] = (cached, [rival.path], REQUESTS, "")
    page = uncached.answer(rival.path)[1]
    assert abs(len(page) / len(site.body) - 1) < 0.1, f"{len(page):,} bytes beside {len(site.body):,}"
    for part in ("</h1>", "Also called:", "Paragraph 4 says", "In our words:", "Llama 3", "Filed under"):
        assert page.count(part.encode()) == site.body.count(part.encode()), part
    return f"Wagtail's has {len(page):,} bytes and asks {rival.queries} times"


@pytest.mark.parametrize("number", [100, 100_000])
def test_the_cost_of_a_page(number, site, client, tmp_path, capsys):
    multiply(number)
    asks = queries_of(client, site.term.get_absolute_url())
    with ExitStack() as running:
        kinds = kinds_of_answer(site, number, tmp_path, running)
        wagtail = why_not() or with_wagtail(site, kinds, tmp_path, running)
        for server, paths, asked, headers in kinds.values():
            server.ask(paths, asked, headers)  # what is asked for the first time costs more
        cost = {name: [] for name in kinds}
        for _ in range(ROUNDS):
            for name, (server, paths, asked, headers) in kinds.items():
                cost[name].append(server.ask(paths, asked, headers))
    found = {name: median(values) for name, values in cost.items()}
    with capsys.disabled():
        print(f"\n{number:,} ready pages of {len(site.body):,} bytes on {connection.vendor}, {ROUNDS} rounds")
        print(
            f"Rendered, the page asks the database {asks} times. {wagtail}" + ("" if nginx() else " nginx is missing.")
        )
        print(f"{'':20}{'CPU µs a request':>18}{'× bare':>9}{'× one path':>12}")
        for name, value in found.items():
            by = value / found["bare WSGI"], value / found["ready, one path"]
            print(f"{name:20}{value:18.1f}{by[0]:9.2f}{by[1]:12.2f}")
        for more, less, sign, target in COSTS:
            if more in found:
                print(f"{more} : {less}".ljust(44) + f"{found[more] / found[less]:8.2f}   target {sign} {target}")
    assert all(value > 0 for value in found.values())


@pytest.mark.skipif(nginx() is None, reason="nginx is not installed (apt-get install nginx-light).")
@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed (apt-get install wrk).")
def test_requests_a_second_beside_a_file(site, tmp_path, capsys):
    multiply(100)
    with Nginx(tmp_path, site.body, site.headers) as file:
        kinds = {"ready, one path": (site.ready, ONE), "nginx, static file": (file, "/page.html")}
        loads = {name: [] for name in kinds}
        for _ in range(ROUNDS):
            for name, (server, path) in kinds.items():
                loads[name].append(server.load(path))
    found = {name: [median(getattr(one, of) for one in taken) for of in MEASURES] for name, taken in loads.items()}
    ratios = [ours / theirs for ours, theirs in zip(*found.values(), strict=True)]
    with capsys.disabled():
        print(f"\n{ROUNDS} rounds{'requests/s':>25}{'by CPU second':>15}{'cores busy':>12}{'of wrk':>8}")
        for name, (rate, by_core, server, wrk) in found.items():
            print(f"{name:20}{rate:13,.0f}{by_core:15,.0f}{server:12.2f}{wrk:8.2f}")
        print(f"{'ours : nginx':20}{ratios[0]:13.2f}{ratios[1]:15.2f}   target ≥ 0.45")
    assert ratios[0] > 0


def test_the_time_to_the_first_answer(site, tmp_path, capsys):
    if reason := why_not():
        pytest.skip(reason)
    rival = make_rival(site.term, tmp_path)
    path = site.term.get_absolute_url()
    kinds = {
        "a ready page": ("ready", path, {}),
        "Django, rendered": ("plain", path, {}),
        "Wagtail, uncached": ("wagtail", rival.path, {"module": MODULE, **rival.environ}),
    }
    starts = {name: [] for name in kinds}
    for _ in range(STARTS + 1):
        for name, (application, path, over) in kinds.items():
            starts[name].append(first_answer_after(application, tmp_path, path, over))
    found = {name: [median(one) for one in zip(*taken[1:], strict=True)] for name, taken in starts.items()}
    with capsys.disabled():
        print(f"\nStart to first answer, {STARTS} starts in turn {'seconds':>12}{'CPU':>8}{': Wagtail':>12}{'CPU':>8}")
        for name, (took, cpu) in found.items():
            by = took / found["Wagtail, uncached"][0], cpu / found["Wagtail, uncached"][1]
            print(f"{name:39}{took:12.2f}{cpu:8.2f}{by[0]:12.2f}{by[1]:8.2f}")
        print("target ≤ 0.4 of Wagtail")
    assert all(took > 0 for took, _ in found.values())


def first_answer_after(application, folder, path, over):
    """Return the seconds from a start to the first whole answer, and the CPU seconds until then."""
    began = time.monotonic()
    with Server(application, folder, **over) as server:
        assert server.answer(path)[0].startswith(b"HTTP/1.1 200 ")
        return time.monotonic() - began, server.cpu()

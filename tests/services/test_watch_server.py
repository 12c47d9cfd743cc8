"""The watch against a real server on this host that behaves as servers do; only these tests may call loopback."""

from datetime import UTC, datetime
from functools import partial

import pytest

from glossary.domain.doubt import DoubtKind
from glossary.domain.roles import Role
from glossary.domain.watch import EVERY, Validators
from glossary.models import Doubt, SourceWatch
from glossary.services.fetching import visit_page
from glossary.services.watch import watch_sources
from tests.factories import make_source, make_user
from tests.services.test_watch import SAYS, Clock, quoted
from tests.web_server import named, page, redirect, serving

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def visit(server, path="/", known=None, **over):
    return visit_page(server.url(path), known, **{"timeout": 5, "allow": server.allow} | over)


def test_a_page_is_read_with_its_marks():
    answer = page(SAYS, ETag='"v1"', Last_Modified="Mon, 01 Jun 2026 00:00:00 GMT")
    with serving(answer) as server:
        seen = visit(server)
        assert (seen.status, seen.url, seen.moved, seen.text) == (200, server.url(), False, SAYS)
        assert (seen.etag, seen.last_modified) == ('"v1"', "Mon, 01 Jun 2026 00:00:00 GMT")


def test_an_unchanged_page_is_not_sent_again():
    def answer(server, path):
        asks = 'If-None-Match: "v1"\r\nIf-Modified-Since: Mon, 01 Jun 2026 00:00:00 GMT' in server.heads[-1]
        return page("", status="304 Not Modified", Content_Length=None, ETag='"v1"') if asks else page(SAYS)

    with serving(answer) as server:
        known = Validators(server.url("/a"), '"v1"', "Mon, 01 Jun 2026 00:00:00 GMT")
        seen = visit(server, "/a", known)
        assert (seen.status, seen.text, seen.says, seen.is_there) == (304, None, "", True)
        assert visit(server, "/b", known).text == SAYS, "marks are for the address that gave them"


def test_marks_that_a_header_cannot_carry_are_dropped():
    with serving(page(SAYS, ETag='"caf\u00e9"', Last_Modified="x" * 300)) as server:
        seen = visit(server)
        assert (seen.etag, seen.last_modified, seen.text) == ("", "", SAYS)


@pytest.mark.parametrize(("statuses", "moved"), [(["301 a", "308 b"], True), (["301 a", "302 b"], False)])
def test_only_a_way_that_is_for_good_at_every_step_is_a_move(statuses, moved):
    def answer(server, path):
        step = int(path[1:])
        return redirect(f"/{step + 1}", statuses[step]) if step < len(statuses) else page(SAYS)

    with serving(answer) as server:
        seen = visit(server, "/0")
        assert (seen.url, seen.moved, seen.text) == (server.url("/2"), moved, SAYS)


@pytest.mark.parametrize(
    ("answer", "status", "says"),
    [
        (page("x", status="404 Not Found"), 404, "no such page (404)"),
        (page("x", status="410 Gone"), 410, "no such page (410)"),
        (page("x", status="503 Busy"), 503, "answered 503"),
        (page("%PDF", Content_Type="application/pdf"), 200, "a PDF"),
        (page("\x00\x01", Content_Type="image/png"), 200, "no page of text"),
        (page("<script>draw()</script>"), 200, "until its scripts run"),
        (b"", 0, "broke off"),
        (page("x", Content_Length=9), 0, "broke off"),
    ],
)
def test_what_cannot_be_read_is_told_with_the_servers_answer(answer, status, says):
    with serving(answer) as server:
        seen = visit(server)
        assert (seen.status, seen.text) == (status, None) and says in seen.says


def test_a_lie_about_the_type_is_read_as_what_was_said():
    with serving(page(b"\x89PNG\x00\x01Five", Content_Type="text/html")) as server:
        assert visit(server).text == "‰PNGFive"


def test_a_huge_page_is_there_and_not_read():
    with serving(page("x" * 5000)) as server:
        seen = visit(server, max_bytes=4000)
        assert (seen.status, seen.text, seen.is_there) == (200, None, True) and "larger than" in seen.says


def test_a_slow_server_is_given_up():
    with serving(lambda server, path: iter(lambda: server.over.wait(60) and b"", None)) as server:
        seen = visit(server, timeout=0.3)
        assert seen.status == 0 and "did not answer within 0.3 seconds" in seen.says


def test_a_dead_port_is_told():
    with serving(page()) as server:
        url, allow = server.url(), server.allow
    assert visit_page(url, allow=allow).says.startswith("The server cannot be reached.")


def test_the_rest_that_a_server_asks_for_is_told():
    with serving(page("", status="429 Too Many Requests", Retry_After="120")) as server:
        assert (visit(server).status, visit(server).retry_after) == (429, 120)


@pytest.mark.parametrize("location", ["http://169.254.169.254/latest/", "http://[::1]/", "http://10.0.0.1/"])
def test_a_redirect_into_a_private_network_is_not_followed(location):
    with serving(redirect(location, "301 Moved")) as server:
        seen = visit(server)
        assert seen.status == 0 and "private network" in seen.says and len(server.heads) == 1


def test_a_name_that_leads_inside_the_second_time_is_not_followed():
    resolver, _ = named(["127.0.0.1"], ["10.0.0.1"])
    with serving(redirect("/again", "301 Moved")) as server:
        seen = visit_page(server.url(host="page.example"), timeout=5, allow=server.allow, resolver=resolver)
        assert seen.status == 0 and "private network" in seen.says and len(server.heads) == 1


def test_without_the_tests_permission_this_host_is_never_called():
    with serving(page(SAYS)) as server:
        assert "private network" in visit_page(server.url()).says and server.heads == []


@pytest.mark.django_db
def test_a_week_of_the_watch_against_a_server_that_changes():
    checker = make_user(Role.CHECKER, Role.PUBLISHER)
    said = {"/good": SAYS, "/changed": "Six sizes exist.", "/moved": None, "/gone": None, "/locked": None}

    def answer(server, path):
        if path == "/moved":
            return redirect("/good", "301 Moved")
        if path == "/gone":
            return page("", status="410 Gone")
        if path == "/locked":
            return page("", status="403 Forbidden")
        return page(said[path], ETag=f'"{path}"')

    with serving(answer) as server:
        for path in said:
            source = make_source(server.url(path), by=checker, title=path)
            quoted(f"Term {path}", source, checker=checker, now=NOW)
        fetch = partial(visit_page, timeout=5, allow=server.allow)
        list(watch_sources(limit=9, fetch=fetch, pace=Clock().pace(), now=NOW))
        raised = set(Doubt.objects.values_list("source__title", "kind"))
        assert raised == {
            ("/changed", DoubtKind.PASSAGE_GONE),
            ("/moved", DoubtKind.REDIRECTED),
            ("/gone", DoubtKind.DEAD_LINK),
        }
        assert dict(SourceWatch.objects.values_list("source__title", "status")) == {
            "/good": 200,
            "/changed": 200,
            "/moved": 200,
            "/gone": 410,
            "/locked": 403,
        }
        said["/changed"] = SAYS
        list(watch_sources(limit=9, fetch=fetch, pace=Clock().pace(), now=NOW + EVERY))
        assert set(Doubt.objects.open().values_list("source__title", flat=True)) == {"/moved", "/gone"}

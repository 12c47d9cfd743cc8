"""The wrapper in front of Django: the same answer from both, and only to whom Django would give it."""

import gzip
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from deckproject.ready_store import Unreachable, store_of
from glossary.domain.correction import Fate
from glossary.domain.ready_page import etag_of, packed_etag
from glossary.domain.roles import Role
from glossary.models import ReadyPage, Term
from glossary.services.build import build_name
from glossary.services.fact_check import pass_check, withdraw_check
from glossary.services.page_copy import PageCopy
from glossary.services.term import save_term, submit_term
from tests.factories import (
    details_of,
    make_deck,
    make_published_term,
    make_term,
    make_user,
    say_of_old_words,
    settle_all,
)
from tests.site import Site

pytestmark = pytest.mark.django_db(transaction=True)
MAY = datetime(2026, 5, 29, 12, tzinfo=UTC)
SECURITY = {
    "content-security-policy",
    "cross-origin-opener-policy",
    "referrer-policy",
    "x-content-type-options",
    "x-frame-options",
}


class Down:
    """A database that does not answer."""

    def find(self, path, *, now, packed, known):
        raise Unreachable("down")

    def row(self, path, *, now):
        raise Unreachable("down")

    def close(self):
        """Nothing is open."""


@pytest.fixture
def copy(tmp_path):
    return PageCopy(tmp_path / "pages.sqlite3", build=build_name())


def test_the_first_and_the_second_answer_are_the_same_and_django_gives_only_the_first(copy):
    make_published_term()
    for path in ["/terms/qwen2/", "/", "/terms/", "/tags/", "/corrections/", "/corrections/feed/", "/about/"]:
        site = Site(copy=copy)
        first, second = site.get(path), site.get(path)
        assert first.status == 200 and first.asked_django and not second.asked_django, path
        assert (first.headers, first.body) == (second.headers, second.body)
        assert set(first.headers) >= SECURITY and "set-cookie" not in first.headers
        assert first.headers["etag"] == etag_of(first.body)
        assert "s-maxage=30" in first.headers["cache-control"] and "stale-if-error" in first.headers["cache-control"]


def test_a_ready_page_has_the_headers_that_django_gives_to_the_same_page(copy, client):
    make_published_term()
    site = Site(copy=copy)
    site.get("/terms/qwen2/")
    ready, plain = site.get("/terms/qwen2/"), client.get("/terms/qwen2/")
    assert ready.body == plain.content
    given = {name.lower(): value for name, value in plain.headers.items()}
    added = {"etag": etag_of(plain.content), "vary": "Accept-Encoding", "content-length": str(len(plain.content))}
    assert ready.headers == given | added


def test_head_304_and_gzip_are_answered_without_django(copy):
    make_published_term()
    site = Site(copy=copy)
    plain = site.get("/terms/qwen2/")
    head = site.get("/terms/qwen2/", method="HEAD")
    assert (head.status, head.body, head.headers) == (200, b"", plain.headers)
    packed = site.get("/terms/qwen2/", accept_encoding="br, gzip;q=0.8")
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["content-encoding"] == "gzip" and packed.headers["vary"] == "Accept-Encoding"
    assert packed.headers["etag"] == packed_etag(plain.headers["etag"]) != plain.headers["etag"]
    assert site.get("/terms/qwen2/", accept_encoding="gzip;q=0").body == plain.body
    etag = plain.headers["etag"]
    for known in [etag, f"W/{etag}", f'"other", {etag}', "*"]:
        answer = site.get("/terms/qwen2/", if_none_match=known)
        assert (answer.status, answer.body) == (304, b""), known
        assert set(answer.headers) >= SECURITY | {"etag", "vary", "cache-control"}
    assert site.get("/terms/qwen2/", if_none_match='"other"').status == 200
    assert site.asked == 1


def test_either_form_of_a_page_is_known_again_from_the_row_the_first_answer_and_the_copy(copy):
    make_published_term()
    first = Site(copy=copy).get("/terms/qwen2/", accept_encoding="gzip")
    plain = etag_of(gzip.decompress(first.body))
    assert first.asked_django and first.headers["etag"] == packed_etag(plain)
    for site in [Site(copy=copy), Site(copy=copy, store=Down())]:
        for accepts, now in [("gzip", packed_etag(plain)), ("", plain)]:
            answer = site.get("/terms/qwen2/", accept_encoding=accepts)
            assert answer.headers["etag"] == now and ("content-encoding" in answer.headers) == (accepts == "gzip")
            for had in [plain, packed_etag(plain)]:
                for known in [had, f"W/{had}", f'"other", {had}']:
                    answer = site.get("/terms/qwen2/", accept_encoding=accepts, if_none_match=known)
                    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", had), (accepts, known)
            known = f"{plain}, {packed_etag(plain)}"
            answer = site.get("/terms/qwen2/", accept_encoding=accepts, if_none_match=known)
            assert (answer.status, answer.headers["etag"]) == (304, now)
            assert site.get("/terms/qwen2/", accept_encoding=accepts, if_none_match='"other-gzip"').status == 200
            assert site.get("/terms/qwen2/", accept_encoding=accepts, if_none_match=f"-gzip{plain}").status == 200
    ReadyPage.objects.all().delete()
    again = Site(copy=copy).get("/terms/qwen2/", accept_encoding="gzip", if_none_match=packed_etag(plain))
    assert again.asked_django and (again.status, again.headers["etag"]) == (304, packed_etag(plain))


def test_what_is_asked_for_again_is_held_and_sent_only_while_its_row_says_the_same(copy, monkeypatch):
    term = make_published_term()
    Site(copy=copy).get("/terms/qwen2/")
    site = Site(copy=copy)
    find, found = site.application.store.find, []
    monkeypatch.setattr(site.application.store, "find", lambda *a, **over: found.append(find(*a, **over)) or found[-1])
    plain = [site.get("/terms/qwen2/") for _ in range(3)]
    packed = [site.get("/terms/qwen2/", accept_encoding="gzip") for _ in range(3)]
    assert [row.body is None for row in found] == [False, False, True] * 2
    assert plain[0] == plain[1] == plain[2] and gzip.decompress(packed[2].body) == plain[0].body
    assert site.get("/terms/qwen2/", if_none_match='"other"').body == plain[0].body
    monkeypatch.setattr("deckproject.ready_pages.HELD", 2)  # as many as there are
    about = [site.get("/about/") for _ in range(4)]
    assert about[0].body == about[3].body != plain[0].body and found[-1].body is None
    assert len(site.application.bodies) <= 2 and len(site.application.lately) <= 2
    ReadyPage.objects.filter(path="/terms/qwen2/").update(body=b"new", etag='"new"')
    assert site.get("/terms/qwen2/").body == b"new"
    withdraw_check(term, by=make_user(Role.PUBLISHER), reason="It was wrong.")
    assert site.get("/terms/qwen2/").status == 410


def test_a_redirect_has_nothing_to_pack_and_one_validator(copy):
    make_deck()
    site = Site(copy=copy)
    plain, packed = site.get("/deck/today/"), site.get("/deck/today/", accept_encoding="gzip")
    assert plain.status == packed.status == 302 and plain.headers == packed.headers
    assert site.get("/deck/today/", accept_encoding="gzip", if_none_match=plain.headers["etag"]).status == 304


def test_a_first_answer_to_head_is_that_of_get_without_its_body(copy):
    make_published_term()
    site = Site(copy=copy)
    head = site.get("/terms/qwen2/", method="HEAD")
    assert head.asked_django and head.body == b"" and head.headers == site.get("/terms/qwen2/").headers
    missing = site.get("/terms/nothing/", method="HEAD")
    assert (missing.status, missing.body) == (404, b"") and set(missing.headers) >= SECURITY


def test_what_is_not_public_or_has_no_end_of_addresses_is_never_kept(copy, client):
    make_published_term()
    site = Site(copy=copy)
    for path in ["/terms/?page=1", "/terms/Qwen2/", "/terms/nothing/", "/admin/login/", "/readyz", "/healthz"]:
        site.get(path)
        assert site.get(path).asked_django, path
    assert not ReadyPage.objects.exists()
    assert site.get("/terms/qwen2/", method="POST").asked_django


def test_a_foreign_host_gets_what_django_says_even_where_the_page_is_ready(copy, settings):
    make_published_term()
    site = Site(copy=copy)
    site.get("/terms/qwen2/")
    for host in ["evil.example", "testserver.evil.example", "", "testserver:80:80"]:
        assert site.get("/terms/qwen2/", host=host).asked_django, host
    assert site.get("/terms/qwen2/", host="evil.example").status == 400
    assert not site.get("/terms/qwen2/", host="LOCALHOST:8000").asked_django


def test_on_an_https_site_only_secure_requests_get_the_ready_page(copy, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    make_published_term()
    site = Site(copy=copy)
    assert site.get("/terms/qwen2/", x_forwarded_proto="https").status == 200
    assert not site.get("/terms/qwen2/", x_forwarded_proto="https").asked_django
    for answer in [site.get("/terms/qwen2/"), site.get("/terms/qwen2/", x_forwarded_proto="http, https")]:
        assert answer.status == 301 and answer.headers["location"].startswith("https://")


def test_staff_get_the_page_that_everybody_gets(copy, client):
    make_published_term()
    client.force_login(make_user(superuser=True))
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    site = Site(copy=copy)
    first, anonymous = site.get("/terms/qwen2/", cookie=cookie), Site(copy=copy).get("/terms/qwen2/")
    assert not anonymous.asked_django and anonymous.body == first.body and "set-cookie" not in first.headers


def test_a_withdrawn_term_answers_410_at_once_and_from_then_on_without_django(copy):
    term = make_published_term()
    site, other = Site(copy=copy), Site(copy=copy)
    site.get("/terms/qwen2/"), other.get("/terms/qwen2/")
    withdraw_check(term, by=make_user(Role.PUBLISHER), reason="It was wrong.")
    gone = other.get("/terms/qwen2/")
    assert gone.status == 410 and "five sizes" not in gone.text.lower() and gone.asked_django
    again = site.get("/terms/qwen2/")
    assert again.status == 410 and again.body == gone.body and not again.asked_django


def test_a_page_falls_due_at_midnight_at_the_desk(copy, settings):
    published = datetime(2026, 5, 29, 12, tzinfo=UTC)
    with time_machine.travel(published, tick=False):
        term = make_published_term()
        site = Site(copy=copy)
        assert "Re-check due" not in site.get("/terms/qwen2/").text
    overdue = datetime.combine(term.overdue_on, datetime.min.time(), settings.EDITORIAL_TIME_ZONE)
    with time_machine.travel(overdue - timedelta(seconds=1), tick=False):
        assert "Re-check due" not in site.get("/terms/qwen2/").text
        assert not site.get("/terms/qwen2/").asked_django
    with time_machine.travel(overdue, tick=False):
        assert "Re-check due" in site.get("/terms/qwen2/").text


def test_a_page_of_another_build_is_not_served(copy):
    make_published_term()
    Site(copy=copy).get("/terms/qwen2/")
    old = Site(copy=copy, store=store_of("0123456789abcdef"))
    assert old.get("/terms/qwen2/").asked_django


def test_while_the_database_is_down_the_copy_answers_marked_as_stale(copy):
    make_published_term()
    fresh = Site(copy=copy).get("/terms/qwen2/")
    down = Site(copy=copy, store=Down())
    answer = down.get("/terms/qwen2/")
    assert (answer.status, answer.body, answer.asked_django) == (200, fresh.body, False)
    assert answer.headers["warning"].startswith("110 ") and int(answer.headers["age"]) >= 0
    added = {"age": answer.headers["age"], "warning": answer.headers["warning"]}
    assert answer.headers == fresh.headers | added
    assert down.get("/terms/qwen2/", method="HEAD").body == b""
    assert down.get("/terms/qwen2/", if_none_match=fresh.headers["etag"]).status == 304
    assert down.get("/admin/").asked_django, "the desk is never served from the copy"


def test_words_withdrawn_before_the_outage_are_not_in_the_copy(copy, monkeypatch):
    monkeypatch.setattr("glossary.services.ready_page.page_copy", lambda: copy)
    term = make_published_term()
    Site(copy=copy).get("/terms/qwen2/")
    withdraw_check(term, by=make_user(Role.PUBLISHER), reason="It was wrong.")
    assert Site(copy=copy, store=Down()).get("/terms/qwen2/").status == 410


def test_after_midnight_in_the_outage_yesterdays_deck_is_not_called_todays(copy):
    evening = datetime(2026, 5, 29, 22, tzinfo=UTC)
    with time_machine.travel(evening, tick=False):
        make_deck()
        assert "Today’s deck" in Site(copy=copy).get("/").text
    with time_machine.travel(evening + timedelta(hours=1, minutes=59), tick=False):
        assert "Today’s deck" in Site(copy=copy, store=Down()).get("/").text
    with time_machine.travel(evening + timedelta(hours=2), tick=False):
        answer = Site(copy=copy, store=Down()).get("/")
        assert answer.status == 200 and "Today’s deck" not in answer.text and "The latest deck" in answer.text
        assert answer.headers["etag"] == etag_of(answer.body)


def test_a_database_without_the_tables_is_djangos_business(copy):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE glossary_droppedpage RENAME TO hidden")
    try:
        store = store_of(build_name())
        assert store.find("/about/", now=0, packed=False, known="") is None
        assert store.row("/about/", now=0) is None
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE hidden RENAME TO glossary_droppedpage")


def test_a_term_published_after_the_home_page_was_kept_is_on_it_at_once(copy):
    make_deck()
    site = Site(copy=copy)
    site.get("/")
    kept = site.get("/")
    assert not kept.asked_django and "Newcomer" not in kept.text
    make_published_term("Newcomer")
    assert "Newcomer" in site.get("/").text
    assert not site.get("/").asked_django


def test_an_unfinished_card_is_on_no_ready_page(copy):
    make_term("Secretword")
    site = Site(copy=copy)
    assert site.get(reverse("term", args=["secretword"])).status == 404
    assert "Secretword" not in site.get("/terms/").text


def unmarked(answer):
    """Return the text of a page or a feed without the marks of the words that differ."""
    return re.sub("(?:<|&lt;)/?(?:del|ins)(?:>|&gt;)", "", answer.text)


def test_words_that_are_taken_back_leave_every_page_that_is_kept_as_what_now_stands(copy):
    author, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    terms = [make_published_term(f"Word {n}", author=author, checker=checker, now=MAY) for n in range(7)]
    make_deck(date(2026, 5, 30), terms=terms)
    draft = replace(terms[0].draft(), body="It was released in June 2024. Six sizes exist.")
    changed = save_term(terms[0], draft, details=details_of(terms[0]), by=author)
    edition = submit_term(changed, by=author)
    settle_all(edition, by=checker)
    said = say_of_old_words(edition, Fate.WAS_WRONG, "Miscounted.")
    pass_check(edition, by=checker, digest=edition.digest, whole_card=True, old_words=said)
    places = ["/", "/deck/2026-05-30/", "/deck/2026-05-30/print/", "/feed/", "/feed/atom/", "/feed.json"]
    places += ["/corrections/", "/corrections/feed/"]
    site = Site(copy=copy)
    for place in places:
        assert "Six sizes exist." in unmarked(site.get(place)) and not site.get(place).asked_django, place
    withdraw_check(Term.objects.get(pk=changed.pk), by=checker, reason="Six is wrong too.")
    for place in places:
        assert "Six" not in unmarked(site.get(place)).replace("Six is wrong too.", ""), place

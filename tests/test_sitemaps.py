"""The sitemap: every address that readers can open, with the day on which what they get there changed."""

from dataclasses import replace
from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest
import time_machine

from glossary import sitemaps
from glossary.domain.roles import Role
from glossary.models import Term
from glossary.services.fact_check import pass_check, withdraw_check
from glossary.services.term import save_term
from tests.factories import check_term, details_of, make_deck, make_published_term, make_term, make_user, settle_all

pytestmark = pytest.mark.django_db
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
MAY = datetime(2026, 5, 29, 12, tzinfo=UTC)
JUNE = datetime(2026, 6, 3, 12, tzinfo=UTC)
JULY = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_july():
    with time_machine.travel(JULY, tick=False):
        yield


@pytest.fixture
def people():
    return {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}


def listed(client, address="/sitemap.xml"):
    """Return every address of the file with its day of change."""
    answer = client.get(address)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/xml"
    tree = ElementTree.fromstring(answer.content)
    return {row.findtext(f"{SPACE}loc"): row.findtext(f"{SPACE}lastmod") for row in tree}


def test_it_lists_published_terms_decks_and_pages_and_no_draft(client, people):
    make_published_term("Qwen2", now=MAY, **people)
    make_term("Secret draft", by=people["author"])
    make_deck(date(2026, 5, 30))
    found = listed(client)
    assert {"http://testserver/", "http://testserver/terms/qwen2/", "http://testserver/deck/2026-05-30/"} <= set(found)
    assert not [address for address in found if "secret" in address]
    assert all(client.get(address.removeprefix("http://testserver")).status_code == 200 for address in found)


def test_a_save_moves_no_day_and_a_check_does(client, people):
    address = "http://testserver/terms/qwen2/"
    term = make_published_term("Qwen2", now=MAY, **people)
    assert listed(client)[address] == "2026-05-29"
    changed = replace(term.draft(), example="A library sorts its letters with it.")
    term = save_term(Term.objects.get(pk=term.pk), changed, details=details_of(term), by=people["author"], now=JUNE)
    assert listed(client)[address] == "2026-05-29"
    check_term(term, now=JUNE, **people)
    assert listed(client)[address] == "2026-06-03"


def test_a_new_date_under_the_same_words_moves_the_day(client, people):
    term = make_published_term("Qwen2", now=MAY, **people)
    edition = term.published
    settle_all(edition, by=people["checker"], now=JUNE)
    pass_check(edition, by=people["checker"], digest=edition.digest, whole_card=True, now=JUNE)
    assert listed(client)["http://testserver/terms/qwen2/"] == "2026-06-03"


def test_falling_overdue_moves_the_day_without_anybody_touching_it(client, people):
    term = make_published_term("Qwen2", now=MAY, volatility="D", **people)
    late = Term.objects.get(pk=term.pk).overdue_on
    with time_machine.travel(datetime.combine(late, datetime.min.time(), UTC), tick=False):
        assert listed(client)["http://testserver/terms/qwen2/"] == late.isoformat()
        assert client.get("/terms/qwen2/")["Last-Modified"].startswith(f"{late:%a, %d %b %Y}")
    assert client.get("/terms/qwen2/")["Last-Modified"] == "Fri, 29 May 2026 12:00:00 GMT"


def test_a_withdrawn_term_leaves_the_list(client, people):
    term = make_published_term("Qwen2", now=MAY, **people)
    withdraw_check(term, by=people["checker"], reason="It was wrong.", now=JUNE)
    assert "http://testserver/terms/qwen2/" not in listed(client)


def test_above_the_limit_there_is_a_list_of_files_and_each_is_whole(client, people, monkeypatch):
    for one in (sitemaps, sitemaps.OwnSitemap):
        monkeypatch.setattr(one, "LIMIT" if one is sitemaps else "limit", 4)
    for number in range(9):
        make_published_term(f"Word {number}", now=MAY, **people)
    files = list(listed(client))
    parts = [listed(client, file.removeprefix("http://testserver")) for file in files]
    assert [len(part) for part in parts if "http://testserver/terms/word-0/" in part] == [4]
    everything = [address for part in parts for address in part]
    assert len(everything) == len(set(everything)) == 9 + 7
    assert client.get("/sitemap-terms-9.xml").status_code == client.get("/sitemap-nothing-1.xml").status_code == 404


def test_the_number_of_questions_stays_the_same(client, people, django_assert_num_queries):
    make_published_term("One", now=MAY, **people)
    with django_assert_num_queries(9):
        client.get("/sitemap.xml")
    for number in range(3):
        make_published_term(f"More {number}", now=MAY, **people)
    with django_assert_num_queries(9):
        client.get("/sitemap.xml")

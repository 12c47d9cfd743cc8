"""The sitemap: every address that readers can open, with the day on which what they get there changed."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest
import time_machine
from taggit.models import Tag

from glossary import sitemaps
from glossary.domain.correction import Fate
from glossary.domain.roles import Role
from glossary.models import Term
from glossary.services.closing import retire_term
from glossary.services.fact_check import pass_check, withdraw_check
from glossary.services.term import save_term, submit_term
from tests.factories import (
    check_term,
    details_of,
    make_deck,
    make_published_term,
    make_tag,
    make_term,
    make_user,
    put_back,
    say_of_old_words,
    settle_all,
)

pytestmark = pytest.mark.django_db
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
MAY = datetime(2026, 5, 29, 12, tzinfo=UTC)
JUNE = datetime(2026, 6, 3, 12, tzinfo=UTC)
QUERIES = 21
UNLISTED = ["/feed/", "/corrections/feed/", "/deck/today/"]  # feeds, and a redirect
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


def test_every_page_that_may_be_found_is_listed(client, people):
    make_published_term("Qwen2", tag="Model families", now=MAY, **people)
    make_term("Draft", by=people["author"])
    Tag.objects.create(name="Empty shelf", slug="empty-shelf")
    make_deck(date(2026, 5, 30))
    site = "http://testserver"
    found = listed(client)
    plain = {f"{site}/{name}/" for name in ("how-we-check", "about", "start", "privacy", "contact")}
    assert {address for address, day in found.items() if day is None} - {f"{site}/corrections/"} == plain
    assert {f"{site}/tags/", f"{site}/tags/model-families/", f"{site}/deck/", f"{site}/terms/"} < found.keys()
    assert f"{site}/tags/empty-shelf/" not in found
    hidden = set()
    for address in found:  # what its pages link to, and may be kept by search engines, is listed too
        page = client.get(address.removeprefix(site)).content.decode()
        links = {link.partition("#")[0] for link in re.findall(r'<a [^>]*href="(/[^"?]*)"', page)}
        hidden |= {link for link in links if f"{site}{link}" not in found}
    answers = {link: client.get(link) for link in hidden}
    pages = {link: one.content.decode() for link, one in answers.items() if one["Content-Type"].startswith("text/")}
    assert set(answers) - set(pages) == {"/feed/", "/feed/atom/", "/corrections/feed/", "/glossary.apkg"}
    wanted = {link for link, page in pages.items() if 'name="robots" content="noindex' not in page}
    assert {re.sub("qwen2|word-[^/]*", "…", link) for link in wanted} <= {"/search/", *UNLISTED}


def test_the_day_of_no_list_goes_back_when_a_term_leaves_it(client, people):
    make_published_term("Stays", tag="Models", now=MAY, **people)
    retired = make_published_term("Retired", tag="Models", now=JUNE, **people)
    lists = [f"http://testserver/{name}/" for name in ("terms", "tags", "tags/models")]
    assert {listed(client)[address] for address in lists} == {"2026-06-03"}
    retire_term(retired, by=people["checker"], reason="Nobody says it.", now=JUNE + timedelta(days=2))
    assert {listed(client)[address] for address in lists} == {"2026-06-05"}
    moved = make_published_term("Moved", tag="Models", now=JUNE + timedelta(days=4), **people)
    shelves = details_of(moved, topic=make_tag("Software"), tags=[])
    assert {listed(client)[address] for address in lists} == {"2026-06-07"}
    save_term(moved, moved.draft(), details=shelves, by=people["author"], now=JUNE + timedelta(days=5))
    days = listed(client)
    assert {days[address] for address in [*lists, "http://testserver/tags/software/"]} == {"2026-06-08"}


def test_a_draft_and_its_shelf_move_the_day_of_no_list(client, people):
    make_published_term("Stays", tag="Models", now=MAY, **people)
    before = listed(client)
    draft = make_term("Draft", by=people["author"])
    shelves = details_of(draft, topic=make_tag("Models"), tags=[])
    draft = save_term(draft, draft.draft(), details=shelves, by=people["author"], now=JUNE)
    retire_term(draft, by=people["checker"], reason="Nobody says it.", now=JUNE)
    assert listed(client) == before


def test_a_correction_and_a_withdrawal_move_the_day_of_the_deck_that_shows_them(client, people):
    with time_machine.travel(MAY, tick=False):
        early = make_deck(date(2026, 5, 29))
        late = make_deck(date(2026, 5, 30))
    home, first, second = (f"http://testserver/{path}" for path in ["", "deck/2026-05-29/", "deck/2026-05-30/"])
    dealt = {home: "2026-05-30", first: "2026-05-29", second: "2026-05-30"}
    assert dealt.items() < listed(client).items()

    def word(deck, position):
        return Term.objects.get(pk=deck.cards.get(position=position).term_id)

    again = word(early, 1)
    settle_all(again.published, by=people["checker"], now=JUNE)
    given = {"digest": again.published.digest, "whole_card": True}
    pass_check(again.published, by=people["checker"], now=JUNE, **given)
    assert dealt.items() < listed(client).items(), "a later check of the same words is not on the deck's page"
    term = word(early, 2)
    changed = replace(term.draft(), definition="It is a kind of table.")
    term = save_term(term, changed, details=details_of(term), by=people["author"], now=JUNE)
    edition = submit_term(term, by=people["author"], now=JUNE)
    settle_all(edition, by=people["checker"], now=JUNE)
    said = say_of_old_words(edition, Fate.WAS_WRONG, "The source says otherwise.")
    given = {"digest": edition.digest, "whole_card": True, "old_words": said}
    pass_check(edition, by=people["checker"], now=JUNE, **given)
    dealt[first] = "2026-06-03"
    assert dealt.items() < listed(client).items()
    withdrawn = word(late, 3)
    withdraw_check(withdrawn, by=people["checker"], reason="It was wrong.", now=JUNE + timedelta(days=1))
    dealt |= {home: "2026-06-04", second: "2026-06-04"}
    assert dealt.items() < listed(client).items()
    put_back(withdrawn, **people, now=JUNE + timedelta(days=2))
    dealt |= {home: "2026-06-05", second: "2026-06-05"}
    assert dealt.items() < listed(client).items(), "the words are on the page again"


def test_above_the_limit_there_is_a_list_of_files_and_each_is_whole(client, people, monkeypatch):
    for one in (sitemaps, sitemaps.OwnSitemap):
        monkeypatch.setattr(one, "LIMIT" if one is sitemaps else "limit", 4)
    for number in range(9):
        make_published_term(f"Word {number}", now=MAY, **people)
    files = list(listed(client))
    parts = [listed(client, file.removeprefix("http://testserver")) for file in files]
    assert [len(part) for part in parts if "http://testserver/terms/word-0/" in part] == [4]
    everything = [address for part in parts for address in part]
    assert len(everything) == len(set(everything)) == 9 + 10 + 1
    assert client.get("/sitemap-terms-9.xml").status_code == client.get("/sitemap-nothing-1.xml").status_code == 404


def test_the_number_of_questions_stays_the_same(client, people, django_assert_num_queries):
    make_published_term("One", now=MAY, **people)
    make_deck(date(2026, 5, 28))
    with django_assert_num_queries(QUERIES):
        client.get("/sitemap.xml")
    for number in range(3):
        make_published_term(f"More {number}", tag=f"Tag {number}", now=MAY, **people)
    make_deck(date(2026, 5, 29))
    make_deck(date(2026, 5, 30))
    with django_assert_num_queries(QUERIES):
        client.get("/sitemap.xml")

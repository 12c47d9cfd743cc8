"""Feeds: what other programs show of the decks and the corrections."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import feedparser
import pytest
import time_machine

from glossary.domain.correction import Fate
from glossary.domain.roles import Role
from glossary.models import Term
from glossary.services.fact_check import pass_check, withdraw_check
from glossary.services.term import save_term, submit_term
from tests.factories import (
    details_of,
    make_deck,
    make_published_term,
    make_user,
    put_back,
    say_of_old_words,
    settle_all,
)

pytestmark = pytest.mark.django_db
FEEDS = ["/feed/", "/feed/atom/"]
MAY = datetime(2026, 5, 20, 12, tzinfo=UTC)
JUNE = datetime(2026, 6, 3, 12, tzinfo=UTC)
DAY = date(2026, 5, 29)


@pytest.fixture
def people():
    return {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}


@pytest.fixture
def dealt(people):
    """Seven terms and the deck of a day that dealt them."""
    terms = [make_published_term(f"Word {n}", tag=f"Topic {n}", now=MAY, **people) for n in range(1, 8)]
    return {"terms": terms, "deck": make_deck(DAY, terms=terms)}


def correct(term, people, definition):
    draft = replace(term.draft(), definition=definition)
    term = save_term(Term.objects.get(pk=term.pk), draft, details=details_of(term), by=people["author"], now=JUNE)
    edition = submit_term(term, by=people["author"], now=JUNE)
    settle_all(edition, by=people["checker"], now=JUNE)
    said = say_of_old_words(edition, Fate.WAS_WRONG, "The source says otherwise.")
    pass_check(edition, by=people["checker"], digest=edition.digest, whole_card=True, old_words=said, now=JUNE)


def parsed(client, address):
    feed = feedparser.parse(client.get(address).content)
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


@pytest.mark.parametrize("address", [*FEEDS, "/corrections/feed/"])
def test_a_site_without_decks_has_a_feed_that_readers_can_parse(client, address):
    assert parsed(client, address).entries == []


@pytest.mark.parametrize("address", [*FEEDS, "/corrections/feed/"])
def test_a_feed_without_items_stays_the_same_to_the_byte_as_time_passes(client, address):
    with time_machine.travel(MAY, tick=False):
        before = client.get(address).content
    with time_machine.travel(JUNE, tick=False):
        assert client.get(address).content == before


def test_an_item_keeps_its_id_when_the_site_moves_and_gets_another_name(client, dealt, people, settings):
    correct(dealt["terms"][2], people, "Word 3 is a kind of table.")
    addresses = [*FEEDS, "/corrections/feed/"]

    def ids():
        found = [[feed.feed.get("id"), *(entry.id for entry in feed.entries)] for feed in map(fetch, addresses)]
        return [*found, [item["id"] for item in json.loads(client.get("/feed.json").content)["items"]]]

    def fetch(address):
        return parsed(client, address)

    before = ids()
    settings.SITE_URL, settings.SITE_NAME = "https://moved.example", "Daily Hand"
    settings.ALLOWED_HOSTS = ["testserver", "moved.example"]
    assert ids() == before and "tag:testserver,2026-05-20:corrections" in before[2]
    assert parsed(client, "/feed/").entries[0].link == "https://moved.example/deck/2026-05-29/"


@pytest.mark.parametrize("address", FEEDS)
def test_a_deck_is_an_item_with_its_seven_cards_and_their_dates(client, dealt, address):
    (entry,) = parsed(client, address).entries
    assert entry.id == "tag:testserver,2026-05-20:deck/2026-05-29"
    assert entry.link == "http://testserver/deck/2026-05-29/"
    assert entry.title == "Seven cards, May 29, 2026"
    for term in dealt["terms"]:
        assert f"{term.headword} is a family of language models." in entry.summary
    assert entry.summary.count("Fact-checked") == 7


def test_a_correction_comes_beside_the_words_and_moves_the_moment_of_change_not_the_id(client, dealt, people):
    (before,) = parsed(client, "/feed/atom/").entries
    correct(dealt["terms"][2], people, "Word 3 is a kind of table.")
    (after,) = parsed(client, "/feed/atom/").entries
    assert after.id == before.id and after.published == before.published
    assert (before.updated, after.updated) == (before.published, "2026-06-03T12:00:00+00:00")
    said = re.sub("</?(?:del|ins)>", "", after.summary)  # which mark the words that differ
    assert said.count("Word 3 is a family of language models.") == 2  # as dealt, and as what was
    assert "Word 3 is a kind of table." in said and "The source says otherwise." in said
    (note,) = parsed(client, "/corrections/feed/").entries
    assert note.title == "Word 3: correction"


def test_the_words_of_a_withdrawn_card_are_in_no_feed(client, dealt, people):
    withdraw_check(dealt["terms"][0], by=people["checker"], reason="Its source fell.", now=JUNE)
    for address in [*FEEDS, "/feed.json"]:
        said = client.get(address).content.decode()
        assert "Word 1 is a family" not in said and "Its source fell." in said


def test_a_card_that_is_put_back_moves_the_moment_of_change_again(client, dealt, people):
    withdraw_check(dealt["terms"][0], by=people["checker"], reason="Its source fell.", now=JUNE)
    (gone,) = parsed(client, "/feed/atom/").entries
    put_back(dealt["terms"][0], **people, now=JUNE + timedelta(days=1))
    (back,) = parsed(client, "/feed/atom/").entries
    assert (gone.updated, back.updated) == ("2026-06-03T12:00:00+00:00", "2026-06-04T12:00:00+00:00")
    assert "Word 1 is a family" in back.summary and "put back on June 4, 2026, after another check" in back.summary


def test_the_json_feed_has_what_its_standard_demands(client, dealt):
    answer = client.get("/feed.json")
    assert answer["Content-Type"] == "application/feed+json"
    feed = json.loads(answer.content)
    assert feed["version"] == "https://jsonfeed.org/version/1.1" and feed["feed_url"] == "http://testserver/feed.json"
    (item,) = feed["items"]
    assert item["id"] == "tag:testserver,2026-05-20:deck/2026-05-29" and item["url"].endswith("/deck/2026-05-29/")
    assert datetime.fromisoformat(item["date_modified"]) == datetime.fromisoformat(item["date_published"])
    assert item["content_html"].count("<li>") == 7


def test_decks_to_come_are_in_no_feed(client, people):
    make_deck(date(2126, 5, 29), state="locked")
    assert parsed(client, "/feed/").entries == []


@pytest.mark.parametrize("address", [*FEEDS, "/feed.json"])
def test_a_longer_feed_asks_no_more_often(client, dealt, people, address, django_assert_num_queries):
    correct(dealt["terms"][2], people, "Word 3 is a kind of table.")
    with django_assert_num_queries(5):
        client.get(address)
    for day in (30, 31):
        make_deck(date(2026, 5, day))
    with django_assert_num_queries(5):
        client.get(address)

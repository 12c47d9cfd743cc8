"""Decks as readers get them."""

from datetime import timedelta

import pytest
from django.db.models import QuerySet

from glossary.domain.deck import DeckState
from glossary.domain.roles import Role
from glossary.models import Edition, Term
from glossary.services.clock import today
from glossary.services.fact_check import withdraw_check
from tests.factories import make_deck, make_published_term, make_user

pytestmark = pytest.mark.django_db


def test_a_deck_shows_its_seven_cards_in_order(client):
    deck = make_deck()
    html = client.get(deck.get_absolute_url()).content.decode()
    places = [html.index(f'id="card-{number}"') for number in range(1, 8)]
    assert places == sorted(places)
    assert html.count("Fact-checked") == 7


def test_the_home_page_shows_the_latest_deck_and_before_there_is_one_the_newest_cards(client):
    make_published_term("Qwen2")
    assert "Qwen2" in client.get("/").content.decode()
    deck = make_deck()
    assert deck.get_absolute_url() in client.get("/").content.decode()
    assert client.get("/deck/today/").headers["Location"] == deck.get_absolute_url()


def test_the_home_page_shows_the_four_newest_cards_that_are_not_in_the_deck_and_the_topics(client):
    deck = make_deck()
    for number in range(5):
        make_published_term(f"Extra {number}", tag="Model families")
    html = client.get("/").content.decode()
    newly = html[html.index('id="newest"') : html.index('class="halves"')]
    assert newly.count('class="mini"') == 4
    assert [name for name in ("Extra 4", "Extra 3", "Extra 2", "Extra 1", "Extra 0") if name in newly][-1] == "Extra 1"
    assert not any(one.term.get_absolute_url() in newly for one in deck.cards.select_related("term"))
    assert 'href="/tags/model-families/"' in html[html.index('class="halves"') :]


def test_decks_to_come_are_not_found(client):
    deck = make_deck(today() + timedelta(days=1), state=DeckState.LOCKED)
    for path in (deck.get_absolute_url(), "/deck/2031-01-01/", "/deck/nonsense/", "/deck/today/"):
        assert client.get(path).status_code == 404


def test_a_withdrawn_card_keeps_its_place_and_loses_its_words(client):
    deck = make_deck()
    term = Term.objects.get(pk=deck.cards.first().term_id)
    words = term.published.words.definition
    withdraw_check(term, by=make_user(Role.PUBLISHER), reason="A source fell.")
    html = client.get(deck.get_absolute_url()).content.decode()
    assert html.count('class="card"') == 7
    assert words not in html and "A source fell." in html


def test_a_withdrawn_card_leads_to_what_became_of_its_words(client):
    deck = make_deck()
    card = deck.cards.first()
    withdraw_check(card.term, by=make_user(Role.PUBLISHER), reason="A source fell.")
    html = client.get(deck.get_absolute_url()).content.decode()
    own = html.split('id="card-1"')[1].split('id="card-2"')[0]
    address = f"/terms/{card.term.slug}/v/{card.edition.digest}/"
    assert f'href="{address}">What became of it' in own and "Read more" not in own
    page = client.get(address).content.decode()
    assert f"<h1>{card.edition.words.headword}</h1>" in page and "A source fell." in page


def test_the_archive_lists_published_decks_only(client, django_assert_max_num_queries):
    deck = make_deck()
    with django_assert_max_num_queries(8):
        html = client.get("/deck/").content.decode()
    assert deck.get_absolute_url() in html


def test_a_name_that_was_changed_behind_the_services_is_not_printed(client):
    deck = make_deck()
    edition = deck.cards.get(position=1).edition
    QuerySet(Edition).filter(pk=edition.pk).update(words_json=edition.words_json | {"headword": "Forged name"})
    page = client.get(deck.get_absolute_url()).content.decode()
    assert "Forged name" not in page and "This card" in page
    assert page.count('id="card-') == 7

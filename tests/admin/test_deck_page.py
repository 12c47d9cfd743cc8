"""What the page of one deck shows and offers."""

from datetime import timedelta

import pytest
from django.urls import reverse

from glossary.domain.deck import DeckState
from glossary.domain.roles import Role
from glossary.models import Deck, Term
from glossary.services.clock import today
from tests.admin.test_deck import deal
from tests.factories import make_deck, make_published_term, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def stock():
    return deal("Word")


def test_a_refusal_keeps_the_title_that_was_typed(client):
    client.force_login(make_user(Role.SCHEDULER))
    client.post(reverse("admin:glossary_deck_add"), {"day": today().isoformat()})
    page = reverse("admin:glossary_deck_change", args=[Deck.objects.get().pk])
    answer = client.post(page, {"version": 99, "do": "name", "title": "Models and memory"})
    assert answer.status_code == 422 and "Models and memory" in answer.content.decode()


def test_a_published_deck_is_read_only_and_a_locked_one_has_no_title_field(client, stock):
    client.force_login(make_user(Role.SCHEDULER))
    deck = make_deck(terms=stock[:7])
    page = reverse("admin:glossary_deck_change", args=[deck.pk])
    assert 'name="do"' not in client.get(page).content.decode()
    for do in ("remove", "fill", "name", "draft", "published"):
        given = {"version": deck.version, "do": do, "term": deck.cards.first().term_id}
        assert client.post(page, given).status_code == 422
    locked = make_deck(today() + timedelta(days=1), state=DeckState.LOCKED, terms=stock[:7])
    assert 'name="title"' not in client.get(reverse("admin:glossary_deck_change", args=[locked.pk])).content.decode()


def test_swapping_offers_what_keeps_the_rules_and_says_what_breaks_one(client, stock):
    client.force_login(make_user(Role.SCHEDULER))
    Term.objects.filter(pk=stock[7].pk).update(due_on=today() + timedelta(days=3))
    deck = make_deck(today(), state=DeckState.READY, terms=stock[:7])
    more = make_published_term("Newcomer", tag="Topic 1")
    Term.objects.filter(pk=more.pk).update(level="hard")
    page = " ".join(client.get(f"{deck.get_desk_url()}?swap=1").content.decode().split())
    assert "Instead of Word 0" in page and "Newcomer" in page and "Topic 1 for Topic 0; hard for easy" in page
    given = {"version": deck.version, "do": "swap", "out": stock[0].pk, "term": more.pk}
    assert client.post(deck.get_desk_url(), given).status_code == 302
    assert deck.cards.get(position=1).term == more
    given = {"version": deck.version + 1, "do": "swap", "out": stock[1].pk, "term": stock[7].pk}
    answer = client.post(deck.get_desk_url(), given)
    assert answer.status_code == 422 and "falls due within 7 days" in answer.content.decode()

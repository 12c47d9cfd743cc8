"""Composing decks at the desk."""

from datetime import timedelta

import pytest
from django.urls import reverse

from glossary.domain.deck import DeckState
from glossary.domain.roles import Role
from glossary.models import Deck
from glossary.services.clock import today
from tests.factories import make_deck, make_published_term, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def stock():
    author, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    return [make_published_term(f"Word {n}", author=author, checker=checker) for n in range(8)]


def test_a_scheduler_makes_fills_orders_and_locks_a_deck(client, stock):
    client.force_login(make_user(Role.SCHEDULER))
    client.post(reverse("admin:glossary_deck_add"), {"day": today().isoformat()})
    deck = Deck.objects.get()
    page = reverse("admin:glossary_deck_change", args=[deck.pk])

    def do(**data):
        deck.refresh_from_db()
        return client.post(page, {"version": deck.version} | data)

    assert do(do="add", term=stock[7].pk).status_code == 302
    assert do(do="fill").status_code == 302
    assert do(do="add", term=stock[6].pk).status_code == 422
    assert do(do="down", term=stock[7].pk).status_code == 302
    assert deck.cards.get(position=2).term == stock[7]
    assert client.get(page).status_code == 200
    for step in ("ready", "locked"):
        assert do(do=step).status_code == 302
    deck.refresh_from_db()
    assert (deck.state, deck.cards.filter(edition__isnull=False).count()) == ("locked", 7)
    assert do(do="remove", term=stock[7].pk).status_code == 422


def test_a_stale_page_changes_nothing(client, stock):
    client.force_login(make_user(Role.SCHEDULER))
    client.post(reverse("admin:glossary_deck_add"), {"day": today().isoformat()})
    deck = Deck.objects.get()
    page = reverse("admin:glossary_deck_change", args=[deck.pk])
    assert client.post(page, {"version": 99, "do": "fill"}).status_code == 422
    assert not deck.cards.exists()


@pytest.mark.parametrize("day", ["2020-01-01", "nonsense", ""])
def test_a_past_day_or_none_is_refused(client, day):
    client.force_login(make_user(Role.SCHEDULER))
    assert client.post(reverse("admin:glossary_deck_add"), {"day": day}).status_code == 422


@pytest.mark.parametrize("role", [Role.EDITOR, Role.CHECKER, Role.PUBLISHER, Role.SUBSCRIBER_ADMIN])
def test_only_schedulers_compose(client, role):
    client.force_login(make_user(role))
    assert client.post(reverse("admin:glossary_deck_add"), {"day": today().isoformat()}).status_code == 403


def test_an_address_that_is_no_number_is_not_found(client):
    client.force_login(make_user(Role.SCHEDULER))
    assert client.get(reverse("admin:glossary_deck_change", args=["abc"])).status_code == 404


def test_a_refusal_keeps_the_title_that_was_typed(client):
    client.force_login(make_user(Role.SCHEDULER))
    client.post(reverse("admin:glossary_deck_add"), {"day": today().isoformat()})
    page = reverse("admin:glossary_deck_change", args=[Deck.objects.get().pk])
    answer = client.post(page, {"version": 99, "do": "name", "title": "Models and memory"})
    assert answer.status_code == 422 and "Models and memory" in answer.content.decode()


def test_a_published_deck_is_read_only_and_a_locked_one_has_no_title_field(client):
    client.force_login(make_user(Role.SCHEDULER))
    deck = make_deck()
    page = reverse("admin:glossary_deck_change", args=[deck.pk])
    assert 'name="do"' not in client.get(page).content.decode()
    for do in ("remove", "fill", "name", "draft", "published"):
        given = {"version": deck.version, "do": do, "term": deck.cards.first().term_id}
        assert client.post(page, given).status_code == 422
    locked = make_deck(today() + timedelta(days=1), state=DeckState.LOCKED)
    assert 'name="title"' not in client.get(reverse("admin:glossary_deck_change", args=[locked.pk])).content.decode()


def test_the_list_and_the_page_ask_a_constant_few_questions(client, django_assert_max_num_queries):
    client.force_login(make_user(Role.SCHEDULER))
    for days in (1, 2):
        deck = make_deck(today() + timedelta(days=days), state=DeckState.READY)
    for page in (reverse("admin:glossary_deck_changelist"), reverse("admin:glossary_deck_change", args=[deck.pk])):
        with django_assert_max_num_queries(12):
            assert client.get(page).status_code == 200

"""Composing decks at the desk."""

import pytest
from django.urls import reverse

from glossary.domain.roles import Role
from glossary.models import Deck
from glossary.services.clock import today
from tests.factories import make_published_term, make_user

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

"""Composing decks at the desk."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from glossary.domain.deck import DeckState
from glossary.domain.roles import Role
from glossary.models import Ban, Deck, Term
from glossary.services.clock import today
from tests.factories import make_dealt_term, make_deck, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def stock():
    return deal("Word")


def deal(name):
    """Return eight terms that may be dealt, each of a topic of its own."""
    checker = make_user(Role.CHECKER)
    return [make_dealt_term(f"{name} {n}", by=checker, tag=f"Topic {n}") for n in range(8)]


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


def test_calendar_and_deck_ask_as_often_for_many_terms_as_for_few(client, stock):
    client.force_login(make_user(Role.SCHEDULER))
    deck = make_deck(today() + timedelta(days=1), state=DeckState.READY, terms=deal("First")[:7])
    asked = []
    for _ in range(2):
        counts = []
        for page in (reverse("admin:glossary_deck_changelist"), deck.get_desk_url(), f"{deck.get_desk_url()}?swap=2"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page).status_code == 200
            counts.append(len(queries))
        asked.append(counts)
        if len(asked) == 1:
            make_deck(today() + timedelta(days=2), state=DeckState.READY, terms=deal("Second")[:7])
        client.get("/")
    assert asked[0] == asked[1] and max(asked[0]) <= 34, asked


def test_a_rule_is_broken_only_with_a_reason_that_stays_on_the_page(client, stock):
    client.force_login(make_user(Role.SCHEDULER))
    Term.objects.filter(pk__in=[term.pk for term in stock[:3]]).update(topic=stock[0].topic)
    client.post(reverse("admin:glossary_deck_add"), {"day": today().isoformat()})
    deck = Deck.objects.get()
    for term in stock[:2]:
        deck.refresh_from_db()
        client.post(deck.get_desk_url(), {"version": deck.version, "do": "add", "term": term.pk})
    deck.refresh_from_db()
    given = {"version": deck.version, "do": "add", "term": stock[2].pk}
    answer = client.post(deck.get_desk_url(), given)
    assert answer.status_code == 422 and "This breaks a rule." in answer.content.decode()
    assert deck.cards.count() == 2
    client.post(deck.get_desk_url(), {**given, "reason": "A day about <vision>."})
    page = client.get(deck.get_desk_url()).content.decode()
    assert "By hand: A day about &lt;vision&gt;." in page
    assert "1 by hand" in " ".join(client.get(reverse("admin:glossary_deck_changelist")).content.decode().split())


def test_pinning_moving_and_titles_with_a_theme(client, stock):
    client.force_login(make_user(Role.SCHEDULER))
    deck = make_deck(today(), state=DeckState.READY, terms=stock[:7])

    def do(**data):
        deck.refresh_from_db()
        return client.post(deck.get_desk_url(), {"version": deck.version} | data)

    do(do="pin", term=stock[2].pk)
    assert deck.cards.get(term=stock[2]).pinned
    do(do="up", term=stock[2].pk)
    assert deck.cards.get(position=2).term == stock[2] and deck.cards.get(position=2).pinned
    do(do="compose")
    assert deck.cards.get(position=2).term == stock[2]
    do(do="unpin", term=stock[2].pk)
    assert not deck.cards.filter(pinned=True).exists()
    do(do="name", title="Seeing machines", theme=stock[0].topic_id)
    deck.refresh_from_db()
    assert (deck.title, deck.theme) == ("Seeing machines", stock[0].topic)


def test_the_calendar_shows_gaps_glaring_and_composes_them(client, stock):
    client.force_login(make_user(Role.SCHEDULER))
    page = reverse("admin:glossary_deck_changelist")
    assert client.get(page).content.decode().count("is-gap") >= 1
    client.post(page, {"do": "day", "day": today().isoformat()})
    deck = Deck.objects.get(day=today())
    assert deck.cards.count() == 7 and deck.state == "draft"
    assert all(card.reason for card in deck.cards.all())
    client.post(page, {"do": "ready"})
    deck.refresh_from_db()
    assert deck.state == "ready"
    tomorrow = today() + timedelta(days=1)
    for term in stock[:2]:
        client.post(page, {"do": "ban", "name": term.headword, "first": tomorrow.isoformat(), "reason": "Rewritten."})
    answer = client.post(page, {"do": "day", "day": tomorrow.isoformat()}, follow=True)
    assert "Only 6 terms may be dealt" in answer.content.decode()
    assert Deck.objects.filter(day=tomorrow).count() == 0


def test_a_month_that_is_none_is_today_s(client):
    client.force_login(make_user(Role.EDITOR))
    for asked in ("month=nonsense", "month=9999-99", "month=2026-13", "day=x", "month=2026-11&day=2026-99-99"):
        assert client.get(f"{reverse('admin:glossary_deck_changelist')}?{asked}").status_code == 200


def test_a_term_is_kept_out_and_let_in_again(client, stock):
    client.force_login(make_user(Role.SCHEDULER))
    page = reverse("admin:glossary_deck_changelist")
    given = {"do": "ban", "name": "word 3", "first": today().isoformat(), "reason": "Being rewritten."}
    assert client.post(page, {**given, "reason": ""}).status_code == 422
    assert client.post(page, {**given, "name": "nobody knows"}).status_code == 422
    client.post(page, given)
    assert Ban.objects.get().term == stock[3]
    client.post(page, {"do": "day", "day": today().isoformat()})
    assert not Deck.objects.get().cards.filter(term=stock[3]).exists()
    assert "Being rewritten." in client.get(page).content.decode()
    client.post(page, {"do": "lift", "ban": Ban.objects.get().pk})
    assert not Ban.objects.on(today()).exists()


def test_the_page_on_quality_counts_what_was_published(client, stock):
    client.force_login(make_user(Role.EDITOR))
    page = reverse("admin:glossary_deck_quality")
    assert "No deck was published" in client.get(page).content.decode()
    make_deck(today(), terms=stock[:7])
    shown = " ".join(client.get(page).content.decode().split())
    assert "1 deck with 7 cards" in shown and "2.81 bits" in shown and "88 %" in shown

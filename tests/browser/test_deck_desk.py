"""The deck desk by keyboard: compose a week, swap one, break a rule, lock, withdraw, see the reserve step in."""

from datetime import UTC, datetime, time, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from glossary.domain.roles import Role
from glossary.models import Card, Deck, Term
from glossary.services.clock import today
from glossary.services.fact_check import withdraw_check
from glossary.services.gate import pass_gates
from tests.factories import make_published_term, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stock():
    author, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    return [make_published_term(f"Word {n}", author=author, checker=checker, tag=f"Topic {n % 12}") for n in range(70)]


def faults(page):
    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


def test_a_week_is_composed_changed_locked_and_mended(as_person, stock):
    page = as_person(make_user(Role.SCHEDULER))
    day = today() + timedelta(days=7 - today().weekday())  # next Monday
    page.goto(f"{reverse('admin:glossary_deck_changelist')}?day={day.isoformat()}")
    assert "Gap" in page.locator("td[aria-current]").inner_text()
    assert faults(page) == []
    with page.expect_navigation():
        page.keyboard.press("g")
    assert page.locator("td[aria-current]").count() == 1
    page.get_by_role("button", name="turn keys off").click()
    page.get_by_text("Single keys are off.").wait_for()
    page.keyboard.press("w")
    assert not Deck.objects.exists()
    page.get_by_role("button", name="Turn keys on").click()
    page.get_by_role("button", name="turn keys off").wait_for()
    page.goto(f"{reverse('admin:glossary_deck_changelist')}?day={day.isoformat()}")
    page.keyboard.press("w")
    page.locator(".messagelist li").first.wait_for()
    week = list(Deck.objects.filter(day__gte=day, day__lt=day + timedelta(days=7)).order_by("day"))
    assert len(week) == 7 and all(deck.cards.count() == 7 for deck in week)
    terms = list(Card.objects.filter(deck__in=week).values_list("term", flat=True))
    assert len(set(terms)) == 49

    deck = week[0]
    page.goto(deck.get_desk_url())
    assert faults(page) == []
    page.keyboard.press("j")
    page.locator("#card-1[aria-current]").wait_for()
    page.keyboard.press("j")
    page.locator("#card-2[aria-current]").wait_for()
    before = deck.cards.get(position=2).term
    page.keyboard.press("s")
    page.get_by_text(f"Instead of {before}").wait_for()
    assert faults(page) == []
    page.keyboard.press("1")
    page.locator("#card-2[aria-current]").wait_for()
    assert deck.cards.get(position=2).term != before

    out = deck.cards.get(position=3).term
    near = week[1].cards.first().term
    page.goto(f"{deck.get_desk_url()}?swap=3&q={near.headword}")
    page.get_by_role("button", name=f"Swap in {near.headword}", exact=True).click()
    page.get_by_text("This breaks a rule.").wait_for()
    assert deck.cards.get(position=3).term == out
    page.get_by_label("Reason").fill("A reader asked for it.")
    page.get_by_role("button", name="Do it all the same").click()
    page.get_by_text("By hand: A reader asked for it.").wait_for()
    assert deck.cards.get(position=3).term == near

    page.keyboard.press("r")
    page.get_by_role("button", name="Back to draft").wait_for()
    page.keyboard.press("l")
    page.get_by_role("button", name="Unlock").wait_for()
    deck.refresh_from_db()
    assert deck.state == "locked"

    lost = deck.cards.get(position=5).term
    withdraw_check(Term.objects.get(pk=lost.pk), by=make_user(Role.PUBLISHER), reason="It was wrong.")
    told = pass_gates(now=datetime.combine(deck.day, time(6, 0), UTC))
    assert any(f"stepped in for “{lost}” (card 5)" in says for says in told)
    page.goto(deck.get_desk_url())
    assert f"Reserve for “{lost}”" in page.locator("#card-5").inner_text()
    assert deck.cards.count() == 7 and not deck.cards.filter(term=lost).exists()
    page.goto(reverse("admin:glossary_deck_quality"))
    assert faults(page) == []

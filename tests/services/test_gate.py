"""The gate before publication: reserves step in, staff are told once, nothing goes out with six."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail

from glossary.domain.claim import ClaimKind, Verdict
from glossary.domain.correction import Fate
from glossary.domain.deck import DeckState
from glossary.domain.roles import Role
from glossary.models import Deck, JobRun, Notice, Term
from glossary.services.claim import settle_line
from glossary.services.closing import retire_term
from glossary.services.deck import move_deck
from glossary.services.fact_check import pass_check, withdraw_check
from glossary.services.gate import pass_gates, publish_due
from glossary.services.notice import send_notices
from glossary.services.term import save_term, submit_term
from tests.factories import (
    details_of,
    make_dealt_term,
    make_deck,
    make_published_term,
    make_user,
    say_of_old_words,
    settle_all,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 1)
BEFORE = datetime(2026, 5, 20, 12, tzinfo=UTC)
DUE = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)
GATE_12 = DUE - timedelta(hours=12)
GATE_1 = DUE - timedelta(hours=1)


@pytest.fixture
def people():
    return {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}


@pytest.fixture
def stock(people):
    """Nine terms; words 2 and 4, to which something happens, went through the desk line by line."""
    return [
        make_published_term(f"Word {n}", tag=f"Topic {n}", now=BEFORE, **people)
        if n in {2, 4}
        else make_dealt_term(f"Word {n}", by=people["checker"], tag=f"Topic {n}", on=BEFORE.date())
        for n in range(9)
    ]


@pytest.fixture
def sam():
    return make_user(Role.SCHEDULER, username="sam")


def locked(stock, state=DeckState.LOCKED):
    return make_deck(DAY, state=state, terms=stock[:7])


def withdraw(term, people):
    withdraw_check(term, by=people["checker"], reason="It was wrong.", now=BEFORE + timedelta(days=1))


def cards(deck):
    return [card.term.headword for card in deck.cards.select_related("term")]


@pytest.mark.parametrize("state", [DeckState.READY, DeckState.LOCKED])
@pytest.mark.parametrize("at", [GATE_12, GATE_1, DUE])
def test_a_reserve_steps_in_for_a_withdrawn_card(stock, people, sam, state, at):
    deck = locked(stock, state)
    withdraw(stock[2], people)
    told = pass_gates(now=at)
    if at == DUE:
        assert publish_due(now=at).published == deck
    names = cards(deck)
    assert names[:2] + names[3:] == [f"Word {n}" for n in (0, 1, 3, 4, 5, 6)]
    assert names[2] in {"Word 7", "Word 8"}
    deck.refresh_from_db()
    assert deck.state == (DeckState.PUBLISHED if at == DUE else state)
    card = deck.cards.get(position=3)
    assert card.reason.startswith("Reserve for “Word 2”: readers do not see it any more.")
    assert (card.edition_id is not None) == (deck.state in {DeckState.LOCKED, DeckState.PUBLISHED})
    assert deck.trail.filter(verb="mended").count() == 1
    assert [notice.kind for notice in Notice.objects.filter(person=sam)] == ["reserve"]
    assert told == ([] if at == DUE else [deck.trail.get(verb="mended").reason])


def test_each_gate_is_passed_once(stock, people, sam):
    locked(stock)
    assert pass_gates(now=GATE_12 - timedelta(minutes=1)) == []
    assert not JobRun.objects.exists()
    for at in (GATE_12, GATE_12 + timedelta(minutes=1), GATE_1, GATE_1 + timedelta(minutes=1), DUE):
        pass_gates(now=at)
    assert [run.job for run in JobRun.objects.filter(day=DAY).order_by("pk")] == ["T-12 h", "T-1 h"]


def test_a_dry_run_of_the_gates_writes_nothing(stock, people, sam):
    deck = locked(stock)
    withdraw(stock[2], people)
    assert "stepped in for “Word 2”" in pass_gates(now=GATE_12, dry_run=True)[0]
    assert cards(deck)[2] == "Word 2" and not Notice.objects.filter(person=sam).exists() and not JobRun.objects.exists()


def test_a_term_corrected_after_locking_goes_out_in_its_own_new_words(stock, people, sam):
    deck = locked(stock)
    term = stock[4]
    body = term.draft().body.replace("Five", "Six")
    term = save_term(term, replace(term.draft(), body=body), details=details_of(term), by=people["author"], now=GATE_12)
    edition = submit_term(term, by=people["author"], now=GATE_12)
    settle_all(edition, by=people["checker"], now=GATE_12)
    said = say_of_old_words(edition, Fate.WAS_WRONG, "Miscounted.")
    pass_check(edition, by=people["checker"], digest=edition.digest, whole_card=True, old_words=said, now=GATE_12)
    assert publish_due(now=DUE).published == deck
    card = deck.cards.get(position=5)
    assert (card.term, card.edition) == (stock[4], edition)
    assert "its own" not in card.reason and deck.trail.get(verb="mended").reason.startswith(
        "“Word 4” goes out in its new"
    )


def test_a_term_merely_reworded_after_locking_keeps_what_was_frozen(stock, people, sam):
    deck = locked(stock)
    frozen = deck.cards.get(position=5).edition
    term = save_term(
        stock[4],
        replace(stock[4].draft(), example="A bank uses it."),
        details=details_of(stock[4]),
        by=people["author"],
        now=GATE_12,
    )
    edition = submit_term(term, by=people["author"], now=GATE_12)
    settle_all(edition, by=people["checker"], now=GATE_12)
    said = say_of_old_words(edition, Fate.STILL_TRUE)
    pass_check(edition, by=people["checker"], digest=edition.digest, whole_card=True, old_words=said, now=GATE_12)
    publish_due(now=DUE)
    assert deck.cards.get(position=5).edition == frozen


@pytest.mark.parametrize("how", ["contradicted", "due", "retired"])
def test_every_card_that_may_not_go_out_is_replaced(stock, people, sam, how):
    deck = locked(stock)
    if how == "contradicted":
        claim = stock[2].published.claims.get(sentence__text="Five sizes exist.")
        settle_line(
            claim, by=people["checker"], verdict=Verdict.CONTRADICTED, kind=ClaimKind.FACT, note="Six.", now=GATE_12
        )
    elif how == "due":
        Term.objects.filter(pk=stock[2].pk).update(due_on=DAY + timedelta(days=7))
    else:
        retire_term(stock[2], by=people["checker"], reason="Nobody uses it.", now=GATE_12)
    assert publish_due(now=DUE).published == deck
    assert "Word 2" not in cards(deck) and len(cards(deck)) == 7


def test_without_a_reserve_nothing_goes_out_and_schedulers_are_told_once_and_again_after_half_an_hour(
    stock, people, sam
):
    deck = locked(stock)
    for term in stock[6:]:
        withdraw(term, people)
    told = pass_gates(now=GATE_12)
    assert len(told) == 1 and "cannot go out as it stands" in told[0]
    for minutes in (0, 1, 2, 29):
        outcome = publish_due(now=DUE + timedelta(minutes=minutes))
        assert outcome.published is None and "Only 6 terms may be dealt" in outcome.refused
    assert Notice.objects.filter(person=sam, kind="deck").count() == 2
    for minutes in (30, 31, 90):
        publish_due(now=DUE + timedelta(minutes=minutes))
    assert Notice.objects.filter(person=sam, kind="deck").count() == 3
    deck.refresh_from_db()
    assert deck.state == DeckState.LOCKED and cards(deck) == [f"Word {n}" for n in range(7)]


def test_a_day_without_a_deck_or_with_a_draft_is_an_alarm_with_a_mail(stock, people, sam):
    sam.email = "sam@example.org"
    sam.save()
    assert pass_gates(now=GATE_12) == ["There is no deck for June 1, 2026. Compose one, and set it ready."]
    assert send_notices(now=GATE_12) == 1
    assert "a deck needs you" in mail.outbox[0].subject and "There is no deck for June 1, 2026" in mail.outbox[0].body
    deck = make_deck(DAY, state=DeckState.DRAFT, terms=stock[:7])
    assert pass_gates(now=GATE_1) == ["Deck of June 1, 2026 is a draft. Set it ready, or nothing goes out."]
    move_deck(deck, DeckState.READY, by=sam, version=deck.version, now=GATE_1)
    assert publish_due(now=DUE).published == deck


def test_days_without_a_deck_by_the_setting_raise_no_alarm(settings, sam):
    settings.DECK_DAYS = frozenset({1, 2, 3, 4})
    assert pass_gates(now=GATE_12) == []
    outcome = publish_due(now=DUE)
    assert (outcome.refused, outcome.due) == ("", False) and not Notice.objects.exists()


def test_only_those_who_compose_are_told():
    make_user(Role.SUBSCRIBER_ADMIN)
    sam, gone = make_user(Role.SCHEDULER), make_user(Role.SCHEDULER)
    gone.is_active = False
    gone.save()
    pass_gates(now=GATE_12)
    assert [notice.person for notice in Notice.objects.filter(kind="deck")] == [sam]


def test_after_days_of_downtime_what_was_missed_is_marked_and_today_goes_out(stock, people, sam):
    old = make_deck(DAY - timedelta(days=3), state=DeckState.LOCKED, terms=stock[:7])
    deck = make_deck(DAY, state=DeckState.LOCKED, terms=stock[:7])
    outcome = publish_due(now=DUE + timedelta(hours=5))
    assert (outcome.published, outcome.missed) == (deck, 1)
    assert Deck.objects.get(pk=old.pk).state == DeckState.MISSED

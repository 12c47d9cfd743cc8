"""Two people at once, for real: threads on PostgreSQL, where rows are locked and statements conditional."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import close_old_connections, connection, connections
from django.utils import timezone

from glossary.domain.deck import DeckState
from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Role
from glossary.models import Card, Deck, Edition, FactCheck, Name, Take, Term, TrailEntry
from glossary.services.deck import publish_due, set_cards
from glossary.services.fact_check import pass_check
from glossary.services.take import take_card
from glossary.services.term import StaleWords, save_term, submit_term
from tests.factories import (
    details_of,
    make_deck,
    make_draft,
    make_published_term,
    make_term,
    make_user,
    settle_all,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="Races need PostgreSQL (set DATABASE_URL)."),
]


def at_once(*acts):
    """Run the acts in threads that start together; return what each returned or raised."""
    barrier = Barrier(len(acts))

    def run(act):
        close_old_connections()
        barrier.wait()
        try:
            return act()
        except IllegalMove as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.parametrize("turn", range(20))
def test_of_two_who_save_at_once_one_wins_and_the_other_is_told(turn):
    ann, ben = make_user(Role.EDITOR), make_user(Role.EDITOR)
    term = make_term(by=ann)

    def save(person, body):
        mine = Term.objects.get(pk=term.pk)
        return save_term(mine, make_draft(body=body), details=details_of(mine), by=person, version=term.version)

    results = at_once(lambda: save(ann, "Ann wrote this."), lambda: save(ben, "Ben wrote this."))
    refused = [r for r in results if isinstance(r, StaleWords)]
    assert len(refused) == 1
    now = Term.objects.get(pk=term.pk)
    assert refused[0].saved.body == now.body == now.working.words.body


@pytest.mark.parametrize("turn", range(40))
def test_what_passes_is_what_the_checker_read_though_the_editor_saves_at_once(turn):
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    term = make_published_term(author=editor, checker=checker)
    term = save_term(term, make_draft(body="Six sizes exist."), details=details_of(term), by=editor)
    edition = submit_term(term, by=editor)
    settle_all(edition, by=checker)

    def passes():
        return pass_check(edition, by=checker, digest=edition.digest, whole_card=True)

    def edits():
        mine = Term.objects.get(pk=term.pk)
        saved = save_term(mine, make_draft(body="Seven sizes exist."), details=details_of(mine), by=editor)
        return submit_term(saved, by=editor)

    at_once(passes, edits)
    published = Term.objects.get(pk=term.pk).published
    assert published.words.body != "Seven sizes exist."
    assert FactCheck.objects.filter(edition=published, digest=published.digest, result="passed").exists()


@pytest.mark.parametrize("turn", range(8))
def test_eight_schedulers_publish_a_deck_once(turn):
    deck = make_deck(state=DeckState.LOCKED)
    late = datetime.combine(deck.day, datetime.max.time(), UTC)
    results = at_once(*[lambda: publish_due(now=late) for _ in range(8)])
    assert sum(r.published is not None for r in results) == 1
    assert TrailEntry.objects.filter(verb="published", deck=deck).count() == 1
    assert Deck.objects.get().state == DeckState.PUBLISHED


@pytest.mark.parametrize("turn", range(8))
def test_two_schedulers_cannot_make_eight_cards(turn):
    deck = make_deck(timezone.now().date() + timedelta(days=1), state=DeckState.DRAFT)
    one, two = make_user(Role.SCHEDULER), make_user(Role.SCHEDULER)
    terms = [card.term for card in deck.cards.select_related("term")]
    results = at_once(
        lambda: set_cards(deck, terms[:4], by=one, version=deck.version),
        lambda: set_cards(deck, terms[3:], by=two, version=deck.version),
    )
    assert sum(isinstance(r, IllegalMove) for r in results) == 1
    assert Card.objects.count() == 4


@pytest.mark.parametrize("turn", range(10))
def test_a_name_goes_to_one_of_two_terms(turn):
    ann, ben = make_user(Role.EDITOR), make_user(Role.EDITOR)
    results = at_once(
        lambda: make_term("Token", slug="token-a", by=ann, tag=None),
        lambda: make_term("token", slug="token-b", by=ben, tag=None),
    )
    assert sum(isinstance(r, Term) for r in results) == 1
    assert Term.objects.count() == Name.objects.count() == 1


@pytest.mark.parametrize("turn", range(10))
def test_a_card_is_taken_by_one(turn):
    term = make_published_term()
    checkers = [make_user(Role.CHECKER) for _ in range(4)]
    results = at_once(*[lambda person=person: take_card(term, by=person) for person in checkers])
    assert sum(isinstance(r, Take) for r in results) == 1


@pytest.mark.parametrize("turn", range(10))
def test_two_who_submit_at_once_make_one_submission(turn):
    editor = make_user(Role.EDITOR)
    term = make_term(by=editor)
    at_once(lambda: submit_term(term, by=editor), lambda: submit_term(term, by=editor))
    assert Edition.objects.submitted().count() == 1
    assert TrailEntry.objects.filter(verb="sent to a checker").count() == 1
    assert connection.vendor == "postgresql"

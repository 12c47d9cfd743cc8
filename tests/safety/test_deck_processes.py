"""Eight schedulers as processes of their own: one deck, one publication, one reserve, whatever is killed meanwhile."""

import multiprocessing
import os
import queue
import random
import signal
import time
from datetime import UTC, date, datetime, timedelta

import django
import pytest
from django.db import OperationalError, connection, connections

from glossary.domain.deck import DeckState
from glossary.domain.roles import Role
from glossary.models import Brief, Card, Deck, JobRun, Notice, TrailEntry
from glossary.services.fact_check import withdraw_check
from glossary.services.gate import pass_gates, publish_due
from tests.factories import make_deck, make_published_term, make_user

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="Races need PostgreSQL (set DATABASE_URL)."),
]
PROCESSES = 8
DAY = date(2026, 6, 1)
BEFORE = datetime(2026, 5, 20, 12, tzinfo=UTC)
DUE = datetime(2026, 6, 1, 7, tzinfo=UTC)


def work(database, start, done):
    """Be a scheduler: at each start look at the gates an hour before, then publish; tell what came of it."""
    connections["default"].settings_dict["NAME"] = database
    while start.get() == "go":
        try:
            told = pass_gates(now=DUE - timedelta(minutes=30))
            outcome = publish_due(now=DUE)
            done.put((len(told), outcome.published is not None, outcome.refused))
        except OperationalError as error:
            done.put((0, False, str(error)))


def begin(database, start, done):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deckproject.settings")
    django.setup()
    work(database, start, done)


class Crew:
    """Processes that wait for their start."""

    def __init__(self, number):
        self.context = multiprocessing.get_context("fork")
        self.start, self.done = self.context.Queue(), self.context.Queue()
        self.database = connection.settings_dict["NAME"]
        connections.close_all()  # a connection must not be shared with a child
        self.people = [self._hire() for _ in range(number)]

    def _hire(self):
        person = self.context.Process(target=begin, args=(self.database, self.start, self.done), daemon=True)
        person.start()
        return person

    def go(self):
        for _ in self.people:
            self.start.put("go")

    def results(self, number, seconds=30):
        found = []
        end = time.monotonic() + seconds
        while len(found) < number and time.monotonic() < end:
            try:
                found.append(self.done.get(timeout=0.5))
            except queue.Empty:
                continue
        return found

    def dismiss(self):
        for _ in self.people:
            self.start.put("stop")
        for person in self.people:
            person.join(5)
            if person.is_alive():
                person.kill()


@pytest.fixture
def deck():
    """A locked deck of which one card was withdrawn, with two terms that could step in."""
    people = {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}
    stock = [make_published_term(f"Word {n}", tag=f"Topic {n}", now=BEFORE, **people) for n in range(9)]
    deck = make_deck(DAY, state=DeckState.LOCKED, terms=stock[:7])
    withdraw_check(stock[2], by=people["checker"], reason="It was wrong.", now=BEFORE + timedelta(days=1))
    return deck


def set_back(deck, cards):
    """Make the next round's deck of the same rows, past the services."""
    Card.objects.filter(deck=deck).delete()
    Card.objects.bulk_create(cards)
    Brief.objects.filter(deck=deck).delete()
    Deck.objects.filter(pk=deck.pk).update(state=DeckState.LOCKED, published_at=None)
    JobRun.objects.all().delete()
    TrailEntry.objects.filter(deck=deck)._raw_delete("default")
    Notice.objects.all().delete()


def check(deck):
    """One publication, one reserve, seven cards, one notice."""
    deck.refresh_from_db()
    assert deck.state == DeckState.PUBLISHED
    verbs = list(deck.trail.order_by("pk").values_list("verb", flat=True))
    assert verbs.count("published") == 1 and verbs.count("mended") == 1, verbs
    cards = list(deck.cards.select_related("term", "edition"))
    assert [card.position for card in cards] == list(range(1, 8)) and len({card.term_id for card in cards}) == 7
    assert all(card.edition is not None and card.edition.withdrawn_at is None for card in cards)
    assert Notice.objects.filter(kind="reserve").count() == 1


@pytest.mark.parametrize("rounds", [20, pytest.param(200, marks=pytest.mark.endurance)])
def test_eight_processes_publish_one_deck_with_one_reserve(deck, rounds):
    cards = list(deck.cards.all())
    crew = Crew(PROCESSES)
    try:
        for _ in range(rounds):
            set_back(deck, cards)
            crew.go()
            results = crew.results(PROCESSES)
            assert len(results) == PROCESSES
            assert sum(published for _, published, _ in results) == 1
            assert not any(refused for _, _, refused in results), results
            assert sum(told for told, _, _ in results) == 1
            check(deck)
    finally:
        crew.dismiss()


@pytest.mark.parametrize("rounds", [8, pytest.param(60, marks=pytest.mark.endurance)])
def test_a_scheduler_killed_in_the_middle_leaves_what_the_next_one_finishes(deck, rounds):
    cards = list(deck.cards.all())
    for turn in range(rounds):
        set_back(deck, cards)
        crew = Crew(2)
        try:
            crew.go()
            time.sleep(random.Random(turn).uniform(0, 0.12))
            os.kill(crew.people[0].pid, signal.SIGKILL)
            crew.people[0].join(5)
            crew.results(1, seconds=3)
        finally:
            crew.dismiss()
        pass_gates(now=DUE - timedelta(minutes=30))
        publish_due(now=DUE)
        check(deck)
        assert deck.state == DeckState.PUBLISHED

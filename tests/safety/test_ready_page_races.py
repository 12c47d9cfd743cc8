"""Readers as processes of their own while a page changes under them: after the commit no process shows the old words.

What a reader may get is told by bytes: after each change the plain view says what is right from then on. An answer must
be one that was right at some moment between the reader's question and the end of the answer.
"""

import multiprocessing
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.test import Client

from glossary.domain.roles import Role
from glossary.models import Term
from glossary.services.fact_check import withdraw_check
from glossary.services.ready_page import drop_pages
from glossary.services.term import change_slug, save_term
from tests.factories import check_term, details_of, make_draft, make_published_term, make_user
from tests.site import Site

pytestmark = pytest.mark.django_db(transaction=True)
READERS = 4
PATHS = ["/terms/qwen2/", "/terms/", "/"]
LOOKS = 2  # that each reader takes at every path after each change
PATIENCE = 120  # seconds for that, on a machine that has other things to do
START = datetime(2026, 6, 1, 12, tzinfo=UTC)


def instant():
    """Return a moment that all processes of this machine agree on, however the calendar is set."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def fingerprint(status, location, body):
    return status, location, sha256(body).hexdigest()


def read(number, clock, rounds, stop, answers):
    """Be a reader: ask for every path again and again until told to stop; tell what came when."""
    seen, site = [], Site()
    while not stop.is_set():
        for path in PATHS:
            asked_at = instant()
            with time_machine.travel(clock.value, tick=False):
                answer = site.get(path)
            mark = fingerprint(answer.status, answer.headers.get("location", ""), answer.body)
            seen.append((path, asked_at, instant(), mark, not answer.asked_django))
        rounds[number] += 1
        time.sleep(0.05)  # so that two cores also serve those who change things
    connections.close_all()
    site.close()
    answers.put(seen)


class Newsroom:
    """One term that people change, the day at the desk, and what was right from when on."""

    def __init__(self):
        self.author, self.checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
        self.now = START
        self.turn = 0
        with time_machine.travel(self.now, tick=False):
            self.term = make_published_term("Qwen2", author=self.author, checker=self.checker)
        context = multiprocessing.get_context("fork")
        self.clock = context.Value("d", self.now.timestamp())
        self.rounds = context.Array("L", READERS)
        self.stop, self.answers = context.Event(), context.Queue()
        self.right = []  # (begun at, done at, path → fingerprint)
        self.change(lambda: None)
        connections.close_all()  # a connection must not be shared with a child
        self.readers = [
            context.Process(target=read, args=(n, self.clock, self.rounds, self.stop, self.answers), daemon=True)
            for n in range(READERS)
        ]
        for reader in self.readers:
            reader.start()

    def change(self, act):
        """Let something happen, and ask the plain views what readers should get from now on."""
        begun = instant()
        with time_machine.travel(self.now, tick=False):
            act()
            done = instant()
            self.clock.value = self.now.timestamp()
            client, pages = Client(), {}
            for path in PATHS:
                answer = client.get(path)
                pages[path] = fingerprint(answer.status_code, answer.headers.get("location", ""), answer.content)
        self.right.append((begun, done, pages))

    def midnight(self):
        """Let a day pass in which nobody does anything, at the end of which the term is overdue."""
        begun = instant()
        self.now += timedelta(days=1)
        self.clock.value = self.now.timestamp()
        self.change(lambda: None)
        self.right[-1] = (begun, *self.right[-1][1:])

    def wait_for_readers(self):
        """Wait until each reader has looked at every path often enough since the last change."""
        wanted = [count + 1 + LOOKS for count in self.rounds]
        end = instant() + PATIENCE
        while any(count < least for count, least in zip(self.rounds, wanted, strict=True)):
            assert instant() < end and all(reader.is_alive() for reader in self.readers), "a reader has stopped"
            time.sleep(0.01)

    def withdraw(self):
        withdraw_check(self.term, by=self.checker, reason=f"Wrong {self.turn}.")
        self.term.refresh_from_db()

    def publish(self):
        self.turn += 1
        draft = make_draft("Qwen2", body=f"Turn {self.turn}.", definition=f"Qwen2 is of turn {self.turn}.")
        term = save_term(self.term, draft, details=details_of(self.term), by=self.author)
        self.term = check_term(term, author=self.author, checker=self.checker)

    def rename(self):
        self.term = change_slug(self.term, f"qwen2-of-turn-{self.turn}", by=self.checker)

    def name_back(self):
        self.term = change_slug(self.term, "qwen2", by=self.checker)

    def make_due_tomorrow(self):
        Term.objects.filter(pk=self.term.pk).update(overdue_on=(self.now + timedelta(days=1)).date())
        drop_pages(terms=[self.term])

    def close(self):
        """Send the readers home; return everything that they saw."""
        self.stop.set()
        told = [self.answers.get(timeout=PATIENCE) for _ in self.readers]
        for reader in self.readers:
            reader.join(PATIENCE)
        return [answer for seen in told for answer in seen]


def stale(answers, right):
    """Return the answers that were right at no moment between question and answer.

    A page that Django makes with several queries while something is changed may be half of each, as it always could;
    such a page may be sent to that reader and must not be kept.
    """
    for path, asked_at, answered_at, mark, ready in answers:
        latest = max(n for n, (_, done, _) in enumerate(right) if n == 0 or done <= asked_at)
        newest = max(n for n, (begun, _, _) in enumerate(right) if n == 0 or begun <= answered_at)
        if mark in [right[n][2][path] for n in range(latest, newest + 1)]:
            continue
        if ready or latest == newest:
            yield path, mark, latest, newest, ready


@pytest.mark.parametrize("turns", [3, pytest.param(34, marks=pytest.mark.endurance)])
def test_no_reader_gets_words_from_before_a_change_that_was_done_before_the_question(turns):
    room = Newsroom()
    try:
        for _ in range(turns):
            for act in [room.rename, room.name_back, room.withdraw, room.publish, room.make_due_tomorrow]:
                room.change(act)
                room.wait_for_readers()
            room.midnight()
            room.wait_for_readers()
    finally:
        answers = room.close()
    assert list(stale(answers, room.right)) == []
    assert sum(ready for *_, ready in answers) > len(room.right), "hardly a page was ready, so nothing was raced"
    states = {tuple(sorted(pages.items())) for _, _, pages in room.right}
    assert len(states) > 4 * turns, "the changes changed nothing that readers see"


def change_and_hold(done, go):
    """Drop the pages of all terms, and commit only when told to; then take it back."""
    with transaction.atomic():
        drop_pages()
        done.set()
        go.wait(PATIENCE)
        transaction.set_rollback(True)
    connections.close_all()


def change_and_commit(term, done):
    """Drop the pages of a term and of all, and commit."""
    drop_pages(terms=[Term.objects.get(pk=term)])
    connections.close_all()
    done.set()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Locks of rows need PostgreSQL (set DATABASE_URL).")
def test_two_who_change_words_never_wait_for_each_others_pages():
    """Each drops the page of all terms in an open transaction; the second has its turn though the first is not done."""
    context = multiprocessing.get_context("fork")
    make_published_term("Qwen2")
    other = make_published_term("Other", tag="Other")
    site = Site()
    site.get("/terms/")
    site.close()
    first, second, go = context.Event(), context.Event(), context.Event()
    connections.close_all()
    slow = context.Process(target=change_and_hold, args=(first, go), daemon=True)
    slow.start()
    assert first.wait(PATIENCE)
    quick = context.Process(target=change_and_commit, args=(other.pk, second), daemon=True)
    quick.start()
    assert second.wait(PATIENCE), "the second waits for the first"
    assert site.get("/terms/").asked_django, "the page is dropped though the first still holds its row"
    go.set()
    slow.join(PATIENCE)
    quick.join(PATIENCE)
    assert site.get("/terms/").asked_django and not site.get("/terms/").asked_django

"""Two people at once, for real: threads on PostgreSQL, where rows are locked and statements conditional."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier, BrokenBarrierError, local
from time import sleep

import pytest
from django.core import mail
from django.db import connection, connections
from django.utils import timezone

from glossary.domain.deck import DeckState
from glossary.domain.digest import digest_of
from glossary.domain.errors import IllegalMove, StaleEdition
from glossary.domain.names import squeezed_key
from glossary.domain.report import ALL_AN_HOUR, NETWORK_AN_HOUR, TERM_AN_HOUR, ReportVerdict
from glossary.domain.roles import Role
from glossary.models import Brief, Deck, Edition, FactCheck, Name, Report, Take, Term, TrailEntry
from glossary.services import names
from glossary.services.composition import compose_days
from glossary.services.deck import set_cards
from glossary.services.fact_check import pass_check
from glossary.services.gate import publish_due
from glossary.services.report import ReportDraft, file_report, send_outcomes, settle_reports
from glossary.services.take import take_card
from glossary.services.term import StaleWords, save_term, submit_term
from tests.factories import (
    arm_machine,
    details_of,
    make_deck,
    make_draft,
    make_published_term,
    make_report,
    make_term,
    make_user,
    say_of_old_words,
    settle_all,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="Races need PostgreSQL (set DATABASE_URL)."),
]


def at_once(*acts):
    """Run the acts in threads that start together, each with a connection open; return what each returned or raised."""
    barrier = Barrier(len(acts), timeout=20)

    def run(act):
        try:
            connection.ensure_connection()
            barrier.wait()
            return act()
        except IllegalMove as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_of_two_who_save_at_once_one_wins_and_the_other_is_told():
    ann, ben = make_user(Role.EDITOR), make_user(Role.EDITOR)
    for turn in range(30):
        term = make_term(f"Term {turn}", by=ann)

        def save(person, body, term=term):
            mine = Term.objects.get(pk=term.pk)
            draft = make_draft(term.headword, body=body)
            return save_term(mine, draft, details=details_of(mine), by=person, version=term.version)

        results = at_once(partial(save, ann, "Ann wrote this."), partial(save, ben, "Ben wrote this."))
        (refused,) = [r for r in results if isinstance(r, StaleWords)]
        (winner,) = [r for r in results if isinstance(r, Term)]
        now = Term.objects.get(pk=term.pk)
        assert refused.saved.body == winner.body == now.body == now.working.words.body
        assert now.version == term.version + 1
        assert [e.words.body for e in now.editions.order_by("number")] == [term.body, now.body]
        assert TrailEntry.objects.filter(term=term, verb="saved").count() == 2


def test_what_passes_is_what_the_checker_read_though_the_editor_saves_at_once():
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    term = make_published_term(author=editor, checker=checker)
    outcomes = Counter()
    for turn in range(100):
        read, typed = f"The team named it in round {turn}.", f"Nobody checked round {turn}."
        term = save_term(term, make_draft(body=read), details=details_of(term), by=editor)
        edition = submit_term(term, by=editor)
        settle_all(edition, by=checker)
        before = Term.objects.get(pk=term.pk).published

        mine = Term.objects.get(pk=term.pk)
        draft, details = make_draft(body=typed), details_of(mine)

        said = say_of_old_words(edition)

        def passes(edition=edition, said=said, after=turn % 10 * 0.002):
            sleep(after)  # so that each of the two is ahead at times
            return pass_check(edition, by=checker, digest=edition.digest, whole_card=True, old_words=said)

        def edits(mine=mine, draft=draft, details=details):
            try:
                saved = save_term(mine, draft, details=details, by=editor, version=mine.version)
            except StaleWords as stale:  # the check passed first; the editor saves again, as the desk asks
                saved = save_term(stale.saved, draft, details=details, by=editor, version=stale.saved.version)
            return submit_term(saved, by=editor)

        passed, waiting = at_once(passes, edits)
        term = Term.objects.get(pk=term.pk)
        published = term.published
        outcomes[type(passed)] += 1
        if isinstance(passed, FactCheck):
            assert published == edition and published.words.body == read
        else:
            assert isinstance(passed, StaleEdition) and published == before
        assert FactCheck.objects.filter(edition=published, digest=digest_of(published.words), result="passed").exists()
        assert published.check_standing() is not None
        assert not FactCheck.objects.filter(edition=waiting).exists()
        assert term.working == waiting and waiting.words.body == typed
        assert list(Edition.objects.submitted()) == [waiting]
    assert set(outcomes) == {FactCheck, StaleEdition}, outcomes


def test_eight_schedulers_publish_a_deck_once():
    deck = make_deck(state=DeckState.LOCKED)
    late = datetime.combine(deck.day, datetime.max.time(), UTC)
    for turn in range(30):
        results = at_once(*[lambda: publish_due(now=late) for _ in range(8)])
        assert sum(r.published is not None for r in results) == 1
        assert not any(r.refused for r in results)
        assert TrailEntry.objects.filter(verb="published", deck=deck).count() == turn + 1
        assert Deck.objects.get().state == DeckState.PUBLISHED
        assert Brief.objects.filter(deck=deck).count() == 1
        Brief.objects.all().delete()
        Deck.objects.update(state=DeckState.LOCKED, published_at=None)  # past the services: the next round's deck


def test_two_schedulers_cannot_make_eight_cards():
    deck = make_deck(timezone.now().date() + timedelta(days=1), state=DeckState.DRAFT)
    one, two = make_user(Role.SCHEDULER), make_user(Role.SCHEDULER)
    terms = [card.term for card in deck.cards.select_related("term")]
    halves = (terms[:4], terms[3:])
    for _ in range(30):
        deck = Deck.objects.get()
        results = at_once(
            partial(set_cards, deck, halves[0], by=one, version=deck.version),
            partial(set_cards, deck, halves[1], by=two, version=deck.version),
        )
        assert sorted(type(r).__name__ for r in results) == ["Deck", "IllegalMove"]
        won = halves[0] if isinstance(results[0], Deck) else halves[1]
        assert [card.term for card in deck.cards.order_by("position")] == won
        assert Deck.objects.get().version == deck.version + 1


def test_two_runs_that_compose_a_day_make_one_deck_and_end_cleanly():
    scheduler = make_user(Role.SCHEDULER)
    people = {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}
    for n in range(8):
        make_published_term(f"Word {n}", tag=f"Topic {n}", **people)
    for turn in range(15):
        day = timezone.now().date() + timedelta(days=1 + turn)
        results = at_once(*[partial(compose_days, [day], by=scheduler) for _ in range(2)])
        assert not [one.refused for done in results for one in done if one.refused]
        assert Deck.objects.get(day=day).cards.count() == 7
        assert TrailEntry.objects.filter(verb="composed", deck__day=day).count() == 1


def test_a_name_goes_to_one_of_two_terms():
    ann, ben = make_user(Role.EDITOR), make_user(Role.EDITOR)
    for turn in range(30):
        results = at_once(
            partial(make_term, f"Token {turn}", slug=f"a-{turn}", by=ann, tag=None),
            partial(make_term, f"token-{turn}", slug=f"b-{turn}", by=ben, tag=None),
        )
        (won,) = [r for r in results if isinstance(r, Term)]
        (lost,) = [r for r in results if isinstance(r, IllegalMove)]
        assert "belongs to" in str(lost) or "taken by somebody else" in str(lost)
        assert Term.objects.count() == turn + 1
        assert list(Name.objects.filter(key=squeezed_key(f"Token {turn}")).values_list("term", flat=True)) == [won.pk]


def test_two_terms_that_cross_their_names_end_in_a_refusal_not_in_a_deadlock(monkeypatch):
    ann, ben = make_user(Role.EDITOR), make_user(Role.EDITOR)
    claim, both, seen = names._claim, Barrier(2), local()

    def claim_and_wait(*args, **kwargs):
        claim(*args, **kwargs)
        if not getattr(seen, "first", False):
            seen.first = True
            try:
                both.wait(timeout=2)  # each holds its first name before it asks for its second
            except BrokenBarrierError:
                pass  # the other one waits for that very name, as it should

    monkeypatch.setattr(names, "_claim", claim_and_wait)
    results = at_once(
        partial(make_term, "Alpha", aliases=["Beta"], by=ann, tag=None),
        partial(make_term, "Beta", aliases=["Alpha"], by=ben, tag=None),
    )
    assert sorted(isinstance(r, IllegalMove) for r in results) == [False, True]
    assert Term.objects.count() == 1 and set(Name.objects.values_list("key", flat=True)) == {"alpha", "beta"}


def test_a_card_is_taken_by_one():
    term = make_published_term()
    checkers = [make_user(Role.CHECKER) for _ in range(4)]
    for _ in range(10):
        results = at_once(*[partial(take_card, term, by=person) for person in checkers])
        assert sum(isinstance(r, Take) for r in results) == 1
        Take.objects.all().delete()


def test_two_who_submit_at_once_make_one_submission():
    editor = make_user(Role.EDITOR)
    for turn in range(10):
        term = make_term(f"Term {turn}", by=editor)
        results = at_once(partial(submit_term, term, by=editor), partial(submit_term, term, by=editor))
        assert sum(isinstance(r, Edition) for r in results) == 1
        assert term.editions.submitted().count() == 1
        assert TrailEntry.objects.filter(verb="sent to a checker", term=term).count() == 1


def test_reports_on_a_sentence_are_settled_by_one_of_two_and_answered_once():
    arm_machine()
    term = make_published_term()
    people = [make_user(Role.CHECKER) for _ in range(2)]
    for turn in range(10):
        report = make_report(term, f"Report {turn}.", email="ada@example.org")
        acts = [
            partial(settle_reports, report, ReportVerdict.NOTHING_WRONG, by=people[0], reason="Page 3."),
            partial(settle_reports, report, ReportVerdict.REOPENED, by=people[1]),
        ]
        results = at_once(*acts)
        assert sorted(type(r).__name__ for r in results) == ["IllegalMove", "int"]
        assert TrailEntry.objects.filter(verb="settled reports on").count() == turn + 1
        Report.objects.filter(pk=report.pk).update(verdict=ReportVerdict.NOTHING_WRONG, reason="Page 3.")
        assert sum(at_once(send_outcomes, send_outcomes, send_outcomes)) == 1
        assert len(mail.outbox) == turn + 1


def test_a_flood_at_once_stays_within_the_brakes():
    draft = ReportDraft("It is wrong.")
    for turn in range(8):
        term = make_published_term(f"Word {turn}")
        network = f"9.9.{turn}.9/32"
        at_once(*[partial(file_report, term, term.published, draft, network=network, age=9) for _ in range(8)])
        assert Report.objects.count() == NETWORK_AN_HOUR * (turn + 1) <= ALL_AN_HOUR
    for _ in range(4):
        at_once(*[partial(file_report, term, term.published, draft, network="", age=9) for _ in range(8)])
    assert Report.objects.filter(term=term).count() == TERM_AN_HOUR

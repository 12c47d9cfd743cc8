"""Taking, releasing and assigning cards, and the order of the queue."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Role
from glossary.models import Claim, Notice, Take, Term, TrailEntry
from glossary.services.claim import settle_line
from glossary.services.fact_check import withdraw_check
from glossary.services.inbox import freshness, freshness_ahead
from glossary.services.statistics import overdue_by_class
from glossary.services.take import (
    TAKEN_FOR,
    assign_card,
    queue,
    release_card,
    take_card,
    taken_by,
    with_own_marked,
)
from glossary.services.term import submit_term
from tests.factories import make_deck, make_published_term, make_term, make_user, settle_all

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def waiting(editor):
    return submit_term(make_term("Waiting", by=editor, now=NOW), by=editor, now=NOW).term


def test_a_card_is_taken_by_one_person_and_comes_back_by_itself(waiting):
    ben, cora = make_user(Role.CHECKER), make_user(Role.CHECKER)
    take_card(waiting, by=ben, now=NOW)
    with pytest.raises(IllegalMove, match=f"{ben.username} took this card before you"):
        take_card(waiting, by=cora, now=NOW + timedelta(hours=1))
    assert take_card(waiting, by=cora, now=NOW + TAKEN_FOR).person == cora
    assert taken_by(waiting, now=NOW + 2 * TAKEN_FOR) is None


def test_settling_a_line_keeps_the_card_yours(waiting):
    ben, cora = make_user(Role.CHECKER), make_user(Role.CHECKER)
    take_card(waiting, by=ben, now=NOW)
    later = NOW + timedelta(hours=1)
    settle_all(waiting.working, by=ben, now=later)
    assert Take.objects.get().until == later + TAKEN_FOR
    with pytest.raises(IllegalMove):
        take_card(waiting, by=cora, now=NOW + TAKEN_FOR)


def test_whoever_settles_a_free_card_has_it(waiting):
    ben = make_user(Role.CHECKER)
    settle_all(waiting.working, by=ben, now=NOW)
    assert taken_by(waiting, now=NOW).person == ben


def test_a_card_is_given_back_by_its_holder_or_a_publisher(waiting):
    ben, cora, publisher = make_user(Role.CHECKER), make_user(Role.CHECKER), make_user(Role.PUBLISHER)
    take_card(waiting, by=ben, now=NOW)
    with pytest.raises(IllegalMove, match="do not have this card"):
        release_card(waiting, by=cora, now=NOW)
    release_card(waiting, by=publisher, now=NOW)
    assert not Take.objects.exists()
    assert TrailEntry.objects.filter(verb="released").count() == 1


def test_an_assigned_checker_is_told_and_only_a_checker_can_be(waiting, editor):
    publisher, ben = make_user(Role.PUBLISHER), make_user(Role.CHECKER)
    assign_card(waiting, ben, by=publisher, now=NOW)
    assert Notice.objects.get(person=ben).kind == "assigned"
    with pytest.raises(IllegalMove, match="may not check cards"):
        assign_card(waiting, editor, by=publisher, now=NOW)
    with pytest.raises(PermissionDenied):
        assign_card(waiting, ben, by=ben, now=NOW)


def test_the_queue_has_what_was_sent_in_what_is_due_and_nothing_else(waiting, editor):
    checker = make_user(Role.CHECKER, Role.PUBLISHER)
    make_published_term("Fresh", author=editor, checker=checker, now=NOW)
    due = make_published_term("Due", author=editor, checker=checker, now=NOW - timedelta(days=700))
    rows = queue(now=NOW)
    assert [row.headword for row in rows] == ["Due", "Waiting"]
    assert rows[0].score.overdue > 0 and rows[0].edition_id == due.published_id
    assert rows[0].why == "still true?" and rows[1].why == "a new card"


def test_a_card_in_tomorrows_deck_comes_before_one_that_is_not(editor):
    deck = make_deck((NOW + timedelta(days=1)).date(), state="draft")
    dealt = deck.cards.first().term
    Term.objects.filter(pk=dealt.pk).update(due_on=NOW.date())
    plain = submit_term(make_term("Plain", by=editor, now=NOW), by=editor, now=NOW).term
    rows = queue(now=NOW)
    assert [row.term_id for row in rows] == [dealt.pk, plain.pk]
    assert rows[0].score.deck == 40 and rows[0].next_deck == deck.day


def test_own_cards_come_last_and_say_so(waiting, editor):
    both = make_user(Role.EDITOR, Role.CHECKER)
    mine = submit_term(
        make_term("Mine", by=both, now=NOW - timedelta(days=1)), by=both, now=NOW - timedelta(days=1)
    ).term
    rows = with_own_marked(queue(now=NOW), both)
    assert [(row.term_id, row.own) for row in rows] == [(waiting.pk, False), (mine.pk, True)]


def test_editors_take_no_cards(waiting, editor):
    with pytest.raises(PermissionDenied):
        take_card(waiting, by=editor, now=NOW)
    claim = Claim.objects.filter(edition=waiting.working).first()
    with pytest.raises(PermissionDenied):
        settle_line(claim, by=editor, verdict="supported", kind="name", now=NOW)


def test_a_card_whose_date_has_grown_old_comes_back_by_the_calendar_alone(waiting, editor):
    checker = make_user(Role.CHECKER, Role.PUBLISHER)
    body = "As of July 2026, it has two shops."
    dated = make_published_term("Dated", author=editor, checker=checker, now=NOW, body=body)
    assert dated.stale_on == date(2027, 1, 31) < dated.due_on == date(2027, 5, 24)
    before, after = (datetime(2027, 1, day, 12, tzinfo=UTC) for day in (30, 31))
    assert [row.headword for row in queue(now=before)] == ["Waiting"]
    row = next(row for row in queue(now=after) if row.headword != "Waiting")
    assert (row.headword, row.why, row.due_on) == ("Dated", "a date in it has grown old", date(2027, 1, 31))
    assert (freshness(now=before).due, freshness(now=before).soon, freshness(now=after).due) == (0, 1, 1)
    assert freshness_ahead(now=before).due_by_day[:2] == (0, 1) and freshness_ahead(now=after).due_by_day[0] == 1
    assert overdue_by_class(now=after)["B"] == 1 and TrailEntry.objects.filter(term=dated).latest("pk").at == NOW
    assert withdraw_check(dated, by=checker, reason="It is wrong.", now=NOW).stale_on is None

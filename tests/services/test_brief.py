"""The brief at the desk: rows with the deck, one armed machine, pausing, settling, corrections that follow."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from glossary.domain.brief import BriefState, Verdict
from glossary.domain.deck import DeckState
from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Role
from glossary.models import (
    Brief,
    Correction,
    CorrectionShown,
    Delivery,
    Edition,
    Publication,
    Sentence,
    Subscriber,
    TrailEntry,
)
from glossary.services.arming import disarm
from glossary.services.brief import (
    end_briefs,
    make_brief,
    pause_brief,
    progress_of,
    queue_first_brief,
    resume_brief,
    send_late,
    settle_uncertain,
    start_queued,
    take_turn,
)
from glossary.services.gate import publish_due
from tests.factories import make_brief_of, make_dealt_deck, make_deck, make_readers, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make_user(Role.SUBSCRIBER_ADMIN)


def test_publishing_a_deck_leaves_a_row_for_each_confirmed_reader_and_no_other():
    day = timezone.now().date()
    wanted = make_readers(2) + make_readers(1, paused_until=day)
    make_readers(1, state="unconfirmed", confirmed_at=None)
    make_readers(1, state="unsubscribed", left_at=timezone.now())
    make_readers(1, paused_until=day + timedelta(days=1))
    deck = make_deck()
    brief = deck.brief
    assert set(brief.deliveries.values_list("subscriber__address", flat=True)) == {one.address for one in wanted}
    assert (brief.recipients, brief.state) == (3, "queued")
    assert brief.window_ends == brief.made_at + timedelta(hours=20)
    publish_due()
    assert Brief.objects.count() == 1 and Delivery.objects.count() == 3


def test_a_dry_run_of_publishing_leaves_no_rows():
    make_readers(2)
    make_deck(state=DeckState.LOCKED)
    publish_due(now=timezone.now().replace(hour=23, minute=30), dry_run=True)
    assert not Brief.objects.exists() and not Delivery.objects.exists()


@pytest.mark.parametrize(("day", "number"), [("2026-11-27", 2), ("2026-11-28", 1)])
def test_who_wants_weekdays_only_gets_none_on_a_saturday(day, number):
    make_readers(1)
    make_readers(1, weekdays_only=True)
    assert make_brief(make_dealt_deck(date.fromisoformat(day)), now=timezone.now()).recipients == number


def test_without_readers_a_brief_is_over_at_once():
    assert make_brief_of(0).state == BriefState.SENT


def test_rows_for_many_readers_are_made_by_as_many_statements_as_for_one(django_assert_num_queries):
    deck, later = make_dealt_deck(), make_dealt_deck(timezone.now().date() + timedelta(days=1))
    make_readers(1)
    with django_assert_num_queries(5):
        make_brief(deck, now=timezone.now())
    make_readers(100)
    with django_assert_num_queries(5):
        make_brief(later, now=timezone.now())


def test_a_brief_is_paused_and_goes_on(admin):
    brief = make_brief_of(1)
    start_queued(now=brief.made_at)
    pause_brief(brief, by=admin)
    with pytest.raises(IllegalMove, match="Somebody else"):
        pause_brief(brief, by=admin)
    assert start_queued(now=brief.made_at) == 0
    resume_brief(brief, by=admin)
    assert start_queued(now=brief.made_at) == 1
    with pytest.raises(IllegalMove):
        resume_brief(brief, by=admin)
    assert list(TrailEntry.objects.filter(deck=brief.deck).values_list("verb", flat=True)) == ["resumed", "paused"]


@pytest.mark.parametrize("role", [Role.EDITOR, Role.CHECKER, Role.PUBLISHER, Role.SCHEDULER])
def test_who_does_not_keep_subscribers_may_do_none_of_it(role):
    brief, person = make_brief_of(1), make_user(role)
    for act in (pause_brief, resume_brief, send_late):
        with pytest.raises(PermissionDenied):
            act(brief, by=person)
    with pytest.raises(PermissionDenied):
        settle_uncertain(brief, [], by=person)
    with pytest.raises(PermissionDenied):
        disarm(by=person)


def test_a_missed_brief_mails_nobody_until_staff_say_so(admin):
    brief = make_brief_of(3, arm=False)
    end_briefs(now=brief.window_ends)
    brief.refresh_from_db()
    assert (brief.state, brief.deliveries.counted()) == ("missed", {"expired": 3})
    assert TrailEntry.objects.filter(verb="missed", deck=brief.deck).exists()
    later = brief.window_ends + timedelta(hours=1)
    assert send_late(brief, by=admin, now=later) == 3
    brief.refresh_from_db()
    assert (brief.state, brief.window_ends) == ("queued", later + timedelta(hours=20))
    assert brief.deliveries.counted() == {"pending": 3}


def uncertain_brief(number=3):
    brief = make_brief_of(number)
    now = timezone.now()
    for row in brief.deliveries.all():
        Delivery.objects.filter(pk=row.pk).update(
            state="in_doubt", owner="gone", lease_until=now, message_id=f"<{row.pk}@x>"
        )
    return brief, list(brief.deliveries.order_by("pk").values_list("pk", flat=True))


def test_uncertain_mails_are_settled_as_staff_say_and_once(admin):
    brief, keys = uncertain_brief()
    verdicts = list(zip(keys, [Verdict.ARRIVED, Verdict.AGAIN, Verdict.LEAVE], strict=True))
    assert progress_of(brief).uncertain == 3
    assert settle_uncertain(brief, verdicts, by=admin) == 3
    assert settle_uncertain(brief, verdicts, by=admin) == 0
    rows = list(brief.deliveries.order_by("pk").values_list("state", "alone"))
    assert rows == [("sent", False), ("pending", True), ("failed", False)]
    assert TrailEntry.objects.filter(verb="settled", actor=admin).count() == 3


def test_a_mail_that_is_still_on_its_way_is_not_settled(admin):
    brief, keys = uncertain_brief(1)
    Delivery.objects.update(lease_until=timezone.now() + timedelta(minutes=1))
    assert settle_uncertain(brief, [(keys[0], Verdict.AGAIN)], by=admin) == 0


def test_a_reader_who_confirms_gets_the_latest_brief_once():
    brief = make_brief_of(1)
    (reader,) = make_readers(1)
    row = queue_first_brief(reader)
    assert (row.brief, row.alone) == (brief, True)
    assert queue_first_brief(reader) is None
    assert queue_first_brief(Subscriber.objects.order_by("pk").first()) is None
    assert brief.deliveries.count() == 2


def test_there_is_no_first_brief_before_there_is_a_brief_or_a_confirmation():
    (reader,) = make_readers(1)
    assert queue_first_brief(reader) is None
    make_brief_of(0)
    (stranger,) = make_readers(1, state="unconfirmed", confirmed_at=None)
    with pytest.raises(IllegalMove):
        queue_first_brief(stranger)


@pytest.mark.parametrize("state", ["suppressed", "expired"])
def test_who_comes_back_is_sent_the_brief_whose_mail_they_did_not_get(state):
    brief = make_brief_of(1)
    reader = Subscriber.objects.get()
    brief.deliveries.update(state=state, last_said="The reader left.", attempt=2)
    row = queue_first_brief(reader)
    assert (row.state, row.alone, row.attempt, row.last_said) == ("pending", True, 0, "")
    assert brief.deliveries.get() == row


@pytest.mark.parametrize(("state", "message_id"), [("sent", "<a@b>"), ("failed", ""), ("suppressed", "<a@b>")])
def test_what_left_or_may_have_left_is_not_sent_again_to_who_comes_back(state, message_id):
    brief = make_brief_of(1)
    brief.deliveries.update(state=state, message_id=message_id)
    assert queue_first_brief(Subscriber.objects.get()) is None
    assert brief.deliveries.get().state == state


def corrected(deck, *, after):
    """Correct the first card of a deck."""
    card = deck.cards.order_by("position").first()
    correction = Correction(term=card.term, kind="retraction", from_edition=card.edition, why="It was wrong.")
    correction.by, correction.at, correction.on = make_user(Role.CHECKER), after, after.date()
    correction.save()
    return correction


def test_a_correction_follows_those_who_got_the_wrong_words_and_once():
    first = make_brief_of(3)
    rows = list(first.deliveries.order_by("pk"))
    sent = first.made_at + timedelta(minutes=1)
    Delivery.objects.filter(pk__in=[rows[0].pk, rows[1].pk]).update(
        state="sent", message_id="<x@y>", at=sent, written_at=sent
    )
    Delivery.objects.filter(pk=rows[2].pk).update(state="failed", at=sent)
    correction = corrected(first.deck, after=sent + timedelta(minutes=1))
    make_readers(1)
    day, now = first.deck.day, sent + timedelta(hours=23)
    Subscriber.objects.filter(pk=rows[1].subscriber_id).update(paused_until=day + timedelta(days=2))
    second = make_brief(make_dealt_deck(day + timedelta(days=1)), now=now)
    told = CorrectionShown.objects.filter(correction=correction)
    assert set(told.values_list("subscriber", "brief")) == {(rows[0].subscriber_id, second.pk)}
    second.deliveries.update(state="sent", message_id="<x@y>", at=now, written_at=now)
    third = make_brief(make_dealt_deck(day + timedelta(days=2)), now=now + timedelta(hours=24))
    assert set(told.values_list("subscriber", "brief")) == {
        (rows[0].subscriber_id, second.pk),
        (rows[1].subscriber_id, third.pk),
    }


def test_who_had_the_words_before_is_told_that_what_took_their_place_was_taken_back():
    first = make_brief_of(1)
    sent = first.made_at + timedelta(minutes=1)
    first.deliveries.update(state="sent", message_id="<x@y>", at=sent, written_at=sent)
    card = first.deck.cards.select_related("term").order_by("position").first()
    newer = Edition.objects.create(
        term=card.term, number=2, digest="0" * 64, words_json={"headword": "x"}, made_at=sent
    )
    for number, edition in enumerate([card.edition, newer]):
        Publication(term=card.term, edition=edition, at=first.made_at + timedelta(seconds=number)).save()
    correction = Correction(term=card.term, kind="retraction", from_edition=newer, why="Wrong again.")
    correction.by, correction.at = make_user(Role.CHECKER), sent + timedelta(minutes=1)
    correction.on = correction.at.date()
    correction.save()
    second = make_brief(make_dealt_deck(first.deck.day + timedelta(days=1)), now=sent + timedelta(hours=23))
    assert list(CorrectionShown.objects.values_list("correction", "brief")) == [(correction.pk, second.pk)]


@pytest.mark.parametrize("verdict", [Verdict.ARRIVED, Verdict.LEAVE, Verdict.AGAIN])
def test_an_uncertain_mail_counts_from_when_it_was_written_whenever_it_is_settled(admin, verdict):
    brief, (key,) = uncertain_brief(1)
    written = brief.made_at + timedelta(minutes=1)
    Delivery.objects.update(written_at=written, lease_until=written)
    corrected(brief.deck, after=written + timedelta(hours=1))
    settled = written + timedelta(hours=2)
    assert settle_uncertain(brief, [(key, verdict)], by=admin, now=settled) == 1
    make_brief(make_dealt_deck(brief.deck.day + timedelta(days=1)), now=written + timedelta(hours=23))
    assert CorrectionShown.objects.count() == 1


def test_who_was_not_reached_is_told_by_the_next_brief():
    first = make_brief_of(1)
    sent = first.made_at + timedelta(minutes=1)
    first.deliveries.update(state="sent", message_id="<x@y>", at=sent, written_at=sent)
    corrected(first.deck, after=sent + timedelta(minutes=1))
    day, now = first.deck.day, sent + timedelta(hours=23)
    second = make_brief(make_dealt_deck(day + timedelta(days=1)), now=now)
    second.deliveries.update(state="expired")
    third = make_brief(make_dealt_deck(day + timedelta(days=2)), now=now + timedelta(hours=24))
    assert list(CorrectionShown.objects.values_list("brief", flat=True)) == [third.pk]


def test_who_got_the_card_with_its_note_is_not_told_again():
    first = make_brief_of(1)
    correction = corrected(first.deck, after=first.made_at + timedelta(minutes=1))
    later = correction.at + timedelta(minutes=1)
    first.deliveries.update(state="sent", message_id="<x@y>", at=later, written_at=later)
    make_brief(make_dealt_deck(first.deck.day + timedelta(days=1)), now=correction.at + timedelta(hours=23))
    assert not CorrectionShown.objects.exists()


@pytest.mark.parametrize(("part", "told"), [("headword", 1), ("definition", 1), ("body", 0), ("example", 0)])
def test_readers_are_told_of_words_only_that_their_mail_carried(part, told):
    first = make_brief_of(1)
    sent = first.made_at + timedelta(minutes=1)
    first.deliveries.update(state="sent", message_id="<x@y>", at=sent, written_at=sent)
    card, at = first.deck.cards.first(), sent + timedelta(hours=1)
    sentence = Sentence.objects.create(term=card.term, part=part, text="It was so.", hash=f"{part:0<64}")
    row = Correction(term=card.term, kind="correction", sentence=sentence, was="It was so.", why="It was wrong.")
    row.from_edition = row.to_edition = card.edition
    row.by, row.at, row.on = make_user(Role.CHECKER), at, at.date()
    row.save()
    make_brief(make_dealt_deck(first.deck.day + timedelta(days=1)), now=at + timedelta(hours=22))
    assert CorrectionShown.objects.count() == told


def test_a_turn_is_taken_once():
    make_brief_of(0)
    now = timezone.now()
    assert take_turn(now=now, until=now + timedelta(seconds=20))
    assert not take_turn(now=now + timedelta(seconds=19), until=now)
    assert take_turn(now=now + timedelta(seconds=20), until=now)

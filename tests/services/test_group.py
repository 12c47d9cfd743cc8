"""One group on its way: who stopped wanting it before the body gets nothing, and wrong words are told of."""

from datetime import date, timedelta

import pytest

from glossary.domain.roles import Role
from glossary.models import (
    Correction,
    CorrectionShown,
    Subscriber,
)
from glossary.services import delivery
from glossary.services.brief import make_brief, pause_brief
from glossary.services.delivery import send_due
from glossary.services.subscription import leave
from tests.factories import make_brief_of, make_dealt_deck, make_user
from tests.sending import READERS, Clock, states, worker_for
from tests.sink import Sink

pytestmark = pytest.mark.django_db


def test_a_mail_that_cannot_be_written_is_set_aside_and_the_others_go(brief, clock):
    one = brief.deliveries.order_by("pk")[3]
    Subscriber.objects.filter(pk=one.subscriber_id).update(address="a@b.example>\r\nRCPT TO:<c@d.example")
    with Sink() as sink:
        for _ in range(3):
            send_due(worker_for(sink, clock))
            clock.pass_by(minutes=10)
    one.refresh_from_db()
    assert (one.state, one.attempt) == ("failed", 3) and one.last_said.startswith("cannot be written")
    assert states(brief) == {"failed": 1, "sent": READERS - 1}
    assert not [said for _, said in sink.seen if "d.example" in said]


def test_who_chose_weekdays_at_the_last_moment_gets_none_on_a_saturday(settings):
    settings.EMAIL_HOST = "127.0.0.1"
    brief, clock = make_brief_of(3, day=date(2026, 11, 28)), Clock()
    reader = brief.deliveries.order_by("pk")[1].subscriber

    def meanwhile(step):
        if step == "claimed":
            Subscriber.objects.filter(pk=reader.pk).update(weekdays_only=True)

    with Sink() as sink:
        send_due(worker_for(sink, clock, probe=meanwhile))
    assert states(brief) == {"sent": 2, "suppressed": 1} and reader.address not in sink.recipients()


def corrected(deck, *, at):
    card = deck.cards.order_by("position").first()
    row = Correction(term=card.term, kind="retraction", from_edition=card.edition, why="It was wrong.")
    row.by, row.at, row.on = make_user(Role.CHECKER), at, at.date()
    row.save()


def test_who_gets_wrong_words_while_they_are_corrected_is_told_and_who_gets_none_is_not(brief, clock, monkeypatch):
    rows = list(brief.deliveries.order_by("pk").select_related("subscriber"))
    refused = rows[3].subscriber

    def meanwhile(step):
        if step == "in doubt" and not Correction.objects.exists():  # bodies are about to leave with the old words
            clock.pass_by(seconds=1)
            corrected(brief.deck, at=clock.now)
            clock.pass_by(seconds=20)  # the second group is written anew

    monkeypatch.setattr(delivery, "GROUPS_A_CLAIM", 1)
    full = lambda step, said: "550 full" if step in {"accept", "body"} and said == refused.address else None  # noqa: E731
    with Sink(full) as sink:
        send_due(worker_for(sink, clock, probe=meanwhile, lease=timedelta(minutes=5)))
    assert len(sink.accepted) == READERS - 1
    with_old_words = {to for to, message in sink.accepted if b"Retraction" not in message}
    assert len(with_old_words) == 19
    clock.pass_by(hours=23)
    make_brief(make_dealt_deck(brief.deck.day + timedelta(days=1)), now=clock.now)
    told = set(CorrectionShown.objects.values_list("subscriber__address", flat=True))
    assert told == with_old_words and refused.address not in told


def test_who_left_was_erased_or_paused_before_the_body_gets_nothing(brief, clock):
    rows = list(brief.deliveries.order_by("pk").select_related("subscriber"))
    left, erased, paused, weekdays = (rows[place].subscriber for place in (25, 26, 27, 28))

    def meanwhile(step):
        if step == "claimed" and not Subscriber.objects.filter(state="unsubscribed").exists():
            Subscriber.objects.filter(pk=left.pk).update(state="unsubscribed", left_at=clock.now)
            Subscriber.objects.filter(pk=paused.pk).update(paused_until=brief.deck.day + timedelta(days=9))
            erased.delete()

    with Sink() as sink:
        tally = send_due(worker_for(sink, clock, probe=meanwhile))
    assert not {left.address, "erased", paused.address} & set(sink.recipients())
    assert weekdays.address in sink.recipients()
    assert states(brief) == {"suppressed": 3, "sent": READERS - 3} and tally.left_out == 3
    assert brief.deliveries.filter(subscriber=None, state="suppressed").count() == 1


@pytest.mark.parametrize("paused", [False, True])
def test_who_leaves_while_a_slow_server_takes_the_mails_before_gets_nothing(settings, paused):
    settings.EMAIL_HOST = "127.0.0.1"
    brief, clock = make_brief_of(20), Clock()
    last = brief.deliveries.order_by("-pk").first().subscriber
    answers, admin = [], make_user(Role.SUBSCRIBER_ADMIN)

    def slow(step):
        if step == "answer":
            answers.append(step)
            clock.pass_by(seconds=2)
            if len(answers) == 1:
                pause_brief(brief, by=admin) if paused else leave(last, how="one click", now=clock.now)

    with Sink() as sink:
        send_due(worker_for(sink, clock, probe=slow, lease=timedelta(seconds=150), needs=timedelta(seconds=60)))
    assert last.address not in sink.recipients()
    assert states(brief) == ({"sent": 3, "pending": 17} if paused else {"sent": 19, "suppressed": 1})
    assert len(sink.ids()) == len(set(sink.ids()))

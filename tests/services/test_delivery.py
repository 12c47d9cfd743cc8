"""Sending the brief: each reader once, in its window, at its pace, and only where this machine may."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core import mail

from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Role
from glossary.models import (
    Brief,
    Edition,
    Installation,
)
from glossary.services import delivery
from glossary.services.brief import make_brief, pause_brief, queue_first_brief, send_late
from glossary.services.delivery import send_due
from glossary.services.transport import BackendTransport
from glossary.services.worker import Worker
from tests.factories import make_brief_of, make_dealt_deck, make_readers, make_user
from tests.sending import READERS, Clock, states, worker_for
from tests.sink import Sink

pytestmark = pytest.mark.django_db


def test_each_reader_gets_it_once(brief, clock, django_assert_num_queries):
    with Sink() as sink:
        worker = worker_for(sink, clock)
        assert send_due(worker).sent == READERS
        assert send_due(worker).sent == 0
        worker.transport.close()
    assert sink.lines == 1
    assert Counter(sink.recipients()) == Counter(brief.deliveries.values_list("subscriber__address", flat=True))
    assert set(sink.ids()) == set(brief.deliveries.values_list("message_id", flat=True))
    brief.refresh_from_db()
    assert (brief.state, states(brief)) == ("sent", {"sent": READERS})


def test_a_card_withdrawn_while_the_brief_goes_out_is_withdrawn_in_the_mails_that_follow(brief, clock, monkeypatch):
    monkeypatch.setattr(delivery, "GROUPS_A_CLAIM", 1)
    card = brief.deck.cards.select_related("edition").first()

    def meanwhile(step):
        if step == "noted":
            Edition.objects.filter(pk=card.edition_id).update(withdrawn_at=clock.now, withdrawn_because="It was wrong.")
            clock.pass_by(seconds=3)

    with Sink() as sink:
        send_due(worker_for(sink, clock, probe=meanwhile))
    with_words = [b"Withdrawn, because: It was wrong." not in message for _, message in sink.accepted]
    assert with_words == [True] * 20 + [False] * (READERS - 20)


def test_a_pause_stops_at_the_next_group_and_nothing_is_lost(brief, clock):
    admin = make_user(Role.SUBSCRIBER_ADMIN)

    def meanwhile(step):
        if step == "noted" and brief.deliveries.filter(state="in_doubt").exists():
            Brief.objects.filter(state="sending").exists() and pause_brief(brief, by=admin, now=clock.now)

    with Sink() as sink:
        send_due(worker_for(sink, clock, probe=meanwhile))
    assert states(brief) == {"sent": 20, "pending": READERS - 20} and len(sink.accepted) == 20


def test_a_paused_brief_holds_first_briefs_too_and_is_missed_if_nobody_lets_it_go_on(settings):
    settings.EMAIL_HOST = "127.0.0.1"
    brief, admin, clock = make_brief_of(3), make_user(Role.SUBSCRIBER_ADMIN), Clock()
    pause_brief(brief, by=admin)
    (reader,) = make_readers(1)
    queue_first_brief(reader)
    with Sink() as sink:
        send_due(worker_for(sink, clock))
        assert sink.accepted == [] and states(brief) == {"pending": 4}
        clock.pass_by(hours=21)
        send_due(worker_for(sink, clock))
        brief.refresh_from_db()
        assert (brief.state, states(brief), sink.accepted) == ("missed", {"expired": 4}, [])
        assert send_late(brief, by=admin, now=clock.now) == 4
        assert send_due(worker_for(sink, clock)).sent == 4


def test_a_first_brief_that_left_does_not_make_a_missed_brief_a_sent_one(brief, clock):
    (reader,) = make_readers(1)
    queue_first_brief(reader, now=clock.now)
    brief.deliveries.filter(alone=False).update(not_before=brief.window_ends)
    with Sink() as sink:
        assert send_due(worker_for(sink, clock)).sent == 1
        clock.now = brief.window_ends
        send_due(worker_for(sink, clock))
    brief.refresh_from_db()
    assert (brief.state, states(brief)) == ("missed", {"sent": 1, "expired": READERS})


def test_a_first_brief_waits_no_longer_than_a_brief_that_nobody_sent(brief, clock):
    (reader,) = make_readers(1)
    queue_first_brief(reader)
    Installation.objects.update(armed_host="elsewhere")
    clock.now = brief.window_ends
    with Sink() as sink:
        for _ in range(2):
            send_due(worker_for(sink, clock))
    assert states(brief) == {"expired": READERS + 1} and sink.accepted == []


def test_nothing_leaves_past_the_window(brief, clock):
    clock.now = brief.window_ends
    with Sink() as sink:
        send_due(worker_for(sink, clock))
    brief.refresh_from_db()
    assert (brief.state, states(brief), sink.accepted) == ("missed", {"expired": READERS}, [])


def test_a_half_sent_brief_stops_at_its_window(brief, clock):
    def meanwhile(step):
        if step == "noted":
            clock.now = brief.window_ends

    with Sink() as sink:
        send_due(worker_for(sink, clock, probe=meanwhile))
        send_due(worker_for(sink, clock))
    brief.refresh_from_db()
    assert (brief.state, states(brief)) == ("sent", {"sent": 20, "expired": READERS - 20})
    assert len(sink.accepted) == 20
    admin = make_user(Role.SUBSCRIBER_ADMIN)
    assert send_late(brief, by=admin, now=clock.now) == READERS - 20
    with Sink() as sink:
        assert send_due(worker_for(sink, clock)).sent == READERS - 20
    with pytest.raises(IllegalMove):
        send_late(brief, by=admin, now=clock.now)


def test_another_machine_sends_nothing(brief, clock):
    Installation.objects.update(armed_host="elsewhere")
    with Sink() as sink:
        tally = send_due(worker_for(sink, clock))
    assert "elsewhere is armed" in tally.why_not and "arm_sending" in tally.why_not
    assert states(brief) == {"pending": READERS} and not sink.seen


def test_no_more_leave_an_hour_than_the_cap_allows(brief, clock, settings):
    settings.EMAIL_MAX_PER_HOUR = 600
    left = []
    with Sink() as sink:
        worker = worker_for(sink, clock)
        while len(sink.accepted) < READERS:
            send_due(worker)
            left.append((clock.now, len(sink.accepted)))
            assert worker.tally.next_at or len(sink.accepted) == READERS
            clock.now = worker.tally.next_at or clock.now
    first, last = left[0], left[-1]
    assert first[1] == 10 and (last[0] - first[0]) >= timedelta(minutes=3)


def test_under_a_cap_a_first_brief_does_not_wait_for_all_the_others(brief, clock, settings):
    settings.EMAIL_MAX_PER_HOUR = 60
    with Sink() as sink:
        worker = worker_for(sink, clock)
        send_due(worker)
        clock.pass_by(minutes=1)
        (reader,) = make_readers(1)
        queue_first_brief(reader, now=clock.now)
        send_due(worker)
        assert sink.recipients()[1:] == [reader.address]
        newer = make_brief(make_dealt_deck(brief.deck.day + timedelta(days=1)), now=clock.now)
        clock.pass_by(minutes=1)
        (other,) = make_readers(1)
        assert queue_first_brief(other, now=clock.now).brief == newer
        send_due(worker)
        assert sink.recipients()[2:] == [other.address]


def test_where_mail_goes_elsewhere_djangos_backend_takes_it(brief, clock):
    send_due(Worker(BackendTransport(), clock=clock))
    assert states(brief) == {"sent": READERS} and len(mail.outbox) == READERS
    one = mail.outbox[0]
    assert one.extra_headers["Message-ID"] == brief.deliveries.order_by("pk").first().message_id
    assert one.alternatives[0].mimetype == "text/html" and "1 of 7" in one.body

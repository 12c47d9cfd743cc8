"""Sending the brief: each reader once, whatever the server does and wherever the worker dies."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail

from glossary.domain.brief import DeliveryState
from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Role
from glossary.models import (
    Brief,
    Correction,
    CorrectionShown,
    Delivery,
    Edition,
    Installation,
    Notice,
    Subscriber,
    Suppression,
)
from glossary.services import delivery
from glossary.services.brief import make_brief, pause_brief, queue_first_brief, resume_brief, send_late
from glossary.services.delivery import Worker, make_worker, send_due
from glossary.services.line import Server
from glossary.services.subscription import erase, leave
from glossary.services.transport import BackendTransport, SmtpTransport
from tests.factories import make_brief_of, make_dealt_deck, make_readers, make_user
from tests.sink import DROP, Sink

pytestmark = pytest.mark.django_db
READERS = 45  # two groups and a part of a third


class Clock:
    """Time that passes when the test says so."""

    def __init__(self):
        self.now = datetime.now(UTC)

    def __call__(self):
        return self.now

    def pass_by(self, **what):
        self.now += timedelta(**what)


class Killed(BaseException):
    """A worker dies here: nothing catches it."""


class Failpoint:
    """Die at the n-th time of a step."""

    def __init__(self, step, at):
        self.step, self.left = step, at

    def __call__(self, step):
        if step == self.step:
            self.left -= 1
            if not self.left:
                raise Killed(step)


@pytest.fixture
def brief(settings):
    settings.EMAIL_HOST = "127.0.0.1"
    return make_brief_of(READERS)


@pytest.fixture
def clock(brief):
    return Clock()


HIRED = []


def worker_for(sink, clock, **over):
    transport = SmtpTransport(Server("127.0.0.1", sink.port, timeout=20, patience=20))
    HIRED.append(transport)
    return Worker(transport, clock=clock, **over)


@pytest.fixture(autouse=True)
def lines_are_closed():
    """Close what workers left open, as the end of their process would."""
    yield
    for transport in HIRED:
        hang_up(transport)
    HIRED.clear()


def hang_up(transport):
    if transport.line is not None:
        transport.line.close()


def again(brief):
    """Put every mail and the brief back to where they were."""
    Delivery.objects.update(state="pending", owner="", lease_until=None, attempt=0, message_id="", last_code=None)
    Brief.objects.update(state="queued", started_at=None, ended_at=None)


def states(brief):
    return brief.deliveries.counted()


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


STEPS = {  # how often each step is met on the way of 45 mails in three groups
    "claimed": 2,
    "connect": 1,
    "envelope": 3,
    "before doubt": 3,
    "in doubt": 3,
    "body": READERS,
    "answer": READERS,
    "noted": 3,
    "before flush": 1,
    "flushed": 1,
}


def test_a_worker_that_dies_at_any_step_loses_nobody_and_repeats_nothing(brief, clock):
    for step, times in STEPS.items():
        for at in sorted({1, (times + 1) // 2, times}):
            again(brief)
            with Sink() as sink:
                with pytest.raises(Killed):
                    send_due(worker_for(sink, clock, probe=Failpoint(step, at)))
                hang_up(HIRED[-1])
                clock.pass_by(minutes=1)  # the leases of the dead run out
                other = worker_for(sink, clock)
                send_due(other)
                other.transport.close()
            copies = Counter(sink.recipients())
            sent = set(brief.deliveries.filter(state="sent").values_list("subscriber__address", flat=True))
            uncertain = set(brief.deliveries.uncertain(clock.now).values_list("subscriber__address", flat=True))
            assert set(copies.values()) <= {1}, (step, at)
            assert sent <= set(copies) <= sent | uncertain, (step, at)
            assert len(sent | uncertain) == READERS and len(uncertain) <= 20, (step, at)
            assert uncertain or step in {"claimed", "connect", "envelope", "before doubt", "flushed"}, (step, at)


def test_steps_are_met_as_often_as_the_test_above_believes(brief, clock):
    met = Counter()
    with Sink() as sink:
        worker = worker_for(sink, clock, probe=lambda step: met.update([step]))
        send_due(worker)
        worker.transport.close()
    assert met == STEPS


def test_an_uncertain_mail_is_never_sent_again_by_itself(brief, clock):
    with Sink(lambda step, said: DROP if step == "body" else None) as sink:
        send_due(worker_for(sink, clock))
    uncertain = set(brief.deliveries.uncertain(clock.now).values_list("message_id", flat=True))
    assert uncertain == set(sink.ids()) and len(uncertain) == 2  # after the second broken line the server is left alone
    with Sink() as other:
        for _ in range(3):
            clock.pass_by(minutes=10)
            send_due(worker_for(other, clock))
    assert not uncertain & set(other.ids())
    assert states(brief) == {"in_doubt": 2, "sent": READERS - 2}


def test_what_the_server_refuses_for_good_has_failed_with_its_words(brief, clock):
    refused = set(brief.deliveries.values_list("subscriber__address", flat=True)[::9])
    script = lambda step, said: "550 no such user" if step == "RCPT" and said[9:-1] in refused else None  # noqa: E731
    with Sink(script) as sink:
        tally = send_due(worker_for(sink, clock))
    failed = brief.deliveries.filter(state="failed")
    assert set(failed.values_list("subscriber__address", "last_code", "last_said")) == {
        (one, 550, "no such user") for one in refused
    }
    assert (tally.sent, tally.failed) == (READERS - len(refused), len(refused))


@pytest.mark.parametrize("step", ["RCPT", "body"])
@pytest.mark.parametrize("code", ["550 5.1.1", "451 4.2.1"])
def test_what_a_server_says_is_kept_without_the_readers_address(brief, clock, step, code, caplog):
    reader = brief.deliveries.order_by("pk")[3].subscriber
    local = reader.address.partition("@")[0]

    def script(at, said):
        if at == step and local.lower() in said.lower():
            return f"{code} <{reader.address.upper()}>: user {local}, {reader.address}, is not here"
        return None

    with Sink(script) as sink:
        send_due(worker_for(sink, clock))
    row = brief.deliveries.get(subscriber=reader)
    assert row.last_said == f"{code[4:]} <reader>: user <reader>, <reader>, is not here"
    assert local.lower() not in caplog.text.lower()
    erase(reader)
    row.refresh_from_db()
    assert (row.subscriber, row.last_said) == (None, "")


def test_a_lost_line_is_told_without_an_address(brief, clock, caplog):
    with Sink(lambda step, said: "xyz ada@example.org" if step == "RCPT" else None) as sink:
        for _ in range(3):
            send_due(worker_for(sink, clock))
    assert "the mail server takes nothing" in caplog.text and "ada@" not in caplog.text
    assert not brief.deliveries.filter(last_said__contains="@").exists()


def test_a_mailbox_that_is_gone_gets_no_more_once_the_run_is_over(brief, clock):
    gone = set(brief.deliveries.values_list("subscriber__address", flat=True)[::20])
    script = lambda step, said: "550 5.1.1 no such user" if step == "RCPT" and said[9:-1] in gone else None  # noqa: E731
    with Sink(script) as sink:
        send_due(worker_for(sink, clock))
    left = Subscriber.objects.filter(state="unsubscribed")
    assert set(left.values_list("address", flat=True)) == gone and len(gone) == 3
    assert Suppression.objects.filter(reason="hard").count() == 3


PLAIN, PIPED, CHUNKED = (), ("PIPELINING",), ("PIPELINING", "CHUNKING")


@pytest.mark.parametrize(
    ("step", "answer", "extensions"),
    [
        ("RCPT", "550 relay not permitted", PLAIN),
        ("RCPT", "550 5.1.1 no such user", PIPED),  # a server that says so of everybody is wrong
        ("RCPT", "550 5.1.1 no such user", CHUNKED),
        ("RCPT", "553 that domain is not in my list of allowed rcpthosts", PIPED),
        ("body", "550 5.1.1 rejected", PIPED),
        ("body", "550 5.1.1 rejected", CHUNKED),
        ("MAIL", "550 5.1.0 bad sender", PLAIN),
        ("MAIL", "550 5.1.1 bad sender", PIPED),
    ],
)
def test_a_server_that_refuses_everybody_ends_no_subscription_and_the_brief_waits(
    brief, clock, step, answer, extensions
):
    keeper, other = make_user(Role.SUBSCRIBER_ADMIN), make_user(Role.EDITOR)
    with Sink(lambda at, said: answer if at == step else None, extensions=extensions) as sink:
        worker = worker_for(sink, clock)
        tally = send_due(worker)
        worker.transport.close()
        asked = len(sink.seen)
        assert send_due(worker_for(sink, clock)).failed == 0 and len(sink.seen) == asked
    brief.refresh_from_db()
    assert (brief.state, states(brief), tally.failed) == ("paused", {"pending": READERS}, 0)
    assert "refused all of the first 20 mails" in brief.trouble == tally.why_not
    assert Subscriber.objects.confirmed().count() == READERS and not Suppression.objects.exists()
    assert not Subscriber.objects.filter(soft_days__gt=0).exists()
    notice = Notice.objects.get()
    assert (notice.person, notice.kind) == (keeper, "brief") and brief.trouble in notice.text and other
    with Sink() as good:
        resume_brief(brief, by=keeper, now=clock.now)
        assert send_due(worker_for(good, clock)).sent == READERS
    brief.refresh_from_db()
    assert brief.trouble == ""


def test_a_server_that_begins_to_refuse_stops_the_brief_and_nobody_is_lost(settings):
    settings.EMAIL_HOST = "127.0.0.1"
    brief, clock, taken = make_brief_of(100), Clock(), []

    def script(step, said):
        if step == "body":
            taken.append(said)
        return "550 5.2.1 daily limit" if step == "RCPT" and len(taken) > 30 else None

    with Sink(script) as sink:
        send_due(worker_for(sink, clock))
    brief.refresh_from_db()
    assert brief.state == "paused" and "in the same words: “daily limit”" in brief.trouble
    assert sum(states(brief).values()) == 100 and set(states(brief)) == {"sent", "pending"}
    assert not Suppression.objects.exists()


def test_a_cap_does_not_hide_that_everybody_is_refused(brief, clock, settings):
    settings.EMAIL_MAX_PER_HOUR = 60
    with Sink(lambda step, said: "550 5.1.1 no such user" if step == "RCPT" else None) as sink:
        for _ in range(5):
            send_due(worker_for(sink, clock))
            clock.pass_by(minutes=1)
    brief.refresh_from_db()
    assert brief.state == "paused" and len([1 for step, _ in sink.seen if step == "RCPT"]) == 3
    assert not Suppression.objects.exists()


def test_a_mail_refused_for_now_comes_back_later_and_later(brief, clock):
    one = brief.deliveries.order_by("pk")[7]
    Subscriber.objects.filter(pk=one.subscriber_id).update(address="slow@slow.example")
    script = lambda step, said: "451 later" if step == "RCPT" and "slow@" in said else None  # noqa: E731
    waits = []
    with Sink(script) as sink:
        for _ in range(5):
            send_due(worker_for(sink, clock))
            one.refresh_from_db()
            waits.append((one.not_before - clock.now) / timedelta(minutes=1))
            clock.now = one.not_before
    assert one.attempt == 5 and one.last_code == 451
    for wait, base in zip(waits, [1, 5, 15, 60, 60], strict=True):
        assert base <= wait <= base * 1.2


def test_a_domain_that_says_not_now_three_times_is_left_alone(brief, clock):
    rows = brief.deliveries.order_by("pk")
    for number, row in enumerate(rows[:10]):
        Subscriber.objects.filter(pk=row.subscriber_id).update(address=f"r{number}@busy.example")
    script = lambda step, said: "450 not now" if step == "RCPT" and "busy" in said else None  # noqa: E731
    with Sink(script, extensions=()) as sink:
        worker = worker_for(sink, clock)
        send_due(worker)
        asked = [said for step, said in sink.seen if step == "RCPT" and "busy" in said]
        assert states(brief) == {"pending": 10, "sent": READERS - 10}
        assert len(asked) == 10  # its first group was on its way
        clock.pass_by(seconds=90)
        send_due(worker)
        assert len([said for step, said in sink.seen if step == "RCPT" and "busy" in said]) == 10
    assert worker.busy["busy.example"] > clock.now


def test_a_server_that_cannot_be_reached_is_left_alone_and_nothing_is_lost(brief, clock):
    with Sink() as sink:
        pass
    worker = worker_for(sink, clock)
    send_due(worker)
    assert states(brief) == {"pending": READERS} and worker.resume_at > clock.now
    assert brief.deliveries.filter(attempt=0, owner="").count() == READERS
    with Sink() as up:
        worker.transport = worker_for(up, clock).transport
        assert send_due(worker).sent == 0  # it rests
        clock.now = worker.resume_at
        assert send_due(worker).sent == READERS


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


def test_two_workers_share_the_mails(brief, clock):
    with Sink() as sink:
        other = worker_for(sink, clock)

        def meanwhile(step):
            if step == "in doubt" and not other.tally.sent:
                send_due(other)

        Delivery.objects.filter(pk__in=list(brief.deliveries.values_list("pk", flat=True)[:20])).update(
            not_before=clock.now + timedelta(minutes=1)
        )
        clock.pass_by(seconds=1)
        first = worker_for(sink, clock, probe=meanwhile)
        send_due(first)
        clock.pass_by(minutes=2)
        send_due(other)
    assert Counter(sink.recipients()).most_common(1)[0][1] == 1 and states(brief) == {"sent": READERS}


def test_a_lease_that_ran_out_takes_the_rows_from_its_worker(brief, clock):
    with Sink() as sink:
        slow = worker_for(sink, clock)

        def too_long(step):
            if step == "before doubt":
                clock.pass_by(minutes=5)
                slow.stopped.set()

        slow.probe = too_long
        send_due(slow)
        assert sink.accepted == [] and not brief.deliveries.filter(state=DeliveryState.IN_DOUBT).exists()
        send_due(worker_for(sink, clock))
    assert states(brief) == {"sent": READERS}


def test_where_mail_goes_elsewhere_djangos_backend_takes_it(brief, clock):
    send_due(Worker(BackendTransport(), clock=clock))
    assert states(brief) == {"sent": READERS} and len(mail.outbox) == READERS
    one = mail.outbox[0]
    assert one.extra_headers["Message-ID"] == brief.deliveries.order_by("pk").first().message_id
    assert one.alternatives[0].mimetype == "text/html" and "1 of 7" in one.body


def test_a_lease_outlasts_two_waits_for_the_server(settings):
    worker = make_worker()
    assert worker.lease > 2 * worker.needs >= timedelta(seconds=2 * 6 * settings.EMAIL_TIMEOUT)


def put_off(brief, clock, *, said="451 later"):
    """Let every server put mails off until the window of the brief is over."""
    with Sink(lambda step, spoken: said if step == "RCPT" else None, extensions=()) as sink:
        send_due(worker_for(sink, clock))
        clock.now = brief.window_ends
        send_due(worker_for(sink, clock))


def test_a_mail_that_was_put_off_until_it_expired_came_back_for_now(brief, clock):
    put_off(brief, clock)
    tried = brief.deliveries.filter(last_code=451)
    assert states(brief) == {"expired": READERS} and 0 < tried.count() < READERS  # a busy domain is left alone
    assert set(tried.values_list("last_said", "subscriber__soft_days")) == {("later", 1)}
    untried = brief.deliveries.filter(last_code=None)
    assert set(untried.values_list("last_said", "subscriber__soft_days")) == {("The window of the brief was over.", 0)}
    with Sink() as sink:
        for _ in range(3):
            send_due(worker_for(sink, clock))
    assert set(tried.values_list("subscriber__soft_days", flat=True)) == {1}  # nothing counts twice


def test_three_days_of_mails_that_were_put_off_end_it(brief, clock):
    reader = brief.deliveries.first().subscriber
    Subscriber.objects.exclude(pk=reader.pk).update(state="unsubscribed", left_at=clock.now)
    for days in range(1, 5):
        coming = make_brief(make_dealt_deck(brief.deck.day + timedelta(days=days)), now=clock.now)
        assert coming.recipients == (1 if days <= 3 else 0)
        put_off(coming, clock, said="452 4.2.2 mailbox full")
        clock.pass_by(hours=4)
        reader.refresh_from_db()
        assert (reader.state, reader.soft_days) == ("unsubscribed" if days >= 3 else "confirmed", min(days, 3))
    assert Suppression.objects.get().reason == "soft" and reader.left_how == "mail came back on three days"


def test_a_server_that_puts_off_because_of_us_says_nothing_about_the_reader(brief, clock):
    put_off(brief, clock, said="421 4.7.0 too many from your address")
    assert not Subscriber.objects.filter(soft_days__gt=0).exists() and states(brief) == {"expired": READERS}


def test_a_first_brief_that_is_put_off_for_the_last_time_came_back_for_now(brief, clock):
    row = brief.deliveries.order_by("pk")[0]
    brief.deliveries.exclude(pk=row.pk).delete()
    Delivery.objects.update(alone=True)
    with Sink(lambda step, said: "452 full" if step == "RCPT" else None) as sink:
        for _ in range(8):
            assert Subscriber.objects.get(pk=row.subscriber_id).soft_days == 0
            send_due(worker_for(sink, clock))
            clock.pass_by(hours=2)
    row.refresh_from_db()
    assert (row.state, row.attempt) == ("failed", 8)
    assert Subscriber.objects.get(pk=row.subscriber_id).soft_days == 1

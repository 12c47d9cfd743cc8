"""When nothing is sent to a reader any more."""

from datetime import UTC, datetime, timedelta

import pytest

from glossary.domain.bounce import BounceKind
from glossary.domain.subscriber import SubscriberState, SuppressionReason
from glossary.models import Delivery, Subscriber, Suppression
from glossary.services.bounce import note_bounce, note_refusal, take_report
from glossary.services.subscription import confirm
from tests.domain.test_bounce import ABUSE, DSN
from tests.factories import make_brief_of
from tests.services.test_subscription import asked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_sign_up")]
NOW = datetime(2026, 5, 29, 12, tzinfo=UTC)


@pytest.fixture
def reader():
    return confirm(asked(), now=NOW)


def gone():
    return Subscriber.objects.get().state == SubscriberState.UNSUBSCRIBED


def test_a_mailbox_that_is_not_there_ends_it_at_once(reader):
    assert note_refusal(reader.pk, 550, "5.1.1 No such user", now=NOW) == BounceKind.HARD
    assert gone() and Suppression.objects.get().reason == SuppressionReason.HARD


def test_a_full_mailbox_ends_it_on_the_third_distinct_day_and_the_same_day_counts_once(reader):
    for day in (0, 0, 0, 1, 1):
        assert not note_bounce(reader, BounceKind.SOFT, now=NOW + timedelta(days=day))
    assert not gone()
    assert note_bounce(reader, BounceKind.SOFT, now=NOW + timedelta(days=2))
    assert gone() and Suppression.objects.get().reason == SuppressionReason.SOFT


@pytest.mark.parametrize("days", [(0, 40, 80, 120), (0, 30, 60), (0, 1, 31), (0, 16, 31, 47)])
def test_days_that_lie_far_apart_do_not_add_up(reader, days):
    for day in days:
        assert not note_bounce(reader, BounceKind.SOFT, now=NOW + timedelta(days=day))
    assert not gone()


@pytest.mark.parametrize("days", [(0, 15, 30), (0, 20, 40, 45)])
def test_three_days_within_thirty_end_it(reader, days):
    *before, last = days
    for day in before:
        assert not note_bounce(reader, BounceKind.SOFT, now=NOW + timedelta(days=day))
    assert note_bounce(reader, BounceKind.SOFT, now=NOW + timedelta(days=last)) and gone()


def test_a_refusal_of_the_sender_is_nothing_about_the_reader(reader):
    note_refusal(reader.pk, 550, "5.7.1 Rejected as spam", now=NOW)
    assert not gone() and not Suppression.objects.exists()


def test_a_refusal_of_somebody_who_was_erased_meanwhile_changes_nothing(reader):
    assert note_refusal(reader.pk + 1, 550, "5.1.1 No such user", now=NOW) == BounceKind.HARD
    assert not gone()


@pytest.fixture
def mailed(reader):
    """Return a function that adds to a report the head of the mail that the reader got, as servers bring it back."""
    make_brief_of(1)
    Delivery.objects.filter(subscriber=reader).update(state="sent", message_id="<2026-05-29.x@deck.example>")

    def returned(report, message_id="<2026-05-29.x@deck.example>"):
        head = f"--cut\nContent-Type: text/rfc822-headers\n\nSubject: RAG\nMessage-ID: {message_id}\n\n--cut--\n"
        return report.replace(b"--cut--\n", head.encode())

    return returned


def left(reader):
    return Subscriber.objects.get(pk=reader.pk).state == SubscriberState.UNSUBSCRIBED


def test_reports_that_come_by_mail_do_the_same_however_often_they_come(reader, mailed):
    assert take_report(mailed(DSN), now=NOW, dry_run=True) == 1 and not left(reader)
    assert [take_report(mailed(DSN), now=NOW) for _ in range(2)] == [1, 1]
    assert left(reader) and Suppression.objects.get().reason == SuppressionReason.HARD
    assert [take_report(mailed(ABUSE), now=NOW) for _ in range(2)] == [1, 1]
    assert Suppression.objects.get().reason == SuppressionReason.COMPLAINT
    assert take_report(b"Subject: I am on holiday\n\nBye.", now=NOW) == 0


def test_a_report_that_does_not_bring_back_a_mail_to_that_reader_is_nothing(reader, mailed):
    other = Delivery.objects.exclude(subscriber=reader).get()
    Delivery.objects.filter(pk=other.pk).update(state="sent", message_id="<2026-05-29.y@deck.example>")
    unknown, another_s = "<2026-05-29.z@deck.example>", "<2026-05-29.y@deck.example>"
    for report in (DSN, ABUSE, mailed(DSN, unknown), mailed(ABUSE, another_s)):
        assert take_report(report, now=NOW) == 0
    assert not left(reader) and not Suppression.objects.exists()

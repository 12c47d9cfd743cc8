"""What a provider tells counts once, all of it or nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError

from glossary.domain.bounce import BounceKind
from glossary.domain.mail_event import MailEvent
from glossary.domain.subscriber import SubscriberState, SuppressionReason
from glossary.models import ProviderEvent, Subscriber, Suppression
from glossary.services import mail_event
from glossary.services.mail_event import take_events
from glossary.services.sign_up import take_sign_ups
from glossary.services.subscription import confirm
from tests.services.test_subscription import asked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_sign_up")]
NOW = datetime(2026, 5, 29, 12, tzinfo=UTC)


@pytest.fixture
def reader():
    return confirm(asked(), now=NOW)


def told(kind, number=1, *, at=NOW, address="ada@example.org"):
    return MailEvent(f"bounced|{address}|{number}", address, kind, at)


def take(*events, now=NOW):
    return take_events(events, provider="postmark", now=now)


def gone():
    return Subscriber.objects.get().state == SubscriberState.UNSUBSCRIBED


@pytest.mark.parametrize(
    ("kind", "reason"),
    [(BounceKind.HARD, SuppressionReason.HARD), (BounceKind.COMPLAINT, SuppressionReason.COMPLAINT)],
)
def test_a_mailbox_that_is_gone_and_a_complaint_end_it_at_once(reader, kind, reason):
    assert take(told(kind, address="Ada@Example.ORG")) == 1
    assert gone() and Suppression.objects.get().reason == reason


def test_the_same_thing_told_again_changes_nothing_however_late(reader):
    take(told(BounceKind.HARD))
    before = [list(model.objects.values()) for model in (Subscriber, Suppression, ProviderEvent)]
    for now in (NOW, NOW + timedelta(days=9), NOW + timedelta(days=900)):
        assert take(told(BounceKind.HARD), now=now) == 0
    assert [list(model.objects.values()) for model in (Subscriber, Suppression, ProviderEvent)] == before


def test_three_distinct_days_end_it_and_the_day_is_that_of_the_event_not_of_the_telling(reader):
    for number, day in enumerate((0, 0, 0, 1, 1)):
        take(told(BounceKind.SOFT, number, at=NOW + timedelta(days=day)), now=NOW + timedelta(days=5))
    assert not gone() and Subscriber.objects.get().soft_days == 2
    take(told(BounceKind.SOFT, 9, at=NOW + timedelta(days=2)), now=NOW + timedelta(days=5))
    assert gone() and Suppression.objects.get().reason == SuppressionReason.SOFT


def test_an_event_of_the_future_happened_now(reader):
    for number in range(5):
        take(told(BounceKind.SOFT, number, at=NOW + timedelta(days=100 + number)))
    assert Subscriber.objects.get().soft_days == 1


def test_a_fresh_yes_of_the_owner_outlives_old_news_but_no_complaint(reader):
    take(told(BounceKind.HARD))
    again = confirm(asked(now=NOW + timedelta(days=1)), now=NOW + timedelta(days=1))
    assert again.state == SubscriberState.CONFIRMED and not Suppression.objects.exists()
    take(told(BounceKind.HARD, 2), told(BounceKind.LEFT, 3), now=NOW + timedelta(days=2))
    assert not gone()
    take(told(BounceKind.COMPLAINT, 4), now=NOW + timedelta(days=2))
    assert gone()
    take_sign_ups(now=NOW + timedelta(days=3))


def test_who_left_by_the_provider_has_left_and_may_come_back(reader):
    take(told(BounceKind.LEFT))
    assert gone() and not Suppression.objects.exists()
    assert Subscriber.objects.get().left_how == "mail provider"


def test_news_of_long_ago_changes_nothing(reader):
    Subscriber.objects.update(confirmed_at=NOW - timedelta(days=99))
    assert take(told(BounceKind.HARD, at=NOW - timedelta(days=15))) == 0 and not gone()
    assert take(told(BounceKind.HARD, at=NOW - timedelta(days=13))) == 1 and gone()


def test_a_complaint_of_somebody_who_is_no_reader_is_kept_and_other_news_of_them_is_not():
    take(told(BounceKind.COMPLAINT), told(BounceKind.HARD, 2, address="desk@example.org"))
    assert Suppression.objects.get().reason == SuppressionReason.COMPLAINT and not Subscriber.objects.exists()


def test_what_names_no_address_is_passed_over(reader):
    for address in ("", "ada", "a@b", "\ud800@example.org", "a@b\x00.org", "@"):
        assert take(told(BounceKind.HARD, address=address)) == 0
    assert not ProviderEvent.objects.exists() and not gone()


def test_all_of_a_request_or_nothing(reader, monkeypatch):
    def breaks(reader, kind, *, now):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(mail_event, "note_bounce", breaks)
    with pytest.raises(DatabaseError):
        take(told(BounceKind.COMPLAINT), told(BounceKind.HARD, 2))
    assert not ProviderEvent.objects.exists() and not Suppression.objects.exists()


def test_nothing_that_is_kept_names_anybody(reader):
    take(told(BounceKind.HARD))
    row = ProviderEvent.objects.get()
    assert "ada" not in row.key and len(row.key) == 64 and str(row) == "hard, 2026-05-29"

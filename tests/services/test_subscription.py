"""A reader's own acts."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail

from glossary.domain.bounce import BounceKind
from glossary.domain.errors import IllegalMove
from glossary.domain.link_token import Purpose
from glossary.domain.roles import Role
from glossary.domain.subscriber import SubscriberState, SuppressionReason
from glossary.models import SignUp, Subscriber, Suppression
from glossary.services.bounce import note_bounce
from glossary.services.sign_up import ask, take_sign_ups
from glossary.services.subscription import (
    ask_back,
    confirm,
    erase,
    export_of,
    leave,
    link_of,
    pause,
    reader_of,
    set_weekdays_only,
)
from glossary.services.suppression import key_of, lift_for_owner, replay_erasures, suppress, suppress_address
from tests.factories import make_brief_of, make_user
from tests.services.test_sign_up import token_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_sign_up")]
NOW = datetime(2026, 5, 29, 12, tzinfo=UTC)


def asked(address="ada@example.org", *, now=NOW):
    ask(address, now=now)
    take_sign_ups(now=now)
    return token_of(mail.outbox[-1])


@pytest.fixture
def reader():
    return confirm(asked(), now=NOW)


def test_a_link_confirms_once_and_only_within_seven_days():
    token = asked()
    assert confirm(token, now=NOW + timedelta(days=7)) is None
    assert confirm(token, now=NOW + timedelta(days=6)).confirmed_at == NOW + timedelta(days=6)
    assert confirm(token, now=NOW + timedelta(days=6)) is None


@pytest.mark.parametrize("token", ["", "x", "x" * 22, "x" * 5_000, "ä" * 22, "\x00"])
def test_a_link_that_is_none_of_ours_confirms_nothing(token):
    asked()
    assert confirm(token) is None and Subscriber.objects.get().state == SubscriberState.UNCONFIRMED


def test_leaving_twice_is_leaving_once_and_the_first_moment_stays(reader):
    assert leave(reader, how="page", now=NOW) and not leave(reader, how="one click", now=NOW + timedelta(days=1))
    row = Subscriber.objects.get()
    assert (row.state, row.left_at, row.left_how) == (SubscriberState.UNSUBSCRIBED, NOW, "page")


def test_who_left_comes_back_by_a_link_that_goes_to_their_own_mailbox(reader):
    leave(reader, how="page", now=NOW)
    ask_back(reader, now=NOW + timedelta(hours=1))
    take_sign_ups(now=NOW + timedelta(hours=1))
    assert Subscriber.objects.get().state == SubscriberState.UNSUBSCRIBED
    assert confirm(token_of(mail.outbox[-1]), now=NOW + timedelta(hours=2)).left_at is None


def test_a_link_opens_one_purpose_only(reader):
    token = link_of(reader, Purpose.UNSUBSCRIBE)
    assert reader_of(token, Purpose.UNSUBSCRIBE) == (True, reader)
    assert reader_of(token, Purpose.PREFERENCES) == (False, None)
    assert reader_of(token[:-1] + ("A" if token[-1] != "A" else "B"), Purpose.UNSUBSCRIBE) == (False, None)


def test_a_pause_ends_on_its_day_and_lies_ahead_within_a_year(reader):
    for day in (date(2026, 5, 29), date(2027, 6, 1)):
        with pytest.raises(IllegalMove, match="within a year"):
            pause(reader, day, now=NOW)
    pause(reader, date(2026, 6, 5), now=NOW)
    assert Subscriber.objects.get().paused_until == date(2026, 6, 5)
    pause(reader, None)
    set_weekdays_only(reader, True)
    row = Subscriber.objects.get()
    assert row.paused_until is None and row.weekdays_only


def test_who_comes_back_is_not_paused_any_more(reader):
    pause(reader, date(2026, 12, 1), now=NOW)
    leave(reader, how="page", now=NOW)
    back = confirm(asked(now=NOW + timedelta(hours=1)), now=NOW + timedelta(hours=1))
    assert back.paused_until is None


def test_the_export_has_every_column_that_is_kept_of_a_reader(reader):
    data = export_of(reader)
    assert json.loads(json.dumps(data))["address"] == "ada@example.org"
    told = {
        "address": "address",
        "key": "address",
        "state": "state",
        "term": "asked_on_the_page_of",
        "asked_at": "asked_at",
        "wording": "wording_agreed_to",
        "confirmed_at": "confirmed_at",
        "left_at": "left_at",
        "left_how": "left_how",
        "paused_until": "paused_until",
        "weekdays_only": "weekdays_only",
        "soft_days": "days_on_which_mail_came_back",
        "soft_on": "days_on_which_mail_came_back",
        "soft_before": "days_on_which_mail_came_back",
    }
    secret = {"id", "handle"}
    assert {field.name for field in Subscriber._meta.concrete_fields} - secret == set(told)
    assert set(told.values()) | {"briefs", "corrections_told"} == set(data)


def test_who_is_erased_leaves_a_keyed_hash_and_nothing_else(reader):
    ask("ada@example.org", now=NOW)
    erase(reader, now=NOW)
    assert not Subscriber.objects.exists() and not SignUp.objects.exists()
    row = Suppression.objects.get()
    assert (row.key, row.reason, row.on) == (key_of("ada@example.org"), SuppressionReason.ERASED, date(2026, 5, 29))
    assert "ada" not in row.key


def test_who_was_erased_and_comes_back_by_themselves_is_welcome(reader):
    erase(reader, now=NOW)
    back = confirm(asked(now=NOW + timedelta(days=2)), now=NOW + timedelta(days=2))
    assert back.state == SubscriberState.CONFIRMED and not Suppression.objects.exists()


def test_a_complaint_outlasts_a_link_that_was_mailed_before_it(reader):
    leave(reader, how="page", now=NOW)
    token = asked(now=NOW + timedelta(hours=1))
    suppress("ada@example.org", SuppressionReason.COMPLAINT)
    assert confirm(token, now=NOW + timedelta(hours=2)) is None
    assert Suppression.objects.get().reason == SuppressionReason.COMPLAINT


def test_who_called_it_spam_and_asks_anew_lifts_it_by_confirming(reader):
    note_bounce(reader, BounceKind.COMPLAINT, now=NOW)
    token = asked(now=NOW + timedelta(days=1))
    assert Suppression.objects.get().reason == SuppressionReason.COMPLAINT
    assert confirm(token, now=NOW + timedelta(days=1)).state == SubscriberState.CONFIRMED
    assert not Suppression.objects.exists()


def test_a_hold_of_staff_outlasts_a_bounce_an_erasure_and_every_sign_up(reader):
    suppress_address("ada@example.org", by=make_user(Role.SUBSCRIBER_ADMIN), why="They are signed up by a stranger.")
    erase(reader, now=NOW)
    sent = len(mail.outbox)
    ask("ada@example.org", now=NOW + timedelta(days=1))
    assert take_sign_ups(now=NOW + timedelta(days=1)) == 0 and len(mail.outbox) == sent
    lift_for_owner("ada@example.org")
    row = Suppression.objects.get()
    assert row.held and row.reason == SuppressionReason.ERASED  # so that a restored backup is erased again


def test_a_restored_backup_brings_nobody_back_who_was_erased(reader):
    kept = {field.name: getattr(reader, field.name) for field in Subscriber._meta.concrete_fields}
    other = confirm(asked("grace@example.org"), now=NOW)
    erase(reader, now=NOW)
    log = list(Suppression.objects.values_list("key", flat=True))
    Suppression.objects.all().delete()
    Subscriber.objects.create(**kept)
    assert replay_erasures(log) == 1
    assert list(Subscriber.objects.all()) == [other] and Suppression.objects.get().reason == SuppressionReason.ERASED
    assert replay_erasures(log) == 0


def test_a_weightier_reason_takes_the_place_of_a_lighter_one_and_not_the_other_way():
    suppress("ada@example.org", SuppressionReason.SOFT)
    suppress("ada@example.org", SuppressionReason.COMPLAINT)
    suppress("ada@example.org", SuppressionReason.HARD)
    assert Suppression.objects.get().reason == SuppressionReason.COMPLAINT


def test_the_export_has_what_mail_servers_said(reader):
    brief = make_brief_of(0)
    brief.deliveries.filter(subscriber=reader).update(state="failed", last_code=550, last_said="Full.")
    (row,) = [one for one in export_of(reader)["briefs"] if one["state"] == "failed"]
    assert (row["code_of_the_mail_server"], row["words_of_the_mail_server"]) == (550, "Full.")


def test_the_export_asks_no_more_often_for_many_mails(reader, django_assert_num_queries):
    with django_assert_num_queries(2):
        export_of(reader)

"""The mail that answers a wish: who gets one, how many a day, and how long its link works."""

import pytest
from django.core import mail

from glossary.domain.roles import Role
from glossary.domain.subscriber import SubscriberState, SuppressionReason
from glossary.models import ConfirmationLink, SignUp, Subscriber
from glossary.services.sign_up import ask, forget_unconfirmed, take_sign_ups
from glossary.services.subscription import confirm
from glossary.services.suppression import suppress, suppress_address
from tests.factories import make_published_term, make_user
from tests.signing_up import NOW, later, subscribed, token_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_sign_up")]


def test_the_one_who_asked_gets_one_mail_with_a_link_in_both_its_parts():
    term = make_published_term("Qwen2")
    ask(" Ada@Example.org ", slug="qwen2", now=NOW)
    assert take_sign_ups(now=NOW) == 1
    (message,) = mail.outbox
    assert message.to == ["Ada@example.org"] and message.reply_to == ["desk@testserver.example"]
    token = token_of(message)
    assert f"/start/confirm/{token}/" in message.alternatives[0].content
    assert "1 Card Street" in message.body and "1 Card Street" in message.alternatives[0].content
    reader = Subscriber.objects.get()
    assert (reader.key, reader.term, reader.state) == ("ada@example.org", term, SubscriberState.UNCONFIRMED)
    assert token != reader.links.get().token_hash and not SignUp.objects.exists()


@pytest.mark.parametrize("used", [0, 1, 2])
def test_asking_again_uses_the_same_row_and_takes_nothing_from_the_links_of_earlier_mails(used):
    for minutes in (0, 11, 22):
        ask("ada@example.org", now=later(minutes=minutes))
        take_sign_ups(now=later(minutes=minutes))
    assert Subscriber.objects.count() == 1
    tokens = [token_of(message) for message in mail.outbox]
    assert confirm(tokens[used], now=later(minutes=30)).state == SubscriberState.CONFIRMED
    assert [confirm(token, now=later(minutes=31)) for token in tokens] == [None] * 3


def test_each_link_ends_seven_days_after_its_own_mail():
    for days in (0, 6):
        ask("ada@example.org", now=later(days=days))
        take_sign_ups(now=later(days=days))
    first, second = (token_of(message) for message in mail.outbox)
    assert confirm(first, now=later(days=7)) is None
    forget_unconfirmed(now=later(days=7))
    assert ConfirmationLink.objects.count() == 1
    assert confirm(second, now=later(days=12)).state == SubscriberState.CONFIRMED


def test_a_mailbox_gets_three_mails_a_day_whatever_way_it_is_written():
    ways = ["ada.love@example.org", "adalove@example.org", "Ada.Love+1@example.org", "a.d.a.l.o.v.e+x@Example.ORG"]
    for minutes in range(0, 600, 4):
        ask(ways[minutes % len(ways)], now=later(minutes=minutes))
        take_sign_ups(now=later(minutes=minutes))
    assert len(mail.outbox) == 3 and not SignUp.objects.exists()
    ask(ways[0], now=later(hours=25))
    assert take_sign_ups(now=later(hours=25)) == 1


def test_no_day_has_more_than_three_mails_to_a_mailbox_wherever_it_begins():
    sent = []
    for minutes in [0, *range(23 * 60, 72 * 60, 7)]:
        ask("ada@example.org", now=later(minutes=minutes))
        sent += [minutes] * take_sign_ups(now=later(minutes=minutes))
    assert len(sent) >= 7
    for begin in sent:
        assert sum(begin <= minute < begin + 24 * 60 for minute in sent) <= 3
        assert not any(begin < minute < begin + 10 for minute in sent)


def test_who_gets_the_brief_already_is_told_so_with_the_way_to_their_preferences():
    subscribed()
    ask("ada@example.org", now=later(hours=1))
    take_sign_ups(now=later(hours=1))
    assert mail.outbox[-1].subject.startswith("You already get") and "/preferences/" in mail.outbox[-1].body
    assert Subscriber.objects.get().state == SubscriberState.CONFIRMED


def test_an_address_that_staff_hold_back_is_not_even_mailed_a_confirmation():
    suppress_address("ada@example.org", by=make_user(Role.SUBSCRIBER_ADMIN), why="They asked by letter.")
    ask("ada@example.org", now=NOW)
    assert take_sign_ups(now=NOW) == 0 and mail.outbox == [] and not SignUp.objects.exists()


@pytest.mark.parametrize("reason", [SuppressionReason.ERASED, SuppressionReason.HARD, SuppressionReason.COMPLAINT])
def test_whoever_else_is_suppressed_may_ask_anew(reason):
    suppress("ada@example.org", reason)
    assert subscribed().state == SubscriberState.CONFIRMED

"""Signing up: a wish in a row, and a mail within the caps."""

import contextlib
import re
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends import locmem

from glossary.domain.errors import BadText
from glossary.domain.sign_up import MAILS_AN_HOUR
from glossary.domain.subscriber import SuppressionReason
from glossary.models import ConfirmationCount, Installation, SignUp, SignUpTally, Subscriber
from glossary.services.delivery import send_due
from glossary.services.line import Server
from glossary.services.sign_up import ask, closed_because, dropped_of_late, forget_unconfirmed, take_sign_ups
from glossary.services.subscription import confirm
from glossary.services.suppression import suppress
from glossary.services.transport import SmtpTransport
from glossary.services.worker import Worker
from tests.factories import make_brief_of
from tests.signing_up import NOW, later, subscribed, token_of
from tests.sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_sign_up")]


def test_a_wish_is_one_insert_whoever_it_is(django_assert_num_queries):
    reader = subscribed()
    suppress("gone@example.org", SuppressionReason.HARD)
    for address in ("new@example.org", reader.address, "gone@example.org", "new@example.org", "ADA@Example.org"):
        with django_assert_num_queries(1):
            ask(address)


def test_the_hour_counts_mails_and_not_mailboxes(monkeypatch):
    monkeypatch.setattr("glossary.services.sign_up.MAILS_AN_HOUR", 5)
    sent = 0
    for minutes in (0, 15, 30, 45):
        for number in range(2):
            ask(f"victim{number}@example.org", now=later(minutes=minutes))
        sent += take_sign_ups(now=later(minutes=minutes))
    assert sent == 5


def test_a_flood_on_many_mailboxes_is_braked_and_the_others_wait(monkeypatch):
    monkeypatch.setattr("glossary.services.sign_up.MAILS_AN_HOUR", 5)
    assert MAILS_AN_HOUR == 500
    for number in range(8):
        ask(f"victim{number}@example.org", now=NOW)
    assert take_sign_ups(now=NOW) == 5 and take_sign_ups(now=later(minutes=1)) == 0
    assert SignUp.objects.count() == 3
    assert take_sign_ups(now=later(minutes=61)) == 3
    ask("late@example.org", now=NOW)
    take_sign_ups(now=later(hours=25))
    assert not SignUp.objects.exists() and len(mail.outbox) == 8


def test_who_comes_during_a_flood_from_everywhere_is_among_the_first_of_the_next_hour(monkeypatch):
    monkeypatch.setattr("glossary.services.sign_up.MAILS_AN_HOUR", 4)
    for number in range(130):
        ask(f"victim{number}@example.org", now=NOW)
    take_sign_ups(now=NOW)
    for number in range(2):
        ask(f"reader{number}@example.org", now=later(minutes=1))
    assert take_sign_ups(now=later(minutes=61)) == 4
    assert {f"reader{number}@example.org" for number in range(2)} <= {message.to[0] for message in mail.outbox}


def test_a_flood_from_one_network_has_a_share_and_holds_nobody_else_up(monkeypatch):
    monkeypatch.setattr("glossary.services.sign_up.NETWORK_AN_HOUR", 3)
    for number in range(30):
        ask(f"victim{number}@example.org", network="203.0.113.7/32", now=NOW)
    for number in range(5):
        ask(f"reader{number}@example.org", network="", now=NOW)
    ask("ada@example.org", network="203.0.113.8/32", now=NOW)
    assert take_sign_ups(now=NOW, limit=12) + take_sign_ups(now=NOW, limit=12) == 9
    assert sorted(message.to[0][:3] for message in mail.outbox) == ["ada", *["rea"] * 5, *["vic"] * 3]
    assert take_sign_ups(now=later(minutes=30)) == 0 and SignUp.objects.count() == 27
    assert take_sign_ups(now=later(minutes=60)) == 3
    said = [*SignUp.objects.values_list("network", flat=True), *SignUpTally.objects.values_list("key", flat=True)]
    assert said and not any("203.0" in one for one in said)


def test_a_network_has_another_name_each_day():
    for hours in (0, 1, 24):
        ask("ada@example.org", network="203.0.113.7/32", now=later(hours=hours))
    first, second, third = SignUp.objects.values_list("network", flat=True)
    assert first == second != third


def test_a_mail_that_did_not_leave_takes_nothing_from_the_share_of_its_network(monkeypatch):
    ask("ada@example.org", network="203.0.113.7/32", now=NOW)
    with monkeypatch.context() as patch:
        patch.setattr(locmem.EmailBackend, "open", lambda self: (_ for _ in ()).throw(ConnectionRefusedError()))
        take_sign_ups(now=NOW)
    assert SignUpTally.objects.get().count == 0
    take_sign_ups(now=NOW)
    assert SignUpTally.objects.get().count == 1
    forget_unconfirmed(now=later(hours=25))
    assert not SignUpTally.objects.exists()


def test_wishes_that_waited_for_a_day_are_dropped_and_counted_for_staff_for_thirty_days(monkeypatch):
    monkeypatch.setattr("glossary.services.sign_up.MAILS_AN_HOUR", 0)
    for number in range(3):
        ask(f"reader{number}@example.org", now=NOW)
    for hours in (1, 24, 25, 26):
        take_sign_ups(now=later(hours=hours))
    assert not SignUp.objects.exists() and dropped_of_late(now=later(hours=26)) == 3
    forget_unconfirmed(now=later(days=29))
    assert dropped_of_late(now=later(days=29)) == 3 and dropped_of_late(now=later(days=32)) == 0
    forget_unconfirmed(now=later(days=32))
    assert not SignUpTally.objects.exists()


def test_a_wish_does_not_outlast_its_day_where_sign_up_was_closed_meanwhile():
    ask("ada@example.org", now=NOW)
    Installation.objects.update(armed_host="", armed_at=None)
    assert forget_unconfirmed(now=later(hours=23)) == 0 and SignUp.objects.exists()
    assert take_sign_ups(now=later(hours=25)) == 0 and forget_unconfirmed(now=later(hours=25)) == 0
    assert not SignUp.objects.exists() and dropped_of_late(now=later(hours=25)) == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "ada@",
        "@example.org",
        "a@b@example.org",
        "ada@example",
        "ada@example..org",
        "ada example@example.org",
        "ada@example.org\r\nBcc: eve@example.org",
        "ada\x00@example.org",
        "ada\ud800@example.org",
        "ada\u202e@example.org",
        '"ada love"@example.org',
        "<ada@example.org>",
        "ada@example.org,eve@example.org",
        "a" * 320 + "@example.org",
        "ada@" + "x" * 64 + ".org",
        "ada@" + "ü" * 63 + ".org",
    ],
)
def test_what_is_no_address_is_refused_with_a_sentence(address):
    with pytest.raises(BadText, match="e-mail address"):
        ask(address)
    assert not SignUp.objects.exists()


def test_a_mailbox_cannot_be_flooded_by_spellings_that_mail_programs_decode():
    for coded in ("victim", "=?utf-8?q?victim?=", "=?latin-1?q?victi=6d?=", "=?UTF-8?B?dmljdGlt?="):
        with contextlib.suppress(BadText):
            ask(f"{coded}@example.org", now=NOW)
    assert take_sign_ups(now=NOW) == 1 and [message.to for message in mail.outbox] == [["victim@example.org"]]


@pytest.mark.parametrize(
    ("address", "said"), [("ü@example.org", "“ü” is no mail name"), ("a@b.c#d", "“b.c#d” is not the name of a mail")]
)
def test_who_typed_an_address_that_mail_cannot_go_to_is_told_which_part_it_is(address, said):
    with pytest.raises(BadText, match=re.escape(said)):
        ask(address)


def test_mail_for_a_domain_with_other_letters_goes_to_its_name_in_the_dns():
    ask("Ada@bücher.example", now=NOW)
    wish = SignUp.objects.get()
    assert (wish.address, wish.key) == ("Ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example")
    assert take_sign_ups(now=NOW) == 1 and mail.outbox[0].to == ["Ada@xn--bcher-kva.example"]
    assert Subscriber.objects.get().shown_address == "Ada@bücher.example"


def test_a_reader_whose_domain_has_other_letters_gets_the_brief(settings):
    settings.EMAIL_HOST = "127.0.0.1"
    make_brief_of(0)
    ask("ada@straße.example")
    take_sign_ups()
    confirm(token_of(mail.outbox[-1]))
    with Sink() as sink:
        worker = Worker(SmtpTransport(Server("127.0.0.1", sink.port)))
        send_due(worker)
        worker.transport.close()
    assert sink.recipients() == ["ada@xn--strae-oqa.example"]


def test_a_mail_server_that_cannot_be_reached_costs_nobody_their_wish_or_their_share(monkeypatch):
    ask("ada@example.org", now=NOW)

    def refuse(self):
        raise ConnectionRefusedError("not now")

    with monkeypatch.context() as patch:
        patch.setattr(locmem.EmailBackend, "open", refuse)
        for _ in range(5):
            assert take_sign_ups(now=NOW) == 0
    assert SignUp.objects.get().taken_at is None
    assert take_sign_ups(now=NOW) == 1 and ConfirmationCount.objects.get().before_at is None


def test_a_mail_of_which_nobody_knows_whether_it_left_stays_counted_so_that_no_mailbox_is_flooded(monkeypatch):
    ask("ada@example.org", now=NOW)
    left = []

    def drop(self, messages):
        left.append(messages)
        raise SMTPServerDisconnected("after the dot")

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", drop)
    for minutes in range(24 * 60):
        take_sign_ups(now=later(minutes=minutes))
    assert len(left) == 3


@pytest.fixture
def server(settings):
    """Return a function that begins a mail server with a script; confirmation mails go to it."""
    with contextlib.ExitStack() as stack:

        def begin(script):
            sink = stack.enter_context(Sink(script))
            settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
            return sink

        yield begin


@pytest.mark.parametrize("step", ["RCPT", "body"])
def test_an_address_that_the_server_refuses_for_good_costs_its_own_wish_and_no_other(server, step):
    sink = server(lambda now, said: "550 5.1.1 no such user" if now == step and "nobody@" in said else None)
    ask("nobody@example.org", now=NOW)
    for number in range(3):
        ask(f"reader{number}@example.org", now=NOW)
    assert take_sign_ups(now=NOW) == 3
    assert set(sink.recipients()) - {"nobody@example.org"} == {f"reader{number}@example.org" for number in range(3)}
    assert not SignUp.objects.exists() and ConfirmationCount.objects.count() == 4


@pytest.mark.parametrize("answer", ["450 4.2.1 try again", "550 5.7.1 relaying denied"])
def test_what_the_server_refuses_for_now_or_for_the_sender_waits_its_lease_and_keeps_its_share(server, answer):
    answers = [answer] * 8
    sink = server(lambda step, said: answers.pop() if step == "RCPT" and "nobody@" in said and answers else None)
    ask("nobody@example.org", now=NOW)
    ask("reader@example.org", now=NOW)
    assert take_sign_ups(now=NOW) == 1 and sink.recipients() == ["reader@example.org"]
    assert SignUp.objects.get().address == "nobody@example.org"
    assert ConfirmationCount.objects.count() == 1 and take_sign_ups(now=later(minutes=1)) == 0 and len(answers) == 7
    for step in range(1, 9):
        take_sign_ups(now=later(minutes=11 * step))
    assert sink.recipients()[1:] == ["nobody@example.org"] and not SignUp.objects.exists()


@pytest.mark.parametrize("script", [("RCPT", "421 4.3.2 going down"), ("MAIL", "550 5.1.8 who are you")])
def test_a_server_that_closes_the_line_or_refuses_the_sender_is_not_asked_further(server, script):
    sink = server(lambda step, said: script[1] if step == script[0] else None)
    for number in range(3):
        ask(f"reader{number}@example.org", now=NOW)
    assert take_sign_ups(now=NOW) == 0 and sum(step == script[0] for step, _ in sink.seen) == 1
    assert SignUp.objects.filter(taken_at=None).count() == 3 and not ConfirmationCount.objects.exists()


def test_a_wish_whose_taker_was_killed_is_taken_again_after_its_lease():
    ask("ada@example.org", now=NOW)
    SignUp.objects.update(taken_at=NOW)
    assert take_sign_ups(now=later(minutes=9)) == 0
    assert take_sign_ups(now=later(minutes=11)) == 1


def test_addresses_that_nobody_confirmed_are_forgotten_after_thirty_days():
    ask("ada@example.org", now=NOW)
    take_sign_ups(now=NOW)
    assert forget_unconfirmed(now=later(days=29)) == 0
    assert forget_unconfirmed(now=later(days=31)) == 1
    assert not Subscriber.objects.exists() and not ConfirmationCount.objects.exists()


@pytest.mark.parametrize("name", ["LINK_KEY", "POSTAL_ADDRESS", "PUBLISHER", "CONTACT_EMAIL"])
def test_sign_up_is_closed_until_each_setting_is_there(settings, name):
    assert closed_because() == ""
    setattr(settings, name, "")
    assert name in closed_because() and take_sign_ups() == 0


def test_sign_up_is_closed_without_mail_and_on_a_machine_that_is_not_armed(settings):
    Installation.objects.update(armed_host="", armed_at=None)
    assert "arm_sending" in closed_because()
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", ""
    assert "EMAIL_HOST" in closed_because()


def test_sign_up_is_closed_where_no_confirmation_would_leave(settings):
    settings.DEFAULT_FROM_EMAIL = "desk@localhost"
    assert "a domain of yours" in closed_because() and take_sign_ups() == 0
    settings.DEFAULT_FROM_EMAIL = "brief@dailydeck.example"
    assert closed_because() == ""
    Installation.objects.update(armed_host="other:123456789012")
    assert "other:123456789012 is armed" in closed_because() and take_sign_ups() == 0


def test_five_thousand_wishes_against_fifty_victims_send_three_mails_to_each():
    wishes = [
        SignUp(address=f"v{n % 50}+{n}@example.org", key=f"v{n % 50}+{n}@example.org", wording="x", asked_at=NOW)
        for n in range(5_000)
    ]
    SignUp.objects.bulk_create(wishes)
    for step in range(12):
        take_sign_ups(now=later(minutes=step * 11), limit=500)
    assert not SignUp.objects.exists()
    victims = [message.to[0].partition("+")[0] for message in mail.outbox]
    assert len(victims) <= 150 and max(victims.count(f"v{n}") for n in range(50)) <= 3


def test_an_address_that_the_server_refuses_does_not_keep_the_others_waiting(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    answers = {"gone@example.org": "550 5.1.1 no such user", "full@example.org": "452 4.2.2 full"}
    for address in (*answers, "ada@example.org"):
        ask(address, now=NOW)
    with Sink(lambda step, said: answers.get(said[9:-1]) if step == "RCPT" else None) as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        assert take_sign_ups(now=NOW) == 1
        assert sink.recipients() == ["ada@example.org"]
        assert [wish.address for wish in SignUp.objects.all()] == ["full@example.org"]
        answers.clear()
        assert take_sign_ups(now=later(minutes=11)) == 1
    assert sink.recipients() == ["ada@example.org", "full@example.org"] and not SignUp.objects.exists()

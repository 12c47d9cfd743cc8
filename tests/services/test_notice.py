"""Telling staff: one mail when something comes to them, one digest a day at most, both can be off."""

import smtplib
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage

from glossary.domain.roles import Role
from glossary.models import Installation, Notice, NoticeKind, Term
from glossary.services import arming
from glossary.services.fact_check import send_back
from glossary.services.inbox import digest_lines, send_digests
from glossary.services.notice import put_away, send_notices, set_preference, tell
from glossary.services.term import submit_term
from tests.factories import arm_machine, make_term, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def person(*roles, email="ada@example.org"):
    user = make_user(*roles)
    user.email = email
    user.save()
    return user


@pytest.fixture
def editor():
    return person(Role.EDITOR)


@pytest.fixture
def sent_back(editor):
    term = submit_term(make_term(by=editor, now=NOW), by=editor, now=NOW)
    send_back(term, by=make_user(Role.CHECKER, username="ben"), comment="Name the sizes.", now=NOW)


def test_what_was_sent_back_is_mailed_once_with_comment_and_link(sent_back, settings):
    assert (send_notices(now=NOW), send_notices(now=NOW)) == (1, 0)
    (message,) = mail.outbox
    assert message.to == ["ada@example.org"] and message.subject == "Daily Deck desk: Qwen2: sent back to you"
    assert "ben: sent back to you" in message.body and "Name the sizes." in message.body
    assert f"{settings.SITE_URL}/admin/glossary/term/" in message.body and "turned off" in message.body


def test_a_copy_of_the_site_and_one_put_back_from_a_backup_write_to_no_staff(sent_back, monkeypatch):
    arm_machine()
    with monkeypatch.context() as copied:
        copied.setattr(arming.socket, "gethostname", lambda: "copy")
        assert send_notices(now=NOW) == send_digests(now=NOW) == 0
    Installation.objects.update(runs=5)
    assert send_notices(now=NOW) == send_digests(now=NOW) == 0
    assert Notice.objects.to_mail().exists() and mail.outbox == []
    Installation.objects.update(runs=0)
    assert send_notices(now=NOW) == send_digests(now=NOW) == 1


def test_who_wants_none_gets_none_and_reads_it_at_the_desk(sent_back, editor):
    set_preference(editor, mails=False)
    assert send_notices(now=NOW) == 0
    assert Notice.objects.unread().filter(person=editor).count() == 1
    assert not Notice.objects.to_mail().exists()


def test_a_mail_server_that_is_down_loses_nothing(sent_back, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise smtplib.SMTPServerDisconnected("gone")

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.message.EmailMessage.send", refuse)
        assert send_notices(now=NOW) == 0
        assert send_digests(now=NOW) == 0
    assert send_notices(now=NOW) == 1
    assert send_digests(now=NOW) == 1


def test_an_address_that_no_mail_can_be_written_to_holds_up_nobody(editor):
    broken = person(Role.EDITOR, email="ada@example\n.org")
    term = make_term(by=editor)
    for one in (broken, editor):
        tell(one, NoticeKind.PASSED, term=term, path="/admin/", now=NOW)
        submitted = submit_term(make_term(f"Word {one.pk}", by=one, now=NOW), by=one, now=NOW)
        send_back(submitted, by=make_user(Role.CHECKER), comment="Name the sizes.", now=NOW)
    assert (send_notices(now=NOW), send_digests(now=NOW)) == (2, 1)
    assert {address for message in mail.outbox for address in message.to} == {editor.email}
    assert not Notice.objects.to_mail().exists()


def test_who_left_the_staff_gets_no_mail(sent_back, editor):
    editor.is_staff = False
    editor.save()
    assert send_notices(now=NOW) == 0
    assert not Notice.objects.to_mail().exists()


def test_what_another_process_claims_between_look_and_claim_is_mailed_once(sent_back, editor, monkeypatch):
    tell(editor, NoticeKind.PASSED, term=make_term("Token", by=editor), path="/admin/", now=NOW)
    first, nested = EmailMessage.send, []

    def send_while_another_runs(message):
        if not nested:
            nested.append("begun")
            nested.append(send_notices(now=NOW))
        return first(message)

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", send_while_another_runs)
    assert send_notices(now=NOW) == 1
    assert nested == ["begun", 1]
    assert len(mail.outbox) == 2


def test_without_a_mail_server_nothing_is_claimed(sent_back, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = ""
    assert send_notices(now=NOW) == send_digests(now=NOW) == 0
    assert Notice.objects.to_mail().exists()


def test_nobody_is_told_of_their_own_acts_and_a_name_breaks_no_header(editor):
    term = make_term(by=editor)
    assert tell(editor, NoticeKind.PASSED, term=term, path="/", now=NOW, said_by=editor) is None
    term.headword = "Evil\nBcc: all@example.org"
    type(term).objects.filter(pk=term.pk).update(headword=term.headword)
    tell(editor, NoticeKind.PASSED, term=term, path="/admin/", now=NOW)
    send_notices(now=NOW)
    assert mail.outbox[0].subject == "Daily Deck desk: Evil Bcc: all@example.org: passed"


def test_a_digest_comes_once_a_day_after_the_hour_and_only_if_there_is_something(sent_back, editor):
    early = NOW.replace(hour=5)
    assert send_digests(now=early) == 0
    assert (send_digests(now=NOW), send_digests(now=NOW + timedelta(hours=3))) == (1, 0)
    assert "Qwen2 was sent back" in mail.outbox[0].body
    assert send_digests(now=NOW + timedelta(days=1)) == 1
    set_preference(editor, digest=False)
    assert send_digests(now=NOW + timedelta(days=2)) == 0


def test_each_role_is_told_of_its_own(sent_back, editor):
    waiting = submit_term(make_term("Token", by=editor, now=NOW), by=editor, now=NOW)
    assert digest_lines(make_user(Role.CHECKER), now=NOW) == [f"1 card to check, first {waiting.words.headword}"]
    assert digest_lines(make_user(Role.SCHEDULER), now=NOW) == ["7 of the next 7 days have no ready deck"]
    assert digest_lines(make_user(Role.SUBSCRIBER_ADMIN), now=NOW) == []


def test_only_ones_own_notices_are_put_away(sent_back, editor):
    notice = Notice.objects.get()
    assert put_away(make_user(Role.EDITOR), [notice.pk]) == 0
    assert put_away(editor, [notice.pk]) == 1


def test_a_mailbox_that_is_not_there_blocks_nobody_else(sent_back, editor, monkeypatch):
    other = person(Role.EDITOR, email="gone@example.org")
    Notice.objects.all().delete()
    term = Term.objects.get()
    for who in (other, editor):
        tell(who, NoticeKind.PASSED, term=term, path="/admin/", now=NOW)
    send = mail.EmailMessage.send

    def refuse(message, *args, **kwargs):
        if message.to == ["gone@example.org"]:
            raise smtplib.SMTPRecipientsRefused({"gone@example.org": (550, b"no such user")})
        return send(message, *args, **kwargs)

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", refuse)
    assert send_notices(now=NOW) == 1
    assert [message.to for message in mail.outbox] == [["ada@example.org"]]
    assert not Notice.objects.to_mail().exists()

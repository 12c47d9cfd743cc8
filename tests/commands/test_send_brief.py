"""`manage.py send_brief`, and what `tick` does of it."""

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command

from glossary.domain.roles import Role
from glossary.models import Brief, Notice, TrailEntry
from glossary.services import brief_mail
from tests.factories import make_brief_of, make_user

pytestmark = pytest.mark.django_db


def test_a_dry_run_says_what_waits_and_sends_nothing(capsys):
    make_brief_of(3)
    call_command("send_brief", "--dry-run")
    assert "queued, 3 to send" in capsys.readouterr().out and mail.outbox == []


def test_what_waits_is_sent_once(capsys):
    make_brief_of(3)
    call_command("send_brief")
    call_command("send_brief")
    assert capsys.readouterr().out == "sent: 3, failed: 0, later: 0, uncertain: 0\n" and len(mail.outbox) == 3


def test_an_unarmed_machine_says_the_command_and_fails(capsys):
    make_brief_of(1, arm=False)
    with pytest.raises(SystemExit):
        call_command("send_brief")
    assert "manage.py arm_sending" in capsys.readouterr().err and mail.outbox == []


def test_tick_sends_too(capsys):
    brief = make_brief_of(3)
    call_command("tick")
    assert "brief: 3 sent, 0 failed, 0 later, 0 uncertain\n" in capsys.readouterr().out
    brief.refresh_from_db()
    assert (brief.state, len(mail.outbox)) == ("sent", 3)


def test_unarmed_a_deck_is_published_all_the_same_and_tick_sends_nothing():
    brief = make_brief_of(3, arm=False)
    call_command("tick")
    assert Brief.objects.get(pk=brief.pk).state == "queued" and mail.outbox == []


def test_a_brief_that_cannot_be_written_is_told_once_to_whoever_looks_and_to_those_who_keep_subscribers(
    capsys, caplog, monkeypatch
):
    keeper, brief = make_user(Role.SUBSCRIBER_ADMIN), make_brief_of(3)
    with monkeypatch.context() as small:
        small.setattr(brief_mail, "MAX_BYTES", 1000)
        for _ in range(2):
            call_command("tick")
    assert "no brief leaves: The brief has " in capsys.readouterr().err and "could not be written" in caplog.text
    assert TrailEntry.objects.filter(verb="could not be written", deck=brief.deck).count() == 1
    notice = Notice.objects.get()
    assert notice.person == keeper and "and mail programs cut" in notice.text
    assert Brief.objects.get().trouble and mail.outbox == []
    call_command("tick")
    assert Brief.objects.get().trouble == "" and len(mail.outbox) == 3


def test_a_missed_brief_is_told_in_print_log_trail_and_a_notice(capsys, caplog):
    with time_machine.travel("2026-06-01T07:00:00Z", tick=False):  # its window ends before the next deck is due
        keeper, brief = make_user(Role.SUBSCRIBER_ADMIN), make_brief_of(3, arm=False)
    with time_machine.travel(brief.window_ends, tick=False):
        for _ in range(2):
            call_command("tick")
    said = capsys.readouterr().err
    assert said.count(f"missed: {brief}. Nobody got it.") == 1 and f"{brief}: missed" in caplog.text
    assert "arm_sending" in TrailEntry.objects.get(verb="missed").reason
    notice = Notice.objects.get(kind="brief")
    assert notice.person == keeper and "can be sent late" in notice.text and f"/brief/{brief.pk}/" in notice.path

"""`manage.py take_bounces`."""

import io
import sys

import pytest
from django.core.management import call_command
from django.db import OperationalError

from glossary.management.commands import take_bounces as command
from glossary.models import Delivery, Subscriber
from tests.domain.test_bounce import DSN
from tests.factories import make_brief_of

pytestmark = pytest.mark.django_db
RETURNED = b"--cut\nContent-Type: message/rfc822\n\nSubject: RAG\nMessage-Id:\n <a@deck.example>\n\nBody.\n--cut--\n"


@pytest.fixture
def hand_in(monkeypatch, capsys):
    """Return a function that pipes a mail into the command and returns what it prints."""

    def pipe(raw, *options):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        call_command("take_bounces", *options)
        said = capsys.readouterr()
        return said.out + said.err

    return pipe


@pytest.fixture
def reader():
    make_brief_of(1)
    Subscriber.objects.update(address="ada@example.org", key="ada@example.org")
    Delivery.objects.update(state="sent", message_id="<a@deck.example>")
    return Subscriber.objects.get()


def test_a_mail_that_came_back_ends_the_brief_for_its_reader(hand_in, reader):
    report = DSN.replace(b"--cut--\n", RETURNED)
    assert hand_in(report, "--dry-run") == "Dry run, nothing was written. Readers whom this mail tells of: 1\n"
    assert Subscriber.objects.get().state == "confirmed"
    assert hand_in(report) == "Readers whom this mail tells of: 1\n"
    assert Subscriber.objects.get().state == "unsubscribed"


@pytest.mark.parametrize("raw", [b"", b"\xff\x00" * 50, DSN, b"Subject: Hello\n\nHello."])
def test_any_other_mail_changes_nothing(hand_in, reader, raw):
    assert hand_in(raw) == "Readers whom this mail tells of: 0\n"
    assert Subscriber.objects.get().state == "confirmed"


def test_a_mail_that_is_too_long_is_told_and_not_sent_back(hand_in):
    assert "too long" in hand_in(b"x" * 1_000_001)


def test_without_the_database_the_mail_server_is_asked_to_keep_the_mail(hand_in, monkeypatch):
    def fail(*args, **over):
        raise OperationalError("no route")

    monkeypatch.setattr(command, "take_report", fail)
    with pytest.raises(SystemExit) as stopped:
        hand_in(DSN)
    assert stopped.value.code == 75

"""Which machine may send: the armed one, with the database that it last sent from, and no copy of it."""

import sqlite3
import stat
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from glossary.domain.deck import DeckState
from glossary.domain.errors import IllegalMove
from glossary.models import Installation, TrailEntry
from glossary.services import arming as service
from glossary.services.arming import arm, armed_host, begin_run, disarm, host_name, why_a_copy, why_not_sending
from glossary.services.delivery import send_due
from glossary.services.gate import publish_due
from glossary.services.line import Server
from glossary.services.sending_mark import mark_path, read_mark, write_mark
from glossary.services.transport import SmtpTransport
from glossary.services.worker import Worker
from tests.factories import arm_machine, make_brief_of, make_deck, make_readers
from tests.sink import Sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail(settings):
    settings.EMAIL_HOST = "127.0.0.1"


def test_nothing_leaves_until_this_machine_is_armed_and_staff_are_told_the_command(mail):
    assert "manage.py arm_sending" in why_not_sending()
    assert arm() == host_name() == armed_host()
    assert why_not_sending() == ""
    assert TrailEntry.objects.filter(verb="armed", subject=host_name()).exists()
    assert disarm() and not disarm() and armed_host() == ""


def test_a_copied_database_sends_nothing_until_it_is_armed_where_it_is(mail, monkeypatch):
    arm()
    monkeypatch.setattr(service.socket, "gethostname", lambda: "copy")
    assert "is armed, and this is copy:" in why_not_sending()
    arm()
    assert why_not_sending() == "" and armed_host().startswith("copy:")
    assert Installation.objects.count() == 1


def test_without_mail_or_its_key_nothing_is_armed(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with pytest.raises(IllegalMove, match="EMAIL_HOST"):
        arm()
    settings.LINK_KEY = ""
    with pytest.raises(IllegalMove, match="LINK_KEY"):
        arm()


def test_arming_twice_changes_nothing_and_the_mark_is_for_its_owner_only(mail):
    arm()
    before = Installation.objects.values().get(), read_mark()
    arm()
    assert (Installation.objects.values().get(), read_mark()) == before
    assert stat.S_IMODE(mark_path().stat().st_mode) == 0o600
    assert TrailEntry.objects.filter(verb="armed").count() == 1


def test_each_run_is_counted_in_the_database_and_on_the_machine(mail):
    arm()
    for runs in (1, 2, 3):
        assert begin_run() == "" == why_not_sending()
        assert Installation.objects.get().runs == read_mark().runs == read_mark().to == runs


@pytest.mark.parametrize("runs_back", [1, 2])
def test_a_database_put_back_in_its_place_sends_nothing_until_it_is_armed_anew(mail, runs_back):
    arm()
    for _ in range(3):
        begin_run()
    Installation.objects.update(runs=3 - runs_back)
    assert "put back from a backup" in why_not_sending() == why_a_copy() == begin_run()
    assert "Pause the briefs that readers have already, then run: manage.py arm_sending" in why_not_sending()
    arm()
    assert why_not_sending() == "" == begin_run()


def test_a_database_of_an_earlier_arming_sends_nothing(mail):
    arm()
    old = Installation.objects.values("armed_host", "armed_at", "armed_nonce", "runs").get()
    disarm()
    assert not mark_path().exists()
    Installation.objects.update(**old)
    assert "is gone" in why_not_sending()
    Installation.objects.update(armed_host="", armed_at=None)
    arm()
    Installation.objects.update(**old)
    assert "put back" in why_not_sending()


def test_a_machine_without_its_mark_sends_nothing(mail):
    arm()
    mark_path().unlink()
    assert "is gone" in why_not_sending() and "manage.py arm_sending" in why_not_sending()
    mark_path().write_text("what is this?")
    assert "is gone" in why_not_sending() == begin_run()


def test_a_mark_that_cannot_be_written_stops_sending_and_says_so(mail, monkeypatch):
    arm()

    def full(mark):
        raise OSError("No space left on device")

    monkeypatch.setattr(service, "write_mark", full)
    assert "No space left" in begin_run()
    assert Installation.objects.get().runs == 0
    monkeypatch.undo()
    assert begin_run() == ""


class Killed(BaseException):
    """A process dies here."""


@pytest.mark.parametrize("dies_at", [1, 2])
def test_a_process_that_dies_while_it_counts_leaves_a_machine_that_goes_on(mail, monkeypatch, dies_at):
    arm()
    left = [dies_at]

    def dies(mark):
        left[0] -= 1
        if not left[0]:
            raise Killed
        write_mark(mark)

    monkeypatch.setattr(service, "write_mark", dies)
    with pytest.raises(Killed):
        begin_run()
    monkeypatch.undo()
    assert Installation.objects.get().runs == dies_at - 1
    assert why_not_sending() == "" and read_mark().runs == read_mark().to == dies_at - 1
    assert begin_run() == ""
    Installation.objects.update(runs=0)
    assert "put back" in why_not_sending()


def test_an_armed_machine_of_before_there_were_marks_is_to_be_armed_once_more(mail):
    Installation.objects.create(made_at=timezone.now(), armed_host=host_name(), armed_at=timezone.now())
    assert "manage.py arm_sending" in why_not_sending()
    arm()
    assert why_not_sending() == ""


def test_where_the_mark_cannot_lie_nothing_is_armed(mail, settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.SENDING_MARK = tmp_path / "file" / "sending.txt"
    with pytest.raises(IllegalMove, match="cannot be read or written"):
        arm()
    assert armed_host() == ""


def test_a_site_that_never_sent_is_no_copy():
    assert why_a_copy() == "" and "No machine is armed" in why_not_sending()


def send(sink, *, clock=timezone.now):
    transport = SmtpTransport(Server("127.0.0.1", sink.port))
    tally = send_due(Worker(transport, clock=clock))
    transport.close()
    return tally


def test_after_a_restore_nobody_gets_the_brief_a_second_time(mail):
    brief = make_brief_of(3)
    kept = list(brief.deliveries.values("pk", "state")), Installation.objects.values("runs").get()
    with Sink() as sink:
        assert send(sink).sent == 3
        brief.deliveries.update(state="pending", message_id="", not_before=timezone.now() - timedelta(minutes=1))
        type(brief).objects.update(state="queued", started_at=None, ended_at=None)
        Installation.objects.update(**kept[1])
        tally = send(sink)
        assert (tally.sent, len(sink.accepted)) == (0, 3) and "put back from a backup" in tally.why_not


def copy_database(source, target):
    """Copy every page of one SQLite file over another's, by SQLite's own backup, which others may have open."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target, timeout=10)) as other:
        one.backup(other)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="The database is a file on SQLite only.")
def test_the_file_of_the_database_put_back_in_its_place_sends_nothing(mail, tmp_path):
    make_readers(3)
    deck = make_deck(state=DeckState.LOCKED)
    arm_machine()
    late = timezone.now().replace(hour=23, minute=30)
    connections.close_all()
    copy_database(connection.settings_dict["NAME"], tmp_path / "kept.sqlite3")
    with Sink() as sink:
        publish_due(now=late)
        assert send(sink, clock=lambda: late).sent == 3
        connections.close_all()
        copy_database(tmp_path / "kept.sqlite3", connection.settings_dict["NAME"])
        publish_due(now=late)
        assert deck.brief.deliveries.counted() == {"pending": 3}  # the deck is published all the same
        tally = send(sink, clock=lambda: late)
        assert (tally.sent, len(sink.accepted)) == (0, 3) and "put back from a backup" in tally.why_not

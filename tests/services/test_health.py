"""Whether this machine is ready, and the sign of life after a good tick."""

from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.core.management import call_command
from django.db import DatabaseError

from glossary.models import Heartbeat
from glossary.services import health
from glossary.services.health import beat, what_is_amiss

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 29, 12, tzinfo=UTC)


def test_a_site_is_ready_for_ten_minutes_after_a_good_tick():
    assert "tick has not ended well on this database yet" in what_is_amiss(NOON)
    beat(NOON)
    assert what_is_amiss(NOON + timedelta(minutes=10)) == ""
    assert "since 2026-05-29 12:00 UTC" in what_is_amiss(NOON + timedelta(minutes=10, seconds=1))


def test_missing_migrations_and_a_missing_database_are_said_in_a_sentence(monkeypatch):
    beat(NOON)
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *_: ["0009"])
    assert what_is_amiss(NOON) == "The database lacks migrations. Run manage.py migrate."

    def down(*_):
        raise DatabaseError("no")

    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", down)
    assert what_is_amiss(NOON) == "The database cannot be reached."


def test_whoever_watches_is_told_after_each_good_tick_and_may_be_away(settings, caplog):
    asked = []

    class Watch(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            """Be silent."""

    with HTTPServer(("127.0.0.1", 0), Watch) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        settings.HEARTBEAT_URL = f"http://127.0.0.1:{server.server_port}/ping"
        beat(NOON)
        thread.join(30)
    assert asked == ["/ping"]
    beat(NOON)
    assert "HEARTBEAT_URL could not be told" in caplog.text
    assert Heartbeat.objects.get().at == NOON


def test_a_tick_leaves_a_sign_of_life_and_one_that_only_looks_does_not(settings):
    settings.DECK_DAYS = frozenset()  # no deck is due today
    call_command("tick", dry_run=True)
    assert not Heartbeat.objects.exists()
    call_command("tick")
    assert what_is_amiss() == ""

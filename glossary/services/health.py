"""Health: whether this machine can serve readers, and that the clock's work is being done."""

import logging
import urllib.request
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from glossary.models import Heartbeat
from glossary.services.clock import moment

TICK = "tick"
MOST_SILENCE = timedelta(minutes=10)
PATIENCE = 10  # seconds that whoever watches over the site has to answer
logger = logging.getLogger(__name__)


def beat(now: datetime | None = None) -> None:
    """Keep that a tick ended well, and tell whoever watches at HEARTBEAT_URL; a failure of that is only logged."""
    Heartbeat.objects.update_or_create(job=TICK, defaults={"at": moment(now)})
    if not settings.HEARTBEAT_URL:
        return
    try:
        with urllib.request.urlopen(settings.HEARTBEAT_URL, timeout=PATIENCE):
            pass
    except (OSError, ValueError) as error:
        logger.warning("HEARTBEAT_URL could not be told that all is well: %s", error)


def what_is_amiss(now: datetime | None = None) -> str:
    """Return in a sentence why this machine is not ready to serve; empty where it is."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "The database lacks migrations. Run manage.py migrate."
        last = Heartbeat.objects.filter(job=TICK).first()
    except DatabaseError:
        return "The database cannot be reached."
    if last is None or moment(now) - last.at > MOST_SILENCE:
        since = f"since {last.at:%Y-%m-%d %H:%M} UTC" if last else "on this database yet"
        return f"manage.py tick has not ended well {since}. Run it every minute, or with --loop."
    return ""

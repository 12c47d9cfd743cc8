"""What tests of signing up share: a moment, and the way from a wish to a reader."""

import re
from datetime import UTC, datetime, timedelta

from django.core import mail

from glossary.services.sign_up import ask, take_sign_ups
from glossary.services.subscription import confirm

NOW = datetime(2026, 5, 29, 12, tzinfo=UTC)


def token_of(message):
    return re.search(r"/start/confirm/([\w-]+)/", message.body).group(1)


def subscribed(address="ada@example.org"):
    ask(address, now=NOW)
    take_sign_ups(now=NOW)
    return confirm(token_of(mail.outbox[-1]), now=NOW)


def later(**by):
    return NOW + timedelta(**by)

"""Signing up for the free brief: what a reader agrees to, and how often a mailbox may be written to for it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import TypeVar

Wish = TypeVar("Wish")

WORDING = "2026-11"  # the version of the words below; a new text gets a new one
AGREED = "One e-mail a day with seven cards. No tracking. Leave with one click."
CONFIRM_WITHIN = timedelta(days=7)  # after that the link of a confirmation mail is too old
FORGET_AFTER = timedelta(days=30)  # an address that was never confirmed is not kept longer
COUNTED_FOR = timedelta(hours=24)
# A mailbox gets three confirmation mails in COUNTED_FOR, whatever spelling of the address was typed
APART = timedelta(minutes=10)  # between two of them
HOUR = timedelta(hours=1)
MAILS_AN_HOUR = 500  # confirmation mails to everybody; more is a flood, and waits
NETWORK_AN_HOUR = 50  # confirmation mails that one network is answered with; its further wishes wait
GIVE_UP_AFTER = timedelta(hours=24)  # a wish that the flood kept waiting that long is dropped
LEASE = timedelta(minutes=10)  # whoever took a wish and did not come back loses it


def may_mail(now: datetime, *, last_at: datetime, third_at: datetime | None) -> bool:
    """Return whether a mailbox may get one more mail, the last having left at `last_at`, the third last at `third_at`.

    So no 24 hours have more than three, wherever they begin.
    """
    if now - last_at < APART:
        return False
    return third_at is None or now - third_at >= COUNTED_FOR


def in_turn(oldest: Iterable[Wish], newest: Iterable[Wish], *, limit: int) -> list[Wish]:
    """Return up to `limit` wishes, one of the oldest and one of the newest in turn, each once.

    Whoever comes during a flood is among the newest, so that half of what may leave is theirs.
    """
    return list(islice(dict.fromkeys(chain.from_iterable(zip(oldest, newest, strict=False))), limit))

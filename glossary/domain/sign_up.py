"""Signing up for the free brief: what a reader agrees to, and how often a mailbox may be written to for it."""

from datetime import datetime, timedelta

WORDING = "2026-11"  # the version of the words below; a new text gets a new one
AGREED = "One e-mail a day with seven cards. No tracking. Leave with one click."
CONFIRM_WITHIN = timedelta(days=7)  # after that the link of a confirmation mail is too old
FORGET_AFTER = timedelta(days=30)  # an address that was never confirmed is not kept longer
COUNTED_FOR = timedelta(hours=24)
MAILS_A_MAILBOX = 3  # confirmation mails in COUNTED_FOR, whatever spelling of the address was typed
APART = timedelta(minutes=10)  # between two of them
MAILS_AN_HOUR = 500  # confirmation mails to everybody; more is a flood, and waits
GIVE_UP_AFTER = timedelta(hours=24)  # a wish that the flood kept waiting that long is dropped
LEASE = timedelta(minutes=10)  # whoever took a wish and did not come back loses it


def may_mail(now: datetime, *, since: datetime, sent: int, last_at: datetime) -> bool:
    """Return whether a mailbox that got `sent` mails since `since`, the last at `last_at`, may get one more."""
    if now - last_at < APART:
        return False
    return sent < MAILS_A_MAILBOX or now - since >= COUNTED_FOR

"""A reader of the free brief: where their address stands, and why an address is never written to again."""

from enum import StrEnum

MAX_ADDRESS = 254  # characters, RFC 5321 4.5.3.1.3 less the angle brackets


class SubscriberState(StrEnum):
    """Where a reader stands. Only a confirmed one is sent briefs."""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"


class SuppressionReason(StrEnum):
    """Why nothing is sent to an address any more."""

    ERASED = "erased"  # the reader asked to be forgotten; only the keyed hash is kept
    HARD = "hard"  # the mailbox does not exist
    COMPLAINT = "complaint"  # the reader called the brief spam
    SOFT = "soft"  # it could not be delivered on several days
    STAFF = "staff"

"""The brief: a deck as mail. Its states, its window, and when a mail that was refused for now is tried again."""

from datetime import timedelta
from enum import StrEnum

WINDOW = timedelta(hours=20)  # after publication nothing of a brief leaves any more


class BriefState(StrEnum):
    """Where the sending of a deck stands."""

    QUEUED = "queued"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    MISSED = "missed"


class DeliveryState(StrEnum):
    """Where one mail to one reader stands.

    In doubt means: its body went to the mail server, or may have, and no answer was kept. It is never sent again by
    itself; once its lease has run out, staff see it as uncertain and settle it.
    """

    PENDING = "pending"
    CLAIMED = "claimed"
    IN_DOUBT = "in_doubt"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"


OPEN = (BriefState.QUEUED, BriefState.SENDING, BriefState.PAUSED)
HELD = (DeliveryState.CLAIMED, DeliveryState.IN_DOUBT)  # by a worker, under a lease
FINAL = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.SUPPRESSED, DeliveryState.EXPIRED)

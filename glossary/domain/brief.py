"""The brief: a deck as mail. Its states, its window, and when a mail that was refused for now is tried again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from unicodedata import category

WINDOW = timedelta(hours=20)  # after publication nothing of a brief leaves any more
IN_FLIGHT = 20  # mails of one worker at most of which a kill can leave unknown whether they arrived
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60))
JOINER = "\u200d"
FLAGS = "".join(map(chr, range(0x1F1E6, 0x1F200)))  # two of them make a flag
POISON = 3  # tries after which a mail that cannot be written is set aside
ALONE_TRIES = 8  # of a mail that no window ends
BUSY = 3  # refusals for now in a row after which a domain is left alone
BUSY_FOR = timedelta(minutes=5)
POISONED = "cannot be written"  # what the ledger says of a mail that was set aside


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


class Verdict(StrEnum):
    """What staff say of an uncertain mail."""

    ARRIVED = "arrived"
    AGAIN = "again"
    LEAVE = "leave"


OPEN = (BriefState.QUEUED, BriefState.SENDING, BriefState.PAUSED)
HELD = (DeliveryState.CLAIMED, DeliveryState.IN_DOUBT)  # by a worker, under a lease
FINAL = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.SUPPRESSED, DeliveryState.EXPIRED)


def wait_after(attempt: int, jitter: float) -> timedelta:
    """Return how long a mail waits after its `attempt`-th refusal for now: 1, 5, 15, then 60 minutes.

    `jitter`, from 0 to 1, adds up to a fifth, so that mails refused together do not come back together.
    """
    return BACK_OFF[min(max(attempt, 1), len(BACK_OFF)) - 1] * (1 + jitter / 5)


def pace(per_hour: int) -> tuple[int, timedelta]:
    """Return how many mails leave together, and the time from one such group to the next, for a cap an hour."""
    group = max(1, min(IN_FLIGHT, per_hour // 60))
    return group, timedelta(hours=1) / max(1, per_hour // group)


@dataclass(frozen=True)
class Progress:
    """How far a brief is. `counts` has the rows by state, `uncertain` those in doubt whose worker is gone."""

    counts: dict[str, int]
    uncertain: int
    started_at: datetime | None
    per_hour: int = 0  # 0: no cap

    @property
    def total(self) -> int:
        """All rows of the ledger."""
        return sum(self.counts.values())

    @property
    def sent(self) -> int:
        """Mails that the server took."""
        return self.counts.get(DeliveryState.SENT, 0)

    @property
    def failed(self) -> int:
        """Mails that were refused for good."""
        return self.counts.get(DeliveryState.FAILED, 0)

    @property
    def left_out(self) -> int:
        """Readers who left or were paused before their mail went."""
        return self.counts.get(DeliveryState.SUPPRESSED, 0)

    @property
    def expired(self) -> int:
        """Mails that the end of the window stopped."""
        return self.counts.get(DeliveryState.EXPIRED, 0)

    @property
    def waiting(self) -> int:
        """Mails that are still to go, those on their way among them."""
        held = self.counts.get(DeliveryState.CLAIMED, 0) + self.counts.get(DeliveryState.IN_DOUBT, 0) - self.uncertain
        return self.counts.get(DeliveryState.PENDING, 0) + held

    def a_minute(self, now: datetime) -> float | None:
        """Return the mails a minute since the start; None before there is anything to count."""
        if self.started_at is None or not self.sent or now <= self.started_at:
            return None
        return self.sent / ((now - self.started_at) / timedelta(minutes=1))

    def ends_at(self, now: datetime) -> datetime | None:
        """Return when the last mail leaves, by the rate so far or by the cap before the start; None if unknown."""
        rate = self.a_minute(now)
        if self.per_hour:
            rate = min(rate, self.per_hour / 60) if rate is not None else self.per_hour / 60
        return now + timedelta(minutes=self.waiting / rate) if rate else None

    def too_late(self, now: datetime, window_ends: datetime) -> int:
        """Return how many of the waiting mails will not leave before the window ends; 0 if that is unknown."""
        ends = self.ends_at(now)
        if ends is None or ends <= window_ends or not self.waiting:
            return 0
        time = max(window_ends - now, timedelta(0))
        return self.waiting - int(self.waiting * (time / (ends - now)))


def subject_of(title: str, headwords: list[str], *, limit: int = 60) -> str:
    """Return the subject of a brief: the deck's title, or two headwords (“RAG, LoRA + 5 more”), at most `limit` long.

    Where two headwords do not fit, one is named; where one does not, it is cut at a word.
    """
    if title and len(title) <= limit:
        return title
    for shown in (2, 1):
        named, more = ", ".join(headwords[:shown]), len(headwords) - shown
        subject = f"{named} + {more} more" if more > 0 else named
        if more >= 0 and len(subject) <= limit:
            return subject
    return _cut(title or headwords[0], limit)


def _cut(text: str, limit: int) -> str:
    """Return a text cut at a word, or else between two characters as people see them."""
    end = limit - 1
    while end > 1 and _is_joined(text, end):
        end -= 1
    words = text[:end]
    return f"{words.rpartition(' ')[0] or words}…"


def _is_joined(text: str, place: int) -> bool:
    """Return whether what stands at a place belongs to the sign before it: marks, joined emoji, tones, flags."""
    sign = text[place]
    if (
        JOINER in (sign, text[place - 1])
        or category(sign) in {"Mn", "Me", "Mc"}
        or "\U0001f3fb" <= sign <= "\U0001f3ff"
    ):
        return True
    flags = len(text[:place]) - len(text[:place].rstrip(FLAGS))
    return sign in FLAGS and flags % 2 == 1

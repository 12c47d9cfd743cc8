"""One mail on its way out: its envelope, what a server says to it, and what became of it and of the line."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from glossary.domain.bounce import Step


class LineLost(OSError):
    """The server is gone, silent, or talks something else than SMTP."""


class Refused(LineLost):
    """The server does not let mail in: no greeting, no TLS where it is required, a wrong password."""


class Stopped(LineLost):
    """This side closed the line; the server did nothing wrong."""


class Fate(StrEnum):
    """What became of one mail of a group."""

    TAKEN = "taken"
    LATER = "later"  # 4xx
    REFUSED = "refused"  # 5xx
    UNKNOWN = "unknown"  # the body went out, no answer came back
    UNSENT = "unsent"  # nothing of its body went out


@dataclass(frozen=True)
class Reply:
    """What the server says; a reply of several lines as one text. A refusal of a mail says at which step it came."""

    code: int
    text: str
    step: Step | None = None

    @property
    def good(self) -> bool:
        """Whether it is a yes."""
        return 200 <= self.code < 300

    @property
    def fate(self) -> Fate:
        """What it means for the mail that it answers."""
        return Fate.TAKEN if self.good else Fate.LATER if 400 <= self.code < 500 else Fate.REFUSED

    def at_step(self, step: Step) -> "Reply":
        """Return a refusal with the step at which it came; a yes as it is."""
        return self if self.good else replace(self, step=step)


@dataclass(frozen=True)
class Mail:
    """One mail on its way: whose row it is, the envelope, and the message with CRLF at its end."""

    key: int
    sender: str
    recipient: str
    message: bytes


@dataclass
class Results:
    """What became of the mails of a group, by key; `lost` says why the line broke, if it did, and `at` at which mail.

    `committed` says whether the caller was told that bodies are about to go.
    """

    fates: dict[int, tuple[Fate, Reply | None]] = field(default_factory=dict)
    lost: LineLost | None = None
    at: int | None = None
    committed: bool = False

"""A mail that many readers get: written once, with slots that are filled for each.

The words of a letter are the same for all; only the slots differ. So the message is put together once, as RFC 5322 and
RFC 2045 (quoted-printable) want it, and cut at its slots; a reader's copy is the pieces with the values between them.
The same values give the same bytes, so that a copy that is sent again equals the first.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from email.header import Header
from email.quoprimime import body_encode
from email.utils import formataddr
from hashlib import sha256

MAX_BYTES = 100_000  # larger mails are cut off by some readers' programs (Gmail: about 102 KB)
QP_LINE = 73  # characters; RFC 2045 allows 76, and a leading dot becomes three
SLOT = re.compile(r"\x00([a-z_]+)\x00")  # no text of ours has a NUL: it is refused on the way in
LINE_DOT = re.compile(rb"(^|\r\n)\.")
SAFE_ADDRESS = re.compile(r"[\x21-\x3b\x3d\x3f\x41-\x7e]+@[A-Za-z0-9.-]+")  # printable ASCII without < > and blanks


def slot(name: str) -> str:
    """Return the mark that stands for a value which differs from reader to reader."""
    return f"\x00{name}\x00"


@dataclass(frozen=True)
class LetterCard:
    """A card as the brief has it: the frozen words and the date; without words it was withdrawn, because."""

    position: int
    headword: str
    definition: str
    checked_on: date | None
    term_url: str
    check_url: str
    late: bool = False
    withdrawn_because: str = ""
    notes: tuple[str, ...] = ()

    @property
    def is_withdrawn(self) -> bool:
        """Whether its words were taken back after the deck was published."""
        return not self.definition


@dataclass(frozen=True)
class Letter:
    """What stands in a brief, in its order."""

    subject: str
    preheader: str
    title: str
    day: date
    deck_url: str
    cards: tuple[LetterCard, ...]


@dataclass(frozen=True)
class Envelope:
    """The headers that all copies share. Addresses are pairs of a name, which may be empty, and an address in ASCII."""

    sender: tuple[str, str]
    reply_to: tuple[str, str]
    subject: str
    list_name: str
    domain: str  # of Message-ID and List-Id
    unsubscribe_url: str = ""  # with its slot; empty where the site has no https
    marked: str = ""  # put before the subject of a test


def header(name: str, value: str) -> bytes:
    """Return one header line, encoded (RFC 2047) where it is not ASCII; raises ValueError for a line break in it."""
    if "\r" in value or "\n" in value:
        raise ValueError(f"The header {name} has a line break in it.")
    text = value if value.isascii() else Header(value, "utf-8", maxlinelen=72, header_name=name).encode(linesep="\r\n")
    return f"{name}: {text}\r\n".encode("ascii")


def address_header(named: tuple[str, str]) -> str:
    """Return a name and an address as a header has them: the name quoted, or encoded where it is not ASCII."""
    return formataddr(named, "utf-8")


def quoted(text: str) -> bytes:
    """Return text as quoted-printable UTF-8 with CRLF, no line beginning with a dot."""
    plain = text.replace("\r\n", "\n").encode().decode("latin-1")
    return LINE_DOT.sub(rb"\1=2E", body_encode(plain, QP_LINE, "\r\n").encode("ascii"))


def quoted_with_slots(text: str) -> list[bytes | str]:
    """Return the quoted-printable pieces of a text, the names of its slots between them.

    Each slot stands on a line of its own between two soft line breaks, so that its length does not matter.
    """
    pieces: list[bytes | str] = []
    parts = SLOT.split(text)
    for place, part in enumerate(parts):
        if place % 2:
            pieces.append(part)
            continue
        before = b"=\r\n" if place else b""
        after = b"=\r\n" if place < len(parts) - 1 else b""
        pieces.append(before + quoted(part) + after)
    return pieces


@dataclass
class Form:
    """A message cut at its slots. `fill` is what runs once for each reader: a copy of a list and a join."""

    pieces: list[bytes]
    places: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def cut(cls, parts: Sequence[bytes | str]) -> "Form":
        """Return the form of these parts: bytes as they are, the names of slots between them."""
        form = cls([])
        for part in parts:
            if isinstance(part, bytes) and len(form.pieces) % 2:
                form.pieces[-1] += part
            elif isinstance(part, bytes):
                form.pieces.append(part)
            else:
                if not len(form.pieces) % 2:
                    form.pieces.append(b"")
                form.places.setdefault(part, []).append(len(form.pieces))
                form.pieces.append(b"")
        return form

    def fill(self, values: Mapping[str, bytes]) -> bytes:
        """Return the message with these values; raises KeyError where one is missing."""
        pieces = self.pieces.copy()
        for name, places in self.places.items():
            value = values[name]
            for place in places:
                pieces[place] = value
        return b"".join(pieces)


def message_id(day: date, tag: str, domain: str) -> str:
    """Return the Message-ID of one reader's copy, the same whenever it is asked for."""
    return f"<{day.isoformat()}.{tag}@{domain}>"


def compose(envelope: Envelope, *, text: str, html: str) -> Form:
    """Return the message as a form with the slots of `text`, `html`, `date`, `to`, `message_id` and the way to leave.

    Text and HTML are multipart/alternative (RFC 2046 5.1.4); the boundary is made from the words, so that the same
    words give the same bytes.
    """
    boundary = "=_" + sha256(f"{text}\x00{html}".encode()).hexdigest()[:32]
    headers = b"".join(
        [
            header("From", address_header(envelope.sender)),
            header("Reply-To", address_header(envelope.reply_to)),
            header("Subject", envelope.marked + envelope.subject),
            header("List-Id", address_header((envelope.list_name, f"brief.{envelope.domain}"))),
            header("Auto-Submitted", "auto-generated"),
        ]
    )
    parts: list[bytes | str] = [
        headers,
        b"Date: ",
        "date",
        b"\r\nTo: <",
        "to",
        b">\r\nMessage-ID: ",
        "message_id",
        b"\r\n",
    ]
    if envelope.unsubscribe_url:
        before, name, after = SLOT.split(envelope.unsubscribe_url)
        parts += [f"List-Unsubscribe: <{before}".encode(), name, f"{after}>\r\n".encode()]
        parts.append(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    parts.append(
        b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="' + boundary.encode() + b'"\r\n\r\n'
    )
    for kind, content in (("plain", text), ("html", html)):
        parts.append(
            f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n".encode()
        )
        parts += quoted_with_slots(content)
        parts.append(b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    return Form.cut(parts)


def check_recipient(address: str) -> str:
    """Return an address that may stand in an envelope and a header; raises ValueError for any other."""
    if not SAFE_ADDRESS.fullmatch(address):
        raise ValueError("This address cannot stand in a mail: it needs SMTPUTF8, or is broken.")
    return address

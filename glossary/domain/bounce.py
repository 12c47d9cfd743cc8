"""What a mail server's refusal means for the reader: gone, full for now, or a matter between servers."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import default
from enum import StrEnum
from itertools import islice

ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
MAX_MAIL = 1_000_000  # bytes; a bounce brings back a brief at most
MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\s]{1,198}>)", re.IGNORECASE | re.MULTILINE)
MOST_IDS = 20  # of one mail that are looked up
SOFT_DAYS = 3  # distinct days on which mail came back for now, before nothing is sent any more
SOFT_WITHIN = 30  # days; an older one does not count
GONE = {(1, 1), (1, 3), (1, 6), (2, 1)}  # no such mailbox, no address at all, moved away, shut (RFC 3463)
SENDER = {(1, 7), (1, 8)}  # what is wrong is the sender's address
LOOKED_AT = 500  # characters of what a server says
OF_THE_SENDER = re.compile(
    r"relay|spam|reputation|polic(?:y|ies)|sender|rcpthosts|authenticat|access denied|too many"
    r"|(?:block|black|deny).{0,2}list|blocked|(?:message|sending|hourly|daily|rate).{0,9} limit",
    re.IGNORECASE,
)
NOBODY = re.compile(
    r"\b(?:unknown|no such|invalid|non-?existent) (?:local )?(?:user|mailbox|recipient|account)\b"
    r"|\b(?:user|mailbox|recipient|account)\b.{0,40}"
    r"\b(?:unknown|not found|no longer exists?|(?:does ?n.t|does not|not) exist)\b",
    re.IGNORECASE,
)


class BounceKind(StrEnum):
    """What came back."""

    HARD = "hard"  # there is no such mailbox
    SOFT = "soft"  # not now: full, too large, not reachable
    COMPLAINT = "complaint"  # the reader called it spam
    BLOCKED = "blocked"  # the server refuses the sender, which is nothing about the reader
    LEFT = "left"  # the reader left through the mail provider


class Step(StrEnum):
    """What a mail server refused: whom the mail is from, whom it is for, or its words."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    BODY = "body"


@dataclass(frozen=True)
class Bounce:
    """One recipient whose mail came back; `said` is the server's own sentence."""

    address: str
    kind: BounceKind
    said: str


def kind_of_refusal(code: int, said: str, step: Step | None = None) -> BounceKind:
    """Return what a refusal means for the reader, from its code and, where it has one, its longer code (RFC 3463).

    Only what is said of the recipient can be about the reader: a server that does not take the sender, or the words,
    says the same to everybody. A mailbox counts as gone where the longer code says so, or where a bare 550 says it in
    words, as 550 alone is also what relays say that do not want the sender. What is unknown is soft. `step` is None
    where a report came by mail, whose codes are about the one it names.
    """
    if step not in {None, Step.RECIPIENT}:
        return BounceKind.BLOCKED
    said = said[:LOOKED_AT]
    found = ENHANCED.search(said)
    if found:
        kind, *what = (int(part) for part in found.groups())
        if what[0] == 7 or tuple(what) in SENDER:
            return BounceKind.BLOCKED
        return BounceKind.HARD if kind == 5 and tuple(what) in GONE else BounceKind.SOFT
    if OF_THE_SENDER.search(said):
        return BounceKind.BLOCKED
    return BounceKind.HARD if code == 550 and NOBODY.search(said) else BounceKind.SOFT


def returned_ids(raw: bytes) -> set[str]:
    """Return the Message-IDs that stand in a mail as headers: its own, and those of a mail that it brings back."""
    found = islice(MESSAGE_ID.finditer(raw[:MAX_MAIL]), MOST_IDS)
    return {match[1].decode("ascii", "replace") for match in found}


def read_report(raw: bytes) -> list[Bounce]:
    """Return who is named in a delivery report (RFC 3464) or an abuse report (RFC 5965); nothing for another mail.

    What was delayed only is no bounce. Raises ValueError for a mail above a million bytes.
    """
    if len(raw) > MAX_MAIL:
        raise ValueError("This mail is too long for a delivery report.")
    mail = message_from_bytes(raw, policy=default)
    report = mail.get_content_type() == "multipart/report"
    kind = str(mail.get_param("report-type", "") or "").lower() if report else ""
    if kind == "delivery-status":
        return [bounce for group in _groups(mail, f"message/{kind}") if (bounce := _bounce(group)) is not None]
    if kind == "feedback-report":
        return [
            Bounce(_address(str(to)), BounceKind.COMPLAINT, str(group.get("Feedback-Type", "abuse")))
            for group in _groups(mail, f"message/{kind}")
            for to in group.get_all("Original-Rcpt-To", [])
        ]
    return []


def _groups(mail: Message, kind: str) -> list[Message]:
    """Return the groups of fields in the parts of this kind."""
    groups: list[Message] = []
    for part in mail.walk():
        if part.get_content_type() == kind:
            payload = part.get_payload()
            if isinstance(payload, list):
                groups += [group for group in payload if isinstance(group, Message)]
            else:
                groups.append(message_from_bytes(str(payload).encode("utf-8", "replace"), policy=default))
    return groups


def _bounce(group: Message) -> Bounce | None:
    """Return the bounce that one recipient's fields tell of; None for what was delivered or only delayed."""
    address = _address(str(group.get("Original-Recipient") or group.get("Final-Recipient") or ""))
    if not address or str(group.get("Action", "")).strip().lower() != "failed":
        return None
    said = " ".join(f"{group.get('Status', '')} {group.get('Diagnostic-Code', '')}".split())
    return Bounce(address, kind_of_refusal(0, said), said[:200])


def _address(field: str) -> str:
    """Return the address of a field such as `rfc822; ada@example.org`."""
    return field.rpartition(";")[2].strip().strip("<>").strip()

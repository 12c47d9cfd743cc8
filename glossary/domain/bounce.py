"""What a mail server's refusal means for the reader: gone, full for now, or a matter between servers."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import default
from enum import StrEnum

ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
MAX_MAIL = 1_000_000  # bytes; a bounce brings back a brief at most
SOFT_DAYS = 3  # distinct days on which mail came back for now, before nothing is sent any more
SOFT_WITHIN = 30  # days; an older one does not count
GONE_CODES = {550, 551, 553}  # without a longer code: no such mailbox (RFC 5321 4.2.3)


class BounceKind(StrEnum):
    """What came back."""

    HARD = "hard"  # there is no such mailbox
    SOFT = "soft"  # not now: full, too large, not reachable
    COMPLAINT = "complaint"  # the reader called it spam
    BLOCKED = "blocked"  # the server refuses the sender, which is nothing about the reader
    LEFT = "left"  # the reader left through the mail provider


@dataclass(frozen=True)
class Bounce:
    """One recipient whose mail came back; `said` is the server's own sentence."""

    address: str
    kind: BounceKind
    said: str


def kind_of_refusal(code: int, said: str) -> BounceKind:
    """Return what a refusal by SMTP means, from its code and, where it has one, its longer code (RFC 3463).

    5.1.x and 5.2.1 say that the mailbox is not there, 5.7.x that the sender is not wanted; what is unknown is soft.
    """
    found = ENHANCED.search(said)
    if found:
        kind, subject, detail = (int(part) for part in found.groups())
        if subject == 7:
            return BounceKind.BLOCKED
        gone = subject == 1 and detail not in {7, 8} or (subject, detail) == (2, 1)  # 5.1.7 and 5.1.8 name the sender
        return BounceKind.HARD if kind == 5 and gone else BounceKind.SOFT
    return BounceKind.HARD if code in GONE_CODES else BounceKind.SOFT


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

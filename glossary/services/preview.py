"""The brief before it goes: as readers will get it, and as a test to oneself."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from smtplib import SMTPException

from django.contrib.auth.models import User

from glossary.domain.address import address_key
from glossary.domain.errors import IllegalMove
from glossary.domain.link_token import HANDLE_LENGTH
from glossary.domain.mail import Mail
from glossary.domain.roles import Action
from glossary.models import Brief, Deck
from glossary.services.arming import can_mail
from glossary.services.brief_mail import write_brief
from glossary.services.clock import moment
from glossary.services.roles import require
from glossary.services.transport import as_django

NOBODY = "reader@example.org"  # whom the preview is addressed to
NO_HANDLE = "-" * HANDLE_LENGTH  # no reader's, so that the links of a preview lead nowhere


@dataclass(frozen=True)
class Preview:
    """A brief as a mail program reads it."""

    subject: str
    text: str
    html: str
    size: int


def preview_brief(deck: Deck, *, now: datetime | None = None) -> Preview:
    """Return the brief of a frozen deck, read back from the very bytes that a reader would be sent.

    Raises IllegalMove where there is nothing to show yet, with what to do.
    """
    _, message = write_brief(_brief_of(deck, moment(now))).fill(NOBODY, NO_HANDLE)
    read = message_from_bytes(message, _class=EmailMessage, policy=policy.default)
    plain, html = read.get_body(("plain",)), read.get_body(("html",))
    return Preview(
        subject=str(read["Subject"]),
        text=plain.get_content() if plain else "",
        html=html.get_content() if html else "",
        size=len(message),
    )


def send_test(deck: Deck, *, by: User, now: datetime | None = None) -> str:
    """Mail the brief of a deck to the member of staff who asks, marked as a test; return the address.

    Nothing is written to the ledger. Raises IllegalMove where no mail can go, with what to do.
    """
    require(by, Action.READ_DESK)
    if not can_mail():
        raise IllegalMove(
            "No mail server is set. Set EMAIL_HOST or EMAIL_PROVIDER, then try: manage.py check_mail you@example.org"
        )
    try:
        address = address_key(by.email)
    except ValueError as error:
        raise IllegalMove("Your account has no mail address. Ask whoever keeps the accounts to add one.") from error
    _, message = write_brief(_brief_of(deck, moment(now)), marked="[Test] ").fill(address, NO_HANDLE)
    mail = as_django(Mail(0, "", address, message))
    for name in ("List-Unsubscribe", "List-Unsubscribe-Post"):
        mail.extra_headers.pop(name, None)
    try:
        mail.send()
    except (OSError, SMTPException) as error:
        raise IllegalMove(f"The mail server did not take it: {error}") from error
    return address


def _brief_of(deck: Deck, now: datetime) -> Brief:
    return Brief(deck=deck, made_at=now, window_ends=now)

"""Signing up: a wish is left in one row, and seen to afterwards, so that the form answers the same to everybody."""

import hashlib
import logging
import secrets
from collections.abc import Iterator
from datetime import datetime
from smtplib import SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse

from glossary.domain.address import address_key, mail_address, mailbox_key
from glossary.domain.bounce import BounceKind, kind_of_refusal
from glossary.domain.errors import BadText
from glossary.domain.link_token import Purpose, mailbox_hash, make_token, suppression_key
from glossary.domain.names import MAX_SLUG, SLUG
from glossary.domain.sign_up import (
    CONFIRM_WITHIN,
    COUNTED_FOR,
    FORGET_AFTER,
    GIVE_UP_AFTER,
    HOUR,
    LEASE,
    MAILS_AN_HOUR,
    WORDING,
    may_mail,
)
from glossary.domain.subscriber import MAX_ADDRESS, SubscriberState, SuppressionReason
from glossary.models import ConfirmationCount, SignUp, Subscriber, Suppression, Term
from glossary.services.brief import armed_host, why_not_sending
from glossary.services.clock import moment
from glossary.services.notice import can_mail

logger = logging.getLogger(__name__)
NO_ADDRESS = "That does not look like an e-mail address"
WRONG = f"{NO_ADDRESS}. Write it as name@example.org."


def closed_because() -> str:
    """Return why readers cannot sign up, as a sentence for staff with the next step; empty where they can.

    One query at most.
    """
    if not can_mail():
        return "Mail is not set up: set EMAIL_HOST (and run `manage.py check_mail you@example.org`)."
    for name in ("LINK_KEY", "POSTAL_ADDRESS", "PUBLISHER", "CONTACT_EMAIL"):
        if not getattr(settings, name):
            return f"{name} is not set. Every brief, and the privacy page, must say who sends it: set it in `.env`."
    if not armed_host():
        return "Sending is not armed on this machine: run `manage.py arm_sending`."
    return ""


def ask(address: str, *, slug: str = "", now: datetime | None = None) -> None:
    """Leave the wish of a reader for the brief: one INSERT, whoever it is.

    `slug` names the term on whose page they asked. Raises BadText for what is no address; nothing is kept then.
    """
    address = address.strip()
    if len(address) > MAX_ADDRESS or not address.isprintable() or "\ufffd" in address:
        raise BadText(WRONG)
    try:
        key, goes_to = address_key(address), mail_address(address)
    except ValueError as error:
        raise BadText(f"{NO_ADDRESS}: {error}.") from error
    if len(key) > MAX_ADDRESS:
        raise BadText(WRONG)
    known = slug if len(slug) <= MAX_SLUG and SLUG.fullmatch(slug) else ""
    SignUp.objects.create(address=goes_to, key=key, slug=known, wording=WORDING, asked_at=moment(now))


def take_sign_ups(*, now: datetime | None = None, limit: int = 500) -> int:
    """See to the wishes that were left: mail those who asked a link, within the caps; return how many mails left.

    Safe to run in many places at once: a wish is claimed by a conditional UPDATE. One that may not be mailed now,
    because its mailbox had its share, is dropped; the flood of all mailboxes waits. A mailbox that the server refuses
    costs its own wish and no other; a line that breaks costs nobody theirs. Nothing leaves from a machine that is not
    armed: a copy of the database writes to nobody.
    """
    if closed_because() or why_not_sending():
        return 0
    at, sent = moment(now), 0
    SignUp.objects.filter(asked_at__lt=at - GIVE_UP_AFTER).delete()
    connection: BaseEmailBackend | None = None
    for wish in _claimed(at, limit):
        if ConfirmationCount.objects.mails_since(at - HOUR) >= MAILS_AN_HOUR:
            SignUp.objects.filter(pk=wish.pk).update(taken_at=None)
            logger.warning("%s confirmation mails left within the hour; the others wait", MAILS_AN_HOUR)
            break
        mail = _mail_for(wish, now=at)
        if mail is None:
            wish.delete()
            continue
        try:
            if connection is None:
                connection = get_connection()
                connection.open()  # a server that cannot be reached has taken nothing
        except OSError as error:
            _give_back(wish, now=at)
            logger.warning("the mail server cannot be reached, trying again later: %s", error)
            break
        mail.connection = connection
        try:
            mail.send()
        except SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            if not _refused(wish, code, said, now=at):
                break
        except SMTPSenderRefused as error:
            _give_back(wish, now=at)
            logger.error("the mail server refuses the sender of confirmation mails: %s %s", *error.args[:2])
            break
        except SMTPResponseException as error:
            if not _refused(wish, error.smtp_code, error.smtp_error, now=at):
                break
        except OSError as error:  # it may have left: the mail stays counted, and the wish waits for its lease
            logger.warning("it is not known whether a confirmation mail left: %s", error)
            break
        except ValueError as error:
            wish.delete()
            logger.warning("no confirmation mail can be written to an address: %s", error)
        else:
            wish.delete()
            sent += 1
    if connection is not None:
        connection.close()
    return sent


def forget_unconfirmed(*, now: datetime | None = None) -> int:
    """Delete the addresses that nobody confirmed within 30 days, and old counts; return how many addresses."""
    at = moment(now)
    ConfirmationCount.objects.filter(last_at__lt=at - COUNTED_FOR).delete()
    old = Subscriber.objects.filter(state=SubscriberState.UNCONFIRMED, asked_at__lt=at - FORGET_AFTER)
    return old.delete()[0]


def _claimed(now: datetime, limit: int) -> Iterator[SignUp]:
    """Yield the wishes that wait and may be mailed, each claimed for this process, the oldest first.

    Those whose mailbox had its share, or that ask for a mailbox a second time, are dropped at once: a flood on a few
    mailboxes costs two queries, not two for each wish.
    """
    free = SignUp.objects.filter(Q(taken_at__isnull=True) | Q(taken_at__lt=now - LEASE))
    waiting = [(wish, _mailbox(wish)) for wish in free[:limit]]
    counted = {row.key: row for row in ConfirmationCount.objects.filter(key__in={box for _, box in waiting})}
    full = {key for key, row in counted.items() if not may_mail(now, last_at=row.last_at, third_at=row.first_at)}
    first: dict[str, SignUp] = {}
    for wish, box in waiting:
        if box not in full:
            first.setdefault(box, wish)
    kept = {wish.pk for wish in first.values()}
    free.filter(pk__in=[wish.pk for wish, _ in waiting if wish.pk not in kept]).delete()
    for wish in first.values():
        if free.filter(pk=wish.pk).update(taken_at=now):
            yield wish


def _mail_for(wish: SignUp, *, now: datetime) -> EmailMultiAlternatives | None:
    """Return the mail that answers a wish, its token kept and its mailbox counted; None where none may be sent."""
    key = settings.LINK_KEY.encode()
    complaint = Suppression.objects.filter(
        key=suppression_key(key, wish.key), reason=SuppressionReason.COMPLAINT
    ).exists()
    if complaint or not _count(_mailbox(wish), now):
        return None
    with transaction.atomic():
        reader = _reader_of(wish, now=now)
        if reader.state == SubscriberState.CONFIRMED:
            token = make_token(key, Purpose.PREFERENCES, reader.handle)
            return _letter("already", reader.address, reverse("preferences", args=[token]))
        token = secrets.token_urlsafe(16)
        reader.token_hash, reader.token_expires = token_hash(token), now + CONFIRM_WITHIN
        reader.address, reader.wording, reader.asked_at = wish.address, wish.wording, wish.asked_at
        reader.save(update_fields=["token_hash", "token_expires", "address", "wording", "asked_at"])
    return _letter("confirm", reader.address, reverse("confirm", args=[token]))


def _mailbox(wish: SignUp) -> str:
    """Return the keyed hash under which the mails to the mailbox of a wish are counted."""
    return mailbox_hash(settings.LINK_KEY.encode(), mailbox_key(wish.key))


def token_hash(token: str) -> str:
    """Return what is kept of a confirmation link: SHA-256, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def _reader_of(wish: SignUp, *, now: datetime) -> Subscriber:
    """Return the reader of this address, locked; a new one where there is none yet."""
    term = Term.objects.published().filter(slug=wish.slug).first() if wish.slug else None
    Subscriber.objects.get_or_create(
        key=wish.key,
        defaults={"address": wish.address, "term": term, "asked_at": wish.asked_at, "wording": wish.wording},
    )
    return Subscriber.objects.select_for_update().get(key=wish.key)


def _count(key: str, now: datetime) -> bool:
    """Count one more mail to a mailbox, if it may get one; a conditional UPDATE, so that two processes send one."""
    counted = ConfirmationCount.objects.filter(key=key)
    if counted.free(now).add(now):
        return True
    if counted.exists():
        return False
    try:
        with transaction.atomic():
            ConfirmationCount.objects.create(key=key, last_at=now)
    except IntegrityError:  # another process was quicker, and its mail is the one
        return False
    return True


def _refused(wish: SignUp, code: int, said: bytes | str, *, now: datetime) -> bool:
    """Draw the consequence of a refusal of one mail; return whether the line still stands.

    What is refused for good is dropped, and stays counted, so that asking for it again and again costs the server no
    more than mails that arrive. What is refused for now, or because of the sender (5.7.x), waits for its lease to end.
    """
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    if code >= 500 and kind_of_refusal(code, text) != BounceKind.BLOCKED:
        wish.delete()
        logger.info("the mail server refused a confirmation mail for good: %s", code)
        return True
    _uncount(wish, now=now)
    logger.warning("the mail server refused a confirmation mail for now: %s %s", code, text)
    if code == 421:  # it closes the line (RFC 5321 4.2.1)
        SignUp.objects.filter(pk=wish.pk).update(taken_at=None)
    return code != 421


def _give_back(wish: SignUp, *, now: datetime) -> None:
    """Undo what was counted for a mail that certainly did not leave, and let the wish wait."""
    _uncount(wish, now=now)
    SignUp.objects.filter(pk=wish.pk).update(taken_at=None)


def _uncount(wish: SignUp, *, now: datetime) -> None:
    ConfirmationCount.objects.filter(key=_mailbox(wish), last_at=now).take_back()


def _letter(name: str, address: str, path: str) -> EmailMultiAlternatives:
    """Return a short mail with one link, in text and HTML."""
    context = {
        "SITE_NAME": settings.SITE_NAME,
        "SITE_URL": settings.SITE_URL,
        "link": f"{settings.SITE_URL}{path}",
        "publisher": settings.PUBLISHER,
        "postal_address": settings.POSTAL_ADDRESS,
        "contact": settings.CONTACT_EMAIL,
    }
    subjects = {
        "confirm": f"Confirm your free brief from {settings.SITE_NAME}",
        "already": f"You already get the brief from {settings.SITE_NAME}",
    }
    mail = EmailMultiAlternatives(
        subjects[name],
        render_to_string(f"email/{name}.txt", context),
        to=[address],
        reply_to=[settings.CONTACT_EMAIL],
        headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
    )
    mail.attach_alternative(render_to_string(f"email/{name}.html", context), "text/html")
    return mail

"""Signing up: a wish is left in one row, and seen to afterwards, so that the form answers the same to everybody."""

import hashlib
import logging
import secrets
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse

from glossary.domain.address import address_key, mailbox_key
from glossary.domain.errors import BadText
from glossary.domain.link_token import Purpose, mailbox_hash, make_token, suppression_key
from glossary.domain.names import MAX_SLUG, SLUG
from glossary.domain.sign_up import (
    APART,
    CONFIRM_WITHIN,
    COUNTED_FOR,
    FORGET_AFTER,
    GIVE_UP_AFTER,
    LEASE,
    MAILS_A_MAILBOX,
    MAILS_AN_HOUR,
    WORDING,
    may_mail,
)
from glossary.domain.subscriber import MAX_ADDRESS, SubscriberState, SuppressionReason
from glossary.models import ConfirmationCount, SignUp, Subscriber, Suppression, Term
from glossary.services.arming import armed_host, can_mail, why_not_sending
from glossary.services.clock import moment

logger = logging.getLogger(__name__)
WRONG = "That does not look like an e-mail address. Write it as name@example.org."


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
        key = address_key(address)
        address.encode("utf-8")
    except (ValueError, UnicodeError) as error:
        raise BadText(WRONG) from error
    if len(key) > MAX_ADDRESS:
        raise BadText(WRONG)
    known = slug if len(slug) <= MAX_SLUG and SLUG.fullmatch(slug) else ""
    SignUp.objects.create(address=address, key=key, slug=known, wording=WORDING, asked_at=moment(now))


def take_sign_ups(*, now: datetime | None = None, limit: int = 500) -> int:
    """See to the wishes that were left: mail those who asked a link, within the caps; return how many mails left.

    Safe to run in many places at once: a wish is claimed by a conditional UPDATE. One that may not be mailed now,
    because its mailbox had its share, is dropped; the flood of all mailboxes waits. Nothing leaves from a machine that
    is not armed: a copy of the database writes to nobody.
    """
    if closed_because() or why_not_sending():
        return 0
    at, sent = moment(now), 0
    SignUp.objects.filter(asked_at__lt=at - GIVE_UP_AFTER).delete()
    connection: BaseEmailBackend | None = None
    for wish in _claimed(at, limit):
        if ConfirmationCount.objects.filter(last_at__gt=at - COUNTED_FOR / 24).count() >= MAILS_AN_HOUR:
            SignUp.objects.filter(pk=wish.pk).update(taken_at=None)
            logger.warning("%s confirmation mails left within the hour; the others wait", MAILS_AN_HOUR)
            break
        mail = _mail_for(wish, now=at)
        if mail is None:
            wish.delete()
            continue
        connection = connection or get_connection()
        mail.connection = connection
        try:
            mail.send()
        except (OSError, ValueError) as error:
            _give_back(wish)
            logger.warning("the mail server took no confirmation mail, trying again later: %s", error)
            break
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
    full = {
        key for key, row in counted.items() if not may_mail(now, since=row.since, sent=row.sent, last_at=row.last_at)
    }
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
    rows = ConfirmationCount.objects.filter(key=key, last_at__lte=now - APART)
    fresh = rows.filter(since__lte=now - COUNTED_FOR).update(since=now, sent=1, last_at=now)
    if fresh or rows.filter(sent__lt=MAILS_A_MAILBOX).update(sent=F("sent") + 1, last_at=now):
        return True
    if ConfirmationCount.objects.filter(key=key).exists():
        return False
    try:
        with transaction.atomic():
            ConfirmationCount.objects.create(key=key, since=now, sent=1, last_at=now)
    except IntegrityError:  # another process was quicker, and its mail is the one
        return False
    return True


def _give_back(wish: SignUp) -> None:
    """Undo what was counted for a mail that did not leave, and let the wish wait."""
    rows = ConfirmationCount.objects.filter(key=_mailbox(wish))
    rows.filter(sent=1).delete()
    rows.update(sent=F("sent") - 1, last_at=F("since"))
    SignUp.objects.filter(pk=wish.pk).update(taken_at=None)


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

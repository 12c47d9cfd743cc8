"""The mail that answers a wish for the brief: whether its mailbox may get one, and what stands in it."""

import hashlib
import secrets
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse

from glossary.domain.address import mailbox_key
from glossary.domain.letter import address_header
from glossary.domain.link_token import Purpose, mailbox_hash, make_token, suppression_key
from glossary.domain.sign_up import CONFIRM_WITHIN
from glossary.domain.subscriber import SubscriberState
from glossary.models import ConfirmationCount, SignUp, Subscriber, Suppression, Term
from glossary.services.brief_mail import sender


def confirmation_for(wish: SignUp, *, now: datetime) -> EmailMultiAlternatives | None:
    """Return the mail that answers a wish, its link kept and its mailbox counted; None where none may be sent.

    Staff's word that an address is written to no more holds for these mails too. Whatever else keeps briefs away, a
    bounce, a complaint, or that they were forgotten, does not keep their owner from asking anew.
    """
    key = settings.LINK_KEY.encode()
    held = Suppression.objects.filter(key=suppression_key(key, wish.key), held=True).exists()
    if held or not _count(mailbox_of(wish), now):
        return None
    with transaction.atomic():
        reader = _reader_of(wish, now=now)
        if reader.state == SubscriberState.CONFIRMED:
            token = make_token(key, Purpose.PREFERENCES, reader.handle)
            return _letter("already", reader.address, reverse("preferences", args=[token]))
        token = secrets.token_urlsafe(16)
        reader.links.create(token_hash=token_hash(token), expires=now + CONFIRM_WITHIN)
        reader.address, reader.wording, reader.asked_at = wish.address, wish.wording, wish.asked_at
        reader.save(update_fields=["address", "wording", "asked_at"])
    return _letter("confirm", reader.address, reverse("confirm", args=[token]))


def mailbox_of(wish: SignUp) -> str:
    """Return the keyed hash under which the mails to the mailbox of a wish are counted."""
    return mailbox_hash(settings.LINK_KEY.encode(), mailbox_key(wish.key))


def token_hash(token: str) -> str:
    """Return what is kept of a confirmation link: SHA-256, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def uncount(wish: SignUp, *, now: datetime) -> None:
    """Undo what was counted at `now` for a mail that did not leave."""
    ConfirmationCount.objects.filter(key=mailbox_of(wish), last_at=now).take_back()


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
        address_header(sender()),
        to=[address],
        reply_to=[settings.CONTACT_EMAIL],
        headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
    )
    mail.attach_alternative(render_to_string(f"email/{name}.html", context), "text/html")
    return mail

"""Signing up: a wish is left in one row, and seen to afterwards, so that the form answers the same to everybody."""

import logging
from collections.abc import Iterator
from datetime import datetime
from smtplib import SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from glossary.domain.address import address_key, mail_address
from glossary.domain.bounce import BounceKind, kind_of_refusal
from glossary.domain.errors import BadText
from glossary.domain.link_token import tag_of
from glossary.domain.names import MAX_SLUG, SLUG
from glossary.domain.sign_up import (
    COUNTED_FOR,
    FORGET_AFTER,
    GIVE_UP_AFTER,
    HOUR,
    MAILS_AN_HOUR,
    NETWORK_AN_HOUR,
    WORDING,
    in_turn,
    may_mail,
)
from glossary.domain.subscriber import MAX_ADDRESS, SubscriberState
from glossary.models import ConfirmationCount, ConfirmationLink, SignUp, SignUpTally, Subscriber
from glossary.services.arming import can_mail, why_not_sending
from glossary.services.clock import moment
from glossary.services.confirmation import confirmation_for, mailbox_of, uncount

logger = logging.getLogger(__name__)
NO_ADDRESS = "That does not look like an e-mail address"
WRONG = f"{NO_ADDRESS}. Write it as name@example.org."


def closed_because() -> str:
    """Return why readers cannot sign up, as a sentence for staff with the next step; empty where they can.

    It is closed wherever no confirmation would leave: also on a copy of a site whose own machine is armed. One query at
    most.
    """
    if not can_mail():
        return "Mail is not set up: set EMAIL_HOST or EMAIL_PROVIDER (and run `manage.py check_mail you@example.org`)."
    for name in ("LINK_KEY", "POSTAL_ADDRESS", "PUBLISHER", "CONTACT_EMAIL"):
        if not getattr(settings, name):
            return f"{name} is not set. Every brief, and the privacy page, must say who sends it: set it in `.env`."
    return why_not_sending()


def ask(address: str, *, slug: str = "", network: str = "", now: datetime | None = None) -> None:
    """Leave the wish of a reader for the brief: one INSERT, whoever it is.

    `slug` names the term on whose page they asked; `network` is where they asked from, of which a keyed hash of the day
    is kept, until the wish is seen to. Raises BadText for what is no address; nothing is kept then.
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
    at = moment(now)
    said = f"{at:%Y-%m-%d}:{network}"
    hashed = tag_of(settings.LINK_KEY.encode(), "network", said) if network and settings.LINK_KEY else ""
    SignUp.objects.create(address=goes_to, key=key, slug=known, network=hashed, wording=WORDING, asked_at=at)


def take_sign_ups(*, now: datetime | None = None, limit: int = 500) -> int:
    """See to the wishes that were left: mail those who asked a link, within the caps; return how many mails left.

    Safe to run in many places at once: a wish is claimed by a conditional UPDATE. One that may not be mailed now,
    because its mailbox had its share, is dropped; the flood of all mailboxes waits. A mailbox that the server refuses
    costs its own wish and no other; a line that breaks costs nobody theirs. Nothing leaves from a machine that is not
    armed: a copy of the database writes to nobody.
    """
    if closed_because():
        return 0
    at, sent = moment(now), 0
    _drop_old(at)
    connection: BaseEmailBackend | None = None
    for wish in _claimed(at, limit):
        if ConfirmationCount.objects.mails_since(at - HOUR) >= MAILS_AN_HOUR:
            SignUp.objects.filter(pk=wish.pk).update(taken_at=None)
            logger.warning("%s confirmation mails left within the hour; the others wait", MAILS_AN_HOUR)
            break
        mail = confirmation_for(wish, now=at)
        if mail is None:
            wish.delete()
            continue
        if wish.network:
            SignUpTally.objects.add(SignUpTally.of_network(wish.network, at), now=at)
        try:
            if connection is None:
                connection = get_connection()
                connection.open()  # a server that cannot be reached has taken nothing
        except OSError as error:
            _give_back(wish, now=at)
            logger.warning("the mail server cannot be reached, trying again later: %s", error)
            break
        mail.connection = connection
        has_left, stands = _send(mail, wish, now=at)
        sent += has_left
        if not stands:
            break
    if connection is not None:
        connection.close()
    return sent


def dropped_of_late(*, now: datetime | None = None) -> int:
    """Return how many wishes were dropped within 30 days because a flood, or the mail server, kept them waiting."""
    return SignUpTally.objects.dropped_since(moment(now) - FORGET_AFTER)


def forget_unconfirmed(*, now: datetime | None = None) -> int:
    """Delete the addresses that nobody confirmed within 30 days, and old counts; return how many addresses.

    Wishes do not outlast their day either, where sign-up was closed meanwhile and nobody sees to them.
    """
    at = moment(now)
    _drop_old(at)
    ConfirmationCount.objects.filter(last_at__lt=at - COUNTED_FOR).delete()
    SignUpTally.objects.spent(at).delete()
    ConfirmationLink.objects.filter(expires__lte=at).delete()
    old = Subscriber.objects.filter(state=SubscriberState.UNCONFIRMED, asked_at__lt=at - FORGET_AFTER)
    return old.delete()[1].get("glossary.Subscriber", 0)


def _claimed(now: datetime, limit: int) -> Iterator[SignUp]:
    """Yield the wishes that wait and may be mailed, each claimed for this process: the oldest and the newest in turn.

    So a flood delays those who came after it by its first half only, and one from a single network nobody at all.
    Those whose mailbox had its share, or that ask for a mailbox a second time, are dropped at once: a flood on a few
    mailboxes costs two queries, not two for each wish.
    """
    free = SignUp.objects.free(now)
    used = SignUpTally.objects.of_networks(now)
    open_to = free.exclude(network__in=[network for network, mails in used.items() if mails >= NETWORK_AN_HOUR])
    wishes = in_turn(open_to.order_by("pk")[:limit], open_to.order_by("-pk")[:limit], limit=limit)
    waiting = [(wish, mailbox_of(wish)) for wish in wishes]
    counted = {row.key: row for row in ConfirmationCount.objects.filter(key__in={box for _, box in waiting})}
    full = {key for key, row in counted.items() if not may_mail(now, last_at=row.last_at, third_at=row.first_at)}
    first: dict[str, SignUp] = {}
    for wish, box in waiting:
        if box not in full:
            first.setdefault(box, wish)
    kept = {wish.pk for wish in first.values()}
    free.filter(pk__in=[wish.pk for wish, _ in waiting if wish.pk not in kept]).delete()
    for wish in first.values():
        used[wish.network] = used.get(wish.network, 0) + 1
        if wish.network and used[wish.network] > NETWORK_AN_HOUR:
            continue  # it waits for the next hour, and costs nobody else theirs
        if free.filter(pk=wish.pk).update(taken_at=now):
            yield wish


def _send(mail: EmailMultiAlternatives, wish: SignUp, *, now: datetime) -> tuple[bool, bool]:
    """Send the mail that answers a wish; return whether it left, and whether the line stands for the next."""
    try:
        mail.send()
    except SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        return False, _refused(wish, code, said, now=now)
    except SMTPSenderRefused as error:
        _give_back(wish, now=now)
        logger.error("the mail server refuses the sender of confirmation mails: %s %s", *error.args[:2])
        return False, False
    except SMTPResponseException as error:
        return False, _refused(wish, error.smtp_code, error.smtp_error, now=now)
    except OSError as error:  # it may have left: the mail stays counted, and the wish waits for its lease
        logger.warning("it is not known whether a confirmation mail left: %s", error)
        return False, False
    except ValueError as error:
        wish.delete()
        logger.warning("no confirmation mail can be written to an address: %s", error)
        return False, True
    wish.delete()
    return True, True


def _drop_old(now: datetime) -> None:
    """Drop the wishes that waited for a day, and count them for staff."""
    dropped = SignUp.objects.filter(asked_at__lt=now - GIVE_UP_AFTER).delete()[0]
    if dropped:
        SignUpTally.objects.add(SignUpTally.of_dropped(now), now=now, number=dropped)
        logger.error("%s sign-ups were dropped: no confirmation mail could leave for a day", dropped)


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
    _undo(wish, now=now)
    logger.warning("the mail server refused a confirmation mail for now: %s %s", code, text)
    if code == 421:  # it closes the line (RFC 5321 4.2.1)
        SignUp.objects.filter(pk=wish.pk).update(taken_at=None)
    return code != 421


def _give_back(wish: SignUp, *, now: datetime) -> None:
    """Undo what was counted for a mail that certainly did not leave, and let the wish wait."""
    _undo(wish, now=now)
    SignUp.objects.filter(pk=wish.pk).update(taken_at=None)


def _undo(wish: SignUp, *, now: datetime) -> None:
    uncount(wish, now=now)
    if wish.network:
        SignUpTally.objects.add(SignUpTally.of_network(wish.network, now), now=now, number=-1)

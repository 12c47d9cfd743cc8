"""Telling members of staff what came to them: on the first page of the desk, and by mail if they like."""

import logging
from collections.abc import Iterable
from datetime import date, datetime
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db.models import Q

from glossary.domain.roles import ROLE_ACTIONS, Action
from glossary.models import Deck, DeskPreference, Notice, NoticeKind, Term
from glossary.services.arming import can_mail, why_a_copy
from glossary.services.clock import moment

logger = logging.getLogger(__name__)
MAILED = [  # the rest is inbox only
    NoticeKind.ASSIGNED,
    NoticeKind.SENT_BACK,
    NoticeKind.PASSED,
    NoticeKind.SUGGESTION,
    NoticeKind.DECK,
    NoticeKind.RESERVE,
    NoticeKind.BRIEF,
]


class Unmailable(Exception):
    """No mail reaches this person, and trying again would change nothing."""


def tell(
    person: User,
    kind: NoticeKind,
    *,
    path: str,
    term: Term | None = None,
    deck: Deck | None = None,
    now: datetime,
    text: str = "",
    line: int | None = None,
    said_by: User | None = None,
) -> Notice | None:
    """Leave a notice for a person, in the transaction of the act; nobody is told of their own acts."""
    if said_by is not None and said_by.pk == person.pk:
        return None
    return Notice.objects.create(
        person=person,
        kind=kind,
        term=term,
        deck=deck,
        path=path,
        at=now,
        text=text,
        line=line,
        said_by=said_by.get_username() if said_by else "",
    )


def tell_those_who_may(
    action: Action, kind: NoticeKind, *, path: str, deck: Deck | None = None, now: datetime, text: str
) -> None:
    """Leave the same notice for each member of staff whose role has this action, and for superusers."""
    roles = [role.value for role, actions in ROLE_ACTIONS.items() if action in actions]
    allowed = Q(groups__name__in=roles) | Q(is_superuser=True)
    for person in User.objects.filter(allowed, is_active=True, is_staff=True).distinct().order_by("pk"):
        tell(person, kind, deck=deck, path=path, now=now, text=text)


def put_away(person: User, notices: Iterable[int], *, now: datetime | None = None) -> int:
    """Mark a person's own notices as read; return how many that were."""
    return Notice.objects.unread().filter(person=person, pk__in=list(notices)).update(read_at=moment(now))


def preference_of(person: User) -> DeskPreference:
    """Return how a person likes to work; what nobody chose is as the model has it."""
    return DeskPreference.objects.filter(person=person).first() or DeskPreference(person=person)


def set_preference(
    person: User, *, mails: bool | None = None, digest: bool | None = None, keys: bool | None = None
) -> DeskPreference:
    """Change what is given and keep the rest."""
    given = {name: on for name, on in (("mails", mails), ("digest", digest), ("keys", keys)) if on is not None}
    preference, _ = DeskPreference.objects.update_or_create(person=person, defaults=given)
    return preference


def send_notices(*, now: datetime | None = None, limit: int = 200) -> int:
    """Mail what came to somebody and was not mailed; return how many mails left. Safe to run in many places at once.

    Each notice is claimed by a conditional UPDATE before its mail is sent, and given back if the mail server does not
    take it, for the next round. Without mail set up, or on a copy of the site, nothing is claimed; people without an
    address that mail can go to, who want no mails, or who left the staff are passed over.
    """
    if not can_mail() or why_a_copy():
        return 0
    at, sent = moment(now), 0
    waiting = Notice.objects.to_mail().filter(kind__in=MAILED).select_related("person__desk_preference", "term", "deck")
    for notice in waiting.order_by("pk")[:limit]:
        if not Notice.objects.to_mail().filter(pk=notice.pk).update(mailed_at=at):
            continue  # another process has it
        if not _wants(notice.person, "mails"):
            continue
        said = f"{notice.said_by}: " if notice.said_by else ""
        about = f"{notice.about}, line {notice.line}" if notice.line else notice.about
        link = f"{settings.SITE_URL}{notice.path}"
        text = f"{said}{notice.get_kind_display()}\n{about}\n\n{notice.text}\n\n{link}\n"
        try:
            _mail(notice.person, f"{notice.about}: {notice.get_kind_display()}", text)
        except Unmailable as error:
            logger.warning("no mail reaches %s: %s", notice.person, error)
            continue
        except OSError as error:
            Notice.objects.filter(pk=notice.pk).update(mailed_at=None)
            logger.warning("the mail server took no mail, trying again later: %s", error)
            break
        sent += 1
    return sent


def mail_digest(person: User, lines: list[str], *, day: date) -> bool:
    """Mail one person what waits for them, once a day at most; return whether a mail left.

    The day is claimed by a conditional UPDATE, so that two processes send one mail. Raises OSError, with the claim
    given back, if the mail server takes none.
    """
    if not lines or not can_mail() or not _wants(person, "digest") or why_a_copy():
        return False
    DeskPreference.objects.get_or_create(person=person)
    free = DeskPreference.objects.filter(person=person).exclude(digest_sent_on=day)
    before = preference_of(person).digest_sent_on
    if not free.update(digest_sent_on=day):
        return False
    listed = "\n".join(f"- {line}" for line in lines)
    text = f"What waits for you at the desk:\n\n{listed}\n\n{settings.SITE_URL}/admin/\n"
    try:
        _mail(person, f"{len(lines)} thing{'' if len(lines) == 1 else 's'} to do", text)
    except Unmailable as error:
        logger.warning("no digest reaches %s: %s", person, error)
        return False
    except OSError:
        DeskPreference.objects.filter(person=person).update(digest_sent_on=before)
        raise
    return True


def _wants(person: User, what: str) -> bool:
    preference = getattr(person, "desk_preference", None) or DeskPreference()
    return bool(person.email) and person.is_active and person.is_staff and getattr(preference, what)


def _mail(person: User, subject: str, text: str) -> None:
    """Send one plain mail; a name with a line break in it stays one line.

    Raises Unmailable for an address that takes none, OSError (of which SMTPException is one) for a server that does.
    """
    subject = " ".join(f"{settings.SITE_NAME} desk: {subject}".split())[:200]
    footer = f"\n-- \nThese mails can be turned off on the first page of the desk: {settings.SITE_URL}/admin/\n"
    mail = EmailMessage(subject, text + footer, to=[person.email], headers={"Auto-Submitted": "auto-generated"})
    try:
        mail.send()
    except SMTPRecipientsRefused as error:
        if any(code < 500 for code, _ in error.recipients.values()):
            raise  # not now, as the server says
        raise Unmailable("the mail server knows no such mailbox") from error
    except ValueError as error:
        raise Unmailable(str(error)) from error

"""The brief as mail: written once for a deck from its frozen words, filled for each reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import format_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Subquery
from django.template.loader import render_to_string
from django.urls import reverse

from glossary.domain.address import mail_address, read_sender
from glossary.domain.brief import subject_of
from glossary.domain.correction import in_words
from glossary.domain.digest import digest_of
from glossary.domain.errors import IllegalMove
from glossary.domain.letter import (
    MAX_BYTES,
    Envelope,
    Form,
    Letter,
    LetterCard,
    check_recipient,
    compose,
    message_id,
    quoted,
    slot,
)
from glossary.domain.link_token import Purpose, make_token, tag_of
from glossary.models import Brief, Card, Correction, Deck, Publication
from glossary.services.clock import moment, today
from glossary.services.correction import corrections_of

TEMPLATE_VERSION = "2"  # of templates/email/brief.*: a new one where the bytes of a mail would differ


@dataclass(frozen=True)
class Written:
    """A brief ready to be filled. `state` names the words that it was written from; `corrections` are by key."""

    form: Form
    deck: Deck
    domain: str
    key: bytes
    sender: str
    state: tuple[object, ...]
    read_at: datetime  # when `state` was last seen to stand
    text: dict[int, bytes]
    html: dict[int, bytes]
    more: tuple[bytes, bytes]  # where more is to be told than the mail has room for
    room: int  # bytes for what is told first
    date: datetime
    dated: bytes

    def fill(
        self, address: str, handle: str, corrections: Sequence[int] = (), *, since: datetime | None = None
    ) -> tuple[str, bytes]:
        """Return the Message-ID and the bytes of one reader's copy: the same, whenever they are asked for.

        Who gets the brief `since` later than it came out has it dated then, so that it does not lie among old mails.
        Raises ValueError for an address that cannot stand in a mail.
        """
        check_recipient(address)
        named = self.message_id(handle)
        text, html = self._told(corrections) if corrections else (b"", b"")
        values = {
            "date": _dated(since) if since is not None and since > self.date else self.dated,
            "to": address.encode("ascii"),
            "message_id": named.encode("ascii"),
            "unsubscribe": make_token(self.key, Purpose.UNSUBSCRIBE, handle).encode("ascii"),
            "preferences": make_token(self.key, Purpose.PREFERENCES, handle).encode("ascii"),
            "corrections_text": text,
            "corrections_html": html,
        }
        return named, self.form.fill(values)

    def _told(self, corrections: Sequence[int]) -> tuple[bytes, bytes]:
        """Return what is told first, as text and as HTML; what the mail has no room for is where the log has it."""
        text, html, room = [], [], self.room
        for key in corrections:
            room -= len(self.text[key]) + len(self.html[key])
            if room < 0:
                text.append(self.more[0])
                html.append(self.more[1])
                break
            text.append(self.text[key])
            html.append(self.html[key])
        return b"".join(text), b"".join(html)

    def message_id(self, handle: str) -> str:
        """Return the Message-ID of this reader's copy."""
        return message_id(self.deck.day, tag_of(self.key, "message", f"{self.deck.day}:{handle}"), self.domain)


def mail_domain() -> str:
    """Return the domain of Message-ID and List-Id: the site's own."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def sender() -> tuple[str, str]:
    """Return whom mails come from: a name, the site's where the setting has none, and an address in ASCII."""
    name, address = read_sender(settings.DEFAULT_FROM_EMAIL)
    return name or settings.SITE_NAME, address


def sender_fault() -> str:
    """Return why no mail should leave in the sender's name and what to do, in a sentence; empty where it may."""
    try:
        mail_address(sender()[1])
    except ValueError:
        said = f"DEFAULT_FROM_EMAIL is “{settings.DEFAULT_FROM_EMAIL}”: it needs a domain of yours"
        return f"{said}, as in brief@dailydeck.example."
    return ""


def link_key() -> bytes:
    """Return the key that signs links; raises IllegalMove with what to do where there is none."""
    if not settings.LINK_KEY:
        raise IllegalMove("LINK_KEY is not set, and links in mails cannot be signed. Set it to 32 random characters.")
    return settings.LINK_KEY.encode()


def link_url(name: str, token: str) -> str:
    """Return the address of a page that a reader opens by a token; `name` is `unsubscribe` or `preferences`."""
    return f"{settings.SITE_URL}/{name}/{token}/"


def deck_state(deck_id: int) -> tuple[object, ...]:
    """Return what a brief of this deck is written from, so that a change of it is seen: its cards' words and dates,
    which of them were withdrawn, what was corrected since, and what came back. Two queries."""
    cards = Card.objects.filter(deck=deck_id).order_by("position")
    rows = list(cards.values_list("edition", "edition__digest", "checked_on", "edition__withdrawn_at", "term__slug"))
    editions = [row[0] for row in rows if row[0] is not None]
    told = Correction.objects.public().filter(from_edition__term__cards__edition__in=editions)
    newest = Publication.objects.filter(term__cards__edition__in=editions).order_by("-pk").values("pk")[:1]
    return (*rows, told.order_by("-pk").values_list("pk", Subquery(newest)).first())


def write_letter(deck: Deck, *, on: date) -> Letter:
    """Return what stands in the brief of a deck: the same words and dates as its frozen cards.

    A card that was withdrawn since keeps its name and says so; corrected words keep the note that the deck's page has,
    and what is overdue on the day `on` says so.
    Raises IllegalMove for a deck that was not frozen.
    """
    deck = Deck.objects.with_cards().get(pk=deck.pk)
    notes = corrections_of(deck)
    cards = tuple(_letter_card(card, notes.get(card.edition_id or 0, []), on) for card in deck.cards.all())
    if not cards:
        raise IllegalMove(f"{deck} has no cards; there is nothing to mail.")
    shown = [card for card in cards if not card.is_withdrawn] or list(cards)
    return Letter(
        subject=subject_of(deck.title, [card.headword for card in shown]),
        preheader=shown[0].definition,
        title=deck.title or "Seven AI terms in plain words",
        day=deck.day,
        deck_url=f"{settings.SITE_URL}{deck.get_absolute_url()}",
        cards=cards,
    )


def _letter_card(card: Card, notes: Sequence[Correction], on: date) -> LetterCard:
    edition = card.edition
    if edition is None:
        raise IllegalMove("The cards of this deck are not frozen. Lock it first.")
    standing = edition.check_standing() is not None
    term_url = f"{settings.SITE_URL}{reverse('term', args=[card.term.slug])}"
    headword = "A card of this deck"  # where somebody changed the words behind the services
    try:
        words = edition.words
    except (KeyError, TypeError, ValueError):  # the stored words are not an edition's any more
        standing = False
    else:
        if digest_of(words) == edition.digest:
            headword = words.headword
    return LetterCard(
        position=card.position,
        headword=headword,
        definition=words.definition if standing else "",
        checked_on=card.checked_on,
        term_url=term_url,
        check_url=f"{term_url}v/{edition.digest}/",
        late=edition.pk == card.term.published_id and card.term.overdue_on is not None and card.term.overdue_on <= on,
        withdrawn_because=edition.withdrawn_because,
        notes=tuple(correction_line(row, with_day=True) for row in notes),
    )


def correction_line(correction: Correction, *, with_day: bool = False) -> str:
    """Return what a reader of the old words is told, in a sentence or two."""
    what = f"{str(correction.kind).capitalize()} of {in_words(correction.on)}: " if with_day else ""
    if correction.is_retraction:
        return (
            f"{what}we took back what we said about {correction.headword}. {correction.why} {correction.sequel}".strip()
        )
    if correction.taken_back_on is not None:
        now = f"What stood in its place was taken back on {in_words(correction.taken_back_on)}."
    else:
        now = f"Now it says: {correction.now}" if correction.now else "It was taken out."
    return f"{what}{correction.headword} said: {correction.was} {now} {correction.why}".strip()


def _dated(at: datetime) -> bytes:
    return format_datetime(at).encode("ascii")


def _told(name: str, row: dict[str, object]) -> tuple[bytes, bytes]:
    """Return a piece of a mail as text and as HTML, each as it stands in the mail between two others."""
    text, html = (quoted(render_to_string(f"email/{name}.{kind}", row)) + b"=\r\n" for kind in ("txt", "html"))
    return text, html


def write_brief(
    brief: Brief, *, corrections: Sequence[Correction] = (), marked: str = "", now: datetime | None = None
) -> Written:
    """Return the brief ready to be filled; `corrections` are those that some readers are told first.

    `marked` goes before the subject of a test. Raises IllegalMove where LINK_KEY is missing or the mail is larger than
    mail programs show.
    """
    key, deck, site = link_key(), brief.deck, settings.SITE_URL
    read_at = moment(now)
    state = deck_state(deck.pk)
    letter = write_letter(deck, on=today(read_at))
    context = {
        "letter": letter,
        "SITE_NAME": settings.SITE_NAME,
        "host": urlsplit(site).netloc,
        "postal_address": settings.POSTAL_ADDRESS,
        "unsubscribe_url": link_url("unsubscribe", slot("unsubscribe")),
        "preferences_url": link_url("preferences", slot("preferences")),
        "corrections": slot("corrections_html"),
        "marked": marked,
    }
    html = render_to_string("email/brief.html", context)
    text = render_to_string("email/brief.txt", context | {"corrections": slot("corrections_text")})
    envelope = _envelope(letter.subject, str(context["unsubscribe_url"]), marked=marked)
    form = compose(envelope, text=text, html=html)
    size = sum(map(len, form.pieces)) + 1000
    if size > MAX_BYTES:
        raise IllegalMove(f"The brief has {size:,} bytes, and mail programs cut what is longer than {MAX_BYTES:,}.")
    log = {"SITE_URL": site, "path": reverse("corrections")}
    more = _told("_more_corrections", log)
    lines = {row.pk: {"line": correction_line(row), "row": row, "SITE_URL": site} for row in corrections}
    came_out = deck.published_at or now or brief.made_at
    rendered = {pk: _told("_correction", row) for pk, row in lines.items()}
    return Written(
        form=form,
        deck=deck,
        domain=envelope.domain,
        key=key,
        sender=envelope.sender[1],
        state=state,
        read_at=read_at,
        text={pk: told[0] for pk, told in rendered.items()},
        html={pk: told[1] for pk, told in rendered.items()},
        more=more,
        room=MAX_BYTES - size - sum(map(len, more)),
        date=came_out,
        dated=_dated(came_out),
    )


def _envelope(subject: str, unsubscribe_url: str, *, marked: str) -> Envelope:
    """Return the headers of a brief; leaving by one click is offered over https only."""
    named = sender()
    return Envelope(
        sender=named,
        reply_to=("", mail_address(settings.CONTACT_EMAIL)) if settings.CONTACT_EMAIL else named,
        subject=subject,
        list_name=settings.SITE_NAME,
        domain=mail_domain(),
        unsubscribe_url=unsubscribe_url if settings.SITE_URL.startswith("https://") else "",
        marked=marked,
    )

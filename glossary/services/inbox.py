"""What should I do now? The answer for each role, from the rows as they stand."""

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce, Least

from glossary.domain.deck import DeckState, has_deck
from glossary.domain.fact_check import STANDS, Result
from glossary.domain.freshness import HORIZON, Outlook, outlook
from glossary.domain.roles import Action
from glossary.domain.term import Stage
from glossary.models import Claim, Deck, Edition, FactCheck, Notice, Suggestion, Term
from glossary.services.arming import can_mail, why_a_copy
from glossary.services.clock import moment, today
from glossary.services.notice import mail_digest
from glossary.services.report import waiting_groups
from glossary.services.roles import may
from glossary.services.take import QueueRow, queue, with_own_marked

logger = logging.getLogger(__name__)
SHOWN = 8  # rows of each list on the first page
DECKS_AHEAD = 7  # days for which there should be a deck
DUE_SOON = timedelta(days=30)


@dataclass(frozen=True)
class Job:
    """The one thing to do now: a sentence, why, and where."""

    say: str
    why: str = ""
    button: str = ""
    path: str = ""
    term_id: int = 0  # a card to take on the way


@dataclass(frozen=True)
class Freshness:
    """How many published terms are fresh, fall due within 30 days, or are due."""

    fresh: int
    soon: int
    due: int

    @property
    def total(self) -> int:
        """All published terms."""
        return self.fresh + self.soon + self.due


def freshness(*, now: datetime | None = None) -> Freshness:
    """Count the published terms by when they must be looked at again: three counts on an index."""
    day = today(now)
    terms = Term.objects.published()
    due = terms.to_look_at(day=day).count()
    soon = terms.to_look_at(day=day + DUE_SOON).count() - due
    return Freshness(terms.count() - due - soon, soon, due)


def freshness_ahead(*, now: datetime | None = None) -> Outlook:
    """Return how the published terms fall due over the next 90 days; four queries whatever their number."""
    day = today(now)
    terms = Term.objects.published()
    ahead = terms.annotate(first=Least("due_on", Coalesce("stale_on", "due_on")))
    ahead = ahead.filter(first__gt=day, first__lte=day + timedelta(days=HORIZON))
    due = dict(ahead.values_list("first").annotate(n=Count("pk")).order_by())
    return outlook(
        {on: number for on, number in due.items() if on is not None},
        total=terms.count(),
        overdue=terms.to_look_at(day=day).count(),
        lines=Claim.objects.filter(edition__published_for__isnull=False).count(),
        today=day,
    )


def sent_back_to(person: User) -> QuerySet[Edition]:
    """Return the cards of this person that a checker sent back and that were not changed or sent in again since."""
    back = FactCheck.objects.filter(result=Result.SENT_BACK).values("edition_id")
    mine = Q(made_by=person) | Q(submitted_by=person)
    working = Edition.objects.filter(mine, pk__in=back, submitted_at__isnull=True, working_for__isnull=False)
    return working.exclude(fact_checks__result__in=STANDS).select_related("term").distinct().order_by("pk")


def unpublished_passes() -> QuerySet[Edition]:
    """Return the passed cards that wait for a publisher: of terms that readers never saw."""
    passed = FactCheck.objects.filter(result=Result.PASSED).values("edition_id")
    fresh = Edition.objects.filter(pk__in=passed, withdrawn_at__isnull=True, working_for__isnull=False)
    drafts = fresh.filter(term__stage=Stage.DRAFT, term__published_at__isnull=True, term__binned_at__isnull=True)
    return drafts.select_related("term").order_by("pk")


def missing_decks(*, now: datetime | None = None) -> list[date]:
    """Return the days of the coming week, today included, for which no deck is ready."""
    first = today(now)
    week = [first + timedelta(days=n) for n in range(DECKS_AHEAD)]
    days = [day for day in week if has_deck(day, settings.DECK_DAYS)]
    good = [DeckState.READY, DeckState.LOCKED, DeckState.PUBLISHED]
    there = set(Deck.objects.filter(day__in=days, state__in=good).values_list("day", flat=True))
    return [day for day in days if day not in there]


def waiting_for(person: User, *, now: datetime | None = None) -> list[QueueRow]:
    """Return the queue as this person should work on it: their own takes first, other people's takes left out."""
    rows = [
        row for row in with_own_marked(queue(now=now), person) if row.take is None or row.take.person_id == person.pk
    ]
    return sorted((row for row in rows if not row.own), key=lambda row: row.take is None)


def notices_for(person: User) -> list[Notice]:
    """Return what came to this person and was not put away, the newest first."""
    return list(Notice.objects.unread().filter(person=person).select_related("term", "deck")[:SHOWN])


def suggestions_for(person: User) -> QuerySet[Suggestion]:
    """Return the wordings that wait for this person as the author of the card."""
    mine = Q(claim__edition__made_by=person) | Q(claim__edition__submitted_by=person)
    at_hand = Suggestion.objects.waiting().filter(mine, claim__edition__working_for__isnull=False)
    return at_hand.exclude(by=person).select_related("by", "claim__edition__term").order_by("pk")


def send_digests(*, now: datetime | None = None) -> int:
    """Mail each member of staff what waits for them, once a day, not before PUBLISH_AT; return how many mails left."""
    present = moment(now)
    if not can_mail() or why_a_copy() or present.astimezone(settings.EDITORIAL_TIME_ZONE).time() < settings.PUBLISH_AT:
        return 0
    day = today(now)
    staff = User.objects.filter(is_active=True, is_staff=True).exclude(email="").select_related("desk_preference")
    open_today = staff.exclude(desk_preference__digest_sent_on=day).exclude(desk_preference__digest=False)
    sent = 0
    for person in open_today.order_by("pk"):
        try:
            sent += mail_digest(person, digest_lines(person, now=now), day=day)
        except OSError as error:
            logger.warning("the mail server took no digest, trying again later: %s", error)
            break
    return sent


def digest_lines(person: User, *, now: datetime | None = None) -> list[str]:
    """Return what waits for a person, a line each, for the roles they have."""
    lines = []
    if unread := Notice.objects.unread().filter(person=person).count():
        lines.append(f"{unread} message{'' if unread == 1 else 's'} not put away")
    if may(person, Action.CHECK) and (rows := waiting_for(person, now=now)):
        lines.append(f"{len(rows)} card{'' if len(rows) == 1 else 's'} to check, first {rows[0].headword}")
    if may(person, Action.WRITE):
        lines += [f"{edition.term} was sent back" for edition in sent_back_to(person)[:SHOWN]]
        lines += [f"a wording for {one.claim.edition.term} waits" for one in suggestions_for(person)[:SHOWN]]
    if may(person, Action.SETTLE_REPORTS) and (reports := waiting_groups()):
        lines.append(f"{reports} report{'' if reports == 1 else 's'} of readers to look at")
    if may(person, Action.PUBLISH):
        lines += [f"{edition.term} passed and waits to be published" for edition in unpublished_passes()[:SHOWN]]
    if may(person, Action.COMPOSE) and (days := missing_decks(now=now)):
        lines.append(f"{len(days)} of the next {DECKS_AHEAD} days have no ready deck")
    return lines


def job_for(person: User, rows: list[QueueRow], *, now: datetime | None = None) -> Job:
    """Return the one thing this person should do now, for the most pressing of their roles."""
    jobs = [_deck_job(person, now), _author_job(person), _checker_job(person, rows), _publisher_job(person)]
    return next((job for job in jobs if job), _quiet(person))


def _deck_job(person: User, now: datetime | None) -> Job | None:
    if not may(person, Action.COMPOSE) or not (days := missing_decks(now=now)):
        return None
    first = days[0]
    deck = Deck.objects.filter(day=first).first()
    path = deck.get_desk_url() if deck else Deck.get_new_url(first)
    when = "today" if first == today(now) else f"{first:%A}, {first:%B} {first.day}"
    why = f"{len(days)} of the next {DECKS_AHEAD} days have no deck that is ready." if len(days) > 1 else ""
    return Job(f"Make the deck for {when}", why, "Open the deck" if deck else "Make it", path)


def _author_job(person: User) -> Job | None:
    if not may(person, Action.WRITE):
        return None
    suggestion = suggestions_for(person).first()
    if suggestion is not None:
        edition = suggestion.claim.edition
        why = suggestion.text or "The sentence would be cut."
        path = edition.get_check_url(suggestion.claim.place)
        return Job(f"Answer {suggestion.by}’s wording for {edition.term}", why, "Look at it", path)
    back = sent_back_to(person).first()
    if back is not None:
        comment = (
            FactCheck.objects.filter(edition=back, result=Result.SENT_BACK).values_list("comment", flat=True).first()
        )
        return Job(f"Mend {back.term}: it was sent back", comment or "", "Open it", back.term.get_desk_url())
    return None


def _checker_job(person: User, rows: list[QueueRow]) -> Job | None:
    if not may(person, Action.CHECK) or not rows:
        return None
    row = rows[0]
    path = Edition(pk=row.edition_id).get_check_url()
    if row.take is not None:
        return Job(f"Finish {row.headword}", f"{row.why.capitalize()}. It is yours.", "Continue", path)
    return Job(f"Check {row.headword}", f"{row.why.capitalize()}.", "Take it", path, row.term_id)


def _publisher_job(person: User) -> Job | None:
    if not may(person, Action.PUBLISH):
        return None
    passed = unpublished_passes().first()
    if passed is None:
        return None
    return Job(
        f"Publish {passed.term}", "It passed its check and readers never saw it.", "Open it", passed.term.get_desk_url()
    )


def _quiet(person: User) -> Job:
    if may(person, Action.WRITE):
        return Job("Nothing waits for you", "A good moment for a new card.", "Write a term", Term.get_new_url())
    return Job("Nothing waits for you", f"As of {moment():%H:%M}. What comes next appears here.")

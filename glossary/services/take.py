"""The queue of cards that wait for a checker: its order, and taking, releasing and assigning a card."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, Max, Min, OuterRef, Q, Subquery

from glossary.domain.deck import DeckState
from glossary.domain.doubt import DoubtKind
from glossary.domain.errors import IllegalMove
from glossary.domain.fact_check import CUT_REVIEW, Result
from glossary.domain.roles import Action
from glossary.domain.take import Score, Waiting, score_of
from glossary.domain.volatility import Volatility
from glossary.models import Card, Claim, Edition, FactCheck, NoticeKind, SentenceAuthor, Take, Term
from glossary.models.term import due_by
from glossary.services.clock import moment, today
from glossary.services.impact import kinds_by_term, touched_terms
from glossary.services.notice import tell
from glossary.services.report import reopened_counts
from glossary.services.roles import may, require
from glossary.services.trail import record

TAKEN_FOR = timedelta(hours=2)  # the time a card is yours after you took it or last settled a line of it
ASSIGNED_FOR = timedelta(days=2)
DECK_HORIZON = timedelta(days=7)
COLUMNS = (
    *("pk", "headword", "published_id", "due_on", "stale_on", "volatility", "readers_need"),
    *("sent_edition", "sent_at", "last_result", "last_at"),
)


@dataclass(frozen=True)
class QueueRow:
    """A card that waits, with the reason, the parts of its score, and who is on it."""

    term_id: int
    edition_id: int
    headword: str
    why: str
    score: Score
    due_on: date | None
    next_deck: date | None
    volatility: str
    since: datetime | None
    review_by: datetime | None
    doubts: frozenset[DoubtKind] = frozenset()
    take: Take | None = None
    own: bool = False  # every line that changed is this person's own


def queue(*, now: datetime | None = None) -> list[QueueRow]:
    """Return every card that waits, the most urgent first: nine queries, whatever the size of the glossary."""
    day = today(now)
    newest = FactCheck.objects.filter(edition=OuterRef("published")).exclude(result=Result.SENT_BACK).order_by("-pk")
    submitted = Edition.objects.submitted().filter(term=OuterRef("pk"))
    reports = reopened_counts()
    waits = (
        Q(pk__in=Edition.objects.submitted().values("term_id"))
        | due_by(day)
        | Q(pk__in=FactCheck.objects.filter(result=Result.CUT).values("edition__term_id"))
        | Q(pk__in=reports)
        | touched_terms()
    )
    doubts = kinds_by_term()
    asked = Term.objects.filter(waits).annotate(
        sent_edition=Subquery(submitted.values("pk")[:1]),
        sent_at=Subquery(submitted.values("submitted_at")[:1]),
        last_result=Subquery(newest.values("result")[:1]),
        last_at=Subquery(newest.values("at")[:1]),
    )
    rows = [row | {"reports": reports.get(row["pk"], 0)} for row in asked.values(*COLUMNS)]
    rows = [row for row in rows if row["sent_edition"] or row["pk"] in doubts or _looks_again(row, day)]
    most = Term.objects.aggregate(most=Max("readers_need"))["most"] or 0
    decks = _next_decks(day)
    takes = {take.term_id: take for take in Take.objects.standing(moment(now)).select_related("person", "assigned_by")}
    found = [
        _row(
            row,
            day=day,
            most=most,
            next_deck=decks.get(row["pk"]),
            doubts=doubts.get(row["pk"], frozenset()),
            take=takes.get(row["pk"]),
        )
        for row in rows
    ]
    return sorted(found, key=lambda row: (-row.score.total, row.since or moment(now), row.term_id))


def with_own_marked(rows: Sequence[QueueRow], person: User) -> list[QueueRow]:
    """Return the rows that this person may work on first: those of whose lines all is their own work come last."""
    new = Claim.objects.filter(edition__submitted_at__isnull=False, checks__isnull=True)
    own = SentenceAuthor.objects.filter(user=person).values("sentence_id")
    unsettled = set(new.values_list("edition_id", flat=True))
    foreign = set(new.exclude(sentence_id__in=own).values_list("edition_id", flat=True))
    marked = [replace(row, own=row.edition_id in unsettled and row.edition_id not in foreign) for row in rows]
    return sorted(marked, key=lambda row: row.own)


@transaction.atomic
def take_card(term: Term, *, by: User, now: datetime | None = None) -> Take:
    """Take a card: it is yours for two hours, and again with each line you settle. One person at a time."""
    require(by, Action.CHECK)
    take = _hold(term, by, for_=TAKEN_FOR, assigned_by=None, now=moment(now))
    record(by, "took", str(term), now=moment(now), term=term)
    return take


@transaction.atomic
def release_card(term: Term, *, by: User, now: datetime | None = None) -> None:
    """Give a card back to the queue; a publisher may give back anybody's."""
    require(by, Action.READ_DESK)
    rows = Take.objects.filter(term=term)
    if not may(by, Action.ASSIGN):
        rows = rows.filter(person=by)
    deleted, _ = rows.delete()
    if not deleted:
        raise IllegalMove("You do not have this card, so you cannot give it back.")
    record(by, "released", str(term), now=moment(now), term=term)


@transaction.atomic
def assign_card(term: Term, person: User, *, by: User, now: datetime | None = None) -> Take:
    """Give a card to a checker, for two days; they are told by mail."""
    require(by, Action.ASSIGN)
    if not may(person, Action.CHECK):
        raise IllegalMove(f"{person.get_username()} may not check cards. Choose a checker.")
    at = moment(now)
    Take.objects.filter(term=term).delete()
    take = _hold(term, person, for_=ASSIGNED_FOR, assigned_by=by, now=at)
    edition = term.editions.submitted().first() or term.published
    path = edition.get_check_url() if edition else term.get_desk_url()
    tell(person, NoticeKind.ASSIGNED, term=term, path=path, now=at, said_by=by)
    record(by, "assigned", f"{term} to {person.get_username()}", now=at, term=term)
    return take


def keep_taken(term: Term, *, by: User, now: datetime) -> None:
    """Renew a person's hold while they work on the card; a free card becomes theirs."""
    if not may(by, Action.CHECK):
        raise PermissionDenied("You may not check cards.")
    holds = Take.objects.filter(term=term, person=by)
    if not holds.filter(until__gt=now + TAKEN_FOR).exists() and not holds.update(until=now + TAKEN_FOR):
        Take.objects.filter(term=term, until__lte=now).delete()
        Take.objects.get_or_create(term=term, defaults={"person": by, "since": now, "until": now + TAKEN_FOR})


def taken_by(term: Term, *, now: datetime | None = None) -> Take | None:
    """Return who is on this card now."""
    return Take.objects.standing(moment(now)).filter(term=term).select_related("person").first()


def _hold(term: Term, person: User, *, for_: timedelta, assigned_by: User | None, now: datetime) -> Take:
    """Take the row by what the database allows: one per term, a new one only where none stands."""
    Take.objects.filter(term=term).filter(Q(until__lte=now) | Q(person=person)).delete()
    try:
        with transaction.atomic():
            return Take.objects.create(term=term, person=person, since=now, until=now + for_, assigned_by=assigned_by)
    except IntegrityError as error:
        other = Take.objects.select_related("person").filter(term=term).first()
        name = other.person.get_username() if other else "Somebody else"
        raise IllegalMove(f"{name} took this card before you. Take the next one.") from error


def _next_decks(day: date) -> dict[int, date]:
    cards = Card.objects.filter(deck__day__gte=day, deck__day__lte=day + DECK_HORIZON).exclude(
        deck__state__in=[DeckState.PUBLISHED, DeckState.MISSED]
    )
    return dict(cards.values("term_id").annotate(first=Min("deck__day")).values_list("term_id", F("first")))


def _looks_again(row: dict[str, Any], day: date) -> bool:
    """Return whether the published words are due, reported with reason, or cut by one person and not read since."""
    if not row["published_id"]:
        return False
    return bool(row["reports"]) or _due(row) <= day or row["last_result"] == Result.CUT


def _due(row: dict[str, Any]) -> date:
    """Return the day by which published words are looked at: the check is due, or a date in them has grown old."""
    return min(day for day in (row["due_on"], row["stale_on"]) if day is not None)


def _reasons(row: dict[str, Any], *, day: date) -> list[str]:
    """Return why a card waits, beside the doubts about it, as the queue says it."""
    said = []
    if row["sent_edition"]:
        said.append("changed words" if row["published_id"] else "a new card")
    if row["due_on"] is not None and row["due_on"] <= day:
        said.append("still true?")
    if row["reports"]:
        said.append("reported by readers")
    if row["stale_on"] is not None and row["stale_on"] <= day:
        said.append("a date in it has grown old")
    if row["last_result"] == Result.CUT:
        said.append("read after a cut")
    return said


def _row(
    row: dict[str, Any],
    *,
    day: date,
    most: int,
    next_deck: date | None,
    doubts: frozenset[DoubtKind],
    take: Take | None,
) -> QueueRow:
    after_cut = row["last_result"] == Result.CUT
    due = _due(row) if row["due_on"] is not None else None
    card = Waiting(
        due_on=due,
        next_deck=next_deck,
        reports=row["reports"],
        doubts=doubts,
        volatility=Volatility(row["volatility"]),
        readers_need=row["readers_need"],
        most_needed=most,
        after_cut=after_cut,
        since=row["sent_at"],
    )
    return QueueRow(
        term_id=row["pk"],
        edition_id=row["sent_edition"] or row["published_id"],
        headword=row["headword"],
        why=" · ".join([*_reasons(row, day=day), *sorted(doubts)]),
        score=score_of(card, today=day),
        due_on=due,
        next_deck=next_deck,
        volatility=row["volatility"],
        since=row["sent_at"],
        review_by=row["last_at"] + CUT_REVIEW if after_cut and row["last_at"] else None,
        doubts=doubts,
        take=take,
    )

"""Doubts: raising and settling them, and finding the published sentences, terms and decks that they touch.

A doubt changes nothing that readers see. What it touches is worked out from the evidence when it is asked for: a
sentence that was checked anew after the doubt was raised is touched no more.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from glossary.domain.claim import Verdict
from glossary.domain.deck import DeckState
from glossary.domain.doubt import MAX_REASON, OF_SENTENCE, OF_SOURCE, OF_WORDS, DoubtKind, Ending
from glossary.domain.errors import IllegalMove
from glossary.domain.fact_check import check_four_eyes
from glossary.domain.names import clean_line
from glossary.domain.roles import Action
from glossary.models import (
    Card,
    Claim,
    ClaimCheck,
    Deck,
    Doubt,
    Evidence,
    Sentence,
    SentenceAuthor,
    Source,
    Term,
    TrailEntry,
)
from glossary.services.clock import moment
from glossary.services.roles import require
from glossary.services.trail import entry, record

BATCH = 500  # rows written at once
DIRECT = ("pk", "kind", "sentence__term_id", "sentence_id")
PATHS = ("evidence__source__doubts", "rests_on__evidence__source__doubts")  # from a verdict to doubts on its sources


@dataclass(frozen=True)
class Touch:
    """A published sentence that a doubt touches."""

    doubt: int
    kind: DoubtKind
    term: int
    sentence: int


@dataclass(frozen=True)
class Impact:
    """What is behind a doubt: the terms to look at, and the decks that deal them, the latest first."""

    terms: list["TouchedTerm"]
    decks: list[Deck]


@dataclass
class TouchedTerm:
    """A term that is to be looked at, with the sentences in doubt and the edition in which a checker does so."""

    term: Term
    edition_id: int
    sentences: list[Claim] = field(default_factory=list)


def touches(doubts: Collection[int] | None = None) -> list[Touch]:
    """Return what the open doubts touch, or these of them: three queries, whatever the size of the glossary."""
    found: set[tuple[int, str, int, int]] = set()
    for rows, path in [*((_by_source(path, doubts), path) for path in PATHS), (_by_sentence(doubts), "")]:
        columns = (f"{path}__pk", f"{path}__kind", "sentence__term_id", "sentence_id") if path else DIRECT
        found.update(rows.values_list(*columns))
    return [Touch(key, DoubtKind(kind), term, sentence) for key, kind, term, sentence in sorted(found)]


def touched_terms() -> Q:
    """Return the condition under which a term has something in doubt."""
    ways = [Q(pk__in=_by_source(path, None).values("sentence__term_id")) for path in PATHS]
    return ways[0] | ways[1] | Q(pk__in=_by_sentence(None).values("sentence__term_id"))


def kinds_by_term() -> dict[int, frozenset[DoubtKind]]:
    """Return for each term what kinds of doubt are open on what readers see of it."""
    found: dict[int, set[DoubtKind]] = defaultdict(set)
    for touch in touches():
        found[touch.term].add(touch.kind)
    return {term: frozenset(kinds) for term, kinds in found.items()}


def terms_touched(sentences: Iterable[int]) -> list[TouchedTerm]:
    """Return the terms whose published words have these sentences, each with its lines: one query."""
    claims = Claim.objects.filter(sentence_id__in=set(sentences), edition__published_for__isnull=False)
    found: dict[int, TouchedTerm] = {}
    for claim in claims.select_related("sentence", "edition__term").order_by("edition__term__sort_key", "place"):
        edition = claim.edition
        found.setdefault(edition.term_id, TouchedTerm(edition.term, edition.pk)).sentences.append(claim)
    return list(found.values())


def impacts(doubts: Collection[int]) -> dict[int, Impact]:
    """Return for each of these doubts, open or not, what it touches now: five queries."""
    sentences: dict[int, set[int]] = defaultdict(set)
    for touch in touches(doubts):
        sentences[touch.doubt].add(touch.sentence)
    rows = terms_touched(key for keys in sentences.values() for key in keys)
    decks = decks_with(row.term.pk for row in rows)
    found = {}
    for doubt in doubts:
        mine = [
            TouchedTerm(row.term, row.edition_id, lines)
            for row in rows
            if (lines := [line for line in row.sentences if line.sentence_id in sentences[doubt]])
        ]
        days = {deck.pk: deck for row in mine for deck in decks.get(row.term.pk, [])}
        found[doubt] = Impact(mine, sorted(days.values(), key=lambda deck: deck.day, reverse=True))
    return found


def impact_of(sentences: Iterable[int]) -> Impact:
    """Return the terms and the decks that have these sentences: two queries."""
    rows = terms_touched(sentences)
    decks = {deck.pk: deck for found in decks_with(row.term.pk for row in rows).values() for deck in found}
    return Impact(rows, sorted(decks.values(), key=lambda deck: deck.day, reverse=True))


def decks_with(terms: Iterable[int]) -> dict[int, list[Deck]]:
    """Return for each term the decks that deal it, missed ones left out: one query."""
    found: dict[int, list[Deck]] = defaultdict(list)
    cards = Card.objects.filter(term_id__in=set(terms)).exclude(deck__state=DeckState.MISSED)
    for card in cards.select_related("deck").order_by("-deck__day"):
        found[card.term_id].append(card.deck)
    return found


def doubts_on(sentence: Sentence, sources: Iterable[Source]) -> list[Doubt]:
    """Return what is in doubt about a sentence or about sources at hand for it: one query."""
    about = Q(sentence=sentence) | Q(source__in=list(sources), sentence__isnull=True)
    return list(Doubt.objects.open().filter(about).select_related("source", "sentence"))


def resting_on(source: Source) -> set[int]:
    """Return the published sentences whose newest verdict rests on a source: two queries."""
    checks = ClaimCheck.objects.behind_published()
    ways = [checks.filter(evidence__source=source), checks.filter(rests_on__evidence__source=source)]
    return {sentence for way in ways for sentence in way.values_list("sentence_id", flat=True)}


def evidence_behind(source: Source) -> list[tuple[Evidence, int]]:
    """Return the passages of a source on which published sentences rest, each with its sentence: two queries."""
    checks = ClaimCheck.objects.behind_published()
    rows = Evidence.objects.filter(source=source)
    own = rows.filter(check_row__in=checks.values("pk")).values_list("pk", "check_row__sentence_id")
    carried = checks.filter(rests_on__evidence__source=source).values_list("rests_on__evidence__pk", "sentence_id")
    pairs = {*own, *carried}
    found = rows.in_bulk({key for key, _ in pairs})
    return [(found[key], sentence) for key, sentence in sorted(pairs) if key in found]


@transaction.atomic
def doubt_source(source: Source, kind: DoubtKind, reason: str, *, by: User, now: datetime | None = None) -> Doubt:
    """Mark a source as outdated, dead or contradicted: every term that rests on it goes to the checkers at once.

    Raises IllegalMove for another kind, without a reason, or where it is marked so already.
    """
    require(by, Action.CHECK)
    if kind not in OF_SOURCE:
        raise IllegalMove("Choose what is wrong with the source: outdated, a dead link, or contradicted.")
    doubt = raise_doubt(kind, _reason(reason), source=source, by=by, now=moment(now))
    if doubt is None:
        raise IllegalMove(_marked_already(kind, source=source))
    _tell_terms([doubt], by=by, now=moment(now))
    return doubt


@transaction.atomic
def doubt_sentence(
    sentence: Sentence, kind: DoubtKind, reason: str, *, by: User, now: datetime | None = None
) -> list[Doubt]:
    """Mark a sentence as outdated or contradicted, in every published term that has the same words."""
    require(by, Action.CHECK)
    if kind not in OF_SENTENCE:
        raise IllegalMove("Choose what is wrong with the sentence: outdated, or contradicted.")
    said = _reason(reason)
    rows = [raise_doubt(kind, said, sentence=twin, by=by, now=moment(now)) for twin in same_words(sentence)]
    made = [doubt for doubt in rows if doubt is not None]
    if not rows:
        raise IllegalMove("Readers no longer see this sentence. There is nothing to look at again.")
    if not made:
        raise IllegalMove(_marked_already(kind, sentence=sentence))
    _tell_terms(made, by=by, now=moment(now))
    return made


def same_words(sentence: Sentence) -> list[Sentence]:
    """Return the sentences with the same words that readers see, in whatever term, this one among them."""
    seen = Claim.objects.filter(edition__published_for__isnull=False).values("sentence_id")
    twins = Sentence.objects.filter(hash=sentence.hash, pk__in=seen)
    return list(twins.select_related("term").order_by("term__sort_key", "pk"))


def raise_doubt(
    kind: DoubtKind,
    reason: str,
    *,
    source: Source | None = None,
    sentence: Sentence | None = None,
    by: User | None = None,
    now: datetime,
) -> Doubt | None:
    """Raise a doubt unless the same one is open; None if it is. `by` is None for the machine.

    What is open twice the database refuses, so that two who raise it at once raise one.
    """
    if Doubt.objects.open().filter(kind=kind, source=source, sentence=sentence).exists():
        return None
    try:
        with transaction.atomic():
            doubt = Doubt(kind=kind, source=source, sentence=sentence, reason=reason, raised_at=now, raised_by=by)
            doubt.save()
    except IntegrityError:
        return None
    term = sentence.term if sentence is not None else None
    record(by, "doubted", doubt.about, now=now, term=term, reason=f"{doubt.kind}: {reason}")
    return doubt


@transaction.atomic
def settle_doubt(doubt: Doubt, reason: str, *, by: User, now: datetime | None = None) -> Doubt:
    """End a doubt: a checker looked, and what readers see stands. No date moves by it.

    Raises IllegalMove without a reason, for own words, or where it is settled already.
    """
    require(by, Action.CHECK)
    said = _reason(reason)
    doubt = Doubt.objects.select_related("source", "sentence").get(pk=doubt.pk)
    if doubt.kind in OF_WORDS:
        _check_not_own(doubt, by)
    if not _settle([doubt], Ending.STANDS, said, by=by, now=moment(now)):
        raise IllegalMove("Somebody else settled this a moment ago. Look at the list again.")
    doubt.refresh_from_db()
    return doubt


def settle_by_check(check: ClaimCheck, *, by: User, now: datetime) -> None:
    """End the doubts that a new verdict answers; one query where there are none.

    The verdict was given on evidence of today, or against the sentence. A doubt on a whole source ends with the last
    sentence that rested on it. The caller has saved the verdict and its evidence, in the same transaction.
    """
    if check.verdict == Verdict.SUPPORTED and not check.evidence.exists():
        return
    earlier = ClaimCheck.objects.filter(sentence_id=check.sentence_id)
    sources = Q(source__evidence__check_row__in=earlier.values("pk"))
    sources |= Q(source__evidence__check_row__in=earlier.exclude(rests_on=None).values("rests_on"))
    mine = Q(sentence_id=check.sentence_id) | (Q(sentence__isnull=True) & sources)
    doubts = list(Doubt.objects.open().filter(mine).select_related("source", "sentence").distinct())
    if not doubts:
        return
    left = {touch.doubt for touch in touches([doubt.pk for doubt in doubts if doubt.sentence_id is None])}
    over = [doubt for doubt in doubts if doubt.pk not in left]
    _settle(over, Ending.CHECKED, f"{check.verdict}, checked on {check.checked_on.isoformat()}", by=by, now=now)


def settle_gone_words(term: Term, *, now: datetime) -> None:
    """End the doubts on sentences of a term that its readers see no more; one query where there are none."""
    seen = Claim.objects.filter(edition__published_for=term).values("sentence_id")
    gone = Doubt.objects.open().filter(sentence__term=term).exclude(sentence_id__in=seen)
    _settle(list(gone.select_related("source", "sentence")), Ending.WORDS_GONE, "", by=None, now=now)


def settle_for_machine(doubts: QuerySet[Doubt], ending: Ending, reason: str, *, by: User | None, now: datetime) -> int:
    """End doubts about what a machine sees by itself, such as a link that works again; return how many."""
    return _settle(list(doubts.select_related("source", "sentence")), ending, reason, by=by, now=now)


def _settle(doubts: list[Doubt], ending: Ending, reason: str, *, by: User | None, now: datetime) -> int:
    """Settle each doubt that is still open, with its trail entry; return how many this call settled."""
    done = 0
    for doubt in doubts:
        changed = (
            Doubt.objects.open()
            .filter(pk=doubt.pk)
            .update(settled_at=now, settled_by=by, ending=ending, settled_because=reason[:MAX_REASON])
        )
        if changed:
            term = doubt.sentence.term if doubt.sentence is not None else None
            says = f"{doubt.kind}: {ending}. {reason}".strip()
            record(by, "settled a doubt on", doubt.about, now=now, term=term, reason=says)
            done += 1
    return done


def _by_source(path: str, doubts: Collection[int] | None) -> QuerySet[ClaimCheck]:
    """Return the verdicts behind published sentences that rest on a doubted source, as they did when it was doubted."""
    given = "at" if path == PATHS[0] else "rests_on__at"
    where = {
        f"{path}__raised_at__gte": F(given),
        f"{path}__settled_at__isnull": True,
        f"{path}__sentence__isnull": True,
    }
    if doubts is not None:
        where[f"{path}__in"] = list(doubts)
    return ClaimCheck.objects.behind_published().filter(**where)


def _by_sentence(doubts: Collection[int] | None) -> QuerySet[Doubt]:
    """Return the open doubts on sentences that readers see."""
    seen = Claim.objects.filter(edition__published_for__isnull=False).values("sentence_id")
    rows = Doubt.objects.open().filter(sentence_id__in=seen).order_by()
    return rows if doubts is None else rows.filter(pk__in=list(doubts))


def _tell_terms(doubts: list[Doubt], *, by: User, now: datetime) -> None:
    """Leave an entry in the trail of every term that these doubts send to the checkers."""
    about = {doubt.pk: doubt for doubt in doubts}
    pairs = {(touch.term, touch.doubt) for touch in touches(list(about)) if about[touch.doubt].sentence_id is None}
    terms = Term.objects.in_bulk({term for term, _ in pairs})
    entries = [
        entry(by, "sent for another look", str(terms[term]), now=now, term=terms[term], reason=str(about[doubt]))
        for term, doubt in sorted(pairs)
    ]
    TrailEntry.objects.bulk_create(entries, batch_size=BATCH)


def _check_not_own(doubt: Doubt, by: User) -> None:
    """Raise IllegalMove where this person typed words that the doubt touches."""
    sentences = {doubt.sentence_id} if doubt.sentence_id else {touch.sentence for touch in touches([doubt.pk])}
    known: set[int] = set()
    while further := {key for key in sentences if key is not None} - known:  # also those that they were respelt from
        known |= further
        before = Sentence.objects.filter(pk__in=further, respelt_from__isnull=False)
        sentences = set(before.values_list("respelt_from_id", flat=True))
    own = SentenceAuthor.objects.filter(sentence_id__in=known, user=by).exists()
    check_four_eyes(by.pk, {by.pk} if own else set(), single_person_desk=settings.SINGLE_PERSON_DESK)


def _marked_already(kind: DoubtKind, *, source: Source | None = None, sentence: Sentence | None = None) -> str:
    there = Doubt.objects.open().filter(kind=kind, source=source, sentence=sentence).select_related("raised_by").first()
    if there is None:
        return "Somebody settled this at the same moment. Look at it again."
    day = there.raised_at.astimezone(settings.EDITORIAL_TIME_ZONE)
    who = there.raised_by or "The watch"
    return f"{who} marked it as {kind} on {day:%B} {day.day}, {day.year}: {there.reason}"


def _reason(text: str) -> str:
    reason = clean_line(text, limit=MAX_REASON, what="The reason")
    if not reason:
        raise IllegalMove("Say in a sentence why: whoever checks the cards reads it.")
    return reason

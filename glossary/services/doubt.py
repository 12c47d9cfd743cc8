"""Doubts: raising and settling them. A doubt changes nothing that readers see."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from glossary.domain.claim import Verdict
from glossary.domain.doubt import MAX_REASON, OF_SENTENCE, OF_SOURCE, OF_WORDS, DoubtKind, Ending
from glossary.domain.errors import IllegalMove
from glossary.domain.fact_check import check_four_eyes
from glossary.domain.names import clean_line
from glossary.domain.roles import Action
from glossary.models import Claim, ClaimCheck, Doubt, Sentence, SentenceAuthor, Source, Term, TrailEntry
from glossary.services.clock import moment
from glossary.services.impact import same_words, touches
from glossary.services.roles import require
from glossary.services.trail import entry, record

BATCH = 500  # rows written at once


def doubts_on(sentence: Sentence, sources: Iterable[Source]) -> list[Doubt]:
    """Return what is in doubt about a sentence or about sources at hand for it: one query."""
    about = Q(sentence=sentence) | Q(source__in=list(sources), sentence__isnull=True)
    return list(Doubt.objects.open().filter(about).select_related("source", "sentence"))


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

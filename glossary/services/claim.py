"""Settling lines: a checker's verdict on one sentence, with the evidence it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from glossary.domain.claim import ClaimKind, LineState, Part, Verdict, check_verdict
from glossary.domain.errors import IllegalMove, StaleEdition
from glossary.domain.fact_check import check_four_eyes
from glossary.domain.fact_sign import FACT_RULE, capitalised_runs, is_likely_explanation, stated_fact
from glossary.domain.names import clean_text
from glossary.domain.roles import Action
from glossary.domain.sentences import SPLITTER
from glossary.domain.volatility import Volatility, class_of, wording_class
from glossary.models import Claim, ClaimCheck, Edition, Evidence, Party, PassageKind, Source, Term
from glossary.models.claim import ClaimLine
from glossary.models.source import MAX_PASSAGE
from glossary.services.clock import moment, today
from glossary.services.doubt import settle_by_check
from glossary.services.publication import refresh_due
from glossary.services.roles import require
from glossary.services.take import keep_taken
from glossary.services.trail import record
from glossary.services.wording import reading_of

MAX_NOTE = 2_000  # characters
CONFIRMABLE = frozenset({LineState.READ_AGAIN, LineState.RESPELT})


@dataclass(frozen=True)
class EvidenceDraft:
    """A passage that a checker found, before it is recorded."""

    source: Source
    passage: str
    passage_kind: str = PassageKind.PARAPHRASE


@transaction.atomic
def settle_line(
    claim: Claim,
    *,
    by: User,
    verdict: Verdict,
    kind: ClaimKind,
    evidence: Sequence[EvidenceDraft] = (),
    volatility: Volatility | None = None,
    note: str = "",
    now: datetime | None = None,
) -> ClaimCheck:
    """Record a verdict of today. Every source named counts as visited today: a date needs new evidence.

    Raises IllegalMove for own words and for verdicts that the rules refuse, StaleEdition if the claim's edition
    neither waits for a checker nor stands before readers.
    """
    require(by, Action.CHECK)
    term, edition = checkable(claim.edition)
    line = _line(claim)
    check_four_eyes(by.pk, line.writers, single_person_desk=settings.SINGLE_PERSON_DESK)
    check = record_verdict(
        claim, by=by, verdict=verdict, kind=kind, evidence=evidence, volatility=volatility, note=note, now=now
    )
    _after(term, edition, claim, verdict.value, by=by, now=moment(now), reason=check.note)
    return check


def record_verdict(
    claim: Claim,
    *,
    by: User,
    verdict: Verdict,
    kind: ClaimKind,
    evidence: Sequence[EvidenceDraft] = (),
    volatility: Volatility | None = None,
    note: str = "",
    agreed: bool = False,
    now: datetime | None = None,
) -> ClaimCheck:
    """Write a verdict of today with its evidence; the caller holds the term's lock and has asked who may give it."""
    note = clean_text(note, limit=MAX_NOTE, what="The note")
    drafts = [(draft, clean_text(draft.passage, limit=MAX_PASSAGE, what="The passage")) for draft in evidence]
    reading = reading_of(claim)
    days = [draft.source.published_on or today(now) for draft, text in drafts if text]
    check_verdict(
        claim.line,
        verdict=verdict,
        kind=kind,
        sources=len(days),
        note=note,
        newest_source=max(days, default=None),
        today=today(now),
        reading=reading,
    )
    if verdict == Verdict.SUPPORTED and kind == ClaimKind.EXPLANATION and FACT_RULE not in reading.waived:
        _refuse_stated_fact(claim)
    check = ClaimCheck(
        claim=claim,
        sentence=claim.sentence,
        verdict=verdict,
        kind=kind,
        volatility=class_of(kind, volatility, wording_class(claim.sentence.text, reading)),
        by=by,
        at=moment(now),
        checked_on=today(now),
        splitter=SPLITTER,
        note=note,
        agreed=agreed,
    )
    check.save()
    _keep_evidence(check, drafts)
    settle_by_check(check, by=by, now=moment(now))
    return check


def _keep_evidence(check: ClaimCheck, drafts: Sequence[tuple[EvidenceDraft, str]]) -> None:
    """Keep the passages that a verdict rests on; a source without one was named and not used."""
    for draft, passage in drafts:
        if passage:
            Evidence.objects.create(
                check_row=check,
                source=draft.source,
                passage=passage,
                passage_kind=PassageKind(draft.passage_kind),
                retrieved_on=check.checked_on,
            )


def _refuse_stated_fact(claim: Claim) -> None:
    """Raise IllegalMove where a sentence states a fact by its words: it needs a source, or an answer why not."""
    words = claim.edition.words
    text = claim.sentence.text
    parties = list(Party.objects.filter(name__in=capitalised_runs(text)).values_list("name", flat=True))
    if sign := stated_fact(text, [words.headword, *(alias.text for alias in words.aliases)], parties):
        raise IllegalMove(
            f"The line says “{sign}”, so it states a fact: name the source that supports it, or say why there is "
            "nothing to look up."
        )


@transaction.atomic
def confirm_line(claim: Claim, *, by: User, now: datetime | None = None) -> ClaimCheck:
    """Record that an unchanged sentence still reads true where its surroundings or its spelling changed.

    Evidence and date stay those of the earlier check. A new spelling is confirmed by anybody but its typist.
    """
    require(by, Action.CHECK)
    term, edition = checkable(claim.edition)
    line = _line(claim)
    typists = line.authors if line.state == LineState.RESPELT else line.writers
    check_four_eyes(by.pk, typists, single_person_desk=settings.SINGLE_PERSON_DESK)
    if line.state not in CONFIRMABLE or line.check is None:
        raise IllegalMove("Only a line that was checked before and stands in new surroundings is read again.")
    origin = line.check.source_check
    check = ClaimCheck(
        claim=claim,
        sentence=claim.sentence,
        verdict=Verdict.SUPPORTED,
        kind=origin.kind,
        volatility=origin.volatility,
        by=by,
        at=moment(now),
        checked_on=origin.checked_on,
        rests_on=origin,
        splitter=SPLITTER,
    )
    check.save()
    _after(term, edition, claim, line.state.value, by=by, now=moment(now))
    return check


def checkable(edition: Edition) -> tuple[Term, Edition]:
    """Return term and edition under the term's lock; raises StaleEdition unless a checker may work on it now."""
    term = Term.objects.select_for_update().get(pk=edition.term_id)
    edition = Edition.objects.get(pk=edition.pk)
    if edition.submitted_at is None and term.published_id != edition.pk:
        raise StaleEdition(
            "The words have changed since you opened this card: this edition is no longer the one to check. "
            "The verdicts you gave are kept."
        )
    return term, edition


@transaction.atomic
def sweep_explanations(edition: Edition, *, by: User, now: datetime | None = None) -> int:
    """Accept every open line that explains rather than states as an explanation; return how many there were.

    Lines that this person wrote are left for somebody else.
    """
    require(by, Action.CHECK)
    term, edition = checkable(edition)
    accepted = 0
    for line in likely_explanations(edition, by=by):
        record_verdict(line.claim, by=by, verdict=Verdict.SUPPORTED, kind=ClaimKind.EXPLANATION, now=now)
        accepted += 1
    if not accepted:
        raise IllegalMove("No open line is a likely explanation: each states something to look up, or is your own.")
    refresh_due(term, now=moment(now))
    subject = f"{edition.words.headword}: {accepted} explanations in one sweep"
    record(by, "settled lines of", subject, now=moment(now), term=term, to_digest=edition.digest)
    return accepted


def likely_explanations(edition: Edition, *, by: User) -> list[ClaimLine]:
    """Return the open lines of an edition that this person may accept as explanations."""
    lines = Claim.objects.lines(edition.pk)
    names = [line.claim.sentence.text for line in lines if line.claim.sentence.part in {Part.HEADWORD, Part.ALIAS}]
    return [
        line
        for line in lines
        if line.state == LineState.OPEN
        and is_likely_explanation(line.claim.line, names)
        and (settings.SINGLE_PERSON_DESK or by.pk not in line.writers)
    ]


def _line(claim: Claim) -> ClaimLine:
    return next(line for line in Claim.objects.lines(claim.edition_id) if line.claim.pk == claim.pk)


def _after(
    term: Term, edition: Edition, claim: Claim, verdict: str, *, by: User, now: datetime, reason: str = ""
) -> None:
    refresh_due(term, now=now)
    keep_taken(term, by=by, now=now)
    record(
        by,
        "settled a line of",
        f"{edition.words.headword}: {verdict}, line {claim.place}",
        now=now,
        term=term,
        to_digest=edition.digest,
        reason=reason,
    )

"""Suggested wording: a checker words a line, the author accepts it with one key, and that is the check by the other."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from glossary.domain.claim import ClaimKind, Verdict, check_verdict, lines_of
from glossary.domain.errors import IllegalMove, StaleEdition
from glossary.domain.names import clean_line, clean_text
from glossary.domain.rewrite import REWRITABLE, with_line
from glossary.domain.roles import Action
from glossary.domain.term import MAX_EXAMPLE
from glossary.models import Answer, Claim, Edition, NoticeKind, PassageKind, Source, Suggestion, Term
from glossary.models.source import MAX_PASSAGE
from glossary.services.claim import EvidenceDraft, checkable, record_verdict
from glossary.services.clock import moment, today
from glossary.services.notice import tell
from glossary.services.roles import require
from glossary.services.trail import record
from glossary.services.working_text import replace_working_words


@transaction.atomic
def suggest_wording(
    claim: Claim,
    text: str,
    *,
    by: User,
    kind: ClaimKind = ClaimKind.FACT,
    source: Source | None = None,
    passage: str = "",
    passage_kind: str = PassageKind.PARAPHRASE,
    now: datetime | None = None,
) -> Suggestion:
    """Offer other words for a line of the submitted edition, with the passage that supports them; empty words cut it.

    A newer suggestion for the line replaces one that still waits. Raises IllegalMove for words that could not be
    supported by that source, so that accepting them can never fail for it.
    """
    require(by, Action.CHECK)
    term, edition = checkable(claim.edition)
    if term.working_id != edition.pk:
        raise IllegalMove("The author has other words at hand already. Send the card back with a comment instead.")
    text = clean_line(text, limit=MAX_EXAMPLE, what="The suggested wording")
    passage = clean_text(passage, limit=MAX_PASSAGE, what="The passage").strip()
    if claim.line.part not in REWRITABLE:
        raise IllegalMove("Names are not reworded here. Say in a comment which name you mean.")
    if text == claim.sentence.text:
        raise IllegalMove("These are the words that stand there.")
    words = with_line(edition.words, claim.place, text)
    if text:
        _check_supportable(words_line=claim, text=text, kind=kind, source=source, passage=passage, now=now)
    at = moment(now)
    Suggestion.objects.waiting().filter(claim=claim).update(answer=Answer.DECLINED, answered_at=at, answered_by=by)
    suggestion = Suggestion(claim=claim, by=by, at=at, text=text, kind=kind)
    if passage:
        suggestion.source, suggestion.passage, suggestion.passage_kind = source, passage, PassageKind(passage_kind)
    try:
        with transaction.atomic():
            suggestion.save()
    except IntegrityError as error:
        raise IllegalMove("Somebody suggested a wording for this line a moment ago. Look at it first.") from error
    _tell_makers(suggestion, term, edition)
    record(by, "suggested a wording for", f"{words.headword}, line {claim.place}", now=at, term=term, reason=text)
    return suggestion


@transaction.atomic
def accept_suggestion(suggestion: Suggestion, *, by: User, now: datetime | None = None) -> Edition:
    """Take the suggested words into the card: the one who worded and the one who accepts have read them both.

    The new edition takes the place of the submitted one; its changed line is settled with the source that came with
    the suggestion. Raises StaleEdition if the card has changed since.
    """
    require(by, Action.WRITE)
    suggestion = Suggestion.objects.select_related("claim__edition", "claim__sentence", "source", "by").get(
        pk=suggestion.pk
    )
    claim = suggestion.claim
    term = Term.objects.select_for_update().get(pk=claim.edition.term_id)
    if suggestion.by_id == by.pk and not settings.SINGLE_PERSON_DESK:
        raise IllegalMove("You worded this yourself. Somebody else accepts it.")
    if term.working_id != claim.edition_id:
        raise StaleEdition("The words have changed since this was suggested. Look at the card as it stands now.")
    at = moment(now)
    if (
        not Suggestion.objects.waiting()
        .filter(pk=suggestion.pk)
        .update(answer=Answer.ACCEPTED, answered_at=at, answered_by=by)
    ):
        raise IllegalMove("This suggestion has been answered already.")
    edition = replace_working_words(
        term, with_line(claim.edition.words, claim.place, suggestion.text), by=by, worded_by=suggestion.by, now=at
    )
    if suggestion.text:
        _settle(suggestion, edition, by=by, now=now)
    tell(
        suggestion.by,
        NoticeKind.ANSWERED,
        term=term,
        path=edition.get_check_url(claim.place),
        now=at,
        text=f"accepted: {suggestion.text or 'the cut'}",
        line=claim.place,
        said_by=by,
    )
    record(
        by,
        "accepted the wording for",
        f"{edition.words.headword}, line {claim.place}",
        now=at,
        term=term,
        from_digest=claim.edition.digest,
        to_digest=edition.digest,
        reason=suggestion.text,
    )
    return edition


@transaction.atomic
def decline_suggestion(suggestion: Suggestion, *, by: User, now: datetime | None = None) -> None:
    """Leave the words as they are; the checker is told."""
    require(by, Action.WRITE)
    at = moment(now)
    waiting = Suggestion.objects.waiting().filter(pk=suggestion.pk)
    if not waiting.update(answer=Answer.DECLINED, answered_at=at, answered_by=by):
        raise IllegalMove("This suggestion has been answered already.")
    claim = suggestion.claim
    tell(
        suggestion.by,
        NoticeKind.ANSWERED,
        term=claim.edition.term,
        path=claim.edition.get_check_url(claim.place),
        now=at,
        text=f"declined: {suggestion.text or 'the cut'}",
        line=claim.place,
        said_by=by,
    )
    subject = f"{claim.edition.words.headword}, line {claim.place}"
    record(by, "declined the wording for", subject, now=at, term=claim.edition.term, reason=suggestion.text)


def _tell_makers(suggestion: Suggestion, term: Term, edition: Edition) -> None:
    """Tell those who saved or sent the card of a suggestion for one of its lines."""
    place = suggestion.claim.place
    for person in {p for p in (edition.submitted_by, edition.made_by) if p is not None}:
        tell(
            person,
            NoticeKind.SUGGESTION,
            term=term,
            path=edition.get_check_url(place),
            now=suggestion.at,
            text=suggestion.text or "Cut this sentence.",
            line=place,
            said_by=suggestion.by,
        )


def _check_supportable(
    *, words_line: Claim, text: str, kind: ClaimKind, source: Source | None, passage: str, now: datetime | None
) -> None:
    line = words_line.line
    check_verdict(
        type(line)(line.part, text),
        verdict=Verdict.SUPPORTED,
        kind=kind,
        sources=1 if source and passage else 0,
        note="",
        newest_source=(source.published_on or today(now)) if source else None,
        today=today(now),
    )


def _settle(suggestion: Suggestion, edition: Edition, *, by: User, now: datetime | None) -> None:
    """Record the acceptance as the verdict of the one who accepts, on each sentence of the suggested words."""
    before = {line.hash for line in lines_of(suggestion.claim.edition.words)}
    evidence = []
    if suggestion.source is not None:
        evidence = [EvidenceDraft(suggestion.source, suggestion.passage, suggestion.passage_kind)]
    for claim in Claim.objects.filter(edition=edition).select_related("sentence", "edition").order_by("place"):
        if claim.sentence.hash not in before:
            record_verdict(
                claim,
                by=by,
                verdict=Verdict.SUPPORTED,
                kind=ClaimKind(suggestion.kind),
                evidence=evidence,
                agreed=True,
                now=now,
            )

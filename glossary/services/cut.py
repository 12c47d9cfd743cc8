"""Cutting one sentence from what readers see: the one change that a single person may publish, as it adds no words."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from glossary.domain.claim import LineState, Part
from glossary.domain.correction import Fate, Said, in_words
from glossary.domain.errors import IllegalMove, StaleEdition
from glossary.domain.fact_check import CUT_REVIEW, Result
from glossary.domain.names import clean_text
from glossary.domain.rewrite import with_line
from glossary.domain.roles import Action
from glossary.domain.term import Words, check_complete
from glossary.models import Claim, ClaimCheck, Edition, FactCheck, NoticeKind, SentenceAuthor, Term
from glossary.models.claim import ClaimLine
from glossary.services.clock import moment, today
from glossary.services.edition import freeze_words
from glossary.services.notice import tell
from glossary.services.publication import replace_words
from glossary.services.roles import require
from glossary.services.trail import record
from glossary.services.working_text import replace_working_words


@transaction.atomic
def cut_sentence(
    claim: Claim, *, by: User, reason: str, fate: Fate = Fate.WAS_WRONG, now: datetime | None = None
) -> FactCheck:
    """Take a sentence out of the published words at once and say why; somebody else reads the card within 24 hours.

    `fate` is what becomes of the sentence, and its readers are told the reason. What stays was checked and keeps its
    dates. The sentence leaves the working text too, wherever it still stands
    there. Raises StaleEdition if readers see other words by now, IllegalMove for a name or a whole definition.
    """
    require(by, Action.CUT)
    reason = " ".join(clean_text(reason, limit=500, what="The reason").split())
    if not reason:
        raise IllegalMove("Say in a sentence why it is cut: whoever reads the card after you needs to know.")
    term, before = _term_to_cut(claim)
    words = with_line(before.words, claim.place)
    check_complete(words)
    at = moment(now)
    edition = freeze_words(term, words, by=by, now=at, before=before)
    _refuse_taken_back(edition)
    check = _keep_check(edition, claim, reason, by=by, now=at)
    _cut_from_working_text(term, claim, before, words, by=by, now=at)
    replace_words(term, edition, {claim.place: Said(fate, reason)}, by=by, now=at)
    _tell_writers(term, claim, edition, reason, by=by, now=at)
    record(
        by,
        "cut a sentence from",
        words.headword,
        now=at,
        term=term,
        from_digest=before.digest,
        to_digest=edition.digest,
        reason=f"{claim.sentence.text} — {reason}",
    )
    return check


def _term_to_cut(claim: Claim) -> tuple[Term, Edition]:
    """Lock the term of a claim and return it with the words that readers see; raises where nothing can be cut there."""
    term = Term.objects.select_for_update().get(pk=claim.edition.term_id)
    if term.published_id != claim.edition_id or term.published is None:
        raise StaleEdition("Readers see other words by now. Look at the card as it stands.")
    lines = _lines(term.published)
    if any(line.state in {LineState.OPEN, LineState.STOPPED} and line.claim != claim for line in lines):
        raise IllegalMove("Another line of this card is not supported either. Withdraw the card instead.")
    return term, term.published


def _keep_check(edition: Edition, claim: Claim, reason: str, *, by: User, now: datetime) -> FactCheck:
    """Keep that what a cut leaves stands, with the dates of the checks that its lines had."""
    checks = [line.check for line in _lines(edition) if line.check is not None]
    check = FactCheck(
        edition=edition,
        digest=edition.digest,
        digest_version=edition.digest_version,
        by=by,
        at=now,
        on=today(now),
        result=Result.CUT,
        comment=reason,
        cut=claim.sentence,
        stamp_on=min(check.checked_on for check in checks),
        newest_on=max(check.checked_on for check in checks),
    )
    check.save()
    Edition.objects.filter(pk=edition.pk).update(
        submitted_at=None, submitted_by=None, withdrawn_at=None, withdrawn_because=""
    )
    return check


def _tell_writers(term: Term, claim: Claim, edition: Edition, reason: str, *, by: User, now: datetime) -> None:
    for row in SentenceAuthor.objects.filter(sentence=claim.sentence).select_related("user"):
        tell(
            row.user,
            NoticeKind.CUT,
            term=term,
            path=edition.get_check_url(),
            now=now,
            text=f"{claim.sentence.text} — {reason}",
            said_by=by,
        )


def review_by(edition: Edition) -> datetime | None:
    """Return when somebody must have read a card after a cut; None where no cut waits to be read."""
    check = edition.check_standing()
    return check.at + CUT_REVIEW if check is not None and check.result == Result.CUT else None


def _refuse_taken_back(edition: Edition) -> None:
    """Raise IllegalMove where what a cut leaves are words that were taken back, with no verdict since."""
    if edition.withdrawn_at is not None and not ClaimCheck.objects.since_withdrawal(edition).exists():
        raise IllegalMove(
            f"Without this sentence the card says what was taken back on {in_words(today(edition.withdrawn_at))}, "
            f"because: {edition.withdrawn_because.rstrip('.')}. Withdraw the card instead."
        )


def _lines(edition: Edition) -> list[ClaimLine]:
    return Claim.objects.lines(edition.pk)


def _cut_from_working_text(
    term: Term, claim: Claim, published: Edition, words: Words, *, by: User, now: datetime
) -> None:
    if term.working_id == published.pk or term.working is None:
        replace_working_words(term, words, by=by, now=now)
        return
    there = Claim.objects.filter(edition=term.working, sentence=claim.sentence)
    place = there.values_list("place", flat=True).first()
    if place is not None and claim.sentence.part in {Part.DEFINITION, Part.BODY, Part.EXAMPLE}:
        replace_working_words(term, with_line(term.working.words, place), by=by, now=now)

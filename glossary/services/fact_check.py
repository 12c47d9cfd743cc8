"""The decision about a card: passing it, sending it back, taking a pass back."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from glossary.domain.claim import LineState
from glossary.domain.correction import Said, in_words
from glossary.domain.digest import digest_of
from glossary.domain.errors import IllegalMove, StaleEdition
from glossary.domain.fact_check import CheckedLine, Result, check_passer, check_settled, dates_of
from glossary.domain.names import clean_text
from glossary.domain.roles import Action
from glossary.domain.term import Stage, check_complete
from glossary.domain.volatility import Volatility
from glossary.models import Claim, ClaimCheck, Edition, FactCheck, NoticeKind, Sentence, Take, Term
from glossary.services.claim import MAX_NOTE, checkable, confirm_line
from glossary.services.clock import moment, today
from glossary.services.correction import record_retraction
from glossary.services.notice import tell
from glossary.services.publication import fall_back, replace_words, restamp
from glossary.services.roles import may, require
from glossary.services.trail import record
from glossary.services.wording import close_findings, gates_of


def checked_lines(term: Term, edition: Edition) -> list[CheckedLine]:
    """Return the lines of an edition as the decision sees them; `changed` is against the words readers see."""
    seen = set()
    if term.published_id and term.published_id != edition.pk:
        seen = set(Claim.objects.filter(edition_id=term.published_id).values_list("sentence_id", "context"))
    elif term.published_id == edition.pk:
        seen = set(edition.claims.values_list("sentence_id", "context"))
    chosen = Volatility(term.volatility)
    return [
        CheckedLine(
            number=line.number,
            state=line.state,
            checked_on=line.check.checked_on if line.check and line.state == LineState.SETTLED else None,
            volatility=line.volatility(chosen),
            authors=line.authors,
            agreed=line.check is not None and line.check.agreed,
            changed=(line.claim.sentence_id, line.claim.context) not in seen,
        )
        for line in Claim.objects.lines(edition.pk)
    ]


def makers(edition: Edition) -> set[int]:
    """Return the people who saved or sent this edition."""
    return {pk for pk in (edition.made_by_id, edition.submitted_by_id) if pk is not None}


@transaction.atomic
def pass_check(
    edition: Edition,
    *,
    by: User,
    digest: str,
    whole_card: bool,
    publish: bool = False,
    comment: str = "",
    old_words: Mapping[int, Said] | None = None,
    now: datetime | None = None,
) -> FactCheck:
    """Pass an edition: its words earn the oldest date of its lines.

    `digest` names the words the checker read; without it, or if the words are no longer those, nothing is written and
    StaleEdition is raised. The words of a published term go out at once; `publish` does the same for a new one, if
    the checker may publish. `old_words` says of each line that readers lose, by its place, what becomes of it. Raises
    IllegalMove while a line is not settled, a word on old words is missing, or words that were taken back have no
    verdict since.
    """
    require(by, Action.CHECK)
    term, edition = checkable(edition)
    lines = _lines_fit_to_pass(term, edition, by=by, digest=digest, whole_card=whole_card, now=now)
    check = _keep_passed(edition, lines, comment, by=by, now=now)
    Edition.objects.filter(pk=edition.pk).update(
        submitted_at=None, submitted_by=None, withdrawn_at=None, withdrawn_because=""
    )
    close_findings(edition)
    before = term.published.digest if term.published else ""
    _tell_makers(makers(edition), NoticeKind.PASSED, term, edition, by=by, now=moment(now))
    Take.objects.filter(term=term).delete()
    record(by, "passed", edition.words.headword, now=moment(now), term=term, from_digest=before, to_digest=digest)
    if term.published_id == edition.pk:
        restamp(term, now=moment(now))
    elif term.stage == Stage.PUBLISHED or (publish and may(by, Action.PUBLISH)):
        replace_words(term, edition, old_words or {}, by=by, now=moment(now))
        record(by, "published", edition.words.headword, now=moment(now), term=term, to_digest=digest)
    return check


def _lines_fit_to_pass(
    term: Term, edition: Edition, *, by: User, digest: str, whole_card: bool, now: datetime | None
) -> list[CheckedLine]:
    """Return the lines of an edition that this person may pass now; raises what `pass_check` raises."""
    if not digest or digest != edition.digest or digest_of(edition.words) != digest:
        raise StaleEdition("The words have changed since you read them. Read them again; your verdicts are kept.")
    if not whole_card:
        raise IllegalMove("Confirm that you read the whole card and that it is true.")
    check_complete(edition.words)
    lines = checked_lines(term, edition)
    check_settled(lines, today=today(now))
    check_passer(by.pk, lines, makers(edition), single_person_desk=settings.SINGLE_PERSON_DESK)
    refuse_old_verdicts(edition)
    if gates := gates_of(edition, now=now):
        told = "; ".join(f"“{one.text}” in “{one.sentence}”" for one in gates)
        raise IllegalMove(f"These words go stale: {told}. Date them, reword them, or say why they may stay.")
    return lines


def _keep_passed(
    edition: Edition, lines: Sequence[CheckedLine], comment: str, *, by: User, now: datetime | None
) -> FactCheck:
    dates = dates_of(lines)
    check = FactCheck(
        edition=edition,
        digest=edition.digest,
        digest_version=edition.digest_version,
        by=by,
        at=moment(now),
        on=today(now),
        result=Result.PASSED,
        comment=clean_text(comment, limit=MAX_NOTE, what="The comment"),
        stamp_on=dates.stamp_on,
        newest_on=dates.newest_on,
    )
    check.save()
    return check


@transaction.atomic
def pass_respelling(edition: Edition, *, by: User, digest: str, now: datetime | None = None) -> FactCheck:
    """Confirm and pass, in one act, an edition that differs from the words readers see in spelling only.

    Raises IllegalMove where anything else changed: then the card is checked as every other.
    """
    require(by, Action.CHECK)
    term, edition = checkable(edition)
    if not only_spelling_changed(term, edition):
        raise IllegalMove("More than the spelling changed. Settle the lines that are open, then pass the card.")
    for line in Claim.objects.lines(edition.pk):
        if line.state == LineState.RESPELT:
            confirm_line(line.claim, by=by, now=now)
    return pass_check(edition, by=by, digest=digest, whole_card=True, now=now)


def only_spelling_changed(term: Term, edition: Edition) -> bool:
    """Return whether the edition is what readers see but for the spelling of lines that wait to be confirmed."""
    if term.published_id is None or term.published_id == edition.pk:
        return False
    origins = Sentence.objects.origins(term.pk)

    def outline(edition_id: int) -> list[tuple[str, int]]:
        rows = Claim.objects.filter(edition_id=edition_id).order_by("place").values_list("sentence__hash", "block")
        return [(origins.get(key, key), block) for key, block in rows]

    if outline(edition.pk) != outline(term.published_id):
        return False
    states = {line.state for line in Claim.objects.lines(edition.pk)}
    return LineState.RESPELT in states and states <= {LineState.RESPELT, LineState.SETTLED}


@transaction.atomic
def send_back(edition: Edition, *, by: User, comment: str, now: datetime | None = None) -> FactCheck:
    """Return a submitted edition to its author with a comment; verdicts that were given stay given."""
    require(by, Action.CHECK)
    term, edition = checkable(edition)
    comment = clean_text(comment, limit=MAX_NOTE, what="The comment")
    if not comment.strip():
        raise IllegalMove("Say what the author should do: sending back needs a comment.")
    if edition.submitted_at is None:
        raise IllegalMove("Readers see this edition; it cannot be sent back. It can be withdrawn.")
    check = FactCheck(
        edition=edition,
        digest=edition.digest,
        digest_version=edition.digest_version,
        by=by,
        at=moment(now),
        on=today(now),
        result=Result.SENT_BACK,
        comment=comment,
    )
    check.save()
    _tell_makers(makers(edition), NoticeKind.SENT_BACK, term, edition, by=by, now=moment(now), text=comment)
    Take.objects.filter(term=term).delete()
    Edition.objects.filter(pk=edition.pk).update(submitted_at=None, submitted_by=None)
    record(
        by, "sent back", edition.words.headword, now=moment(now), term=term, to_digest=edition.digest, reason=comment
    )
    return check


@transaction.atomic
def withdraw_check(term: Term, *, by: User, reason: str, now: datetime | None = None) -> Term:
    """Take the words readers see back at once, for a reason that readers are told.

    The page falls back to the newest earlier edition whose check stands, or answers 410: never words without a date.
    """
    require(by, Action.PUBLISH)
    reason = " ".join(clean_text(reason, limit=500, what="The reason").split())
    if not reason:
        raise IllegalMove("Say in a sentence why the card is withdrawn: readers see it.")
    term = Term.objects.select_for_update().get(pk=term.pk)
    edition = term.published
    if edition is None:
        raise IllegalMove("Readers see no words of this term; there is nothing to withdraw.")
    at = moment(now)
    check = FactCheck(
        edition=edition,
        digest=edition.digest,
        digest_version=edition.digest_version,
        by=by,
        at=at,
        on=today(now),
        result=Result.WITHDRAWN,
        comment=reason,
    )
    check.save()
    Edition.objects.filter(pk=edition.pk).update(withdrawn_at=at, withdrawn_because=reason)
    fallback = fall_back(term, because=reason, now=at)
    record_retraction(term, edition, fallback, why=reason, by=by, now=at)
    record(
        by,
        "withdrew",
        str(term),
        now=at,
        term=term,
        from_digest=edition.digest,
        to_digest=fallback.digest if fallback else "",
        reason=reason,
    )
    return term


def refuse_old_verdicts(edition: Edition) -> None:
    """Raise IllegalMove for words that were taken back and of which nobody has looked at any line since."""
    if edition.withdrawn_at is not None and not ClaimCheck.objects.since_withdrawal(edition).exists():
        raise IllegalMove(
            f"These words were taken back on {in_words(today(edition.withdrawn_at))}, because: "
            f"{edition.withdrawn_because.rstrip('.')}. Every verdict on them is older. Look again at what was wrong, "
            "and give at least one line a new verdict."
        )


def _tell_makers(
    people: set[int], kind: NoticeKind, term: Term, edition: Edition, *, by: User, now: datetime, text: str = ""
) -> None:
    path = term.get_desk_url() if kind == NoticeKind.SENT_BACK else edition.get_check_url()
    for person in User.objects.filter(pk__in=people).order_by("pk"):
        tell(person, kind, term=term, path=path, now=now, text=text, said_by=by)

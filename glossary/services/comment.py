"""Remarks on lines: saying something, and putting a thread to rest."""

from collections import defaultdict
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from glossary.domain.errors import IllegalMove
from glossary.domain.names import clean_text
from glossary.domain.roles import Action
from glossary.models import Claim, Comment, Edition, NoticeKind, SentenceAuthor, Term
from glossary.models.comment import MAX_COMMENT
from glossary.services.clock import moment
from glossary.services.notice import tell
from glossary.services.roles import require
from glossary.services.trail import record


@transaction.atomic
def add_comment(claim: Claim, text: str, *, by: User, now: datetime | None = None) -> Comment:
    """Say something about a line; its authors and those who spoke before are told."""
    require(by, Action.COMMENT)
    text = clean_text(text, limit=MAX_COMMENT, what="The comment").strip()
    if not text:
        raise IllegalMove("The comment is empty. Type what you want to say, then send it.")
    at = moment(now)
    edition = claim.edition
    comment = Comment.objects.create(claim=claim, by=by, at=at, text=text)
    people = {row.user for row in SentenceAuthor.objects.filter(sentence=claim.sentence).select_related("user")}
    people |= {c.by for c in Comment.objects.filter(claim__sentence=claim.sentence).select_related("by")}
    for person in sorted(people, key=lambda p: p.pk):
        tell(
            person,
            NoticeKind.COMMENT,
            term=edition.term,
            path=edition.get_check_url(claim.place),
            now=at,
            text=text,
            line=claim.place,
            said_by=by,
        )
    record(by, "commented on", f"{edition.words.headword}, line {claim.place}", now=at, term=edition.term, reason=text)
    return comment


@transaction.atomic
def resolve_thread(claim: Claim, *, by: User, now: datetime | None = None) -> int:
    """Put what was said about a line's sentence to rest; return how many remarks that were."""
    require(by, Action.COMMENT)
    at = moment(now)
    thread = Comment.objects.unresolved().filter(claim__sentence_id=claim.sentence_id)
    number = thread.update(resolved_at=at, resolved_by=by)
    if not number:
        raise IllegalMove("Nothing is left to resolve on this line.")
    edition = claim.edition
    record(by, "resolved comments on", f"{edition.words.headword}, line {claim.place}", now=at, term=edition.term)
    return number


def threads(edition: Edition) -> dict[int, list[Comment]]:
    """Return for each sentence of an edition, by its key, what was said about it in any edition: two queries."""
    sentences = Claim.objects.filter(edition=edition).values("sentence_id")
    found: dict[int, list[Comment]] = defaultdict(list)
    for comment in Comment.objects.filter(claim__sentence_id__in=sentences).select_related("by", "claim"):
        found[comment.claim.sentence_id].append(comment)
    return found


def left_behind(term: Term, edition: Edition) -> list[Comment]:
    """Return the unresolved remarks on lines that this edition no longer has."""
    sentences = Claim.objects.filter(edition=edition).values("sentence_id")
    remarks = Comment.objects.unresolved().filter(claim__edition__term=term)
    return list(remarks.exclude(claim__sentence_id__in=sentences).select_related("by", "claim__sentence"))

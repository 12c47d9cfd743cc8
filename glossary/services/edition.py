"""Freezing the working text into an edition: the same words find the edition they already have."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Max

from glossary.domain.claim import Line, lines_of
from glossary.domain.digest import digest_of
from glossary.domain.term import Words
from glossary.models import Claim, Edition, Sentence, SentenceAuthor, Term


def freeze_words(term: Term, words: Words, *, by: User, now: datetime) -> Edition:
    """Return the edition of these words, and make `by` an author of every line that was not in the last edition.

    Whoever brings a line back is added to its authors: nobody is ever taken off.
    """
    digest = digest_of(words)
    before = term.working
    if before is not None and before.digest == digest:
        return before
    lines = lines_of(words)
    sentences = _sentences(term, lines)
    edition = term.editions.filter(digest=digest).first()
    if edition is None:
        number = (term.editions.aggregate(last=Max("number"))["last"] or 0) + 1
        edition = Edition(term=term, number=number, digest=digest, words_json=words.to_json(), made_at=now, made_by=by)
        edition.save(force_insert=True)
        Claim.objects.bulk_create(
            Claim(edition=edition, place=place, sentence=sentences[line.hash], context=line.context, block=line.block)
            for place, line in enumerate(lines, start=1)
        )
    kept = set(before.claims.values_list("sentence_id", flat=True)) if before else set()
    typed = {sentence.pk for sentence in sentences.values()} - kept
    SentenceAuthor.objects.bulk_create(
        [SentenceAuthor(sentence_id=pk, user_id=by.pk, at=now) for pk in sorted(typed)], ignore_conflicts=True
    )
    return edition


def _sentences(term: Term, lines: list[Line]) -> dict[str, Sentence]:
    hashes = {line.hash: line for line in lines}
    known = {row.hash: row for row in Sentence.objects.filter(term=term, hash__in=hashes)}
    for key, line in hashes.items():
        if key not in known:
            row = Sentence(term=term, part=line.part, text=line.text, links=list(line.links), hash=key)
            row.save()
            known[key] = row
    return known

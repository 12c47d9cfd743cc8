"""Freezing the working text into an edition: the same words find the edition they already have."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Max

from glossary.domain.claim import Line, Part, lines_of
from glossary.domain.digest import digest_of
from glossary.domain.term import Words
from glossary.domain.typo import typo_reason
from glossary.models import Claim, Edition, Sentence, SentenceAuthor, Term
from glossary.services.link_choice import carry_choices


def freeze_words(
    term: Term, words: Words, *, by: User, now: datetime, before: Edition | None, worded_by: User | None = None
) -> Edition:
    """Return the edition of these words, and make `by` an author of every line that was not in the edition `before`.

    Whoever brings a line back is added to its authors: nobody is ever taken off. `worded_by` is named instead where
    `by` took over somebody else's words. A new line that differs only in spelling from one that readers see, or else
    from one of `before`, is kept as its respelling.
    """
    digest = digest_of(words)
    if before is not None and before.digest == digest:
        return before
    sentences = _sentences(term, lines_of(words), known=term.published or before)
    lines = lines_of(words, Sentence.objects.origins(term.pk))
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
        [SentenceAuthor(sentence_id=pk, user_id=(worded_by or by).pk, at=now) for pk in sorted(typed)],
        ignore_conflicts=True,
    )
    return edition


def _sentences(term: Term, lines: list[Line], *, known: Edition | None) -> dict[str, Sentence]:
    hashes = {line.hash: line for line in lines}
    rows = {row.hash: row for row in Sentence.objects.filter(term=term, hash__in=hashes)}
    fresh = [key for key in hashes if key not in rows]
    gone: list[Sentence] = []
    if known is not None and fresh:
        gone = [row for row in Sentence.objects.filter(claims__edition=known) if row.hash not in hashes]
    names = [line.text for line in lines if line.part in {Part.HEADWORD, Part.ALIAS}]
    for key in fresh:
        line = hashes[key]
        origin = next((row for row in gone if _is_respelling(row, line, names)), None)
        row = Sentence(term=term, part=line.part, text=line.text, links=list(line.links), hash=key, respelt_from=origin)
        row.save()
        if origin is not None:
            carry_choices(origin, row)
        rows[key] = row
    return rows


def _is_respelling(row: Sentence, line: Line, names: list[str]) -> bool:
    """Return whether the line is the old sentence with nothing but its spelling mended."""
    flowing = line.part in {Part.DEFINITION, Part.BODY, Part.EXAMPLE}
    if not flowing or row.part != line.part or row.links != list(line.links):
        return False
    return typo_reason(row.text, line.text, names=names) is not None

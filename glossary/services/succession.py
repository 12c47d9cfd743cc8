"""When a term is succeeded, the sentences that still call it the latest are put in doubt."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from glossary.domain.claim import Part
from glossary.domain.doubt import DoubtKind, Said, calls_latest
from glossary.domain.term import Words
from glossary.domain.wording.patterns import names_by_key
from glossary.models import Claim, DeskWord, Name, Sentence, Term
from glossary.services.desk_word import words_in
from glossary.services.doubt import raise_doubt, settle_gone_words

TEXT = (Part.DEFINITION, Part.BODY, Part.EXAMPLE)
TIME_WORDS = ("latest", "newest", "recent", "date", "flagship", "current", "currently", "today", "now", "present")


def doubt_after_publishing(term: Term, before: Words | None, *, now: datetime) -> None:
    """Put in doubt what a newly published edition makes old, and end the doubts on words that went with the last one.

    Where it names a successor that readers were not told of before, every published sentence that calls the term
    latest, newest or current is in doubt. Where it calls other terms so that are succeeded already, those sentences
    are. The caller holds the term's lock and has put the edition before readers; `before` are the words it replaced.
    """
    settle_gone_words(term, now=now)
    if term.published is None:
        return
    words = term.published.words
    if words.successor and (before is None or before.successor != words.successor):
        _doubt_those_who_call_it_latest(term, words, now=now)
    _doubt_own_words_on_succeeded(term, now=now)


def _doubt_those_who_call_it_latest(term: Term, words: Words, *, now: datetime) -> None:
    """Look through the published cards that have a word of time and the term's name, found by the index of words."""
    names = _names(words)
    timely = DeskWord.objects.filter(word__in=TIME_WORDS).values("term_id")
    near = Term.objects.published().filter(pk__in=timely)
    others: set[int] = {term.pk}
    for name in names:
        wanted = sorted(words_in(name))
        rows = near
        for word in wanted:
            rows = rows.filter(pk__in=DeskWord.objects.filter(word=word).values("term_id"))
        others.update(rows.values_list("pk", flat=True) if wanted else [])
    found: list[Said] = []
    for owner, card in _cards(others):
        found += calls_latest(card, names, own=owner == term.pk)
    _raise(found, f"{words.headword} has been succeeded by {words.successor}, as its card now says.", now=now)


def _doubt_own_words_on_succeeded(term: Term, *, now: datetime) -> None:
    """Look at what the term's own card says of others: one query where it has no word of time."""
    claims = _claims({term.pk})
    card = [Said(claim.sentence_id, term.pk, claim.sentence.text) for claim in claims]
    if not calls_latest(card, (), own=True):
        return
    keys = names_by_key([claim.sentence.text for claim in claims])
    named = Name.objects.public().filter(key__in=list(keys), term__published__isnull=False).exclude(term=term)
    for name in named.select_related("term__published"):
        words = name.term.published.words if name.term and name.term.published else None
        if words is not None and words.successor:
            why = f"{words.headword} has been succeeded by {words.successor}, as its card says."
            _raise(calls_latest(card, _names(words)), why, now=now)


def _names(words: Words) -> list[str]:
    return [words.headword, *(alias.text for alias in words.aliases)]


def _claims(terms: Iterable[int]) -> list[Claim]:
    claims = Claim.objects.filter(edition__published_for__in=set(terms), sentence__part__in=TEXT)
    return list(claims.select_related("sentence").order_by("sentence__term_id", "place"))


def _cards(terms: Iterable[int]) -> list[tuple[int, list[Said]]]:
    """Return the published sentences of these terms, card by card in order: one query."""
    said = [Said(c.sentence_id, c.sentence.term_id, c.sentence.text) for c in _claims(terms)]
    return [(term, list(card)) for term, card in groupby(said, key=lambda one: one.term)]


def _raise(found: list[Said], why: str, *, now: datetime) -> None:
    sentences = Sentence.objects.select_related("term").in_bulk({said.key for said in found})
    for key in sorted(sentences):
        raise_doubt(DoubtKind.SUCCEEDED, why, sentence=sentences[key], now=now)

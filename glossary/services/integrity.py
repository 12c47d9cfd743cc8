"""Looking after the promise: everything that can be computed anew is, and whatever does not agree is named."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TypeVar

from django.conf import settings
from django.db.models import Count, F, Model, Q, QuerySet

from glossary.domain.claim import ClaimKind, Line, LineState, Part, lines_of
from glossary.domain.deck import DECK_SIZE, DeckState
from glossary.domain.digest import DIGEST_VERSION, digest_of
from glossary.domain.fact_check import STANDS, Result
from glossary.domain.names import letter_of, sort_key
from glossary.domain.term import Stage
from glossary.domain.typo import typo_reason
from glossary.domain.volatility import Volatility, due_on, overdue_on
from glossary.models import (
    Claim,
    ClaimCheck,
    Deck,
    DeskWord,
    Edition,
    FactCheck,
    Meaning,
    Name,
    OldSlug,
    Sentence,
    SentenceAuthor,
    Term,
    TrailEntry,
)
from glossary.services.desk_word import wanted_words
from glossary.services.names import wanted_names

CHUNK = 100  # rows that are held at a time
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Fault:
    """Something that does not agree: its kind, the row it is about, and what is wrong in a sentence."""

    kind: str
    subject: str
    says: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}: {self.says}"


def check_integrity() -> Iterator[Fault]:
    """Compute everything anew and yield what does not agree. Nothing is written; broken rows are faults, not errors."""
    for terms in _chunks(Term.objects.select_related("published", "working", "merged_into").order_by("pk")):
        for term in terms:
            yield from _of_term(term)
    for editions in _chunks(Edition.objects.select_related("term").order_by("pk")):
        yield from _of_editions(editions)
    for sentences in _chunks(Sentence.objects.select_related("respelt_from").order_by("pk")):
        yield from _of_sentences(sentences)
    rows = ClaimCheck.objects.select_related("sentence__respelt_from", "claim", "rests_on__sentence")
    for checks in _chunks(rows.prefetch_related("evidence").order_by("pk")):
        yield from _of_checks(checks)
    for passed in _chunks(FactCheck.objects.select_related("edition__term").order_by("pk")):
        yield from _of_decisions(passed)
    yield from _of_names()
    for decks in _chunks(Deck.objects.prefetch_related("cards__edition", "cards__term").order_by("pk")):
        yield from _of_decks(decks)


def _chunks(rows: QuerySet[Row]) -> Iterator[list[Row]]:
    source = rows.iterator(chunk_size=CHUNK)
    while chunk := list(islice(source, CHUNK)):
        yield chunk


def _of_term(term: Term) -> Iterator[Fault]:
    def fault(kind: str, says: str) -> Fault:
        return Fault(kind, f"{term} ({term.slug})", says)

    for name in ("published", "working"):
        edition = getattr(term, name)
        if edition is not None and edition.term_id != term.pk:
            yield fault("term", f"its {name} edition belongs to another term")
            return
    if term.published is not None and term.shown() is None:
        yield fault("date", "its words are not the words that were checked: readers get no page of it")
        return
    if term.working is not None and not _same_words(term):
        yield fault("draft", "the working text is not the text of its newest edition: save it again")
    if term.published is not None:
        yield from (fault("due date", says) for says in _due_faults(term))
        words = term.published.words
        if (term.sort_key, term.letter) != (sort_key(words.headword), letter_of(words.headword)):
            yield fault("order", "its place in the A-Z list does not follow from its headword")
    target = term.merged_into
    if target is not None and target.stage == Stage.MERGED:
        yield fault("redirect", "it is merged into a term that is merged itself")
    if set(DeskWord.objects.filter(term=term).values_list("word", flat=True)) != wanted_words(term):
        yield fault("search", "the desk's index of words does not agree with it: save it again")


def _same_words(term: Term) -> bool:
    assert term.working is not None
    try:
        words = term.working.words
        return digest_of(term.draft().words(successor=words.successor)) == digest_of(words)
    except (KeyError, TypeError, ValueError):
        return False


def _due_faults(term: Term) -> Iterator[str]:
    lines = Claim.objects.lines(term.published_id or 0)
    chosen = Volatility(term.volatility)
    days = [(line.check.checked_on, line.volatility(chosen)) for line in lines if line.check is not None]
    if not days:
        yield "no line of it was ever checked"
        return
    due, overdue = min(due_on(*day) for day in days), min(overdue_on(*day) for day in days)
    stopped = any(line.state == LineState.STOPPED for line in lines)
    if term.overdue_on != overdue or (term.due_on != due and not (stopped and term.due_on and term.due_on <= due)):
        yield "it does not follow from its lines"


def _of_editions(editions: list[Edition]) -> Iterator[Fault]:
    claims: dict[int, list[Claim]] = {edition.pk: [] for edition in editions}
    for claim in Claim.objects.filter(edition__in=editions).select_related("sentence").order_by("place"):
        claims[claim.edition_id].append(claim)
    origins = {term: Sentence.objects.origins(term) for term in {edition.term_id for edition in editions}}
    for edition in editions:
        subject = f"{edition.term}, edition {edition.number}"
        try:
            words = edition.words
        except (KeyError, TypeError, ValueError):
            yield Fault("words", subject, "the stored words are not an edition's")
            continue
        if digest_of(words) != edition.digest or edition.digest_version != DIGEST_VERSION:
            yield Fault("digest", subject, "the words are not those that its digest names")
            continue
        wanted = lines_of(words, origins[edition.term_id])
        if [_line_key(line) for line in wanted] != [_claim_key(claim) for claim in claims[edition.pk]]:
            yield Fault("sentences", subject, "its lines are not the sentences of its words")
        if [claim.place for claim in claims[edition.pk]] != list(range(1, len(wanted) + 1)):
            yield Fault("sentences", subject, "its lines are not numbered from 1")
        if edition.submitted_at is not None and edition.term.working_id != edition.pk:
            yield Fault("submission", subject, "it waits for a checker though the editor has other words by now")


def _line_key(line: Line) -> tuple[str, str, tuple[str, ...], str, int]:
    return line.part.value, line.text, line.links, line.context, line.block


def _claim_key(claim: Claim) -> tuple[str, str, tuple[str, ...], str, int]:
    sentence = claim.sentence
    return sentence.part, sentence.text, tuple(sentence.links), claim.context, claim.block


def _of_sentences(sentences: list[Sentence]) -> Iterator[Fault]:
    written = set(SentenceAuthor.objects.filter(sentence__in=sentences).values_list("sentence_id", flat=True))
    for sentence in sentences:
        line = Line(Part(sentence.part), sentence.text, tuple(sentence.links))
        if line.hash != sentence.hash:
            yield Fault("sentence", f"“{sentence.text[:60]}”", "it is not the sentence that its hash names")
        if sentence.pk not in written:
            yield Fault("author", f"“{sentence.text[:60]}”", "nobody is known to have typed it")
        origin = sentence.respelt_from
        if origin is not None and typo_reason(origin.text, sentence.text) is None:
            yield Fault("spelling", f"“{sentence.text[:60]}”", "it differs in more than spelling from what it rests on")


def _of_checks(checks: list[ClaimCheck]) -> Iterator[Fault]:
    keys = [check.sentence_id for check in checks]
    authors = set(SentenceAuthor.objects.filter(sentence_id__in=keys).values_list("sentence_id", "user_id"))
    for check in checks:
        subject = f"verdict {check.pk} on “{check.sentence.text[:60]}”"
        if check.claim.sentence_id != check.sentence_id:
            yield Fault("verdict", subject, "it speaks of another sentence than its line")
        if (check.sentence_id, check.by_id) in authors and not settings.SINGLE_PERSON_DESK:
            yield Fault("four eyes", subject, "it was given by somebody who typed the words")
        if check.checked_on > check.at.astimezone(settings.EDITORIAL_TIME_ZONE).date():
            yield Fault("verdict", subject, "its date lies after the moment it was given")
        rests = check.rests_on
        if rests is not None and (rests.checked_on != check.checked_on or not _may_rest(check, rests)):
            yield Fault("verdict", subject, "it does not repeat the verdict that it rests on")
        if check.verdict == "supported" and check.kind == ClaimKind.FACT and rests is None and not check.evidence.all():
            yield Fault("evidence", subject, "a fact is called supported without a source")


def _may_rest(check: ClaimCheck, rests: ClaimCheck) -> bool:
    """Return whether a verdict may repeat another: on the same sentence, or on one that it was respelt from."""
    sentence: Sentence | None = check.sentence
    while sentence is not None:
        if sentence.pk == rests.sentence_id:
            return True
        sentence = sentence.respelt_from
    return False


def _of_decisions(decisions: list[FactCheck]) -> Iterator[Fault]:
    digests = [check.digest for check in decisions]
    entries = TrailEntry.objects.filter(Q(to_digest__in=digests) | Q(from_digest__in=digests))
    told = set(entries.values_list("term_id", flat=True))
    for check in decisions:
        subject = f"{check.edition.term}, check of {check.on}"
        if check.digest != check.edition.digest:
            yield Fault("check", subject, "it covers other words than those of its edition")
        if check.edition.term_id not in told:
            yield Fault("trail", subject, "no entry of the trail tells of it")
        if check.result in STANDS and (says := _unearned(check)):
            yield Fault("date", subject, says)


def _unearned(check: FactCheck) -> str:
    """Return why the dates of a passed check do not follow from the verdicts that stood at its moment; else nothing."""
    sentences = Claim.objects.filter(edition_id=check.edition_id).values("sentence_id")
    given = ClaimCheck.objects.filter(sentence_id__in=sentences, at__lte=check.at, verdict="supported")
    days: dict[int, set[date]] = {}
    for sentence, day in given.values_list("sentence_id", "checked_on"):
        days.setdefault(sentence, set()).add(day)
    wanted = set(Claim.objects.filter(edition_id=check.edition_id).values_list("sentence_id", flat=True))
    respelt = Sentence.objects.filter(pk__in=wanted - set(days), respelt_from__isnull=False).exists()
    if wanted - set(days) and not respelt:
        return "a line of it had no verdict when it passed"
    known = set().union(*days.values())
    if check.stamp_on not in known or check.newest_on not in known:
        return "its date is the date of no verdict"
    if check.result == Result.PASSED and days and check.stamp_on > min(max(of) for of in days.values()):
        return "its date is newer than the oldest of its lines"
    return ""


def _of_names() -> Iterator[Fault]:
    wanted: dict[str, list[tuple[int, bool, bool]]] = {}
    for terms in _chunks(Term.objects.select_related("published").prefetch_related("aliases").order_by("pk")):
        for term in terms:
            if term.published is not None and term.shown() is None:
                continue  # named above; its words cannot be read
            for key, (_, ambiguous, public) in wanted_names(term).items():
                wanted.setdefault(key, []).append((term.pk, ambiguous, public))
    for name in Name.objects.order_by("pk").iterator(chunk_size=CHUNK):
        meant = wanted.pop(name.key, [])
        if not meant:
            yield Fault("name", name.key, "no term goes by it")
        elif len(meant) == 1 and not name.ambiguous and (name.term_id, name.public) != (meant[0][0], meant[0][2]):
            yield Fault("name", name.key, "it leads to another term than the one that goes by it, or is public wrongly")
        elif name.ambiguous != any(ambiguous for _, ambiguous, _ in meant):
            yield Fault("name", name.key, "it is called ambiguous wrongly")
    yield from (Fault("name", key, "a term goes by it and the address book does not know") for key in wanted)
    for meaning in Meaning.objects.filter(name__ambiguous=False).select_related("term"):
        yield Fault("name", meaning.name_id, f"it means {meaning.term} besides the term it leads to")
    for old in OldSlug.objects.filter(Q(term__stage=Stage.MERGED) | Q(slug=F("term__slug"))).select_related("term"):
        yield Fault("redirect", old.slug, f"it leads to {old.term}, which is not where readers end")
    for slug in OldSlug.objects.filter(slug__in=Term.objects.values("slug")).values_list("slug", flat=True):
        yield Fault("redirect", slug, "it is an old address and the address of a term")


def _of_decks(decks: list[Deck]) -> Iterator[Fault]:
    frozen = {DeckState.LOCKED, DeckState.PUBLISHED}
    stands = FactCheck.objects.filter(result__in=STANDS)
    for deck in decks:
        cards = list(deck.cards.all())
        if deck.state in frozen and [card.position for card in cards] != list(range(1, DECK_SIZE + 1)):
            yield Fault("deck", str(deck), f"it has {len(cards)} cards in place of seven")
        for card in cards:
            subject = f"{deck}, card {card.position}"
            if deck.state in frozen and card.edition is None:
                yield Fault("deck", subject, "it was not frozen")
            if card.edition is None:
                continue
            if card.edition.term_id != card.term_id:
                yield Fault("deck", subject, "its words are another term's")
            elif not stands.filter(edition=card.edition, stamp_on=card.checked_on).exists():
                yield Fault("deck", subject, "no check of its words has the date it shows")
    for deck in Deck.objects.filter(pk__in=[d.pk for d in decks]).annotate(n=Count("cards")).filter(n__gt=DECK_SIZE):
        yield Fault("deck", str(deck), "it has more than seven cards")

"""Corrections: keeping what a checker says of words that go, and finding what readers are told."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db.models import F

from glossary.domain.claim import LineState, Part, Verdict
from glossary.domain.correction import (
    KIND_OF,
    MAX_WHY,
    VERDICT_OF,
    CorrectionKind,
    Fate,
    Gone,
    Said,
    check_said,
    suggest_fate,
    words_that_go,
)
from glossary.domain.deck import DeckState
from glossary.domain.errors import IllegalMove
from glossary.domain.names import clean_line
from glossary.domain.sentences import SPLITTER
from glossary.models import Card, Claim, ClaimCheck, Correction, Deck, Edition, Sentence, Term
from glossary.models.claim import ClaimLine
from glossary.services.clock import today
from glossary.services.trail import record


@dataclass(frozen=True)
class GoingLine:
    """A line that goes when an edition takes another's place: the claim, and what the facts suggest of it."""

    gone: Gone
    line: ClaimLine
    suggested: Fate | None


def going_lines(term: Term, edition: Edition) -> list[GoingLine]:
    """Return the lines that readers would lose if they got `edition` now; none where they have no words yet."""
    if term.published_id is None or term.published_id == edition.pk:
        return []
    old = Claim.objects.lines(term.published_id)
    new = Claim.objects.filter(edition=edition).select_related("sentence").order_by("place")
    gone = words_that_go(
        [line.claim.line for line in old], [claim.line for claim in new], Sentence.objects.origins(term.pk)
    )
    return [GoingLine(one, old[one.place - 1], _suggested(one, old[one.place - 1])) for one in gone]


def record_corrections(
    term: Term, edition: Edition, said: Mapping[int, Said], *, by: User, now: datetime
) -> list[Correction]:
    """Keep what is said of each line that goes as `edition` takes the place of the published one.

    `said` is by the place of the old line, from 1. A sentence that was wrong or is no longer true is marked so: it does
    not come back unchecked. Raises IllegalMove where a word is missing, or a correction's reason. The caller holds the
    term's lock, and puts the edition before readers in the same transaction.
    """
    going = going_lines(term, edition)
    cleaned = {
        place: Said(word.fate, clean_line(word.why, limit=MAX_WHY, what="The reason")) for place, word in said.items()
    }
    check_said([one.gone for one in going], cleaned)
    before = term.published
    made = []
    for one in going if before else []:
        word = Said(Fate.STILL_TRUE) if one.gone.quiet else cleaned[one.gone.place]
        row = Correction(
            term=term,
            kind=KIND_OF[word.fate],
            sentence=one.line.claim.sentence,
            from_edition=before,
            to_edition=edition,
            was=one.gone.was,
            now=one.gone.now,
            why=word.why,
            on=today(now),
            at=now,
            by=by,
        )
        row.save()
        made.append(row)
        if (verdict := VERDICT_OF.get(word.fate)) and one.line.state != LineState.STOPPED:
            _stop(one.line, verdict, word, one.gone, by=by, now=now)
        if row.kind != CorrectionKind.MINOR:
            record(by, f"published a {row.kind} of", str(term), now=now, term=term, reason=f"{row.was} — {row.why}")
    return made


def record_retraction(
    term: Term, edition: Edition, fallback: Edition | None, *, why: str, by: User, now: datetime
) -> Correction:
    """Keep that the words of `edition` were taken back; its words are not repeated to readers."""
    row = Correction(
        term=term,
        kind=CorrectionKind.RETRACTION,
        from_edition=edition,
        to_edition=fallback,
        why=why,
        on=today(now),
        at=now,
        by=by,
    )
    row.save()
    return row


def said_from(going: list[GoingLine], typed: Mapping[str, str]) -> dict[int, Said]:
    """Return what a form says of the lines that go: `fate-3` and `why-3` speak of the third of the old lines."""
    said = {}
    for one in going:
        place = one.gone.place
        word = typed.get(f"fate-{place}", "")
        if not word or one.gone.quiet:
            continue
        if word not in set(Fate):
            raise IllegalMove("Choose what you say of the old words from the list.")
        said[place] = Said(Fate(word), typed.get(f"why-{place}", ""))
    return said


@dataclass(frozen=True)
class Beside:
    """What stands beside the cards of a deck, whose terms are `dealt`.

    Later corrections by edition; by term what to read first, and when it was dealt before, with whether its words
    changed since.
    """

    dealt: frozenset[int]
    corrections: dict[int, list[Correction]]
    read_first: dict[int, list[Term]]
    before: dict[int, tuple[date, bool]]

    def terms(self) -> set[int]:
        """Return the keys of all terms of which the deck shows something."""
        return {*self.dealt, *(term.pk for terms in self.read_first.values() for term in terms)}


def beside_cards(deck: Deck) -> Beside:
    """Return what readers are told beside the cards of a deck.

    What is to be read first and stands in the deck itself comes before its card there, so it is not told again.
    """
    dealt = frozenset(card.term_id for card in deck.cards.all())
    wanted = Term.objects.for_readers().filter(prerequisite_of__in=dealt).exclude(pk__in=dealt)
    first: dict[int, list[Term]] = {}
    for term in wanted.annotate(later=F("prerequisite_of")).order_by("later", "pk"):
        if term.shown():
            first.setdefault(term.later, []).append(term)
    return Beside(dealt, corrections_of(deck), first, _dealt_before(deck))


def _dealt_before(deck: Deck) -> dict[int, tuple[date, bool]]:
    frozen = {card.term_id: card.edition_id for card in deck.cards.all()}
    earlier = Card.objects.filter(deck__state=DeckState.PUBLISHED, deck__day__lt=deck.day, term__in=frozen)
    rows = earlier.order_by("deck__day").values_list("term", "deck__day", "edition")
    return {term: (day, edition != frozen[term]) for term, day, edition in rows}


def corrections_of(deck: Deck) -> dict[int, list[Correction]]:
    """Return by edition what readers were told of this deck's words after they were frozen."""
    return corrections_of_decks([deck])[deck.pk]


def corrections_of_decks(decks: Collection[Deck]) -> dict[int, dict[int, list[Correction]]]:
    """Return the same for several decks by their keys, in as many queries as for one; their cards are at hand."""
    frozen = {deck.pk: {card.edition_id for card in deck.cards.all() if card.edition_id} for deck in decks}
    found = Correction.objects.of_editions({key for keys in frozen.values() for key in keys})
    return {
        deck.pk: {
            key: [row for row in found[key] if deck.locked_at is None or row.at >= deck.locked_at]
            for key in frozen[deck.pk]
            if key in found
        }
        for deck in decks
    }


def _suggested(gone: Gone, line: ClaimLine) -> Fate | None:
    stopped = line.check is not None and line.state == LineState.STOPPED
    verdict = Verdict(line.check.verdict) if stopped and line.check is not None else None
    return suggest_fate(gone, Part(line.claim.sentence.part), verdict)


def _stop(line: ClaimLine, verdict: Verdict, said: Said, gone: Gone, *, by: User, now: datetime) -> None:
    """Mark the old sentence, so that it needs a new check should anybody bring it back."""
    kept = line.check
    if kept is None:
        return
    ClaimCheck(
        claim=line.claim,
        sentence=line.claim.sentence,
        verdict=verdict,
        kind=kept.kind,
        volatility=kept.volatility,
        by=by,
        at=now,
        checked_on=today(now),
        splitter=SPLITTER,
        note=said.why or (f"Replaced by: {gone.now}" if gone.now else "Taken out, as it is no longer true."),
    ).save()

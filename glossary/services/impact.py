"""What a doubt touches: the published sentences, their terms, and the decks that deal them.

It is worked out from the evidence when it is asked for: a sentence that was checked anew after the doubt was raised is
touched no more.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import F, Q, QuerySet

from glossary.domain.deck import DeckState
from glossary.domain.doubt import DoubtKind
from glossary.models import Card, Claim, ClaimCheck, Deck, Doubt, Evidence, Sentence, Source, Term

DIRECT = ("pk", "kind", "sentence__term_id", "sentence_id")
PATHS = ("evidence__source__doubts", "rests_on__evidence__source__doubts")  # from a verdict to doubts on its sources


@dataclass(frozen=True)
class Touch:
    """A published sentence that a doubt touches."""

    doubt: int
    kind: DoubtKind
    term: int
    sentence: int


@dataclass(frozen=True)
class Impact:
    """What is behind a doubt: the terms to look at, and the decks that deal them, the latest first."""

    terms: list["TouchedTerm"]
    decks: list[Deck]


@dataclass
class TouchedTerm:
    """A term that is to be looked at, with the sentences in doubt and the edition in which a checker does so."""

    term: Term
    edition_id: int
    sentences: list[Claim] = field(default_factory=list)


def touches(doubts: Collection[int] | None = None) -> list[Touch]:
    """Return what the open doubts touch, or these of them: three queries, whatever the size of the glossary."""
    found: set[tuple[int, str, int, int]] = set()
    for rows, path in [*((_by_source(path, doubts), path) for path in PATHS), (_by_sentence(doubts), "")]:
        columns = (f"{path}__pk", f"{path}__kind", "sentence__term_id", "sentence_id") if path else DIRECT
        found.update(rows.values_list(*columns))
    return [Touch(key, DoubtKind(kind), term, sentence) for key, kind, term, sentence in sorted(found)]


def touched_terms() -> Q:
    """Return the condition under which a term has something in doubt."""
    ways = [Q(pk__in=_by_source(path, None).values("sentence__term_id")) for path in PATHS]
    return ways[0] | ways[1] | Q(pk__in=_by_sentence(None).values("sentence__term_id"))


def kinds_by_term() -> dict[int, frozenset[DoubtKind]]:
    """Return for each term what kinds of doubt are open on what readers see of it."""
    found: dict[int, set[DoubtKind]] = defaultdict(set)
    for touch in touches():
        found[touch.term].add(touch.kind)
    return {term: frozenset(kinds) for term, kinds in found.items()}


def terms_touched(sentences: Iterable[int]) -> list[TouchedTerm]:
    """Return the terms whose published words have these sentences, each with its lines: one query."""
    claims = Claim.objects.filter(sentence_id__in=set(sentences), edition__published_for__isnull=False)
    found: dict[int, TouchedTerm] = {}
    for claim in claims.select_related("sentence", "edition__term").order_by("edition__term__sort_key", "place"):
        edition = claim.edition
        found.setdefault(edition.term_id, TouchedTerm(edition.term, edition.pk)).sentences.append(claim)
    return list(found.values())


def impacts(doubts: Collection[int]) -> dict[int, Impact]:
    """Return for each of these doubts, open or not, what it touches now: five queries."""
    sentences: dict[int, set[int]] = defaultdict(set)
    for touch in touches(doubts):
        sentences[touch.doubt].add(touch.sentence)
    rows = terms_touched(key for keys in sentences.values() for key in keys)
    decks = decks_with(row.term.pk for row in rows)
    found = {}
    for doubt in doubts:
        mine = [
            TouchedTerm(row.term, row.edition_id, lines)
            for row in rows
            if (lines := [line for line in row.sentences if line.sentence_id in sentences[doubt]])
        ]
        days = {deck.pk: deck for row in mine for deck in decks.get(row.term.pk, [])}
        found[doubt] = Impact(mine, sorted(days.values(), key=lambda deck: deck.day, reverse=True))
    return found


def impact_of(sentences: Iterable[int]) -> Impact:
    """Return the terms and the decks that have these sentences: two queries."""
    rows = terms_touched(sentences)
    decks = {deck.pk: deck for found in decks_with(row.term.pk for row in rows).values() for deck in found}
    return Impact(rows, sorted(decks.values(), key=lambda deck: deck.day, reverse=True))


def decks_with(terms: Iterable[int]) -> dict[int, list[Deck]]:
    """Return for each term the decks that deal it, missed ones left out: one query."""
    found: dict[int, list[Deck]] = defaultdict(list)
    cards = Card.objects.filter(term_id__in=set(terms)).exclude(deck__state=DeckState.MISSED)
    for card in cards.select_related("deck").order_by("-deck__day"):
        found[card.term_id].append(card.deck)
    return found


def resting_on(source: Source) -> set[int]:
    """Return the published sentences whose newest verdict rests on a source: two queries."""
    checks = ClaimCheck.objects.behind_published()
    ways = [checks.filter(evidence__source=source), checks.filter(rests_on__evidence__source=source)]
    return {sentence for way in ways for sentence in way.values_list("sentence_id", flat=True)}


def evidence_behind(source: Source) -> list[tuple[Evidence, int]]:
    """Return the passages of a source on which published sentences rest, each with its sentence: two queries."""
    checks = ClaimCheck.objects.behind_published()
    rows = Evidence.objects.filter(source=source)
    own = rows.filter(check_row__in=checks.values("pk")).values_list("pk", "check_row__sentence_id")
    carried = checks.filter(rests_on__evidence__source=source).values_list("rests_on__evidence__pk", "sentence_id")
    pairs = {*own, *carried}
    found = rows.in_bulk({key for key, _ in pairs})
    return [(found[key], sentence) for key, sentence in sorted(pairs) if key in found]


def same_words(sentence: Sentence) -> list[Sentence]:
    """Return the sentences with the same words that readers see, in whatever term, this one among them."""
    seen = Claim.objects.filter(edition__published_for__isnull=False).values("sentence_id")
    twins = Sentence.objects.filter(hash=sentence.hash, pk__in=seen)
    return list(twins.select_related("term").order_by("term__sort_key", "pk"))


def _by_source(path: str, doubts: Collection[int] | None) -> QuerySet[ClaimCheck]:
    """Return the verdicts behind published sentences that rest on a doubted source, as they did when it was doubted."""
    given = "at" if path == PATHS[0] else "rests_on__at"
    where = {
        f"{path}__raised_at__gte": F(given),
        f"{path}__settled_at__isnull": True,
        f"{path}__sentence__isnull": True,
    }
    if doubts is not None:
        where[f"{path}__in"] = list(doubts)
    return ClaimCheck.objects.behind_published().filter(**where)


def _by_sentence(doubts: Collection[int] | None) -> QuerySet[Doubt]:
    """Return the open doubts on sentences that readers see."""
    seen = Claim.objects.filter(edition__published_for__isnull=False).values("sentence_id")
    rows = Doubt.objects.open().filter(sentence_id__in=seen).order_by()
    return rows if doubts is None else rows.filter(pk__in=list(doubts))

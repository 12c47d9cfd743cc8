"""Bringing in the starter glossary: every word enters as all words do, written, checked and published by services."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from taggit.models import Tag

from glossary.domain.claim import Verdict
from glossary.domain.fact_check import check_four_eyes
from glossary.domain.relations import Relations
from glossary.domain.roles import Action
from glossary.domain.starter import StarterCard, parse_starter
from glossary.models import Claim, Edition, Source, Term
from glossary.services.claim import EvidenceDraft, checkable, record_verdict
from glossary.services.fact_check import pass_check
from glossary.services.publication import publish_term
from glossary.services.relations import relate_term
from glossary.services.roles import require
from glossary.services.source import keep_source
from glossary.services.term import TermDetails, save_term, submit_term
from glossary.services.trail import record

FOLDER = Path(__file__).resolve().parent.parent / "starter"


@dataclass(frozen=True)
class Desk:
    """The people through whose hands a starter card goes."""

    editor: User
    checker: User
    publisher: User


def starter_cards(folder: Path = FOLDER) -> list[StarterCard]:
    """Return the cards of the starter glossary by slug."""
    return [parse_starter(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.md"))]


@transaction.atomic
def bring_in(card: StarterCard, *, desk: Desk, now: datetime) -> Term:
    """Write, check and publish one card as of `now`; raises BadText or IllegalMove as the services do."""
    sources: dict[str, Source] = {
        key: keep_source(
            source.url,
            title=source.title,
            publisher=source.publisher,
            published_on=source.published_on,
            primary=source.primary,
            by=desk.checker,
            now=now,
        )
        for key, source in card.sources.items()
    }
    tags = [Tag.objects.get_or_create(name=name)[0] for name in card.tags]
    details = TermDetails(
        slug=card.slug,
        topic=Tag.objects.get_or_create(name=card.topic)[0],
        tags=tags,
        level=card.level,
        volatility=card.volatility,
        sources=list(sources.values()),
    )
    term = save_term(None, card.draft, details=details, by=desk.editor, now=now)
    edition = submit_term(term, by=desk.editor, now=now)
    _settle(edition, card, sources, by=desk.checker, now=now)
    pass_check(edition, by=desk.checker, digest=edition.digest, whole_card=True, now=now)
    return publish_term(term, edition=edition, by=desk.publisher, digest=edition.digest, now=now)


def _settle(edition: Edition, card: StarterCard, sources: Mapping[str, Source], *, by: User, now: datetime) -> None:
    """Give every line of a card the verdict that the card brings along, in one go.

    One by one, as at the desk, each verdict would read the whole card again.
    """
    require(by, Action.CHECK)
    term, edition = checkable(edition)
    lines = Claim.objects.lines(edition.pk)
    for line in lines:
        check_four_eyes(by.pk, line.writers, single_person_desk=settings.SINGLE_PERSON_DESK)
        how = card.settlement(line.claim.line)
        evidence = [EvidenceDraft(sources[how.source], how.passage)] if how.source else []
        record_verdict(line.claim, by=by, verdict=Verdict.SUPPORTED, kind=how.kind, evidence=evidence, now=now)
    told = f"{edition.words.headword}: {len(lines)} lines in one go"
    record(by, "settled lines of", told, now=now, term=term, to_digest=edition.digest)


@transaction.atomic
def relate_starter(cards: Sequence[StarterCard], *, by: User, now: datetime) -> int:
    """Relate the terms of these cards as the cards say, where both ends are there; return how many were related.

    Terms that somebody has related already are left alone. A card that names another as related is named by it too.
    """
    terms = {term.slug: term for term in Term.objects.filter(slug__in=_slugs(cards)).select_related("vendor")}
    plain = Q(vendor=None, priority=0, contrast=None, prerequisites=None, broader=None, related=None)
    untouched = set(Term.objects.filter(plain, slug__in=terms).values_list("pk", flat=True))
    beside: dict[str, set[str]] = defaultdict(set)
    for card in cards:
        for slug in card.related:
            beside[card.slug].add(slug)
            beside[slug].add(card.slug)

    def keys(slugs: Iterable[str]) -> tuple[int, ...]:
        return tuple(sorted(terms[slug].pk for slug in slugs if slug in terms))

    done = 0
    for card in cards:
        term = terms.get(card.slug)
        if term is None or term.pk not in untouched:
            continue
        wanted = Relations(
            vendor=card.vendor,
            priority=card.priority,
            prerequisites=keys(card.read_first),
            broader=keys(card.broader),
            related=keys(beside[card.slug]),
            contrast=terms[card.contrast].pk if card.contrast in terms else None,
        )
        if wanted != Relations():
            relate_term(term, wanted, by=by, now=now)
            done += 1
    return done


def _slugs(cards: Sequence[StarterCard]) -> set[str]:
    named = {slug for card in cards for slug in (*card.read_first, *card.broader, *card.related, card.contrast)}
    return named | {card.slug for card in cards}

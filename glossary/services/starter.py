"""Bringing in the starter glossary: every word enters as all words do, written, checked and published by services."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.contrib.auth.models import User
from django.db import transaction
from taggit.models import Tag

from glossary.domain.claim import Verdict
from glossary.domain.relations import Relations
from glossary.domain.starter import StarterCard, parse_starter
from glossary.models import Claim, Source, Term
from glossary.services.claim import EvidenceDraft, settle_line
from glossary.services.fact_check import pass_check
from glossary.services.publication import publish_term
from glossary.services.relations import relate_term, relations_of
from glossary.services.source import keep_source
from glossary.services.term import TermDetails, save_term, submit_term

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
    for line in Claim.objects.lines(edition.pk):
        how = card.settlement(line.claim.line)
        evidence = [EvidenceDraft(sources[how.source], how.passage)] if how.source else []
        settle_line(line.claim, by=desk.checker, verdict=Verdict.SUPPORTED, kind=how.kind, evidence=evidence, now=now)
    pass_check(edition, by=desk.checker, digest=edition.digest, whole_card=True, now=now)
    return publish_term(term, edition=edition, by=desk.publisher, digest=edition.digest, now=now)


@transaction.atomic
def relate_starter(cards: Sequence[StarterCard], *, by: User, now: datetime) -> int:
    """Relate the terms of these cards as the cards say, where both ends are there; return how many were related.

    Terms that somebody has related already are left alone.
    """
    terms = {term.slug: term for term in Term.objects.filter(slug__in=_slugs(cards)).select_related("vendor")}

    def keys(slugs: Sequence[str]) -> tuple[int, ...]:
        return tuple(sorted(terms[slug].pk for slug in slugs if slug in terms))

    done = 0
    for card in cards:
        term = terms.get(card.slug)
        if term is None or relations_of(term) != Relations():
            continue
        wanted = Relations(
            vendor=card.vendor,
            priority=card.priority,
            prerequisites=keys(card.read_first),
            broader=keys(card.broader),
            related=keys(card.related),
            contrast=terms[card.contrast].pk if card.contrast in terms else None,
        )
        if wanted != Relations():
            relate_term(term, wanted, by=by, now=now)
            done += 1
    return done


def _slugs(cards: Sequence[StarterCard]) -> set[str]:
    named = {slug for card in cards for slug in (*card.read_first, *card.broader, *card.related, card.contrast)}
    return named | {card.slug for card in cards}

"""Bringing in the starter glossary: every word enters as all words do, written, checked and published by services."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.contrib.auth.models import User
from django.db import transaction
from taggit.models import Tag

from glossary.domain.claim import Verdict
from glossary.domain.starter import StarterCard, parse_starter
from glossary.models import Claim, Source, Term
from glossary.services.claim import EvidenceDraft, settle_line
from glossary.services.fact_check import pass_check
from glossary.services.publication import publish_term
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

"""Writing terms: saving the working text, sending it to a checker, and where it is filed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F
from taggit.models import Tag

from glossary.domain.errors import IllegalMove
from glossary.domain.link_policy import starting_policy
from glossary.domain.names import is_slug, slug_for, sort_key, squeezed_key
from glossary.domain.relations import Relation, Relations
from glossary.domain.roles import Action
from glossary.domain.term import CardDraft, Level, Stage, check_complete
from glossary.domain.volatility import Volatility
from glossary.models import Alias, Edition, Name, OldSlug, Source, Term
from glossary.services.clock import moment
from glossary.services.desk_word import index_term
from glossary.services.edition import freeze_words
from glossary.services.names import sync_names
from glossary.services.publication import refresh_due
from glossary.services.relations import check_circle, relate_term
from glossary.services.roles import require
from glossary.services.search_index import index_published
from glossary.services.trail import record
from glossary.services.wording import count_findings


class StaleWords(IllegalMove):
    """Somebody saved this term after the form was opened; `saved` is the term as it stands now."""

    def __init__(self, saved: Term) -> None:
        super().__init__(
            "Somebody else saved this term while you were writing. Nothing of yours is lost: compare the two texts "
            "below, then save again."
        )
        self.saved = saved


@dataclass(frozen=True)
class TermDetails:
    """What a term has besides its words: none of it is covered by a check, none of it voids one."""

    slug: str = ""
    topic: Tag | None = None
    tags: Sequence[Tag] = ()
    level: str = ""
    volatility: str = Volatility.SLOW
    successor: Term | None = None
    sources: Sequence[Source] = ()
    relations: Relations | None = None  # None leaves them as they are


@transaction.atomic
def save_term(
    term: Term | None,
    draft: CardDraft,
    *,
    details: TermDetails,
    by: User,
    version: int | None = None,
    now: datetime | None = None,
) -> Term:
    """Save the working text and return the term; changed words become its new working edition.

    Readers see nothing of it. A submission of other words is taken back, as the checker would be reading words that
    the editor no longer wants. Raises BadText for what cannot be stored, StaleWords if `version` is not the saved one,
    NameTaken for a name of another term, IllegalMove for anything else.
    """
    require(by, Action.WRITE)
    draft = draft.cleaned()
    at = moment(now)
    term = _opened(_new_term(draft, details) if term is None else _claimed(term, version))
    before, filed, told = term.working, _filing(term), _details_told(term)
    write_draft(term, draft)
    _write_details(term, details)
    words = draft.words(successor=_successor_name(details.successor))
    edition = freeze_words(term, words, by=by, now=at, before=before)
    refiled = before is not None and _filing(term) != filed
    if refiled:
        term.filed_at = at
    if before is None or edition.pk != before.pk:
        take_back_submission(term)
        term.working = edition
        old = before.digest if before else ""
        record(by, "saved", words.headword, now=at, term=term, from_digest=old, to_digest=edition.digest)
    else:
        _record_details(term, told, filed if refiled else None, by=by, now=at)
    term.save()
    sync_names(term)
    index_published(term)
    index_term(term)
    refresh_due(term, now=at)
    return relate_term(term, details.relations, by=by, now=now) if details.relations is not None else term


@transaction.atomic
def submit_term(term: Term, *, by: User, now: datetime | None = None) -> Edition:
    """Send the working edition to a checker and return it; raises IllegalMove if it is not fit to be checked."""
    require(by, Action.SUBMIT)
    term = Term.objects.select_for_update(of=("self",)).select_related("working").get(pk=term.pk)
    edition = term.working
    if edition is None or term.stage not in {Stage.DRAFT, Stage.PUBLISHED} or term.binned_at is not None:
        raise IllegalMove("There are no words to send.")
    if term.published_id == edition.pk:
        raise IllegalMove("Readers already see exactly these words. There is nothing to check.")
    check_complete(edition.words)
    at = moment(now)
    changed = Edition.objects.filter(pk=edition.pk, submitted_at__isnull=True).update(submitted_at=at, submitted_by=by)
    if not changed:
        raise IllegalMove("This card is with a checker already.")
    count_findings(edition, now=at)
    record(by, "sent to a checker", edition.words.headword, now=at, term=term, to_digest=edition.digest)
    edition.refresh_from_db()
    return edition


@transaction.atomic
def tag_term(term: Term, tag: Tag, *, by: User, now: datetime | None = None) -> None:
    """File a term under a tag of the list; its words and its check are untouched."""
    require(by, Action.WRITE)
    if term.tags.filter(pk=tag.pk).exists():
        raise IllegalMove(f"It is filed under {tag} already.")
    term.tags.add(tag)
    at = moment(now)
    Term.objects.filter(pk=term.pk).update(filed_at=at)
    record(by, "tagged", str(term), now=at, term=term, reason=str(tag))


@transaction.atomic
def change_slug(term: Term, slug: str, *, by: User, now: datetime | None = None) -> Term:
    """Give a term another address; the old one answers with one redirect. Raises IllegalMove if it is not free."""
    require(by, Action.PUBLISH)
    term = Term.objects.select_for_update().get(pk=term.pk)
    old = term.slug
    if slug == old:
        return term
    _check_slug_free(slug, term.headword, term)
    OldSlug.objects.filter(slug=slug, term=term).delete()
    if term.published_at is not None:
        OldSlug.objects.create(slug=old, term=term)
    term.slug, term.filed_at = slug, moment(now)
    term.save(update_fields=["slug", "filed_at"])
    index_term(term)
    record(by, "changed the address of", str(term), now=term.filed_at, term=term, reason=f"{old} → {slug}")
    return term


def _new_term(draft: CardDraft, details: TermDetails) -> Term:
    slug = details.slug or slug_for(draft.headword)
    _check_slug_free(slug, draft.headword, None)
    try:
        with transaction.atomic():
            return Term.objects.create(
                slug=slug,
                headword=draft.headword,
                sort_key=sort_key(draft.headword),
                link_policy=starting_policy(draft.headword),
            )
    except IntegrityError as error:
        raise IllegalMove(f"The address “{slug}” was taken a moment ago. Choose another.") from error


def _check_slug_free(slug: str, headword: str, term: Term | None) -> None:
    if not is_slug(slug):
        raise IllegalMove("An address has small letters, digits and single hyphens only, such as “gpt-4”.")
    if Term.objects.filter(slug=slug).exclude(pk=term.pk if term else 0).exists():
        raise IllegalMove(f"The address “{slug}” belongs to another term. Choose another.")
    if OldSlug.objects.filter(slug=slug).exclude(term=term).exists():
        raise IllegalMove(f"The address “{slug}” once led to another term and still does. Choose another.")
    key = squeezed_key(slug)
    if key != squeezed_key(headword):  # whose the headword itself is, the address book says
        named = Name.objects.filter(key=key, term__isnull=False).exclude(term=term).select_related("term").first()
        if named is not None:
            raise IllegalMove(f"“{slug}” is a name of “{named.term}”: readers come to it so. Choose another address.")


def _record_details(term: Term, told: dict[str, Any], filed: list[str] | None, *, by: User, now: datetime) -> None:
    """Note what of a term changed besides its words; `filed` is where it stood, None where it stands there still."""
    if filed is not None:
        record(by, "filed", term.headword, now=now, term=term, reason=", ".join(_filing(term)[1:]))
    if changed := [name for name, value in _details_told(term).items() if told[name] != value]:
        record(by, "changed the details of", term.headword, now=now, term=term, reason=", ".join(changed))


def _claimed(term: Term, version: int | None) -> Term:
    """Claim a term for one save; raises StaleWords where somebody else saved it since."""
    expected = term.version if version is None else version
    changed = Term.objects.filter(pk=term.pk, version=expected).update(version=F("version") + 1)
    if not changed:
        raise StaleWords(Term.objects.prefetch_related("aliases").get(pk=term.pk))
    return term


def _opened(term: Term) -> Term:
    """Lock a term whose words are about to change; raises IllegalMove where they cannot."""
    term = Term.objects.select_for_update().get(pk=term.pk)
    if term.stage not in {Stage.DRAFT, Stage.PUBLISHED}:
        raise IllegalMove(f"This term is {term.stage}; its words cannot be changed.")
    if term.binned_at is not None:
        raise IllegalMove("This draft is in the bin. Restore it first.")
    return term


def write_draft(term: Term, draft: CardDraft) -> None:
    """Put a cleaned draft into the working text; the caller saves the term.

    A name keeps its link policy where the draft does not say; a new one gets what its frequency says.
    """
    known = {term.headword: term.link_policy} | dict(term.aliases.values_list("text", "link_policy"))
    term.link_policy = draft.link_policy or known.get(draft.headword) or starting_policy(draft.headword)
    term.headword, term.definition, term.body, term.example = (
        draft.headword,
        draft.definition,
        draft.body,
        draft.example,
    )
    term.ambiguous = draft.ambiguous
    if term.stage != Stage.PUBLISHED:
        term.sort_key = sort_key(draft.headword)
    term.aliases.all().delete()
    Alias.objects.bulk_create(
        Alias(
            term=term,
            text=a.text,
            kind=a.kind,
            shown=a.shown,
            ambiguous=a.ambiguous,
            link_policy=a.link_policy or known.get(a.text) or starting_policy(a.text),
            position=position,
        )
        for position, a in enumerate(draft.aliases)
    )


def _write_details(term: Term, details: TermDetails) -> None:
    if details.slug and details.slug != term.slug:
        if term.published_at is not None:
            raise IllegalMove("The address is fixed since the term was published. A publisher can change it.")
        _check_slug_free(details.slug, term.headword, term)
        term.slug = details.slug
    if details.successor is not None and details.successor.pk == term.pk:
        raise IllegalMove("A term cannot be its own successor.")
    if details.successor is not None and details.successor.pk != term.successor_id:
        check_circle(term, [details.successor.pk], Relation.SUCCESSOR)
    term.topic = details.topic
    term.level = Level(details.level).value if details.level else ""
    term.volatility = Volatility(details.volatility).value
    term.successor = details.successor
    term.tags.set([*details.tags, *([details.topic] if details.topic else [])])
    term.sources.set(details.sources)


def _filing(term: Term) -> list[str]:
    """Return where a term stands besides the alphabet: its address, its topic, its tags."""
    tags = term.tags.order_by("name").values_list("name", flat=True)
    return [term.slug, term.topic.name if term.topic else "", *tags]


def _details_told(term: Term) -> dict[str, Any]:
    """Return what else an editor says of a term, by its name: what is no word of an edition and no place on a shelf."""
    return {
        "aliases": list(term.aliases.values_list("text", "kind", "shown", "ambiguous")),
        "level": term.level,
        "volatility": term.volatility,
        "sources": list(term.sources.order_by("pk").values_list("pk", flat=True)),
    }


def _successor_name(successor: Term | None) -> str:
    if successor is None:
        return ""
    shown = successor.shown() if successor.stage == Stage.PUBLISHED else None
    if shown is None:
        raise IllegalMove("A successor must be a published term.")
    return shown[0].headword


def take_back_submission(term: Term) -> None:
    """Take what waits for a checker back from there: nobody wants these words any more."""
    Edition.objects.submitted().filter(term=term).update(submitted_at=None, submitted_by=None)

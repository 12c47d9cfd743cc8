"""The working text besides typing: putting earlier words back, discarding, recalling a submission, the bin."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Action
from glossary.domain.term import AliasDraft, AliasKind, CardDraft, Stage, Words
from glossary.domain.volatility import Volatility
from glossary.models import Edition, Term
from glossary.services.clock import moment
from glossary.services.desk_word import index_term
from glossary.services.edition import freeze_words
from glossary.services.names import find_public, sync_names
from glossary.services.roles import require
from glossary.services.search_index import index_published
from glossary.services.term import TermDetails, save_term, write_draft
from glossary.services.trail import record


@transaction.atomic
def revert_words(
    term: Term, edition: Edition, *, by: User, version: int | None = None, now: datetime | None = None
) -> Term:
    """Make the words of an earlier edition the working text again, as if they had been typed.

    Whoever puts them back is an author of what comes back. If a check of those words stands, it covers them with its
    old date; nothing is passed anew. Hidden aliases and all that is not words stay as they are.
    """
    require(by, Action.WRITE)
    if edition.term_id != term.pk:
        raise IllegalMove("That edition belongs to another term.")
    if term.working_id == edition.pk:
        raise IllegalMove("These are the words at hand already.")
    hidden = [alias for alias in term.draft().aliases if not alias.is_public_word]
    draft = _draft_of(edition.words, hidden, ambiguous=term.ambiguous)
    successor = find_public(edition.words.successor) if edition.words.successor else None
    details = TermDetails(
        topic=term.topic,
        tags=list(term.tags.all()),
        level=term.level,
        volatility=Volatility(term.volatility),
        successor=successor,
        sources=list(term.sources.all()),
    )
    saved = save_term(term, draft, details=details, by=by, version=version, now=now)
    record(
        by,
        "put back",
        f"edition {edition.number} of {saved}",
        now=moment(now),
        term=saved,
        from_digest=term.working.digest if term.working else "",
        to_digest=edition.digest,
    )
    return saved


def discard_changes(term: Term, *, by: User, version: int | None = None, now: datetime | None = None) -> Term:
    """Go back to the words that readers see; the changes stay in the history as an edition."""
    if term.published is None:
        raise IllegalMove("Readers see no words of this term, so there is nothing to go back to.")
    return revert_words(term, term.published, by=by, version=version, now=now)


@transaction.atomic
def recall_submission(term: Term, *, by: User, now: datetime | None = None) -> Edition:
    """Take a card back from the checkers; verdicts already given stay given."""
    require(by, Action.SUBMIT)
    term = Term.objects.select_for_update().get(pk=term.pk)
    edition = term.editions.submitted().first()
    if edition is None:
        raise IllegalMove("No words of this term are with a checker.")
    Edition.objects.filter(pk=edition.pk).update(submitted_at=None, submitted_by=None)
    record(by, "recalled", edition.words.headword, now=moment(now), term=term, to_digest=edition.digest)
    return edition


@transaction.atomic
def bin_draft(term: Term, *, by: User, now: datetime | None = None) -> Term:
    """Put a draft that readers never saw into the bin; its names become free."""
    require(by, Action.WRITE)
    term = Term.objects.select_for_update().get(pk=term.pk)
    if term.stage != Stage.DRAFT or term.published_at is not None:
        raise IllegalMove("Readers know this term. It can be withdrawn, retired or merged, not binned.")
    if term.binned_at is not None:
        raise IllegalMove("This draft is in the bin already.")
    term.binned_at = moment(now)
    Edition.objects.submitted().filter(term=term).update(submitted_at=None, submitted_by=None)
    term.version += 1
    term.save()
    sync_names(term)
    record(by, "binned", str(term), now=moment(now), term=term)
    return term


@transaction.atomic
def restore_draft(term: Term, *, by: User, now: datetime | None = None) -> Term:
    """Take a draft out of the bin; raises NameTaken if another term has its name by now."""
    require(by, Action.WRITE)
    term = Term.objects.select_for_update().get(pk=term.pk)
    if term.binned_at is None:
        raise IllegalMove("This draft is not in the bin.")
    term.binned_at = None
    term.version += 1
    term.save()
    sync_names(term)
    record(by, "restored", str(term), now=moment(now), term=term)
    return term


def replace_working_words(
    term: Term, words: Words, *, by: User, now: datetime, worded_by: User | None = None
) -> Edition:
    """Put other words into the working text, keep a submission submitted, and return the edition they make.

    The caller holds the term's lock, has asked for permission and writes the trail.
    """
    before = term.working
    hidden = [alias for alias in term.draft().aliases if not alias.is_public_word]
    write_draft(term, _draft_of(words, hidden, ambiguous=term.ambiguous))
    edition = freeze_words(term, words, by=by, now=now, before=before, worded_by=worded_by)
    waiting = Edition.objects.submitted().filter(term=term).first()
    if waiting is not None and waiting.pk != edition.pk:
        since, who = waiting.submitted_at, waiting.submitted_by_id
        Edition.objects.filter(pk=waiting.pk).update(submitted_at=None, submitted_by=None)
        if term.published_id != edition.pk:
            Edition.objects.filter(pk=edition.pk).update(submitted_at=since, submitted_by=who)
    term.working = edition
    term.version += 1
    term.save()
    sync_names(term)
    index_published(term)
    index_term(term)
    edition.refresh_from_db()
    return edition


def _draft_of(words: Words, hidden: list[AliasDraft], *, ambiguous: bool) -> CardDraft:
    shown = [AliasDraft(alias.text, AliasKind(alias.kind), True) for alias in words.aliases]
    return CardDraft(
        headword=words.headword,
        definition=words.definition,
        body=words.body,
        example=words.example,
        aliases=(*shown, *hidden),
        ambiguous=ambiguous,
    )

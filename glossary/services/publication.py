"""Publishing: which edition readers get, and until when it stays good."""

from collections.abc import Mapping
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction

from glossary.domain.claim import LineState
from glossary.domain.correction import Said
from glossary.domain.errors import IllegalMove, StaleEdition
from glossary.domain.names import letter_of, sort_key
from glossary.domain.roles import Action
from glossary.domain.term import Stage
from glossary.domain.volatility import Volatility, due_on, overdue_on
from glossary.domain.wording.rules import Severity
from glossary.domain.wording.time_words import stale_on
from glossary.models import Claim, Edition, FactCheck, Publication, RuleSetting, Term, Waiver
from glossary.services.clock import moment, today
from glossary.services.correction import record_corrections
from glossary.services.desk_word import index_term
from glossary.services.installation import note_origin
from glossary.services.names import sync_names
from glossary.services.roles import require
from glossary.services.search_index import index_published
from glossary.services.succession import doubt_after_publishing
from glossary.services.trail import record


@transaction.atomic
def publish_term(
    term: Term,
    *,
    edition: Edition,
    by: User,
    digest: str,
    old_words: Mapping[int, Said] | None = None,
    now: datetime | None = None,
) -> Term:
    """Publish a passed edition: the first time, or an earlier one again. `digest` names the words that were seen.

    `old_words` says of each line that readers lose what becomes of it. Raises StaleEdition if the edition's words are
    not those, IllegalMove if no check of them stands or a word on old words is missing.
    """
    require(by, Action.PUBLISH)
    term = Term.objects.select_for_update().get(pk=term.pk)
    edition = Edition.objects.with_check().get(pk=edition.pk, term=term)
    if edition.digest != digest:
        raise StaleEdition("The words have changed since you opened this page. Look at them again.")
    if term.published_id == edition.pk:
        raise IllegalMove("Readers see these words already.")
    replace_words(term, edition, old_words or {}, by=by, now=moment(now))
    record(by, "published", edition.words.headword, now=moment(now), term=term, to_digest=edition.digest)
    return term


def replace_words(term: Term, edition: Edition, old_words: Mapping[int, Said], *, by: User, now: datetime) -> None:
    """Give readers `edition`, and keep what is said of the words that go; the caller holds the term's lock."""
    record_corrections(term, edition, old_words, by=by, now=now)
    put_before_readers(term, edition, now=now)


def put_before_readers(term: Term, edition: Edition, *, now: datetime) -> None:
    """Make `edition` the one that readers see; the caller holds the term's lock and writes the trail."""
    if term.stage not in {Stage.DRAFT, Stage.PUBLISHED}:
        raise IllegalMove(f"This term is {term.stage}; it cannot be published.")
    if Edition.objects.with_check().get(pk=edition.pk).check_standing() is None:
        raise IllegalMove("No fact check of these words stands. Only checked words are published.")
    if any(line.state == LineState.STOPPED for line in Claim.objects.lines(edition.pk)):
        raise IllegalMove("A line of this edition has since been found wrong. It cannot be published again.")
    if term.published_at is None:
        note_origin(now=now)
    words, before = edition.words, term.published.words if term.published is not None else None
    term.stage, term.published, term.closed_because = Stage.PUBLISHED, edition, ""
    term.published_at, term.changed_at = term.published_at or now, now
    term.sort_key, term.letter = sort_key(words.headword), letter_of(words.headword)
    term.version += 1
    term.save()
    Publication(term=term, edition=edition, at=now).save()
    sync_names(term)
    index_published(term)
    index_term(term)
    refresh_due(term, now=now)
    doubt_after_publishing(term, before, now=now)


def fall_back(term: Term, *, because: str, now: datetime) -> Edition | None:
    """Fall back to the newest earlier edition that still stands and return it; without one, the page answers 410.

    An edition with a sentence that somebody cut since does not come back.
    """
    cuts = FactCheck.objects.filter(edition__term=term, cut__isnull=False).values("cut_id")
    earlier = term.editions.standing().exclude(pk=term.published_id or 0).exclude(claims__sentence_id__in=cuts)
    for edition in earlier.order_by("-number"):
        good = all(line.state == LineState.SETTLED for line in Claim.objects.lines(edition.pk))
        if good and Edition.objects.with_check().get(pk=edition.pk).check_standing():
            put_before_readers(term, edition, now=now)
            return edition
    take_from_readers(term, Stage.DRAFT, because, now=now)
    return None


def take_from_readers(term: Term, stage: Stage, because: str, *, now: datetime) -> None:
    """Leave readers nothing of the term but the reason, if they ever had it. The caller has locked its row."""
    term.stage, term.published, term.closed_because = stage, None, because.strip()[:500]
    term.due_on = term.overdue_on = term.stale_on = None
    if term.published_at is not None:
        term.changed_at = now
    term.version += 1
    term.save()
    sync_names(term)
    index_published(term)
    index_term(term)


def restamp(term: Term, *, now: datetime) -> None:
    """Note that the published words were checked again: their date changed, and when they are due."""
    refresh_due(term, now=now)
    term.changed_at = now
    term.save(update_fields=["changed_at"])


def refresh_due(term: Term, *, now: datetime) -> None:
    """Work out when the published words must be looked at again: at once, if a line of them was found wrong.

    From what day a date in them is too old is worked out besides: it bars no deck, and brings the card to the checkers.
    """
    if term.published is None:
        return
    chosen = Volatility(term.volatility)
    lines = Claim.objects.lines(term.published.pk)
    days = [(line.check.checked_on, line.volatility(chosen)) for line in lines if line.check is not None]
    due = min(due_on(day, volatility) for day, volatility in days)
    overdue = min(overdue_on(day, volatility) for day, volatility in days)
    if any(line.state == LineState.STOPPED for line in lines):
        due = min(due, today(now))
    stale = _old_date_on(term.published, chosen)
    if (term.due_on, term.overdue_on, term.stale_on) != (due, overdue, stale):
        term.due_on, term.overdue_on, term.stale_on = due, overdue, stale
        term.save(update_fields=["due_on", "overdue_on", "stale_on"])


def refresh_old_dates() -> None:
    """Work out for all published words from what day a date in them is too old: the desk turned such a rule up or off.

    Reads every published edition, and writes where the day is another one.
    """
    for term in Term.objects.published().select_related("published").order_by("pk").iterator(chunk_size=200):
        stale = _old_date_on(term.published, Volatility(term.volatility)) if term.published else None
        if stale != term.stale_on:
            Term.objects.filter(pk=term.pk, published=term.published_id).update(stale_on=stale)


def _old_date_on(edition: Edition, chosen: Volatility) -> date | None:
    """Return the day from which a date in an edition, such as "As of July 2024", is too old; None without one.

    What somebody has answered does not count, nor a rule that is off. No query where the words name no such date.
    """
    if stale_on(edition.words, chosen) is None:
        return None
    answered = Waiver.objects.filter(sentence__term=edition.term_id).values_list("sentence__hash", "rule")
    off = set(RuleSetting.objects.filter(level=Severity.OFF.value).values_list("rule", flat=True))
    return stale_on(edition.words, chosen, frozenset(answered), frozenset(off))

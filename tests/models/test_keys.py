"""Unique columns and protected references: what is cited stays, and the database says so where Django is passed by."""

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, models, transaction
from django.db.models import QuerySet
from django.utils import timezone
from taggit.models import Tag

from glossary.domain.doubt import Ending
from glossary.domain.fact_check import Result
from glossary.domain.report import ReportVerdict
from glossary.domain.roles import Role
from glossary.domain.term import Stage
from glossary.models import (
    AnkiPackage,
    Answer,
    Ask,
    Ban,
    Brief,
    Card,
    Claim,
    ClaimCheck,
    Comment,
    ConfirmationCount,
    ConfirmationLink,
    Correction,
    CorrectionShown,
    Deck,
    Delivery,
    DeskPreference,
    Doubt,
    FactCheck,
    FindingRecord,
    Heartbeat,
    LinkChoice,
    OldSlug,
    Party,
    ProviderEvent,
    Report,
    ReportBrake,
    RuleSetting,
    Sentence,
    SignUpTally,
    Source,
    SourceText,
    SourceWatch,
    Subscriber,
    Suggestion,
    Suppression,
    Term,
    Waiver,
)
from glossary.services.comment import add_comment
from glossary.services.suggestion import suggest_wording
from glossary.services.take import take_card
from glossary.services.term import save_term, submit_term
from tests.factories import (
    details_of,
    make_draft,
    make_published_term,
    make_report,
    make_source,
    make_term,
    make_user,
    settle_all,
)

pytestmark = pytest.mark.django_db
MODELS = list(apps.get_app_config("glossary").get_models())

UNIQUE = [
    "AnkiPackage.build",
    "Ask.key",
    "Brief.deck",
    "ConfirmationCount.key",
    "ConfirmationLink.token_hash",
    "Deck.day",
    "DeskPreference.person",
    "Heartbeat.job",
    "Installation.only",
    "Name.key",
    "OldSlug.slug",
    "Party.name",
    "ReportBrake.key",
    "RuleSetting.rule",
    "SearchEntry.term",
    "SignUpTally.key",
    "Source.url",
    "SourceText.source",
    "SourceWatch.source",
    "Subscriber.handle",
    "Subscriber.key",
    "ProviderEvent.key",
    "Suppression.key",
    "Take.term",
    "Term.slug",
]
PROTECTED = [
    "Ban.by",
    "Brief.deck",
    "Card.edition",
    "Card.term",
    "Claim.edition",
    "Claim.sentence",
    "ClaimCheck.by",
    "ClaimCheck.claim",
    "ClaimCheck.rests_on",
    "ClaimCheck.sentence",
    "Comment.by",
    "Comment.claim",
    "Comment.resolved_by",
    "Correction.by",
    "Correction.from_edition",
    "Correction.sentence",
    "Correction.term",
    "Correction.to_edition",
    "CorrectionShown.brief",
    "CorrectionShown.correction",
    "Deck.theme",
    "Delivery.brief",
    "Doubt.raised_by",
    "Doubt.sentence",
    "Doubt.settled_by",
    "Doubt.source",
    "Edition.term",
    "Evidence.check_row",
    "Evidence.source",
    "FactCheck.by",
    "FactCheck.cut",
    "FactCheck.edition",
    "FindingRecord.sentence",
    "LinkChoice.by",
    "LinkChoice.sentence",
    "LinkChoice.term",
    "OldSlug.term",
    "Publication.edition",
    "Publication.term",
    "Report.decided_by",
    "Report.edition",
    "Report.sentence",
    "Report.term",
    "RuleSetting.by",
    "Sentence.respelt_from",
    "Sentence.term",
    "SentenceAuthor.sentence",
    "SentenceAuthor.user",
    "Source.publisher",
    "Suggestion.answered_by",
    "Suggestion.by",
    "Suggestion.claim",
    "Suggestion.source",
    "Term.contrast",
    "Term.merged_into",
    "Term.published",
    "Term.successor",
    "Term.topic",
    "Term.vendor",
    "Term.working",
    "Waiver.by",
    "Waiver.sentence",
]


def rows(model, **where):
    """Return the rows past the manager, which may refuse on its own."""
    return QuerySet(model).filter(**where)


def again(row, **changes):
    """Return an unsaved copy of a row, its key included where it is no number of the database's own."""
    kept = [f for f in row._meta.concrete_fields if not isinstance(f, models.AutoField)]
    return type(row)(**({field.attname: getattr(row, field.attname) for field in kept} | changes))


def field_named(name):
    model, _, field = name.partition(".")
    return apps.get_model("glossary", model)._meta.get_field(field)


@pytest.fixture
def busy_desk():
    """A desk on which every kind of reference is in use; where the services need a long way, rows are set past them."""
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    term = make_published_term("Qwen2", author=editor, checker=checker)
    other = make_published_term("Token", author=editor, checker=checker)
    term = save_term(term, make_draft(body="Six sizes exist."), details=details_of(term), by=editor)
    edition = submit_term(term, by=editor)
    settle_all(edition, by=checker)
    claim = edition.claims.get(sentence__text="Six sizes exist.")
    take_card(term, by=checker)
    add_comment(claim, "Which six?", by=checker)
    suggest_wording(claim, "", by=checker)
    now = timezone.now()
    source = make_source("https://example.org/other", by=checker, title="Other")
    rows(Comment).update(resolved_at=now, resolved_by=editor)
    rows(Suggestion).update(answer=Answer.DECLINED, answered_at=now, answered_by=editor, source=source)
    rows(Term, pk=term.pk).update(successor=other, contrast=other, vendor=source.publisher)
    correction = Correction(
        term=term,
        kind="update",
        sentence=term.published.claims.first().sentence,
        from_edition=term.published,
        to_edition=edition,
        was="Five sizes exist.",
        on=now.date(),
        at=now,
        by=checker,
    )
    correction.save()
    said = {"sentence": claim.sentence, "rule": "T1.now", "at": now}
    Waiver.objects.create(**said, reason="Run time.", by=editor)
    FindingRecord.objects.create(**said)
    LinkChoice.objects.create(
        sentence=claim.sentence, term=other, text="Token", accepted=True, as_written=True, by=editor, at=now
    )
    RuleSetting.objects.create(rule="T1.now", level="off", by=editor, at=now)
    Ban.objects.create(term=other, first=now.date(), reason="Too early.", by=editor, at=now)
    rows(Term, pk=make_term("Lost", by=editor).pk).update(stage=Stage.MERGED, merged_into=other)
    deck = Deck.objects.create(day=now.date(), theme=Tag.objects.create(name="Vision"))
    Card.objects.create(deck=deck, position=1, term=other, edition=other.published, checked_on=now.date())
    brief = Brief.objects.create(deck=deck, made_at=now, window_ends=now)
    reader = Subscriber.objects.create(address="Reader@example.org", key="reader@example.org", term=term, asked_at=now)
    Delivery.objects.create(brief=brief, subscriber=reader, not_before=now, at=now)
    CorrectionShown.objects.create(correction=correction, subscriber=reader, brief=brief)
    ConfirmationLink.objects.create(subscriber=reader, token_hash="0" * 64, expires=now)
    ConfirmationCount.objects.create(key="0" * 64, last_at=now)
    Suppression.objects.create(key="0" * 64, reason="erased", on=now.date())
    AnkiPackage.objects.create(build="0" * 16)
    ProviderEvent.objects.create(key="0" * 64, kind="hard", at=now)
    OldSlug.objects.create(slug="qwen-two", term=term)
    SourceText.objects.create(source=source, text="Six sizes.", at=now)
    SourceWatch.objects.create(source=source)
    raised = {"reason": "Old.", "raised_at": now, "raised_by": checker}
    settled = {"settled_at": now, "settled_by": editor, "ending": Ending.STANDS}
    Doubt.objects.create(kind="outdated", source=source, sentence=claim.sentence, **raised, **settled)
    make_report(other)
    decided = {"verdict": ReportVerdict.REOPENED, "decided_at": now, "decided_by": checker}
    rows(Report).update(sentence=other.published.claims.first().sentence, **decided)
    DeskPreference.objects.create(person=editor)
    Ask.objects.create(key="rag", text="RAG", first_at=now, last_at=now)
    ReportBrake.objects.create(key="all 2026-01-01 00", at=now)
    SignUpTally.objects.create(key="dropped:2026-01-01", at=now)
    Heartbeat.objects.create(job="tick", at=now)
    one, two = rows(Sentence, term=term).order_by("pk")[:2]
    rows(Sentence, pk=two.pk).update(respelt_from=one)
    early, late = rows(ClaimCheck).order_by("pk")[:2]
    rows(ClaimCheck, pk=late.pk).update(rests_on=early)
    rows(FactCheck, pk=rows(FactCheck).first().pk).update(result=Result.CUT, comment="Wrong.", cut=one)


def test_every_unique_column_and_every_protected_reference_stands_in_a_list():
    columns = [(m, f) for m in MODELS for f in m._meta.concrete_fields]
    unique = {f"{m.__name__}.{f.name}" for m, f in columns if f.unique and not isinstance(f, models.AutoField)}
    protected = {
        f"{m.__name__}.{f.name}" for m, f in columns if f.remote_field and f.remote_field.on_delete is models.PROTECT
    }
    assert unique == set(UNIQUE)
    assert protected == set(PROTECTED)


def keeps_unique(name):
    """Return whether the database refuses a second row with the same value, and names that column."""
    field = field_named(name)
    row = rows(field.model).order_by("pk").first()
    besides = [f for f in field.model._meta.concrete_fields if f.unique and isinstance(f, models.CharField)]
    fresh = {f.attname: "fresh" for f in besides if f.name != field.name}
    try:
        with transaction.atomic():
            rows(field.model).bulk_create([again(row, **fresh)])
    except IntegrityError as refusal:
        table = field.model._meta.db_table
        where = f"({field.column})=" if connection.vendor == "postgresql" else f"{table}.{field.column}"
        return where in str(refusal).replace('"', "")  # PostgreSQL quotes a column whose name is a word of SQL
    return False


def test_the_database_keeps_unique_columns_unique(busy_desk):
    assert [name for name in UNIQUE if not keeps_unique(name)] == []


def protects(name):
    """Return whether a row that this reference cites cannot be deleted, and the citing row is named as the reason."""
    field = field_named(name)
    row = rows(field.model, **{f"{field.name}__isnull": False}).order_by("pk").first()
    try:
        with transaction.atomic():
            models.Model.delete(getattr(row, field.name))  # past the refusals of rows that are written once
    except models.ProtectedError as refusal:
        return row in refusal.protected_objects
    return False


def test_what_is_cited_is_protected_by_each_reference_to_it(busy_desk):
    assert [name for name in PROTECTED if not protects(name)] == []


@pytest.mark.parametrize("cited", [Brief, Claim, ClaimCheck, Correction, Party, Sentence, Source, Tag, Term, User])
def test_the_database_itself_lets_no_reference_lead_nowhere(busy_desk, cited):
    with pytest.raises(IntegrityError), transaction.atomic():
        everything = rows(cited)
        everything._raw_delete(everything.db)
        connection.check_constraints()

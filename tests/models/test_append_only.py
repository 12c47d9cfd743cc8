"""Rows that are written once: the shell cannot change them, nor date what was not checked."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from glossary.domain.digest import DIGEST_VERSION
from glossary.domain.errors import IllegalMove
from glossary.domain.fact_check import Result
from glossary.domain.roles import Role
from glossary.models import (
    Claim,
    ClaimCheck,
    Correction,
    Evidence,
    FactCheck,
    Publication,
    Sentence,
    SentenceAuthor,
    TrailEntry,
)
from glossary.models.append_only import AppendOnly
from glossary.services.fact_check import withdraw_check
from glossary.services.term import submit_term
from tests.factories import make_published_term, make_term, make_user, settle_all

pytestmark = pytest.mark.django_db
WRITTEN_ONCE = [
    Claim,
    ClaimCheck,
    Correction,
    Evidence,
    FactCheck,
    Publication,
    Sentence,
    SentenceAuthor,
    TrailEntry,
]


def make_withdrawn_term():
    """Make a card that was checked, published and taken back, which leaves a row of each kind."""
    term = make_published_term()
    withdraw_check(term, by=make_user(Role.PUBLISHER), reason="It was wrong.")


def test_every_kind_of_row_that_is_written_once_is_tested():
    assert set(AppendOnly.__subclasses__()) == set(WRITTEN_ONCE)


def test_no_new_row_takes_the_place_of_an_old_one():
    make_withdrawn_term()
    for model in WRITTEN_ONCE:
        row = model.objects.first()
        twin = model(**{field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields})
        with pytest.raises(IntegrityError), transaction.atomic():
            twin.save()
        with pytest.raises(IllegalMove, match="append-only"):
            model.objects.update_or_create(pk=row.pk, defaults={})


def test_no_upsert_changes_what_was_decided():
    make_published_term()
    row = Sentence.objects.first()
    row.text = "Forged."
    with pytest.raises(IllegalMove, match="append-only"), transaction.atomic():
        Sentence.objects.bulk_create([row], update_conflicts=True, unique_fields=["id"], update_fields=["text"])


def test_what_was_decided_is_neither_changed_nor_deleted():
    make_withdrawn_term()
    for model in WRITTEN_ONCE:
        row = model.objects.first()
        for act, given in (
            (model.objects.update, {"pk": row.pk}),
            (model.objects.all().delete, {}),
            (model.objects.bulk_update, {"objs": [row], "fields": ["id"]}),
            (row.save, {}),
            (row.delete, {}),
        ):
            with pytest.raises(IllegalMove, match="append-only"):
                act(**given)
        assert model.objects.filter(pk=row.pk).exists(), model


def test_the_words_of_an_edition_are_frozen():
    edition = make_published_term().published
    edition.words_json["definition"] = "Qwen2 is a fish."
    for fields in (None, ["words_json"], ["digest"], ["number", "submitted_at"]):
        with pytest.raises(IllegalMove, match="frozen"):
            edition.save(update_fields=fields)


@pytest.fixture
def settled():
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER)
    edition = submit_term(make_term(by=editor), by=editor)
    settle_all(edition, by=checker)
    return edition, checker


def check(edition, by, **over):
    now = timezone.now()
    given = {
        "edition": edition,
        "digest": edition.digest,
        "digest_version": DIGEST_VERSION,
        "by": by,
        "at": now,
        "on": now.date(),
        "result": Result.PASSED,
        "stamp_on": now.date(),
        "newest_on": now.date(),
    } | over
    return FactCheck(**given)


def test_a_date_that_the_lines_did_not_earn_cannot_be_written(settled):
    edition, checker = settled
    with pytest.raises(IllegalMove, match="cannot be chosen"):
        check(edition, checker, stamp_on=date(2026, 1, 1)).save()
    with pytest.raises(IllegalMove, match="digests differ"):
        check(edition, checker, digest="0" * 64).save()
    check(edition, checker).save()


def test_a_pass_needs_every_line(settled):
    editor = make_user(Role.EDITOR)
    edition = submit_term(make_term("Token", by=editor), by=editor)
    with pytest.raises(IllegalMove, match="Not every line"):
        check(edition, settled[1]).save()


def test_a_fact_needs_a_source_even_where_its_evidence_was_deleted_behind_the_services(settled):
    edition, checker = settled
    evidence = QuerySet(Evidence)
    evidence._raw_delete(evidence.db)
    with pytest.raises(IllegalMove, match="names no source"):
        check(edition, checker).save()


def test_a_line_that_was_read_again_brings_no_younger_date(settled):
    edition, checker = settled
    early, late = QuerySet(ClaimCheck).order_by("pk")[:2]
    past = early.checked_on - timedelta(days=30)
    QuerySet(ClaimCheck).filter(pk=early.pk).update(checked_on=past)
    QuerySet(ClaimCheck).filter(pk=late.pk).update(rests_on=early)
    with pytest.raises(IllegalMove, match="keeps the date of its check"):
        check(edition, checker, stamp_on=past).save()


@pytest.mark.parametrize("over", [{"stamp_on": None}, {"newest_on": None}, {"newest_on": date(2020, 1, 1)}])
def test_a_pass_without_both_of_its_dates_cannot_be_written(settled, over):
    with pytest.raises(IllegalMove, match="cannot be chosen"):
        check(*settled, **over).save()
    assert not FactCheck.objects.exists()


def test_a_decision_without_a_date_may_be_written_where_it_passes_nothing(settled):
    edition, checker = settled
    check(edition, checker, result=Result.SENT_BACK, stamp_on=None, newest_on=None, comment="Say which.").save()
    assert edition.check_standing() is None


def test_words_changed_behind_the_services_lose_their_date():
    edition = make_published_term().published
    assert edition.check_standing() is not None
    words = edition.words_json | {"definition": "Qwen2 is a fish."}
    type(edition).objects.filter(pk=edition.pk).update(words_json=words)
    assert type(edition).objects.get(pk=edition.pk).check_standing() is None

"""Rows that are written once: the shell cannot change them, nor date what was not checked."""

from datetime import date

import pytest
from django.utils import timezone

from glossary.domain.digest import DIGEST_VERSION
from glossary.domain.errors import IllegalMove
from glossary.domain.fact_check import Result
from glossary.domain.roles import Role
from glossary.models import Claim, ClaimCheck, Evidence, FactCheck, Sentence, SentenceAuthor, TrailEntry
from glossary.services.term import submit_term
from tests.factories import make_published_term, make_term, make_user, settle_all

pytestmark = pytest.mark.django_db
WRITTEN_ONCE = [Claim, ClaimCheck, Evidence, FactCheck, Sentence, SentenceAuthor, TrailEntry]


@pytest.mark.parametrize("model", WRITTEN_ONCE)
def test_what_was_decided_is_neither_changed_nor_deleted(model):
    make_published_term()
    row = model.objects.first()
    for act in (
        lambda: model.objects.update(pk=row.pk),
        lambda: model.objects.all().delete(),
        lambda: model.objects.bulk_update([row], ["id"]),
        lambda: row.save(),
        lambda: row.delete(),
    ):
        with pytest.raises(IllegalMove, match="append-only"):
            act()
    assert model.objects.filter(pk=row.pk).exists()


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

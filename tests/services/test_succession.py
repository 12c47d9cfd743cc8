"""A successor's line goes before readers: whoever still calls the old one the latest is to be looked at."""

from datetime import UTC, date, datetime, timedelta

import pytest

from glossary.domain.doubt import DoubtKind
from glossary.domain.roles import Role
from glossary.models import Doubt, Term, TrailEntry
from glossary.services.succession import doubt_after_publishing
from glossary.services.take import queue
from glossary.services.term import save_term, submit_term
from tests.factories import (
    check_term,
    details_of,
    make_draft,
    make_published_term,
    make_source,
    make_term,
    make_user,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def desk():
    people = {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}
    make_source(by=people["checker"], published_on=date(2026, 11, 20))
    return people


def make(desk, headword, now=NOW, **over):
    return make_published_term(headword, now=now, **desk, **over)


def succeed(desk, old, new, *, check=True):
    old = Term.objects.get(pk=old.pk)
    details = details_of(old, successor=new)
    term = save_term(old, old.draft(), details=details, by=desk["author"], now=LATER)
    if check:
        return check_term(term, author=desk["author"], checker=desk["checker"], now=LATER)
    submit_term(term, by=desk["author"], now=LATER)
    return term


def doubted():
    return sorted(str(doubt.sentence) for doubt in Doubt.objects.open())


def test_every_published_sentence_that_calls_it_the_latest_is_queued_once_readers_are_told(desk):
    old = make(desk, "Qwen2", aliases=["Qwen 2"], body="As of June 2024, it is the latest. Five sizes exist.")
    new = make(desk, "Qwen3")
    make(desk, "Alibaba Cloud", body="As of July 2024, Qwen 2 is its newest family. It sells servers.")
    make(desk, "BERT", body="Qwen2 is not like it. As of May 2024, others are the latest.")
    make_term("Draft", by=desk["author"], body="As of June 2024, Qwen2 is the latest.", now=NOW)
    succeed(desk, old, new, check=False)
    assert doubted() == []
    term = Term.objects.get(pk=old.pk)
    save_term(term, term.draft(), details=details_of(term, successor=None), by=desk["author"], now=LATER)
    succeed(desk, old, new)
    assert doubted() == [
        "As of July 2024, Qwen 2 is its newest family.",
        "As of June 2024, it is the latest.",
    ]
    doubt = Doubt.objects.first()
    assert doubt.kind == DoubtKind.SUCCEEDED and doubt.raised_by is None
    assert doubt.reason == "Qwen2 has been succeeded by Qwen3, as its card now says."
    rows = {row.headword: row.score.doubts for row in queue(now=LATER) if row.score.doubts}
    assert rows == {"Qwen2": 30, "Alibaba Cloud": 30}
    assert TrailEntry.objects.filter(verb="doubted", term__headword="Alibaba Cloud").count() == 1


def test_the_same_successor_raises_nothing_again(desk):
    old = make(desk, "Qwen2", body="As of June 2024, it is the latest. Five sizes exist.")
    new = make(desk, "Qwen3")
    term = succeed(desk, old, new)
    assert len(doubted()) == 1
    draft = make_draft("Qwen2", body="As of June 2024, it is the latest. Six sizes exist.")
    save_term(term, draft, details=details_of(term), by=desk["author"], now=LATER)
    check_term(Term.objects.get(pk=term.pk), author=desk["author"], checker=desk["checker"], now=LATER)
    assert Doubt.objects.count() == 1


def test_a_card_that_comes_later_and_calls_a_succeeded_one_the_latest_is_queued_too(desk):
    old, new = make(desk, "Qwen2"), make(desk, "Qwen3")
    succeed(desk, old, new)
    make(desk, "Alibaba Cloud", now=LATER, body="As of November 2026, Qwen2 is its newest family. It sells servers.")
    make(desk, "Phone", now=LATER, body="As of November 2026, Qwen3 is the newest on it. It has a screen.")
    assert doubted() == ["As of November 2026, Qwen2 is its newest family."]


def test_the_look_does_not_grow_with_the_glossary(desk, django_assert_num_queries):
    term = make(desk, "Qwen2")
    for n in range(4):
        make(desk, f"Other {n}", body=f"As of June 2024, Part {n} is the latest. Five sizes exist.")
    words = term.published.words
    with django_assert_num_queries(2):
        doubt_after_publishing(term, words, now=LATER)

"""How long cards wait, and what is overdue."""

from datetime import UTC, datetime, timedelta

import pytest

from glossary.domain.fact_check import Result
from glossary.domain.roles import Role
from glossary.models import FactCheck
from glossary.services.fact_check import pass_check
from glossary.services.statistics import Lag, overdue_by_class, review_lag
from glossary.services.term import save_term, submit_term
from tests.factories import (
    check_term,
    details_of,
    make_draft,
    make_published_term,
    make_term,
    make_user,
    settle_all,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_an_empty_desk_has_no_lag(django_assert_num_queries):
    with django_assert_num_queries(2):
        assert review_lag(now=NOW) == Lag(0, None, None)
        assert overdue_by_class(now=NOW) == {}


def test_hours_are_counted_from_the_edit_to_the_first_pass():
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER)
    for hours in (1, 2, 10):
        made = NOW - timedelta(hours=20)
        edition = submit_term(make_term(f"Word {hours}", by=editor, now=made), by=editor, now=made)
        at = made + timedelta(hours=hours)
        settle_all(edition, by=checker, now=at)
        pass_check(edition, by=checker, digest=edition.digest, whole_card=True, now=at)
    assert review_lag(now=NOW) == Lag(3, 2.0, 8.4)
    assert review_lag(now=NOW + timedelta(days=91)) == Lag(0, None, None)


def test_words_that_come_back_and_pass_again_have_no_second_lag():
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    old = NOW - timedelta(days=300)
    term = make_published_term(author=editor, checker=checker, now=old)
    first = term.published
    for definition, at in (("Qwen2 is something else.", old), (first.words.definition, NOW)):
        draft, details = make_draft(definition=definition), details_of(term)
        term = save_term(term, draft, details=details, by=editor, version=term.version, now=at)
        term = check_term(term, author=editor, checker=checker, now=at)
    assert term.published == first and FactCheck.objects.filter(edition=first, result=Result.PASSED).count() == 2
    assert review_lag(now=NOW).checks == 0


def test_what_is_overdue_is_counted_by_class():
    long_ago = NOW - timedelta(days=700)
    make_published_term("Slow", now=long_ago)
    make_published_term("Fast", now=long_ago, volatility="D")
    make_published_term("Fresh", now=NOW)
    assert overdue_by_class(now=NOW) == {"B": 1, "D": 1}

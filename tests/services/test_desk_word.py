"""Finding terms at the desk."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from glossary.models import Term
from glossary.services.desk_word import find_terms, words_in
from glossary.services.term import save_term
from tests.factories import details_of, make_draft, make_published_term, make_source, make_term

pytestmark = pytest.mark.django_db


@pytest.fixture
def term(editor):
    term = make_term("Qwen2", by=editor, aliases=["Tongyi Two"], body="Seventy-two zebras exist.")
    details = details_of(term, sources=[make_source()])
    return save_term(
        term, make_draft(aliases=["Tongyi Two"], body="Seventy-two zebras exist."), details=details, by=editor
    )


@pytest.mark.parametrize(
    "query",
    [
        "qwen2",
        "QWEN",
        "tongyi two",
        "zebras",
        "zeb",
        "seventy-two",
        "https://arxiv.org/abs/2407.10671",
        "2407.10671",
        "arxiv zebra",
    ],
)
def test_a_term_is_found_by_name_alias_sentence_and_source(term, query):
    assert list(find_terms(Term.objects.all(), query)) == [term]


@pytest.mark.parametrize(
    "query", ["lions", "zebras lions", "ebra", "!!!", "%", "_", "zebras' OR lions", "\x00", "x" * 10_000]
)
def test_what_is_not_there_is_not_found_and_no_query_is_too_strange(term, query):
    assert list(find_terms(Term.objects.all(), query)) == []


def test_an_empty_query_finds_everything(term):
    assert list(find_terms(Term.objects.all(), "  ")) == [term]


def test_words_that_readers_see_are_found_while_others_wait(editor):
    term = make_published_term("Token", author=editor, body="Only readers see giraffes.")
    term = save_term(term, make_draft("Token", body="Editors type zebras."), details=details_of(term), by=editor)
    for word in ("giraffes", "zebras"):
        assert list(find_terms(Term.objects.all(), word)) == [term]


def test_it_asks_the_index_and_does_not_read_every_row(term):
    with CaptureQueriesContext(connection) as queries:
        list(find_terms(Term.objects.all(), "zebras arxiv"))
    assert len(queries) == 1
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("EXPLAIN QUERY PLAN " + queries[0]["sql"].replace("ESCAPE '\\'", "ESCAPE '\\'"))
            plan = " ".join(str(row) for row in cursor.fetchall())
            assert "SCAN U0" not in plan and "SCAN glossary_deskword" not in plan
        else:
            cursor.execute("SET enable_seqscan = off")
            cursor.execute("EXPLAIN " + queries[0]["sql"])
            plan = " ".join(row[0] for row in cursor.fetchall())
            assert "_like" in plan


def test_the_longest_word_says_which_terms_are_looked_at_and_a_begun_one_is_sought_among_those(term):
    with CaptureQueriesContext(connection) as queries:
        assert list(find_terms(Term.objects.all(), "z tongyi")) == [term]
    looked_up, _, sought = queries[0]["sql"].partition("EXISTS")
    assert "tongyi" in looked_up and "tongyi" not in sought
    assert "LIKE 'z%" in sought and "LIKE 'z%" not in looked_up


def test_compounds_are_found_by_their_parts_too():
    assert {"open-weight", "open", "weight", "c++", "gpt-4", "2407.10671"} <= words_in(
        "Open-weight C++ GPT-4 2407.10671"
    )

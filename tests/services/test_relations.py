"""Relating terms."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections

from glossary.domain.errors import IllegalMove
from glossary.domain.relations import Relations
from glossary.domain.roles import Role
from glossary.models import Party, Term, TrailEntry
from glossary.services.relations import relate_term, relations_of, terms_named
from glossary.services.term import TermDetails, save_term
from tests.factories import details_of, make_published_term, make_term, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def terms(editor):
    return [make_term(name, by=editor) for name in ("Qwen2", "Transformer", "Token")]


def test_relations_are_kept_with_their_trail_and_void_no_check(editor):
    term, other = make_published_term("Qwen2", author=editor), make_published_term("Token", author=editor)
    before = term.shown()[1]
    wanted = Relations("Alibaba", 40, (other.pk,), (other.pk,), (other.pk,), other.pk)
    term = relate_term(term, wanted, by=editor)
    assert relations_of(term) == wanted and Term.objects.get(pk=term.pk).shown()[1] == before
    entry = TrailEntry.objects.get(verb="related")
    assert entry.reason == "vendor, priority, prerequisites, broader, related, contrast"
    relate_term(term, wanted, by=editor)
    assert TrailEntry.objects.filter(verb="related").count() == 1
    assert other.related.get() == term


def test_makers_are_the_houses_that_publish_sources_too(terms, editor):
    house = Party.objects.create(name="Alibaba")
    assert relate_term(terms[0], Relations(vendor=" Alibaba "), by=editor).vendor == house


@pytest.mark.parametrize("kind", ["prerequisites", "broader"])
def test_a_circle_is_refused_with_the_way_round(terms, editor, kind):
    qwen, transformer, token = terms
    relate_term(transformer, Relations(**{kind: (token.pk,)}), by=editor)
    relate_term(token, Relations(**{kind: (qwen.pk,)}), by=editor)
    with pytest.raises(IllegalMove, match="Qwen2 → Transformer → Token → Qwen2"):
        relate_term(qwen, Relations(**{kind: (transformer.pk,)}), by=editor)
    with pytest.raises(IllegalMove, match="Qwen2 → Qwen2"):
        relate_term(qwen, Relations(**{kind: (qwen.pk,)}), by=editor)
    assert relations_of(Term.objects.get(pk=qwen.pk)) == Relations()


def test_succession_does_not_run_in_a_circle(editor):
    a, b = make_published_term("Qwen2", author=editor), make_published_term("Qwen3", author=editor)
    save_term(a, a.draft(), details=details_of(a, successor=b), by=editor)
    b.refresh_from_db()
    with pytest.raises(IllegalMove, match="Qwen3 → Qwen2 → Qwen3"):
        save_term(b, b.draft(), details=details_of(b, successor=Term.objects.get(pk=a.pk)), by=editor)


def test_a_refused_relation_saves_none_of_the_words(terms, editor):
    qwen = terms[0]
    wrong = TermDetails(relations=Relations(prerequisites=(qwen.pk,)))
    words = qwen.definition
    draft = qwen.draft()
    with pytest.raises(IllegalMove):
        save_term(qwen, draft.__class__("Qwen2", "Other words."), details=wrong, by=editor)
    assert Term.objects.get(pk=qwen.pk).definition == words


@pytest.mark.parametrize("over", [{"priority": 101}, {"priority": -1}])
def test_a_priority_is_between_0_and_100(terms, editor, over):
    with pytest.raises(IllegalMove, match="between 0 and 100"):
        relate_term(terms[0], Relations(**over), by=editor)


def test_terms_are_found_by_any_of_their_names_and_an_unknown_one_is_named(terms):
    assert terms_named(["qwen 2", "TOKEN", ""]) == [terms[0], terms[2]]
    with pytest.raises(IllegalMove, match="“Nobody”"):
        terms_named(["Qwen2", " Nobody "])


def test_only_editors_relate(terms):
    with pytest.raises(PermissionDenied):
        relate_term(terms[0], Relations(), by=make_user(Role.SCHEDULER))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="Races need PostgreSQL (set DATABASE_URL).")
def test_two_people_cannot_close_a_circle_between_them(editor):
    one, two = make_term("Qwen2", by=editor), make_term("Token", by=editor)
    for _ in range(20):
        barrier = Barrier(2, timeout=20)

        def relate(pair, barrier=barrier):
            try:
                connection.ensure_connection()
                barrier.wait()
                relate_term(pair[0], Relations(prerequisites=(pair[1].pk,)), by=editor)
            except IllegalMove as refusal:
                return refusal
            finally:
                connections.close_all()

        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(relate, [(one, two), (two, one)]))
        assert sum(isinstance(result, IllegalMove) for result in results) == 1
        for term in (one, two):
            relate_term(term, Relations(), by=editor)

"""Threads on lines."""

import pytest
from django.core.exceptions import PermissionDenied

from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.roles import Role
from glossary.models import Notice, Term
from glossary.services.comment import add_comment, left_behind, resolve_thread, threads
from glossary.services.term import save_term, submit_term
from tests.factories import details_of, make_draft, make_term, make_user

pytestmark = pytest.mark.django_db
BODY = "Five sizes exist. People can download it."


@pytest.fixture
def edition(editor):
    return submit_term(make_term(by=editor, body=BODY), by=editor)


def line(edition, text="Five sizes exist."):
    return edition.claims.get(sentence__text=text)


def test_the_author_is_told_and_so_is_whoever_spoke_before(edition, editor):
    checker, other = make_user(Role.CHECKER), make_user(Role.CHECKER)
    add_comment(line(edition), "Which five?", by=checker)
    assert [n.person for n in Notice.objects.all()] == [editor]
    add_comment(line(edition), "The report says.", by=other)
    assert Notice.objects.filter(person=checker).count() == 1
    assert not Notice.objects.filter(person=other).exists()


def test_a_thread_goes_along_with_its_sentence(edition, editor):
    checker = make_user(Role.CHECKER)
    add_comment(line(edition), "Which five?", by=checker)
    term = save_term(edition.term, make_draft(body=BODY + " It is free."), details=details_of(edition.term), by=editor)
    said = threads(term.working)
    assert [c.text for c in said[line(term.working).sentence_id]] == ["Which five?"]
    assert left_behind(term, term.working) == []


def test_what_was_said_of_a_line_that_is_gone_is_not_lost(edition, editor):
    add_comment(line(edition), "Which five?", by=make_user(Role.CHECKER))
    term = save_term(edition.term, make_draft(body="Six sizes exist."), details=details_of(edition.term), by=editor)
    assert [c.text for c in left_behind(term, term.working)] == ["Which five?"]


def test_a_thread_is_resolved_once(edition, editor):
    add_comment(line(edition), "Which five?", by=make_user(Role.CHECKER))
    assert resolve_thread(line(edition), by=editor) == 1
    with pytest.raises(IllegalMove, match="Nothing is left"):
        resolve_thread(line(edition), by=editor)
    assert left_behind(Term.objects.get(), edition) == []


def test_empty_and_hostile_words_are_refused(edition):
    checker = make_user(Role.CHECKER)
    with pytest.raises(IllegalMove, match="comment is empty"):
        add_comment(line(edition), " \n", by=checker)
    for text in ("a\x00b", "x" * 1_000_000, "\ud800"):
        with pytest.raises(BadText):
            add_comment(line(edition), text, by=checker)
    with pytest.raises(PermissionDenied):
        add_comment(line(edition), "Hello", by=make_user(Role.SCHEDULER))

"""Keeping and dropping ready pages: what an act drops, what it leaves, and what is not kept."""

import pytest
from django.db import connection, transaction

from glossary.domain.ready_page import page_of
from glossary.domain.roles import Role
from glossary.models import DroppedPage, PublicChange, ReadyPage, Term
from glossary.services.comment import add_comment
from glossary.services.ready_page import Shows, drop_all, drop_pages, drop_spent, keep_page, mark
from glossary.services.relations import Relations, relate_term, relations_of
from glossary.services.tag import keep_tag
from glossary.services.take import take_card
from glossary.services.term import save_term, submit_term
from tests.factories import details_of, make_published_term, make_tag, make_term, make_user

pytestmark = pytest.mark.django_db
PAGE = page_of(200, [("Content-Type", "text/html")], b"<p>Words.</p>")


def keep(path, *terms, any_term=False, any_deck=False, before=None, until=2_000_000_000):
    shows = Shows(frozenset(term.pk for term in terms), any_term=any_term, any_deck=any_deck)
    before = mark() if before is None else before
    return keep_page(path, PAGE, build="b", shows=shows, before=before, until=until)


def kept():
    return sorted(ReadyPage.objects.values_list("path", flat=True))


def test_a_page_is_kept_once_for_each_address():
    first, second = keep("/a/"), keep("/a/")
    assert first and second and first != second and kept() == ["/a/"]


def test_a_page_is_not_kept_when_something_public_changed_since_before_it_was_rendered():
    before = mark()
    drop_pages()
    assert mark() == before + 1
    assert keep("/a/", before=before) == 0 and kept() == []


def test_a_page_of_a_longer_address_than_fits_is_not_kept():
    assert keep("/" + "a" * 300) == 0


def test_a_change_of_a_term_drops_what_shows_it_and_what_shows_any_term_and_leaves_the_rest():
    one, other = make_term("One"), make_term("Other")
    keep("/one/", one), keep("/other/", other), keep("/all/", any_term=True), keep("/deck/", any_deck=True)
    drop_pages(terms=[one])
    assert kept() == ["/deck/", "/other/"]
    drop_pages(decks=True)
    assert kept() == ["/other/"]
    drop_all()
    assert kept() == []


def test_a_change_also_drops_the_pages_of_terms_that_name_the_term():
    editor = make_user(Role.EDITOR)
    first, later = make_term("First", by=editor), make_term("Later", by=editor)
    broader, bystander = make_term("Broader", by=editor), make_term("Bystander", by=editor)
    relations = relations_of(later)
    changed = Relations(**vars(relations) | {"prerequisites": (first.pk,), "broader": (broader.pk,)})
    relate_term(later, changed, by=editor)
    for path, term in [("/first/", first), ("/later/", later), ("/broader/", broader), ("/bystander/", bystander)]:
        keep(path, term)
    drop_pages(terms=[first])
    assert kept() == ["/broader/", "/bystander/"], "the page of “Later” says to read “First” first"


def test_acts_that_readers_see_nothing_of_drop_nothing():
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER)
    draft = make_term("Draft", by=editor)
    keep("/all/", any_term=True)
    before = mark()
    edition = submit_term(draft, by=editor)
    take_card(draft, by=checker)
    add_comment(edition.claims.first(), "Which year?", by=checker)
    assert kept() == ["/all/"] and mark() == before


def test_every_other_act_drops_what_it_may_have_changed():
    term = make_published_term()
    keep("/about/"), keep("/term/", term), keep("/all/", any_term=True)
    keep_tag(make_tag("New shelf"), by=make_user(Role.PUBLISHER))
    assert kept() == [], "a tag stands on pages of which nobody can say which"
    keep("/term/", term)
    submit_term(make_term("Draft"), by=make_user(Role.EDITOR))
    assert kept() == ["/term/"]


def test_filing_a_published_card_elsewhere_drops_the_pages_that_list_it():
    editor = make_user(Role.EDITOR)
    term = make_published_term("Qwen2", author=editor, tag="Models")
    keep("/tags/models/", any_term=True)
    shelves = details_of(term, topic=make_tag("Other"), tags=[])
    save_term(Term.objects.get(pk=term.pk), term.draft(), details=shelves, by=editor)
    assert kept() == []


def test_a_change_that_is_taken_back_leaves_pages_and_mark():
    keep("/all/", any_term=True)
    before = mark()
    with transaction.atomic():
        drop_pages()
        transaction.set_rollback(True)
    assert kept() == ["/all/"] and mark() == before


def test_pages_that_hold_no_longer_are_cleared_away_with_the_marks_of_those_gone():
    keep("/old/", until=100), keep("/new/", until=200)
    DroppedPage.objects.create(page=ReadyPage.objects.get(path="/new/").pk)
    DroppedPage.objects.create(page=0)
    assert drop_spent(now=100) == 1
    assert kept() == ["/new/"] and DroppedPage.objects.count() == 1


def test_keeping_and_dropping_take_a_constant_number_of_queries(django_assert_num_queries):
    terms = [make_term(f"Term {n}") for n in range(3)]
    keep("/warm/")
    before = mark()
    on_postgresql = connection.vendor == "postgresql"
    pragmas = 0 if on_postgresql else 3
    with django_assert_num_queries(6 + pragmas + (1 if on_postgresql else 0)):
        keep("/a/", *terms, before=before)
    for n in range(20):
        keep(f"/page-{n}/", terms[0], before=before)
    drop_pages(terms=[terms[1]])
    with django_assert_num_queries(9 + (1 if on_postgresql else 0)):
        drop_pages(terms=[terms[0]])
    assert PublicChange.objects.count() == 1

"""Promises of the readers' pages that are easy to break unnoticed."""

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.test import override_settings

from glossary.domain.diff import word_diff
from glossary.domain.roles import Role
from glossary.services.clock import today
from glossary.services.term import TermDetails, save_term
from glossary.views import term as term_views
from glossary.views.errors import server_error
from tests.factories import check_term, make_deck, make_draft, make_published_term, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("form", ["%Y%m%d", "%G-W%V-%u", "%GW%V%u"])
def test_a_deck_has_one_address(client, form):
    make_deck()
    assert client.get(f"/deck/{today().strftime(form)}/").status_code == 404


def test_a_day_is_written_for_readers_and_for_programs_and_a_moment_is_that_of_its_day_at_the_desk():
    written = '<time datetime="2026-05-{0}">May {0}, 2026</time>'
    shown = Template("{% load reading %}{{ when|on_day }}")
    with override_settings(TIME_ZONE="Pacific/Auckland"):
        moment = datetime(2026, 5, 29, 20, tzinfo=UTC)
        assert shown.render(Context({"when": moment})) == written.format(30)
    assert shown.render(Context({"when": date(2026, 5, 29)})) == written.format(29)
    assert shown.render(Context({"when": None})) == ""


def test_words_that_differ_are_marked_without_the_space_around_them():
    drawn = Template("{% load reading %}{% differences pieces %}")
    pieces = word_diff("It is done once or a few times.", "It is done a few times <now>.")
    shown = drawn.render(Context({"pieces": pieces}))
    assert shown == "It is done <del>once or</del> a few times <ins>&lt;now&gt;</ins>."
    assert drawn.render(Context({"pieces": word_diff("It is.", "It is .")})) == "It is<ins> </ins>."


def test_a_tag_redirect_keeps_the_query(client):
    make_published_term("Qwen2")
    for path in ("/tags/MODEL-families/", "/tags/model-families"):
        for method in (client.get, client.head):
            response = method(path + "?from=mail")
            assert (response.status_code, response.headers["Location"]) == (301, "/tags/model-families/?from=mail")


def test_above_the_limit_one_letter_a_page(client, monkeypatch):
    monkeypatch.setattr(term_views, "ALL_ON_ONE_PAGE", 2)
    for name in ("Alpha", "Beta", "Gamma"):
        make_published_term(name)
    html = client.get("/terms/?letter=B").content.decode()
    assert "Beta" in html and ">Alpha<" not in html and 'href="?letter=A"' in html


def test_pages_answer_head_and_set_no_cookie(client):
    deck = make_deck()
    for path in ("/", "/terms/", "/tags/", "/deck/", deck.get_absolute_url(), "/start/", "/how-we-check/", "/about/"):
        for method in (client.get, client.head):
            response = method(path)
            assert response.status_code == 200 and not response.cookies, path
    assert client.head("/deck/today/").status_code == 302


@pytest.mark.parametrize("path", ["/", "/terms/", "/about/", "/how-we-check/"])
def test_a_single_person_desk_claims_no_second_person(client, path):
    make_published_term("Qwen2")
    with override_settings(SINGLE_PERSON_DESK=True):
        html = client.get(path).content.decode()
    for claim in ("second person", "Somebody else went", "somebody who had not written"):
        assert claim not in html, claim


def test_the_successor_link_goes_where_the_checked_words_say(client):
    editor = make_user(Role.EDITOR)
    checker = make_user(Role.CHECKER, Role.PUBLISHER)
    three = make_published_term("Qwen3", author=editor, checker=checker)
    other = make_published_term("Other", author=editor, checker=checker)
    term = make_published_term("Qwen2", author=editor, checker=checker)
    term = save_term(term, make_draft("Qwen2"), details=TermDetails(topic=term.topic, successor=three), by=editor)
    term = check_term(term, author=editor, checker=checker)
    html = client.get("/terms/qwen2/").content.decode()
    assert 'href="/terms/qwen3/">Qwen3</a>' in html
    save_term(term, make_draft("Qwen2"), details=TermDetails(topic=term.topic, successor=other), by=editor)
    html = client.get("/terms/qwen2/").content.decode()
    assert 'href="/terms/other/">Qwen3</a>' not in html


def test_the_500_page_asks_the_database_nothing(rf, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert server_error(rf.get("/")).status_code == 500


def test_an_empty_site_has_pages(client):
    for path in ("/", "/terms/", "/tags/", "/deck/", "/start/"):
        assert client.get(path).status_code == 200


def test_a_mistyped_address_names_near_terms(client):
    make_published_term("Qwen2")
    response = client.get("/terms/qwen9x/")
    assert response.status_code == 404 and "/terms/qwen2/" in response.content.decode()


def test_queries_of_deck_and_archive_do_not_grow(client, django_assert_max_num_queries):
    deck = make_deck()
    with django_assert_max_num_queries(12):
        client.get(deck.get_absolute_url())

"""The desk's pages of a term's editions."""

import pytest
from django.urls import reverse

from glossary.domain.roles import Role
from glossary.models import Term
from glossary.services.term import save_term
from tests.factories import details_of, make_draft, make_published_term, make_user

pytestmark = pytest.mark.django_db


def test_a_preview_is_the_public_page_marked_as_not_checked(client):
    editor = make_user(Role.EDITOR)
    term = make_published_term(author=editor)
    save_term(term, make_draft(body="Only a draft says so."), details=details_of(term), by=editor)
    client.force_login(editor)
    response = client.get(reverse("admin:glossary_term_preview", args=[term.pk]))
    page = response.content.decode()
    assert "Only a draft says so." in page and "Draft, not fact-checked" in page
    assert "Fact-checked</span>" not in page and 'name="robots" content="noindex"' in page
    assert response["X-Robots-Tag"] == "noindex" and "no-store" in response["Cache-Control"]
    assert "Only a draft says so." not in client.get(term.get_absolute_url()).content.decode()


def test_earlier_words_are_put_back_from_the_history(client):
    editor = make_user(Role.EDITOR)
    term = make_published_term(author=editor, body="Five sizes exist.")
    first = term.working
    term = save_term(term, make_draft(body="Six sizes exist."), details=details_of(term), by=editor)
    client.force_login(editor)
    assert "Put it back" in client.get(reverse("admin:glossary_term_history", args=[term.pk])).content.decode()
    act = reverse("admin:glossary_term_act", args=[term.pk])
    stale = {"do": "revert", "edition": first.pk, "version": term.version - 1}
    assert "Somebody else saved this term" in client.post(act, stale, follow=True).content.decode()
    client.post(act, stale | {"version": term.version})
    assert Term.objects.get(pk=term.pk).working == first


def test_any_two_editions_are_compared_and_first_the_draft_with_what_readers_see(client):
    editor = make_user(Role.EDITOR)
    term = make_published_term(author=editor, body="Five sizes exist.")
    for body in ("Six sizes exist.", "Seven sizes exist."):
        term = save_term(term, make_draft(body=body), details=details_of(term), by=editor)
    client.force_login(editor)
    compared = client.get(reverse("admin:glossary_term_compare", args=[term.pk])).content.decode()
    assert "<del>Five</del><ins>Seven</ins> sizes exist." in compared
    second = term.editions.get(number=2)
    between = client.get(reverse("admin:glossary_term_compare", args=[term.pk]), {"from": second.pk}).content.decode()
    assert "<del>Six</del><ins>Seven</ins> sizes exist." in between

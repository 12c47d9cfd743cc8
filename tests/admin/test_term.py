"""Writing terms at the desk."""

import pytest
from django.urls import reverse

from glossary.domain.digest import digest_of
from glossary.domain.roles import Role
from glossary.models import Term
from glossary.services.term import save_term
from tests.factories import details_of, make_draft, make_published_term, make_term, make_user

pytestmark = pytest.mark.django_db


def typed(**over):
    return {
        "headword": "Qwen2",
        "definition": "Qwen2 is a family of language models.",
        "body": "It is open.",
        "example": "",
        "volatility": "B",
        "alias-TOTAL_FORMS": "2",
        "alias-INITIAL_FORMS": "0",
        "alias-0-text": "Qwen 2",
        "alias-0-kind": "spelling",
        "alias-0-shown": "on",
        "alias-1-text": "",
        "alias-1-kind": "spelling",
    } | over


@pytest.fixture
def editor(client):
    user = make_user(Role.EDITOR)
    client.force_login(user)
    return user


def test_words_and_aliases_saved_together_have_one_digest(client, editor):
    response = client.post(reverse("admin:glossary_term_add"), typed())
    term = Term.objects.get()
    assert response.status_code == 302
    assert [alias.text for alias in term.working.words.aliases] == ["Qwen 2"]
    assert term.working.digest == digest_of(term.working.words)
    assert term.editions.count() == 1


def test_saving_and_sending_puts_the_card_before_the_checkers(client, editor):
    client.post(reverse("admin:glossary_term_add"), typed(_submit="1"))
    assert Term.objects.get().working.submitted_at is not None


def test_a_stale_form_is_refused_and_both_texts_are_shown(client, editor):
    term = make_term(by=editor, example="Saved by the other.")
    Term.objects.update(version=7)
    response = client.post(
        reverse("admin:glossary_term_change", args=[term.pk]), typed(version="6", example="Typed by me.")
    )
    html = response.content.decode()
    assert response.status_code == 409
    assert "Saved by the other." in html and "Typed by me." in html and 'value="7"' in html
    assert Term.objects.get().example == "Saved by the other."


def test_a_form_without_a_version_is_stale(client, editor):
    term = make_term(by=editor)
    assert client.post(reverse("admin:glossary_term_change", args=[term.pk]), typed()).status_code == 409


@pytest.mark.parametrize(
    "over",
    [
        {"headword": ""},
        {"headword": "a\x00b"},
        {"definition": "a\u202eb"},
        {"body": "x" * 900_000},
        {"alias-0-text": "Qwen\u200b2"},
        {"alias-0-text": "x" * 400},
        {"tags": "99999"},
        {"topic": "99999"},
        {"slug": "Not A Slug"},
        {"volatility": "Z"},
        {"body": "[a](ftp://example.org)"},
    ],
)
def test_what_cannot_be_kept_gets_a_clear_answer_and_nothing_typed_is_lost(client, editor, over):
    response = client.post(reverse("admin:glossary_term_add"), typed(**over))
    assert response.status_code == 422
    assert "errorlist" in response.content.decode()
    assert "Qwen2 is a family" in response.content.decode() or "definition" in over
    assert not Term.objects.exists()


def test_a_name_of_another_term_is_refused_with_a_link_to_it(client, editor):
    other = make_term("Qwen 2")
    response = client.post(reverse("admin:glossary_term_add"), typed())
    assert response.status_code == 422
    assert reverse("admin:glossary_term_change", args=[other.pk]) in response.content.decode()


def test_a_pasted_card_falls_into_its_parts(client, editor):
    pasted = (
        "Qwen2\nFact-checked May 29, 2026\nAlso called: Qwen 2, Qwen-2\n\nQwen2 is a family.\n\nIt is open.\n\n"
        "For example: a shop uses it."
    )
    html = client.post(reverse("admin:glossary_term_add"), {"_paste": "1", "pasted": pasted}).content.decode()
    for part in ("Qwen-2", "Qwen2 is a family.", "It is open.", "a shop uses it."):
        assert part in html
    assert "May 29" not in html
    assert not Term.objects.exists()


@pytest.mark.parametrize("role", [Role.CHECKER, Role.PUBLISHER, Role.SCHEDULER, Role.SUBSCRIBER_ADMIN])
def test_others_read_the_form_and_may_not_post_it(client, role):
    term = make_term()
    client.force_login(make_user(role))
    url = reverse("admin:glossary_term_change", args=[term.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, typed(version=term.version)).status_code == 403


@pytest.mark.parametrize("do", ["publish", "withdraw", "retire", "merge", "move"])
def test_only_publishers_publish_withdraw_retire_merge_and_move(client, do):
    term = make_published_term("Alpha")
    other = make_published_term("Beta")
    client.force_login(make_user(Role.EDITOR, Role.CHECKER))
    data = {"do": do, "reason": "Why.", "slug": "b", "other": other.pk, "edition": term.published_id}
    response = client.post(reverse("admin:glossary_term_act", args=[term.pk]), data)
    assert response.status_code == 403
    assert Term.objects.get(pk=term.pk).stage == "published"


@pytest.mark.parametrize("page", ["change", "history"])
def test_an_address_that_is_no_number_is_not_found(client, editor, page):
    assert client.get(reverse(f"admin:glossary_term_{page}", args=["abc"])).status_code == 404


def test_the_form_shows_what_differs_from_what_readers_see_not_from_the_last_save(client):
    editor = make_user(Role.EDITOR)
    term = make_published_term(author=editor, body="Five sizes exist.")
    for body in ("Six sizes exist.", "Seven sizes exist."):
        term = save_term(term, make_draft(body=body), details=details_of(term), by=editor)
    client.force_login(editor)
    page = client.get(reverse("admin:glossary_term_change", args=[term.pk])).content.decode()
    assert "<del>Five</del><ins>Seven</ins> sizes exist." in page

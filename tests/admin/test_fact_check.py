"""Checking cards at the desk."""

import pytest
from django.urls import reverse

from glossary.domain.claim import LineState
from glossary.domain.roles import Role
from glossary.models import Claim, DeskPreference, FactCheck, Source, Term
from glossary.services.fact_check import withdraw_check
from glossary.services.term import submit_term
from tests.factories import make_published_term, make_term, make_user, settle_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(editor):
    return submit_term(make_term(by=editor), by=editor)


def url(edition, line=None):
    return reverse("admin:glossary_edition_check", args=[edition.pk]) + (f"?line={line}" if line else "")


VERDICT = {"do": "settle", "verdict": "supported", "passage": "It says so.", "passage_kind": "paraphrase"}
SOURCE = {
    "do": "add_source",
    "url": "http://127.0.0.1/report",
    "title": "Qwen2 Technical Report",
    "publisher": "arXiv",
}


def test_a_checker_settles_a_line_with_a_new_source_and_goes_on(client, edition):
    client.force_login(make_user(Role.CHECKER))
    assert client.get(url(edition, 2)).status_code == 200
    response = client.post(url(edition, 2), SOURCE)
    source = Source.objects.get()
    assert response.headers["Location"].endswith(f"?line=2&source={source.pk}#line-2")
    assert "private network" in client.get(url(edition, 2)).content.decode()  # it is never fetched from inside
    response = client.post(url(edition, 2), VERDICT | {"source": source.pk})
    assert response.headers["Location"].endswith("?line=3#line-3")
    assert Claim.objects.lines(edition.pk)[1].state == LineState.SETTLED


def test_own_lines_are_refused_with_the_reason(client, editor, edition):
    both = make_user(Role.EDITOR, Role.CHECKER)
    mine = submit_term(make_term("Mine", by=both), by=both)
    client.force_login(both)
    response = client.post(url(mine, 2), VERDICT)
    assert response.status_code == 422
    assert "your own words" in response.content.decode()


def test_a_card_is_passed_and_published_by_one_with_both_rights(client, edition):
    checker = make_user(Role.CHECKER, Role.PUBLISHER)
    client.force_login(checker)
    settle_all(edition, by=checker)
    assert b"Pass and publish" in client.get(url(edition)).content
    client.post(url(edition), {"do": "publish", "digest": edition.digest, "whole_card": "on"})
    assert Term.objects.get().stage == "published"


def test_words_that_were_taken_back_say_what_to_do_and_pass_after_a_line_got_a_new_verdict(client, editor):
    checker = make_user(Role.CHECKER, Role.PUBLISHER)
    term = make_published_term("Qwen2", author=editor, checker=checker)
    withdraw_check(term, by=checker, reason="The source was retracted.")
    edition = submit_term(Term.objects.get(), by=editor)
    client.force_login(checker)
    page = client.get(url(edition)).content.decode()
    assert "because: The source was retracted. Every verdict on them is older." in page
    assert 'value="publish" data-key="Ctrl+Enter" disabled' in page
    client.post(url(edition, 2), VERDICT | {"source": Source.objects.first().pk})
    page = client.get(url(edition)).content.decode()
    assert "Every verdict on them is older." not in page and 'value="publish" data-key="Ctrl+Enter">' in page
    client.post(url(edition), {"do": "publish", "digest": edition.digest, "whole_card": "on"})
    assert Term.objects.get().published == edition


def test_a_card_that_was_edited_meanwhile_answers_conflict_and_keeps_the_verdicts(client, editor, edition):
    checker = make_user(Role.CHECKER)
    settle_all(edition, by=checker)
    edition.__class__.objects.update(submitted_at=None)
    client.force_login(checker)
    response = client.post(url(edition), {"do": "pass", "digest": edition.digest, "whole_card": "on"})
    assert response.status_code == 409
    assert not FactCheck.objects.exists()


def test_a_card_is_sent_back_with_a_comment(client, edition):
    client.force_login(make_user(Role.CHECKER))
    assert client.post(url(edition), {"do": "back", "digest": edition.digest}).status_code == 422
    client.post(url(edition), {"do": "back", "digest": edition.digest, "comment": "Name the sizes."})
    assert FactCheck.objects.get().comment == "Name the sizes."


@pytest.mark.parametrize("role", [Role.EDITOR, Role.PUBLISHER, Role.SCHEDULER, Role.SUBSCRIBER_ADMIN])
@pytest.mark.parametrize("do", ["settle", "confirm", "pass", "publish", "back"])
def test_only_checkers_post(client, edition, role, do):
    client.force_login(make_user(role))
    assert client.post(url(edition, 2), VERDICT | {"do": do}).status_code == 403


def test_staff_pages_are_closed_to_readers(client, edition):
    for address in (url(edition), reverse("admin:glossary_term_changelist"), reverse("admin:glossary_deck_add")):
        assert client.get(address).status_code == 302


def test_looking_changes_nothing_and_keys_are_turned_off_by_a_button(client, edition):
    checker = make_user(Role.CHECKER)
    client.force_login(checker)
    client.get(url(edition) + "?keys=off")
    assert not DeskPreference.objects.exists()
    client.post(url(edition), {"do": "keys_off"})
    assert DeskPreference.objects.get(person=checker).keys is False
    assert "Single keys are off" in client.get(url(edition)).content.decode()

"""What the desk asks about words that readers lose."""

import pytest

from glossary.domain.roles import Role
from glossary.models import Correction, Term
from glossary.services.term import save_term, submit_term
from tests.factories import check_term, details_of, make_draft, make_published_term, make_user, settle_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}


@pytest.fixture
def edition(people):
    """A changed card whose lines are settled: readers have “Five sizes exist.”, it says six."""
    term = make_published_term("Qwen2", **people)
    body = "It was released in June 2024. Six sizes exist.\n\nPeople can download it."
    term = save_term(term, make_draft(body=body), details=details_of(term), by=people["author"])
    edition = submit_term(term, by=people["author"])
    settle_all(edition, by=people["checker"])
    return edition


def test_the_check_page_asks_what_of_the_old_words_and_suggests_by_what_changed(client, people, edition):
    client.force_login(people["checker"])
    page = " ".join(client.get(edition.get_check_url()).content.decode().split())
    assert "What of the old words?" in page
    assert page.count('type="radio" form="finish"') == 4
    assert '<input type="radio" form="finish" name="fate-4" value="no longer true" checked>' in page


def test_a_correction_without_its_reason_is_refused_and_what_was_typed_stays(client, people, edition):
    client.force_login(people["checker"])
    typed = {"do": "pass", "digest": edition.digest, "whole_card": "on", "fate-4": "was wrong", "why-4": ""}
    answer = client.post(edition.get_check_url(), typed)
    assert answer.status_code == 422 and "say why" in answer.content.decode()
    assert 'name="fate-4" value="was wrong" checked' in answer.content.decode()
    client.post(edition.get_check_url(), {**typed, "why-4": "Miscounted."})
    assert Correction.objects.get().why == "Miscounted."
    assert "Six" in Term.objects.get().shown()[0].body


@pytest.mark.parametrize("fate", ["", "nonsense", "retraction"])
def test_without_a_word_on_the_old_words_nothing_goes_out(client, people, edition, fate):
    client.force_login(people["checker"])
    typed = {"do": "pass", "digest": edition.digest, "whole_card": "on", "fate-4": fate}
    assert client.post(edition.get_check_url(), typed).status_code == 422
    assert "Five" in Term.objects.get().shown()[0].body and not Correction.objects.exists()


def test_an_earlier_edition_is_published_again_on_a_page_that_asks_the_same(client, people):
    term = make_published_term("Qwen2", **people)
    first = term.published
    term = save_term(term, make_draft(example=""), details=details_of(term), by=people["author"])
    term = check_term(term, **people)
    client.force_login(people["checker"])
    assert f"/publish/{first.pk}/" in client.get(term.get_desk_url()).content.decode()
    where = f"/admin/glossary/correction/publish/{first.pk}/"
    assert "Readers see edition 2 now" in " ".join(client.get(where).content.decode().split())
    assert client.post(where, {"digest": first.digest}).status_code == 302
    assert Term.objects.get().published == first


def test_a_cut_asks_what_becomes_of_the_sentence(client, people):
    term = make_published_term("Qwen2", **people)
    client.force_login(people["checker"])
    where = f"{term.published.get_check_url()}?line=4"
    typed = {"do": "cut", "reason": "Nobody needs it."}
    assert client.post(where, typed).status_code == 422
    client.post(where, {**typed, "fate": "still true"})
    row = Correction.objects.get()
    assert (row.kind, row.was, row.now) == ("minor edit", "Five sizes exist.", "")

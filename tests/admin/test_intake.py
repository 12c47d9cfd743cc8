"""The upload of a file of terms."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from glossary.domain.roles import Role
from glossary.models import Edition, FactCheck, Term
from tests.factories import make_term, make_user

pytestmark = pytest.mark.django_db
CSV = (
    "headword,definition,readers\nQwen2,It is a family of models.,120\nToken,It is a piece of text.,\n,No headword.,\n"
)


def upload(client, text, *, do="import", name="terms.csv"):
    file = SimpleUploadedFile(name, text.encode())
    response = client.post(reverse("admin:glossary_term_import"), {"file": file, "do": do})
    return response, b"".join(response) if response.streaming else response.content


@pytest.fixture
def editor(client):
    person = make_user(Role.EDITOR)
    client.force_login(person)
    return person


def test_a_try_counts_and_writes_nothing(client, editor):
    response, page = upload(client, CSV, do="try")
    assert response.status_code == 200
    assert b"Nothing was written. It would be" in page and b"line 4" in page
    assert not Term.objects.exists()


def test_rows_become_drafts_and_never_checks(client, editor):
    _, page = upload(client, CSV)
    assert b"Done" in page
    term = Term.objects.get(headword="Qwen2")
    assert (term.stage, term.readers_need) == ("draft", 120)
    assert not FactCheck.objects.exists() and not Edition.objects.submitted().exists()


def test_json_lines_and_a_conflict(client, editor):
    make_term("Token", by=editor)
    other = '{"headword": "Tokens", "aliases": ["Token"]}\n'
    _, page = upload(client, other, name="terms.jsonl")
    assert "already belongs to" in page.decode()


@pytest.mark.parametrize("text", ["", "headword,colour\nQ,red\n", "\x00", "{", "a" * 100_000])
def test_a_file_that_is_none_is_refused_with_a_sentence(client, editor, text):
    response, page = upload(client, text)
    assert response.status_code in {200, 422}
    assert not Term.objects.exists()
    assert b"Traceback" not in page


@pytest.mark.parametrize("role", [role for role in Role if role != Role.EDITOR])
def test_only_editors_bring_in(client, role):
    client.force_login(make_user(role))
    assert client.get(reverse("admin:glossary_term_import")).status_code == 403
    response, _ = upload(client, CSV)
    assert response.status_code == 403 and not Term.objects.exists()

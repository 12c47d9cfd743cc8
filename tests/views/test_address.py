"""What hangs on a term's address has one spelling; every other, and every old one, gets one redirect there."""

import pytest

from glossary.domain.roles import Role
from glossary.services.closing import merge_term
from glossary.services.term import change_slug
from tests.factories import make_published_term, make_user

pytestmark = pytest.mark.django_db
PARTS = ["v/", "v/{digest}/", "report/", "report/thanks/", "preview/", "card.png"]


@pytest.fixture
def term():
    return make_published_term(aliases=["Tongyi two"])


def address(part, term, *, slug="qwen2"):
    return f"/terms/{slug}/{part.format(digest=term.published.digest)}"


@pytest.mark.parametrize("part", PARTS)
def test_every_spelling_gets_exactly_one_redirect_to_the_one_address(client, term, part):
    right = address(part, term)
    assert client.get(right).status_code == 200
    spellings = {
        address(part, term, slug="QWEN2"),
        address(part, term, slug="qwen-2"),
        address(part, term, slug="Qwen%202"),
        address(part, term, slug="tongyi%20two"),
        right[:-1] if right.endswith("/") else f"{right}/",
    }
    if "{digest}" in part:
        spellings.add(right.replace(term.published.digest, term.published.digest.upper()))
    for spelling in spellings:
        response = client.get(f"{spelling}?a=b")
        assert (response.status_code, response["Location"]) == (301, f"{right}?a=b"), spelling


@pytest.mark.parametrize("part", PARTS)
def test_an_old_address_leads_to_today_s(client, term, part):
    change_slug(term, "qwen-two", by=make_user(Role.PUBLISHER))
    response = client.get(address(part, term))
    assert (response.status_code, response["Location"]) == (301, address(part, term, slug="qwen-two"))


@pytest.mark.parametrize("part", PARTS)
def test_a_merged_term_keeps_its_versions_and_leaves_the_rest_to_the_other(client, term, part):
    other = make_published_term("Qwen family")
    asked = address(part, term)
    merge_term(term, into=other, by=make_user(Role.PUBLISHER))
    response = client.get(asked)
    if part in {"v/", "preview/", "card.png"}:
        assert (response.status_code, response["Location"]) == (301, address(part, other, slug="qwen-family"))
    else:
        assert response.status_code == 200


@pytest.mark.parametrize("slug", ["unknown", "%00", "é" * 300, "..", "a" * 5000])
@pytest.mark.parametrize("part", PARTS)
def test_where_no_term_is_meant_nothing_is_found(client, term, part, slug):
    assert client.get(address(part, term, slug=slug)).status_code == 404

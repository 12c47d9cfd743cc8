"""Pages for addresses that lead nowhere: each says what was looked for, and offers the way on."""

import pytest

from tests.factories import make_published_term, make_term

pytestmark = pytest.mark.django_db


def main_of(response):
    assert response.status_code == 404
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


def test_a_tag_that_does_not_exist_leads_to_all_topics(client):
    html = main_of(client.get("/tags/robots/"))
    assert "<h1>No topic at this address.</h1>" in html and "No term is filed under “robots”." in html
    assert 'href="/tags/"' in html and "card at this address" not in html


@pytest.mark.parametrize("digest", ["0" * 64, "abc9"])
def test_a_version_that_does_not_exist_leads_to_the_card(client, digest):
    make_published_term("Qwen2")
    html = main_of(client.get(f"/terms/qwen2/v/{digest}/"))
    assert "<h1>No version at this address.</h1>" in html and "Readers never had this version of Qwen2" in html
    assert 'href="/terms/qwen2/"' in html and 'href="/terms/qwen2/v/"' in html and digest not in html


def test_a_version_of_a_card_that_readers_never_had_names_nothing(client):
    make_term("Secret canary")
    html = main_of(client.get(f"/terms/secret-canary/v/{'0' * 64}/"))
    assert "Secret canary" not in html and "/terms/secret-canary/" not in html


def test_what_hangs_on_an_address_is_not_taken_for_its_name(client):
    make_published_term("Qwen2")
    html = main_of(client.get("/terms/qwen3/report/"))
    assert "nearest to “qwen3”" in html and 'href="/terms/qwen2/"' in html

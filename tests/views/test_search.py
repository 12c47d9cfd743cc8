"""The search page, suggestions, and asking for a term."""

import json
import re
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from glossary.domain.roles import Role
from glossary.domain.term import AliasDraft
from glossary.models import Ask
from glossary.services import search as search_service
from tests.factories import make_published_term, make_term, make_user
from tests.hostile import HOSTILE

pytestmark = pytest.mark.django_db
NAMESPACE = "{http://a9.com/-/spec/opensearch/1.1/}"


def plain(response) -> str:
    main = response.content.decode().partition("<main")[2].partition("</main>")[0].partition(">")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


@pytest.fixture
def qwen():
    return make_published_term("Qwen2", aliases=["Qwen 2", AliasDraft("Kwenn", shown=False)])


def test_an_exact_name_stands_first_and_redirects_nobody(client, qwen):
    for asked in ("qwen 2", "QWEN-2", "kwenn"):
        response = client.get("/search/", {"q": asked})
        assert response.status_code == 200 and not response.cookies
        page = plain(response)
        assert "One term for" in page and "Fact-checked" in page and "Ask for this term" not in page
        assert 'href="/terms/qwen2/">Qwen2</a>' in response.content.decode()
        assert "Kwenn" not in page.replace("“kwenn”", "")


def test_result_pages_are_kept_out_of_other_search_engines_and_briefly_in_caches(client, qwen):
    response = client.get("/search/?q=family")
    html = response.content.decode()
    assert '<meta name="robots" content="noindex">' in html
    assert '<link rel="canonical" href="http://testserver/search/">' in html
    assert response.headers["Cache-Control"] == "public, max-age=0, s-maxage=30"
    assert "Cookie" not in response.headers.get("Vary", "")


def test_a_typo_is_answered_with_what_was_meant(client, qwen):
    response = client.get("/search/?q=qwem+2")
    assert 'Did you mean <a href="/search/?q=Qwen2">Qwen2</a>?' in response.content.decode()
    assert "Ask for “qwem 2”" in plain(response)


def test_an_empty_search_says_how_to_begin_and_one_without_hits_names_what_is_near(client, qwen):
    assert "Try a name such as" in plain(client.get("/search/"))
    page = client.get("/search/?q=qw!nerfish")
    assert "No term matches “qw!nerfish”." in plain(page)
    assert 'href="/terms/qwen2/"' in page.content.decode()
    main = client.get("/search/?q=zzzz").content.decode().partition("<main")[2].partition("</main>")[0]
    assert "No term matches" in main and 'href="/terms/"' in main  # with nothing near either


def test_what_was_asked_is_shown_as_text_and_only_its_beginning_is_looked_for(client):
    html = client.get("/search/", {"q": "<script>alert(1)</script>" + "x" * 1_000}).content.decode()
    assert "<script>alert" not in html and "&lt;script&gt;alert(1)" in html
    assert "Only the first 120 characters were looked for." in html


def test_hits_come_page_by_page(client, monkeypatch):
    monkeypatch.setattr(search_service, "PAGE", 2)
    for number in range(5):
        make_published_term(f"Word {number}")
    html = client.get("/search/?q=word&page=2").content.decode()
    assert html.count('class="hit"') == 2
    assert 'href="?q=word&amp;page=1" rel="prev"' in html and 'href="?q=word&amp;page=3" rel="next"' in html
    for page in ("0", "-1", "x", "²", "99999999999999999999"):
        assert client.get("/search/", {"q": "word", "page": page}).status_code == 200


def test_suggestions_are_the_json_that_browsers_expect(client, qwen):
    make_term("Qwerty")
    response = client.get("/search/suggest/?q=qw")
    definition = "Qwen2 is a family of language models."
    assert json.loads(response.content) == ["qw", ["Qwen2"], [definition], ["http://testserver/terms/qwen2/"]]
    assert response.headers["Content-Type"] == "application/x-suggestions+json"
    assert response.headers["Cache-Control"] == "public, max-age=30"
    assert not response.cookies
    assert json.loads(client.get("/search/suggest/").content) == ["", [], [], []]
    elsewhere = client.get("/search/suggest/?q=qw", headers={"Host": "localhost"})
    assert json.loads(elsewhere.content)[3] == ["http://testserver/terms/qwen2/"]  # the site's, whoever asks how


def test_browsers_find_the_description_from_every_page(client):
    html = client.get("/about/").content.decode()
    assert 'rel="search" href="/opensearch.xml" type="application/opensearchdescription+xml"' in html
    response = client.get("/opensearch.xml")
    root = ElementTree.fromstring(response.content)
    assert root.tag == f"{NAMESPACE}OpenSearchDescription"
    assert len(root.findtext(f"{NAMESPACE}ShortName")) <= 16
    templates = {url.get("type"): url.get("template") for url in root.iter(f"{NAMESPACE}Url")}
    assert templates["text/html"] == "http://testserver/search/?q={searchTerms}"
    assert templates["application/x-suggestions+json"] == "http://testserver/search/suggest/?q={searchTerms}"


def test_the_field_stands_in_the_head_of_pages_and_once_on_those_with_their_own(client):
    for path in ("/about/", "/", "/search/", "/terms/nothing/"):
        assert client.get(path).content.decode().count('role="search"') == 1, path


def test_asking_needs_no_cookie_and_thanks_on_the_search_page():
    client = Client(enforce_csrf_checks=True)
    response = client.post("/search/ask/", {"q": "Mixture  of experts"})
    assert (response.status_code, response.headers["Location"]) == (303, "/search/?q=Mixture+of+experts&asked=1")
    page = client.get(response.headers["Location"])
    assert "Noted. Editors see how many readers ask" in plain(page) and not page.cookies and not response.cookies
    ask = Ask.objects.get()
    assert (ask.key, ask.text, ask.number) == ("mixtureofexperts", "Mixture of experts", 1)


def test_a_form_of_another_site_is_not_counted_and_nonsense_is_refused_in_a_sentence(client):
    response = client.post("/search/ask/", {"q": "spam"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.headers["Location"] == "/search/?q=spam"
    for text, words in (("", "Type the word"), ("?!", "Type the word"), ("x" * 121, "at most 120 characters")):
        response = client.post("/search/ask/", {"q": text})
        assert response.status_code == 400 and words in plain(response)
    assert not Ask.objects.exists()


def test_hostile_queries_are_answered_on_every_address(client, qwen):
    for text in HOSTILE[::5]:  # each of them goes through the service in tests/services/test_search.py
        assert client.get("/search/", {"q": text.encode("utf-8", "surrogatepass")}).status_code == 200, ascii(text)
        found = client.get("/search/suggest/", {"q": text.encode("utf-8", "surrogatepass")})
        assert found.status_code == 200 and len(json.loads(found.content)) == 4, ascii(text)
    for raw in ("%ff%fe", "%ED%A0%80", "%00", "&q=", "%u0041", "\\", "%"):
        assert client.get(f"/search/?q={raw}").status_code == 200, raw


def test_search_pages_ask_as_often_for_three_terms_as_for_nine(client):
    author, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)

    def counted():
        found = {}
        for path in (
            "/search/?q=word",
            "/search/?q=family",
            "/search/?q=wodr",
            "/search/suggest/?q=wor",
            "/terms/wodr/",
        ):
            with CaptureQueriesContext(connection) as queries:
                client.get(path)
            found[path] = len(queries)
        return found

    for number in range(3):
        make_published_term(f"Word {number}", author=author, checker=checker)
    few = counted()
    for number in range(3, 9):
        make_published_term(f"Word {number}", author=author, checker=checker)
    assert (
        counted()
        == few
        == {
            "/search/?q=word": 5,
            "/search/?q=family": 6,
            "/search/?q=wodr": 9,
            "/search/suggest/?q=wor": 3,
            "/terms/wodr/": 12,
        }
    )


def test_a_hit_shows_the_printed_name_that_answered_and_never_a_hidden_one(client):
    make_published_term("Retrieval augmented reading", aliases=["RAR", AliasDraft("Raar", shown=False)])
    assert "Also called: RAR" in plain(client.get("/search/", {"q": "rar"}))
    for asked in ("raar", "retrieval augmented reading"):
        page = plain(client.get("/search/", {"q": asked}))
        assert "Retrieval augmented reading" in page and "Also called" not in page

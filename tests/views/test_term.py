"""Term pages as readers get them."""

import re

import pytest
from django.db import connection

from glossary.domain.roles import Role
from glossary.domain.term import AliasDraft, AliasKind
from glossary.models import Correction, Term
from glossary.services.clock import today
from glossary.services.closing import merge_term, retire_term
from glossary.services.fact_check import withdraw_check
from glossary.services.term import TermDetails, change_slug, save_term
from glossary.views import tag as tag_views
from tests.factories import make_draft, make_published_term, make_term, make_user

pytestmark = pytest.mark.django_db

# every public page on which words of a term stand, and words of the published edition that it shows
SURFACES = {
    "/": "Qwen2 is a family of language models.",
    "/terms/": "Qwen2 is a family of language models.",
    "/terms/qwen2/": "Five sizes exist.",
    "/terms/qwen2/report/": "Five sizes exist.",
    "/terms/qwen2/report/thanks/": "Qwen2",
    "/terms/qwen2/v/": "Qwen2",
    "/terms/qwen2/v/{digest}/": "Five sizes exist.",
    "/corrections/": "",
    "/corrections/feed/": "",
    "/tags/": "",
    "/tags/model-families/": "Qwen2 is a family of language models.",
    "/terms/canaryalias/": "",
    "/deck/": "",
}
OWN_SCRIPT = re.compile(
    r'<script (?:type="module" )?src="/static/glossary/[a-z-]+\.js"(?: defer| type="module")?></script>'
    r'|<script type="application/ld.json">'
)


def plain(response) -> str:
    main = response.content.decode().partition("<main")[2].partition("</main>")[0].partition(">")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split()).replace(" .", ".")


def test_a_term_page_has_the_promised_order(client, time_machine):
    time_machine.move_to("2026-05-29 12:00:00Z")
    make_published_term("Qwen2", aliases=["Qwen 2", "Qwen-2", AliasDraft("Quen2", AliasKind.MISSPELLING)])
    page = plain(client.get("/terms/qwen2/"))
    parts = [
        "Qwen2",
        "Fact-checked May 29, 2026",
        "Also called: Qwen 2, Qwen-2",
        "Qwen2 is a family of language models.",
        "It was released in June 2024.",
        "People can download it.",
        "For example A shop sorts its letters with it.",
        "Daily Deck explains terms like Qwen2 as part of a free seven-card daily brief. "
        "No jargon. No fluff. Start free",
    ]
    places = [page.index(part) for part in parts]
    assert places == sorted(places)
    assert "Quen2" not in page


def test_a_term_page_has_one_heading_a_canonical_link_and_no_cookie(client):
    make_published_term("Qwen2")
    response = client.get("/terms/qwen2/")
    html = response.content.decode()
    assert html.count("<h1") == 1
    assert '<link rel="canonical" href="http://testserver/terms/qwen2/">' in html
    assert "<script" not in OWN_SCRIPT.sub("", html) and "style=" not in html
    assert not response.cookies
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize(
    "path", ["/terms/qwen-2/", "/terms/QWEN2", "/terms/qwen2", "/terms/Qwen%202/", "/terms/quen2", "/terms/old/"]
)
def test_another_spelling_gets_exactly_one_redirect_and_keeps_the_query(client, method, path):
    term = make_published_term("Qwen2", slug="old", aliases=["Qwen 2", AliasDraft("Quen2", AliasKind.MISSPELLING)])
    change_slug(term, "qwen2", by=make_user(Role.PUBLISHER))
    response = getattr(client, method)(path, query_params={"from": "mail"})
    assert (response.status_code, response.headers["Location"]) == (301, "/terms/qwen2/?from=mail")
    assert client.get(response.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("name", "slug"), [("C", "c"), ("C++", "c-plus-plus"), ("C#", "c-sharp"), (".NET", "dot-net"), ("GPT-4", "gpt-4")]
)
def test_names_of_signs_have_addresses_of_their_own(client, name, slug):
    make_published_term(name)
    assert client.get(f"/terms/{slug}/").status_code == 200


def test_a_hyphen_that_does_not_break_leads_to_the_same_card(client):
    make_published_term("GPT-4")
    assert client.get("/terms/GPT\u20114/").headers["Location"] == "/terms/gpt-4/"


def test_drafts_and_their_names_are_not_found(client):
    make_term("Secret", aliases=["Hush"])
    for path in ("/terms/secret/", "/terms/secret", "/terms/hush/", "/terms/SECRET/"):
        response = client.get(path)
        assert response.status_code == 404
        assert "Hush" not in response.content.decode()


def test_an_edit_is_not_seen_anywhere_before_it_is_checked(client):
    editor = make_user(Role.EDITOR)
    term = make_published_term("Qwen2", author=editor)
    save_term(
        term,
        make_draft("Canaryhead", definition="Canarydef.", body="Canarybody.", aliases=["Canaryalias"]),
        details=TermDetails(topic=term.topic),
        by=editor,
    )
    for path, old_words in SURFACES.items():
        html = client.get(path.format(digest=term.published.digest)).content.decode()
        assert "Canary" not in html and old_words in html, path


def test_an_overdue_card_says_so_and_hides_nothing(client):
    term = make_published_term("Qwen2")
    Term.objects.filter(pk=term.pk).update(due_on="2026-01-01", overdue_on="2026-02-01")
    page = plain(client.get("/terms/qwen2/"))
    assert "Re-check due." in page and "People can download it." in page


def test_withdrawn_and_retired_cards_answer_gone_with_the_reason(client):
    publisher = make_user(Role.PUBLISHER)
    withdraw_check(make_published_term("Alpha"), by=publisher, reason="Its source was retracted.")
    successor = make_published_term("Gamma")
    retire_term(make_published_term("Beta"), by=publisher, reason="Nobody says it.", successor=successor)
    for path, words in (("/terms/alpha/", "Its source was retracted."), ("/terms/beta/", "Read instead: Gamma")):
        response = client.get(path)
        assert response.status_code == 410
        assert words in plain(response)


def test_a_page_that_is_gone_names_the_card_and_leads_to_its_place_in_the_log(client, django_assert_num_queries):
    publisher = make_user(Role.PUBLISHER)
    withdraw_check(make_published_term("Alpha"), by=publisher, reason="Its source was retracted.")
    retire_term(make_published_term("Beta"), by=publisher, reason="Nobody says it.")
    address = Correction.objects.get().get_absolute_url()
    gone, closed = client.get("/terms/alpha/"), client.get("/terms/beta/")
    assert "<h1>“Alpha” was taken back.</h1>" in gone.content.decode()
    assert f'href="{address}"' in gone.content.decode()
    for answer, said in ((gone, "Withdrawn"), (closed, "Closed")):
        assert f'{said}</span> <time datetime="{today()}">' in answer.content.decode()
    assert "<h1>“Beta” was closed.</h1>" in closed.content.decode() and "#correction-" not in closed.content.decode()
    with django_assert_num_queries(4):
        client.get("/terms/alpha/")


def test_a_merged_card_leads_to_its_target_in_one_step(client):
    publisher = make_user(Role.PUBLISHER)
    a, b, c = (make_published_term(name) for name in ("Alpha", "Beta", "Gamma"))
    merge_term(a, into=b, by=publisher)
    merge_term(b, into=c, by=publisher)
    assert client.get("/terms/alpha/").headers["Location"] == "/terms/gamma/"


def test_words_put_in_by_raw_sql_are_not_shown(client):
    make_published_term("Qwen2")
    cast = "words_json" if connection.vendor == "sqlite" else "words_json::text"
    back = "" if connection.vendor == "sqlite" else "::jsonb"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE glossary_edition SET words_json = replace({cast}, 'family', 'herd'){back}")
    response = client.get("/terms/qwen2/")
    assert response.status_code == 410
    assert "herd" not in response.content.decode()
    assert "herd" not in client.get("/terms/").content.decode()


def test_markup_that_was_typed_is_shown_as_text(client):
    make_published_term("<b>Bold</b>", slug="bold", body="<script>alert(1)</script> stands here. `x < y` too.")
    html = client.get("/terms/bold/").content.decode()
    assert "<script" not in OWN_SCRIPT.sub("", html) and "<b>Bold" not in html
    assert "<code>x &lt; y</code>" in html


@pytest.mark.parametrize(
    "path",
    [
        "/terms/%00/",
        "/terms/" + "x" * 3000 + "/",
        "/terms/%ED%A0%80/",
        "/terms/%E2%80%AE/",
        "/deck/9999-99-99/",
        "/tags/%00/",
        "/terms/?letter=%00&page=x",
    ],
)
def test_hostile_addresses_are_no_fault_of_ours(client, path):
    assert client.get(path).status_code in {200, 404}


def test_pages_take_the_same_few_queries_however_many_terms(client, django_assert_max_num_queries):
    for number in range(6):
        make_published_term(f"Word {number}")
    Term.objects.get(slug="word-1").related.add(*Term.objects.exclude(slug="word-1"))
    for path, limit in (("/terms/word-1/", 8), ("/terms/", 6), ("/tags/", 2), ("/tags/model-families/", 5), ("/", 7)):
        with django_assert_max_num_queries(limit):
            assert client.get(path).status_code == 200


def test_the_list_has_a_shelf_for_signs_and_no_link_to_empty_letters(client):
    for name in ("3D", "Émile", ".NET"):
        make_published_term(name)
    html = client.get("/terms/").content.decode()
    assert 'href="#l-num"' in html and 'href="#l-e"' in html
    assert "<span>Z</span>" in html


def test_an_ambiguous_name_shows_every_meaning_under_one_address_and_leads_to_no_term(client):
    for name in ("Agent", "Chat program"):
        make_published_term(name, aliases=[AliasDraft("Bot", ambiguous=True)])
    make_term("Secret", aliases=[AliasDraft("Bot", ambiguous=True)], definition="Hidden.")
    response = client.get("/terms/bot/")
    html = response.content.decode()
    assert response.status_code == 200 and "<h1>Bot</h1>" in html
    assert "Agent is a family" in html and "Chat program is a family" in html and "Hidden" not in html
    assert "This name means two different things:" in html and 'href="http://testserver/terms/bot/"' in html
    for path in ("/terms/BOT", "/terms/B-o-t/", "/terms/b--o--t/", "/terms/bot"):
        response = client.get(f"{path}?x=1")
        assert (response.status_code, response["Location"]) == (301, "/terms/bot/?x=1"), path


def test_the_meanings_of_a_name_never_stand_under_the_address_of_one_of_them(client):
    make_published_term("LoRA", ambiguous=True, definition="It tunes models.")
    make_published_term("LoRa", slug="lora-radio", ambiguous=True, definition="It is radio.")
    assert "<h1>LoRA</h1>" in client.get("/terms/lora/").content.decode()
    page = client.get("/terms/LoRA/")
    assert page.status_code == 200 and 'rel="canonical" href="http://testserver/terms/LoRA/"' in page.content.decode()
    for path in ("/terms/LoRa/", "/terms/lo-ra/", "/terms/LORA"):
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (301, "/terms/LoRA/"), path


def test_an_ambiguous_name_with_one_meaning_for_readers_still_redirects_nobody(client):
    make_published_term("Agent", aliases=[AliasDraft("Bot", ambiguous=True)])
    make_term("Secret", aliases=[AliasDraft("Bot", ambiguous=True)])
    response = client.get("/terms/bot/")
    assert response.status_code == 200 and "This name may mean:" in plain(response)


def test_a_term_whose_name_another_shares_tells_of_it(client):
    make_published_term("LoRA", ambiguous=True, definition="It tunes models.")
    make_published_term("LoRa", slug="lora-radio", ambiguous=True, definition="It is radio.")
    page = plain(client.get("/terms/lora/"))
    assert "The same name also means: LoRa (It is radio.)" in page
    assert "The same name also means: LoRA (It tunes models.)" in plain(client.get("/terms/lora-radio/"))


def test_a_tag_lists_its_published_terms_page_by_page(client, monkeypatch):
    monkeypatch.setattr(tag_views, "TERMS_A_PAGE", 2)
    for name in ("Alpha", "Beta", "Gamma"):
        make_published_term(name)
    make_term("Delta")
    assert "3 terms." in plain(client.get("/tags/model-families/"))
    last = client.get("/tags/model-families/?page=2").content.decode()
    assert "Gamma" in last and ">Alpha<" not in last and 'href="?page=1" rel="prev"' in last and "Delta" not in last


def test_topics_and_a_topic_belong_to_the_terms_in_the_head_of_the_page(client):
    make_published_term("Alpha")
    for path in ("/tags/", "/tags/model-families/"):
        assert '<a href="/terms/" aria-current="true">' in client.get(path).content.decode(), path


def test_accents_stand_with_their_letter_and_signs_before_the_letters(client):
    for name in ("Zeta", "Émile", "Epsilon", "3D", ".NET"):
        make_published_term(name)
    html = client.get("/terms/").content.decode()
    places = [html.index(f">{name}</a>") for name in ("3D", ".NET", "Émile", "Epsilon", "Zeta")]
    assert places == sorted(places)

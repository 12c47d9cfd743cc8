"""What programs ask for."""

import io
import json
from datetime import UTC, date, datetime

import pytest
from PIL import Image

from glossary.domain import ready_page
from glossary.domain.roles import Role
from glossary.services import anki
from glossary.services.build import build_name
from glossary.services.fact_check import withdraw_check
from glossary.services.page_copy import PageCopy
from tests.factories import make_deck, make_published_term, make_term, make_user
from tests.site import Site

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 29, 12, tzinfo=UTC)


def test_robots_are_told_of_the_desk_and_the_sitemap(client):
    answer = client.get("/robots.txt")
    lines = answer.content.decode().splitlines()
    assert answer["Content-Type"].startswith("text/plain")
    assert "Disallow: /admin/" in lines and "Sitemap: http://testserver/sitemap.xml" in lines


def test_the_manifest_names_pictures_that_exist_in_the_sizes_it_says(client, settings):
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    data = json.loads(answer.content)
    assert data["name"] == settings.SITE_NAME and data["start_url"] == "/"
    assert {icon["purpose"] for icon in data["icons"]} == {"any", "maskable"}
    for icon in data["icons"]:
        file = settings.BASE_DIR / icon["src"].lstrip("/")
        with Image.open(file) as picture:
            assert "x".join(map(str, picture.size)) == icon["sizes"]


def test_the_package_for_anki_is_handed_out_as_a_file(client):
    make_published_term("Qwen2", now=MAY)
    answer = client.get("/glossary.apkg")
    assert answer["Content-Disposition"] == 'attachment; filename="glossary.apkg"'
    assert answer.content.startswith(b"PK")


@pytest.mark.django_db(transaction=True)
def test_a_package_too_large_for_a_ready_page_is_made_once_and_known_again(tmp_path, monkeypatch):
    monkeypatch.setattr(ready_page, "MAX_BYTES", 1_000)
    made, real = [], anki.make_package
    monkeypatch.setattr(anki, "make_package", lambda **given: made.append(1) or real(**given))
    term = make_published_term("Qwen2")
    site = Site(copy=PageCopy(tmp_path / "pages.sqlite3", build=build_name()))
    first, second = site.get("/glossary.apkg"), site.get("/glossary.apkg", accept_encoding="gzip")
    assert first.body == second.body and len(first.body) > 1_000 and len(made) == 1
    assert first.headers["etag"] == second.headers["etag"] == ready_page.etag_of(first.body)
    assert site.get("/glossary.apkg", method="HEAD").headers == first.headers
    again = site.get("/glossary.apkg", if_none_match=f"W/{first.headers['etag']}")
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    withdraw_check(term, by=make_user(Role.PUBLISHER), reason="It was wrong.")
    changed = site.get("/glossary.apkg", if_none_match=first.headers["etag"])
    assert changed.status == 200 and changed.body != first.body and len(made) == 2


def test_who_asks_while_the_package_is_made_and_takes_long_is_asked_to_come_back(client, monkeypatch):
    monkeypatch.setattr("glossary.views.machine.kept_package", lambda: None)
    answer = client.get("/glossary.apkg")
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "5", "no-store")


def test_a_term_and_a_deck_have_their_picture_and_their_pages_name_it(client):
    make_published_term("Qwen2", now=MAY)
    deck = make_deck(date(2026, 5, 30))
    for page, picture in [
        ("/terms/qwen2/", "/terms/qwen2/card.png"),
        (deck.get_absolute_url(), "/deck/2026-05-30/card.png"),
        ("/about/", "/card.png"),
    ]:
        assert f'<meta property="og:image" content="http://testserver{picture}">' in client.get(page).content.decode()
        answer = client.get(picture)
        assert answer["Content-Type"] == "image/png"
        assert Image.open(io.BytesIO(answer.content)).size == (1200, 630)


def test_what_readers_may_not_see_has_no_picture(client):
    make_term("Draft")
    publisher = make_user(Role.PUBLISHER)
    gone = make_published_term("Gone", now=MAY)
    withdraw_check(gone, by=publisher, reason="It was wrong.")
    make_deck(date(2126, 5, 29), state="locked")
    paths = ["/terms/draft/card.png", "/terms/gone/card.png", "/terms/nothing/card.png", "/deck/2126-05-29/card.png"]
    for path in [*paths, "/deck/20260529/card.png", "/deck/nonsense/card.png"]:
        assert client.get(path).status_code == 404, path


def test_words_that_could_end_a_script_are_escaped_in_what_search_engines_read(client):
    make_published_term("Qwen2", now=MAY, definition="Qwen2 is </script><b> a family & more.")
    page = client.get("/terms/qwen2/").content.decode()
    inside = page.split('<script type="application/ld+json">')[1].split("</script>")[0]
    assert json.loads(inside)["mainEntity"]["description"] == "Qwen2 is </script><b> a family & more."
    assert "\\u003c/script\\u003e" in inside


def test_the_pages_say_what_search_engines_read_of_them(client):
    term = make_published_term("Qwen2", aliases=["Qwen 2"], now=MAY)
    page = client.get(term.get_absolute_url()).content.decode()
    data = json.loads(page.split('<script type="application/ld+json">')[1].split("</script>")[0])
    assert data["@id"] == "http://testserver/terms/qwen2/" and data["lastReviewed"] == "2026-05-29"
    assert data["mainEntity"]["alternateName"] == ["Qwen 2"]
    deck = make_deck(date(2026, 5, 30))
    page = client.get(deck.get_absolute_url()).content.decode()
    data = json.loads(page.split('<script type="application/ld+json">')[1].split("</script>")[0])
    assert [item["position"] for item in data["itemListElement"]] == [1, 2, 3, 4, 5, 6, 7]


def test_the_sheet_to_print_shows_the_same_seven_cards(client):
    deck = make_deck(date(2026, 5, 30))
    page = client.get("/deck/2026-05-30/print/").content.decode()
    assert page.count('id="card-') == 7 and '<meta name="robots" content="noindex">' in page
    assert f'<link rel="canonical" href="http://testserver{deck.get_absolute_url()}">' in page
    assert client.get("/deck/2026-05-31/print/").status_code == 404

"""The pages that say who we are, what is kept, and whom to write to."""

from datetime import UTC, datetime, timedelta

import pytest

pytestmark = pytest.mark.django_db
PAGES = ("/privacy/", "/contact/", "/about/", "/how-we-check/")


def text(response):
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("path", PAGES)
def test_each_page_names_who_answers_and_has_one_heading(client, settings, path):
    settings.PUBLISHER, settings.POSTAL_ADDRESS = "Deck & Sons", "1 Card Street"
    settings.CONTACT_EMAIL = "hello@dailydeck.example"
    response = client.get(path)
    html = text(response)
    assert response.status_code == 200 and html.count("<h1") == 1 and not response.cookies
    if path != "/how-we-check/":
        assert "Deck &amp; Sons, 1 Card Street" in html and "Street ." not in html
    if path in {"/privacy/", "/contact/"}:
        assert "mailto:hello@dailydeck.example" in html


@pytest.mark.parametrize("path", PAGES)
def test_without_a_publisher_the_pages_name_nobody_and_are_whole_sentences(client, path):
    html = text(client.get(path))
    assert "mailto:" not in html and "published by" not in html and "None" not in html


@pytest.mark.parametrize("path", ["/contact/", "/privacy/"])
def test_without_an_address_each_page_says_what_a_reader_can_do_now(client, settings, path):
    html = text(client.get(path))
    assert "has named no address" in html and "“Report an error” below" in html.replace("</a>", "")
    assert 'href="/terms/"' in html.partition("<main")[2].partition("</main>")[0] and "the publisher" not in html
    settings.CONTACT_EMAIL = "hello@dailydeck.example"
    assert "has named no address" not in text(client.get(path))


def test_every_page_leads_to_the_pages_of_trust(client):
    html = text(client.get("/"))
    for path in (*PAGES, "/corrections/"):
        assert f'href="{path}"' in html


def test_the_privacy_page_says_what_is_kept_and_until_when(client, settings):
    html = text(client.get("/privacy/"))
    for promise in (
        "Nothing is kept. There is no cookie",
        "erased together with that answer",
        "deleted after a day",
        "An address that nobody confirms is deleted after 30 days",
        "neither opening nor clicking",
        "erased",
    ):
        assert promise in html, promise
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert "it asks for no address" in text(client.get("/privacy/"))


def test_the_privacy_page_names_the_provider_that_gets_the_addresses(client, settings):
    assert "handed to" not in text(client.get("/privacy/"))
    settings.EMAIL_PROVIDER = "sparkpost"
    assert "Mails are handed to SparkPost, which delivers them for us" in text(client.get("/privacy/"))


def test_security_txt_has_what_the_rfc_asks_for(client, settings, time_machine):
    time_machine.move_to("2026-05-29 12:00Z")
    settings.CONTACT_EMAIL = "hello@dailydeck.example"
    response = client.get("/.well-known/security.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    fields = [line.split(": ", 1) for line in response.content.decode().splitlines()]
    assert [value for name, value in fields if name == "Contact"] == [
        "mailto:hello@dailydeck.example",
        "http://testserver/contact/",
    ]
    (expires,) = [value for name, value in fields if name == "Expires"]
    left = datetime.fromisoformat(expires.replace("Z", "+00:00")) - datetime(2026, 5, 29, 12, tzinfo=UTC)
    assert timedelta(days=60) < left < timedelta(days=365)
    assert ["Canonical", "http://testserver/.well-known/security.txt"] in fields
    assert ["Policy", "http://testserver/contact/#safety"] in fields
    assert 'id="safety"' in client.get("/contact/").content.decode()


def test_security_txt_is_the_same_all_day_and_needs_no_address(client, time_machine):
    time_machine.move_to("2026-05-29 00:30Z", tick=False)
    early = client.get("/.well-known/security.txt").content
    time_machine.move_to("2026-05-29 23:30Z", tick=False)
    assert client.get("/.well-known/security.txt").content == early
    assert b"mailto" not in early and early.count(b"Contact: ") == 1


def test_password_managers_are_led_to_the_change_of_password(client):
    response = client.get("/.well-known/change-password")
    assert (response.status_code, response["Location"]) == (302, "/admin/password_change/")


def test_a_desk_of_one_person_says_so(client, settings):
    assert "A second person goes through the lines." in text(client.get("/how-we-check/"))
    settings.SINGLE_PERSON_DESK = True
    html = text(client.get("/how-we-check/"))
    assert "This desk has one person, who writes and checks: nobody else" in html and "A second person" not in html

"""How the brief and the short mails look: on a phone and a wide screen, by day and at night, without asking anybody."""

import re
from email import message_from_bytes
from email.policy import default
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe

from glossary.domain.roles import Role
from glossary.models import Brief, Correction
from glossary.services.brief_mail import write_brief
from glossary.services.fact_check import withdraw_check
from glossary.services.sign_up import ask, take_sign_ups
from tests.factories import make_deck, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_sign_up")]
LOOKS = list(product((320, 390, 1280), ("light", "dark")))
MAX_BYTES = 100_000


@pytest.fixture
def brief(settings):
    """A brief with all that one can have: a withdrawn card, a correction first, a long headword; text and HTML."""
    settings.SITE_URL = "https://deck.example"
    deck = make_deck()
    lost = deck.cards.order_by("position")[2].term
    withdraw_check(lost, by=make_user(Role.PUBLISHER), reason="The source that it rested on was itself wrong.")
    correction = Correction.objects.get()
    written = write_brief(Brief.objects.get(deck=deck), corrections=[correction], marked="Test: ")
    _, raw = written.fill("ada@example.org", "A" * 22, [correction.pk])
    assert len(raw) < MAX_BYTES
    message = message_from_bytes(raw, policy=default)
    return deck, message.get_body(("plain",)).get_content(), message.get_body(("html",)).get_content()


@pytest.fixture
def short_mails(settings, mailoutbox):
    settings.SITE_URL = "https://deck.example"
    ask("ada@example.org")
    take_sign_ups()
    (mail,) = mailoutbox
    return mail.body, mail.alternatives[0].content


def look_at(browser, html):
    """Look at a mail in each way; whatever it asks for from elsewhere, overflows with, or hides fails."""
    for width, scheme in LOOKS:
        page = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme).new_page()
        asked = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.set_content(html)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, (width, scheme)
        found = Axe().run(page)  # its rule on contrast among others: no text on its own colour
        assert found.violations_count == 0, (width, scheme, found.generate_report())
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", paper)[:3])) < 300) == (scheme == "dark"), paper
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light dark"
        assert asked == [] and page.locator("img, script, link").count() == 0
        small = page.evaluate(
            "[...document.querySelectorAll('p, a, td, b')].filter(one => one.offsetParent && one.innerText.trim()"
            " && parseFloat(getComputedStyle(one).fontSize) < 13).map(one => one.innerText)"
        )
        assert small == [], small
        page.context.close()


def test_the_brief_can_be_read_in_every_light_and_width(browser, brief):
    _, _, html = brief
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "We were wrong." in html and "WITHDRAWN" in html and "This is a test." in html
    look_at(browser, html)


def test_the_short_mails_can_be_read_in_every_light_and_width_even_without_their_styles(browser, short_mails):
    text, html = short_mails
    look_at(browser, html)
    bare = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)  # as some programs show it
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.set_content(bare)
    button = page.get_by_role("link", name="Confirm")
    assert button.bounding_box()["height"] >= 44 and Axe().run(page).violations_count == 0
    (link,) = re.findall(r"https://\S+", text)
    assert button.get_attribute("href") == link and link in page.locator("body").inner_text()


def test_the_plain_text_says_all_that_the_html_says(browser, brief):
    deck, text, html = brief
    page = browser.new_context().new_page()
    page.set_content(html)
    shown = page.locator("body").inner_text()
    for card in deck.cards.select_related("edition", "term"):
        words = card.edition.words
        assert words.headword in text.splitlines() and words.headword in shown  # as it is written: LoRA is not LORA
        if card.edition.withdrawn_at is None:
            assert words.definition in text and words.definition in shown
            assert f"Fact-checked {card.checked_on:%B} {card.checked_on.day}, {card.checked_on.year}" in text
    for both in ("The source that it rested on was itself wrong.", "Withdrawn, because:", "This is a test."):
        assert both in text and both in shown
    links = lambda told: set(re.findall(r"https://deck\.example[^\s\"<>]*", told))  # noqa: E731
    assert links(text) == links(html)

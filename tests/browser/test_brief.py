"""The free brief from the first page to the last mail: a real browser, and a mail server that keeps what it takes."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from axe_playwright_python.sync_playwright import Axe

from glossary.models import Subscriber
from glossary.services.clock import today
from glossary.services.delivery import make_worker, send_due
from glossary.services.sign_up import take_sign_ups
from tests.factories import make_deck, make_published_term
from tests.sink import Sink

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_sign_up")]


@pytest.fixture
def sink(settings):
    """A mail server, and settings that name it."""
    with Sink() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def send():
    """Send what waits, as the next tick would."""
    take_sign_ups()
    worker = make_worker()
    send_due(worker)
    worker.transport.close()


def read(sink, number):
    """Return the text and the links of a mail that was taken."""
    message = message_from_bytes(sink.accepted[number][1], policy=default)
    text = message.get_body(("plain",)).get_content()
    return message, re.findall(r"https?://\S+", text)


def test_sign_up_confirm_receive_leave_and_nothing_more_comes(browser, live_server, settings, sink):
    settings.SITE_URL = live_server.url
    term = make_published_term("Qwen2")
    make_deck(today() - timedelta(days=1))
    page = browser.new_context(base_url=live_server.url, viewport={"width": 390, "height": 844}).new_page()

    page.goto(term.get_absolute_url())
    page.get_by_role("link", name="Start free").click()
    page.get_by_label("Your e-mail address").fill("ada@example.org")
    page.get_by_role("button", name="Start free").click()
    page.get_by_role("heading", name="Look into your inbox.").wait_for()
    assert not page.context.cookies()
    send()
    assert sink.recipients() == ["ada@example.org"]

    message, links = read(sink, 0)
    assert message["Subject"] == f"Confirm your free brief from {settings.SITE_NAME}"
    (link,) = [one for one in links if "/start/confirm/" in one]
    page.goto(link)
    assert Axe().run(page).violations_count == 0
    send()
    assert len(sink.accepted) == 1  # opening the link is no answer
    page.get_by_role("button", name="Yes, send me the brief").click()
    page.get_by_role("heading", name="Done. The brief begins.").wait_for()
    reader = Subscriber.objects.get()
    assert reader.term == term

    send()
    send()
    assert len(sink.accepted) == 2  # the latest brief, once
    message, links = read(sink, 1)
    assert message["List-Id"] and message["Message-ID"] and len(sink.accepted[1][1]) < 100_000
    assert sum("/v/" in one for one in links) == 7

    (preferences,) = {one for one in links if "/preferences/" in one}
    page.goto(preferences)
    assert Axe().run(page).violations_count == 0
    page.get_by_role("button", name="Monday to Friday only").click()
    page.get_by_text("You get the brief from Monday to Friday.").wait_for()
    page.get_by_role("button", name="Every day").click()
    page.get_by_role("link", name="Leave the brief").click()
    page.get_by_role("button", name="Leave the brief").click()
    page.get_by_role("heading", name="You have left.").wait_for()

    make_deck(today())
    send()
    assert len(sink.accepted) == 2


def test_the_home_page_says_what_this_is_and_takes_an_address_without_scrolling(browser, live_server, sink):
    make_deck()
    page = browser.new_context(base_url=live_server.url, viewport={"width": 390, "height": 844}).new_page()
    page.goto("/")
    shown = [
        page.get_by_role("heading", name="Seven AI terms a day, in plain words."),
        page.get_by_text("A second person checks every card against its sources before you see it."),
        page.get_by_label("Your e-mail address"),
        page.get_by_role("button", name="Start free"),
        page.get_by_text("One e-mail a day. No tracking. Leave with one click."),
        page.locator("#card-1 .stamp"),
    ]
    for part in shown:
        box = part.bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= 844
    assert Axe().run(page).violations_count == 0

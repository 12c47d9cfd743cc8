"""The free brief from the first page to the last mail: a real browser, and a mail server that keeps what it takes."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from html import unescape
from itertools import product
from urllib.request import Request, urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.apps import apps
from django.core import serializers

from glossary.models import CACHE_TABLES, Subscriber
from glossary.services.clock import today
from glossary.services.delivery import send_due
from glossary.services.sign_up import ask, take_sign_ups
from glossary.services.worker import make_worker
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
    page.get_by_role("heading", name="Check your inbox.").wait_for()
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


SCANNERS = [  # as they name themselves: a mail gateway, a link preview, a prefetch of a browser
    {"User-Agent": "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0) SafeLinks"},
    {"User-Agent": "facebookexternalhit/1.1", "Range": "bytes=0-524288"},
    {"User-Agent": "Mozilla/5.0 Chrome/120", "Purpose": "prefetch", "Sec-Purpose": "prefetch;prerender"},
]


def state():
    """Return every row of the site's database but those of pages that are kept ready."""
    models = [model for model in apps.get_models() if model not in CACHE_TABLES]
    return {model.__name__: serializers.serialize("json", model._base_manager.order_by("pk")) for model in models}


def links_of(sink, number):
    """Return every address in both parts of a mail, those of its headers among them."""
    message, _ = read(sink, number)
    told = [message.get_body((kind,)).get_content() for kind in ("plain", "html")]
    told += [str(message["List-Unsubscribe"])]
    found = {unescape(one) for text in told for one in re.findall(r"https?://[^\s\"'<>]+", text)}
    return sorted(one for one in found if "w3.org" not in one)


def test_whatever_opens_every_link_of_our_mails_changes_nothing(browser, live_server, settings, sink):
    settings.SITE_URL = live_server.url
    make_deck(today() - timedelta(days=1))
    ask("ada@example.org")
    send()
    (confirm,) = [one for one in links_of(sink, 0) if "/start/confirm/" in one]
    page = browser.new_context().new_page()
    page.goto(confirm)
    page.get_by_role("button", name="Yes, send me the brief").click()
    page.get_by_role("heading", name="Done. The brief begins.").wait_for()
    send()
    ask("grace@example.org")
    send()
    links = sorted({one for number in range(len(sink.accepted)) for one in links_of(sink, number)})
    kinds = ["/start/confirm/", "/unsubscribe/", "/preferences/", "/v/", "/deck/", "/terms/"]
    assert all(any(kind in one for one in links) for kind in kinds) and len(links) >= 18
    before = state()

    for link, headers, method in product(links, SCANNERS, ("HEAD", "GET", "GET")):
        with urlopen(Request(link, headers=headers, method=method), timeout=30) as answer:
            assert answer.status == 200, link
    assert state() == before

    asked = set()
    for link in links:  # a bot that runs scripts, and ten minutes of its clock
        bot = browser.new_context(user_agent="Mozilla/5.0 HeadlessChrome", java_script_enabled=True).new_page()
        bot.on("request", lambda request: asked.add((request.method, request.is_navigation_request(), request.url)))
        bot.on("dialog", lambda dialog: dialog.accept())
        bot.clock.install()
        bot.goto(link, wait_until="networkidle")
        bot.clock.run_for("10:00")
        bot.mouse.wheel(0, 5000)
        bot.wait_for_timeout(100)
        bot.context.close()
    assert {method for method, _, _ in asked} == {"GET"}
    assert {url for _, goes, url in asked if goes} == set(links)
    assert state() == before and len(sink.accepted) == 3

    page.goto(next(one for one in links if "/start/confirm/" in one and one != confirm))
    page.get_by_role("button", name="Yes, send me the brief").click()  # the link was not used up
    page.get_by_role("heading", name="Done. The brief begins.").wait_for()
    assert Subscriber.objects.confirmed().count() == 2 and state() != before


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

"""Previews of cross-links in a real browser: hover, focus, tap, Esc; and plain links without script."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.factories import make_published_term

pytestmark = pytest.mark.django_db(transaction=True)
DEFINITION = "Beam search keeps the best few beginnings of a text."


@pytest.fixture
def term():
    make_published_term("Beam search", definition=DEFINITION)
    make_published_term("Softmax", definition="Softmax makes shares of scores.")
    return make_published_term("Decoder", body="It runs a beam search until the end. A softmax comes before it.")


@pytest.fixture
def open_page(browser, live_server, term):
    """Return a function that opens the term's page in a window of the given kind; no page may complain."""
    complaints = []

    def opened(**context):
        page = browser.new_context(base_url=live_server.url, **context).new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(term.get_absolute_url())
        return page

    yield opened
    # a page that is left while it fades in says so; nothing is wrong with it
    assert not [text for text in complaints if not text.startswith("Transition was aborted")]


def links(page):
    return page.locator("a[data-peek]")


def test_a_preview_opens_on_hover_can_be_hovered_and_goes_when_left(open_page):
    page = open_page()
    links(page).first.hover()
    expect(page.locator(".peek")).to_contain_text(DEFINITION)
    expect(page.locator(".peek")).to_contain_text("Fact-checked")
    page.locator(".peek b").hover()
    page.wait_for_timeout(600)  # longer than the grace in which the pointer crosses over
    assert page.locator(".peek").count() == 1
    assert Axe().run(page).violations_count == 0
    page.mouse.move(2, 2)
    expect(page.locator(".peek")).to_have_count(0)


def test_esc_closes_without_moving_pointer_or_focus(open_page):
    page = open_page()
    links(page).first.hover()
    expect(page.locator(".peek")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".peek")).to_have_count(0)
    links(page).last.focus()
    page.keyboard.press("Shift+Tab")  # the mark of the statement between them
    page.keyboard.press("Shift+Tab")
    expect(page.locator(".peek")).to_contain_text(DEFINITION)
    page.keyboard.press("Escape")
    expect(page.locator(".peek")).to_have_count(0)
    assert links(page).first.evaluate("one => one === document.activeElement")


def test_focus_by_keyboard_opens_it_and_moving_on_shows_the_next(open_page):
    page = open_page()
    while not page.evaluate("document.activeElement.matches('a[data-peek]')"):
        page.keyboard.press("Tab")
    expect(page.locator(".peek")).to_contain_text(DEFINITION)
    assert links(page).first.get_attribute("aria-describedby") == "peek"
    page.keyboard.press("Tab")  # the mark of the statement between them
    page.keyboard.press("Tab")
    expect(page.locator(".peek")).to_contain_text("Softmax makes")
    assert links(page).first.get_attribute("aria-describedby") is None
    page.keyboard.press("Tab")
    expect(page.locator(".peek")).to_have_count(0)


def test_the_first_tap_opens_it_and_read_more_leads_on(open_page):
    page = open_page(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    links(page).first.tap()
    expect(page.locator(".peek")).to_contain_text(DEFINITION)
    assert page.url.endswith("/terms/decoder/")
    box = page.locator(".peek").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    page.locator("h1").tap()
    expect(page.locator(".peek")).to_have_count(0)
    links(page).first.tap()
    page.get_by_role("link", name="Read more about Beam search").tap()
    page.wait_for_url("**/terms/beam-search/")


def test_without_a_preview_at_hand_a_tap_follows_the_link(open_page):
    page = open_page(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    page.route("**/preview/", lambda route: route.fulfill(status=200, body=""))
    links(page).first.tap()
    page.wait_for_url("**/terms/beam-search/")
    assert page.locator("h1").inner_text() == "Beam search"


def test_without_script_it_is_a_plain_link(open_page):
    page = open_page(java_script_enabled=False)
    links(page).first.click()
    page.wait_for_url("**/terms/beam-search/")
    assert page.locator("h1").inner_text() == "Beam search"

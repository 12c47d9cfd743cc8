"""The deck as a hand of cards: keys, pips, and a term opened in place."""

import pytest

from tests.factories import make_deck

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hand(browser, live_server):
    deck = make_deck()
    page = browser.new_context(base_url=live_server.url, viewport={"width": 390, "height": 844}).new_page()
    page.emulate_media(reduced_motion="reduce")
    page.goto(deck.get_absolute_url())
    return page


def focused(page):
    return page.evaluate("document.activeElement.id")


def test_keys_turn_the_hand_while_it_has_the_focus_and_can_be_turned_off(hand):
    hand.keyboard.press("ArrowRight")
    assert focused(hand) == ""  # the page itself has no single-key shortcuts
    hand.focus(".hand")
    moves = [
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("5", 5),
        ("End", 7),
        ("ArrowRight", 7),
        ("Home", 1),
    ]
    for key, card in moves:
        hand.keyboard.press(key)
        assert focused(hand) == f"card-{card}", key
    hand.set_viewport_size({"width": 1280, "height": 900})
    hand.get_by_role("button", name="Turn keys off").click()
    hand.focus(".hand")
    hand.keyboard.press("3")
    assert focused(hand) != "card-3"
    hand.reload()
    hand.get_by_role("button", name="Turn keys on").click()
    hand.focus(".hand")
    hand.keyboard.press("3")
    assert focused(hand) == "card-3"


def test_the_pips_follow_the_hand_and_lead_to_a_card(hand):
    hand.locator(".pips a[aria-current]").wait_for()
    hand.locator(".pips a").nth(3).click()
    hand.locator(".pips li:nth-child(4) a[aria-current]").wait_for()
    assert focused(hand) == "card-4"
    assert hand.locator("#card-4").bounding_box()["x"] < 60


def test_read_more_opens_the_term_in_place_and_escape_leads_back(hand):
    link = hand.locator("#card-1 .more a")
    link.click()
    dialog = hand.get_by_role("dialog", name="Word")
    dialog.wait_for()
    assert dialog.locator(".words").get_by_text("It was released in June 2024.").is_visible()
    assert dialog.get_by_role("link", name="Open the page").get_attribute("href").endswith(link.get_attribute("href"))
    hand.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert hand.evaluate("document.activeElement.closest('#card-1') !== null")
    assert hand.url.count("/deck/") == 1


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
@pytest.mark.parametrize("number", [3, 7])
def test_the_address_of_one_card_shows_that_card_on_a_phone(browser, live_server, motion, number):
    size = {"width": 390, "height": 844}
    context = browser.new_context(base_url=live_server.url, viewport=size, reduced_motion=motion)
    page = context.new_page()
    page.goto(f"{make_deck().get_absolute_url()}#card-{number}")
    page.evaluate("document.fonts.ready")
    page.locator(f".pips li:nth-child({number}) a[aria-current]").wait_for()
    page.wait_for_timeout(600)  # as long as the cards are dealt
    box = page.locator(f"#card-{number}").bounding_box()
    assert 0 <= box["x"] <= 60 and box["y"] >= 0 and box["y"] + box["height"] <= 844
    page.evaluate("location.hash = 'card-2'")
    page.locator(".pips li:nth-child(2) a[aria-current]").wait_for()
    assert 0 <= page.locator("#card-2").bounding_box()["x"] <= 60
    context.close()

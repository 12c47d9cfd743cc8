"""Seven cards on one sheet, as a printer gets them."""

import re
from datetime import UTC, date, datetime

import pytest

from glossary.domain.roles import Role
from tests.browser.reader import reader
from tests.factories import make_deck, make_published_term, make_user

pytestmark = pytest.mark.django_db(transaction=True)
MAY = datetime(2026, 5, 20, 12, tzinfo=UTC)
LONG = "Reinforcement learning from human feedback with a very long name"  # as long as a name may well be
FULL = (
    "A way in which a program that has read a great deal of text is taught what people like, by asking "
    "many people which of two answers they find the better one, and by changing it a little nearer to them."
)


def test_the_longest_cards_fit_on_one_sheet_of_either_paper(browser, live_server):
    people = {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}
    assert len(FULL) == 200
    terms = [
        make_published_term(f"{LONG} {n}", definition=FULL, tag=f"Topic {n}", now=MAY, slug=f"long-{n}", **people)
        for n in range(1, 8)
    ]
    make_deck(date(2026, 5, 29), terms=terms)
    page = browser.new_page(base_url=live_server.url)
    page.goto("/deck/2026-05-29/print/")
    for paper in ("A4", "Letter"):
        assert re.findall(rb"/Type\s*/Page\b", page.pdf(format=paper)) == [b"/Type /Page"], paper
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 1123})
    hidden = page.eval_on_selector_all(
        ".hand > .card", "cards => cards.filter(card => card.scrollHeight > card.clientHeight + 1).map(card => card.id)"
    )
    assert hidden == []


def test_what_was_corrected_since_is_printed_beside_its_card_and_the_sheet_stays_one(pages, browser):
    with reader(browser, pages) as visitor:
        window = visitor.open(next(page for page in pages if page.name == "deck-print"))
        was = window.get_by_text("more than 3 trillion tokens")
        assert not was.evaluate("one => one.checkVisibility({contentVisibilityAuto: true})")
        window.locator(".amend summary").first.click()
        assert was.is_visible()
        window.locator(".amend summary").first.click()
        window.emulate_media(media="print")
        assert was.evaluate("one => one.checkVisibility()") and was.bounding_box()["height"] > 5
        for paper in ("A4", "Letter"):
            assert re.findall(rb"/Type\s*/Page\b", window.pdf(format=paper)) == [b"/Type /Page"], paper
        window.set_viewport_size({"width": 794, "height": 1123})
        sizes = ".amend :is(p, b)", "all => [...new Set(all.map(one => getComputedStyle(one).fontSize))]"
        assert len(window.eval_on_selector_all(*sizes)) == 1  # the labels are as small as what they stand before
        for card in window.locator(".hand > .card").filter(has=window.locator(".amend")).all():
            whole = card.bounding_box()
            for last in ("Why:", "/terms/"):  # the reason, and the address at the foot
                box = card.get_by_text(last).last.bounding_box()
                assert box["y"] + box["height"] <= whole["y"] + whole["height"], last
        window.evaluate("document.querySelector('.amend .wasnow').append('It was so. '.repeat(90))")
        grown, below = (window.locator(one) for one in ("#card-1", "#card-3"))
        foot = grown.get_by_text("/terms/").bounding_box()
        assert foot["y"] + foot["height"] <= below.bounding_box()["y"]  # a long correction covers no other card


def test_what_only_a_screen_can_do_is_not_printed(pages, browser):
    with reader(browser, pages) as visitor:
        for name in ("search-nothing", "report", "start", "preferences", "term-withdrawn"):
            window = visitor.open(next(page for page in pages if page.name == name))
            window.emulate_media(media="print")
            shown = [one.inner_text() for one in window.locator("button, input, textarea").all() if one.is_visible()]
            assert shown == [], name


def test_the_sheet_has_two_columns_and_a_button_that_prints(pages, browser):
    with reader(browser, pages, viewport={"width": 1280, "height": 900}) as visitor:
        window = visitor.open(next(page for page in pages if page.name == "deck-print"))
        tops = [window.locator(f"#card-{number}").bounding_box()["y"] for number in (1, 2, 3)]
        assert tops[0] == tops[1] < tops[2]
        window.evaluate("window.print = () => { document.title = 'printed'; }")
        button = window.get_by_role("button", name="Print")
        button.click()
        assert window.title() == "printed"
        window.emulate_media(media="print")
        assert not button.is_visible()

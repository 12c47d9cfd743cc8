"""Search in a real browser: suggestions by keyboard, without script, and no fault for axe while they are open."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from glossary.domain.roles import Role
from tests.factories import make_published_term, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cards():
    author, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    for name in ("Qwen2", "Qwerty", "Token"):
        make_published_term(name, author=author, checker=checker)


def test_suggestions_are_chosen_by_keyboard_and_nothing_moves(browser, live_server, cards):
    page = browser.new_context(base_url=live_server.url).new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto("/search/?q=token")
    field, below = page.get_by_role("combobox"), page.locator(".hits")
    before = below.bounding_box()
    assert field.get_attribute("aria-expanded") == "false"
    field.fill("qw")
    page.get_by_role("option", name="Qwen2").wait_for()
    assert page.get_by_role("option").count() == 2
    assert field.get_attribute("aria-expanded") == "true" and below.bounding_box() == before
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    chosen = page.locator("[role=option][aria-selected=true]")
    assert chosen.count() == 1 and chosen.get_attribute("id") == field.get_attribute("aria-activedescendant")
    assert chosen.locator("b").inner_text() == "Qwen2"
    page.keyboard.press("Escape")
    assert page.get_by_role("option").count() == 0 and field.input_value() == "qw"
    assert field.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/terms/qwen2/")
    assert not complaints


def test_enter_without_a_choice_searches_and_a_suggestion_can_be_clicked(browser, live_server, cards):
    page = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 800}).new_page()
    page.goto("/about/")
    assert not page.locator(".found").is_visible()
    page.get_by_role("combobox", name="Search the terms").fill("tok")
    page.get_by_role("option", name="Token").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=tok")
    page.get_by_role("combobox").fill("qwert")
    page.get_by_role("option", name="Qwerty").click()
    page.wait_for_url("**/terms/qwerty/")


def test_without_script_the_form_searches_and_asks(browser, live_server, cards):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("searchbox").fill("tokn")
    page.get_by_role("button", name="Search").click()
    assert page.get_by_text("Did you mean").inner_text() == "Did you mean Token?"
    page.get_by_role("button", name="Ask for this term").click()
    assert "Noted." in page.get_by_role("status").inner_text()
    assert context.cookies() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_in_suggestions(browser, live_server, cards, scheme):
    for width in (320, 1280):
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
        )
        page = context.new_page()
        for path in ("/search/", "/about/"):
            page.goto(path)
            if page.get_by_role("combobox").count():  # a phone has the field on the search page alone
                page.get_by_role("combobox").fill("qw")
                page.get_by_role("option").first.wait_for()
                page.keyboard.press("ArrowDown")
            found = Axe().run(page, options={"preload": False}).response["violations"]
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], path
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, (path, width)
        context.close()

"""An editor's word on links in a real browser: a click, a key, a phone, and nothing typed is lost."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from glossary.domain.roles import Role
from glossary.models import LinkChoice
from tests.factories import make_published_term, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def address():
    for name in ("Memory", "Context"):
        make_published_term(name)
    for kind in ("model", "coil"):
        make_published_term("Transformer", slug=f"transformer-{kind}", ambiguous=True)
    page = make_published_term("Decoder", body="It has a memory. A context is read.\n\nA transformer hums.")
    return reverse("admin:glossary_term_change", args=[page.pk])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_names_are_settled_by_keys_one_after_the_other_and_typed_words_stay(as_person, address, scheme):
    page = as_person(make_user(Role.EDITOR))
    page.emulate_media(color_scheme=scheme)
    page.goto(address)
    heading = page.locator("#links h2")
    expect(heading).to_contain_text("3 wait for your word")
    rules = {"runOnly": ["wcag2a", "wcag2aa"], "preload": False}  # to preload, axe writes styles that the page refuses
    assert Axe().run(page, context="#links", options=rules).violations_count == 0
    page.fill("#id_example", "A shop keeps its memory.")
    expect(page.locator("#links")).to_contain_text("It has a memory.")
    page.locator(".dk-asks [data-say=l]").first.focus()
    page.keyboard.press("l")
    expect(heading).to_contain_text("2 wait for your word")
    page.keyboard.press("n")  # the next name has the focus
    expect(heading).to_contain_text("1 waits for your word")
    page.keyboard.press("2")
    expect(heading).to_contain_text("made by themselves")
    assert page.input_value("#id_example") == "A shop keeps its memory."
    assert LinkChoice.objects.filter(accepted=True).count() == 2 and LinkChoice.objects.count() == 4
    page.get_by_role("button", name="Take back: context").click()
    expect(heading).to_contain_text("1 waits for your word")


def test_on_a_phone_nothing_is_wider_than_the_screen(as_person, address):
    page = as_person(make_user(Role.EDITOR))
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator(".dk-asks [data-say]").first.click()
    expect(page.locator("#links h2")).to_contain_text("2 wait for your word")
    for button in page.locator(".dk-asks [data-say]").all():
        assert button.bounding_box()["height"] >= 24

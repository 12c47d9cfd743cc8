"""Every kind of page with the keyboard alone: the skip link first, a ring at each stop, errors tied to their fields."""

from dataclasses import replace

import pytest

from tests.browser.reader import reader

pytestmark = pytest.mark.django_db
# The element that has the focus, and what is amiss with how it shows it: a ring around it or what stands in for it.
FOCUS = """() => {
    const one = document.activeElement;
    if (one === document.body) return null;
    const box = one.getBoundingClientRect(), name = one.outerHTML.slice(0, 100);
    const ringed = [null, "::before", "::after"].some(part => {
        const style = getComputedStyle(one, part);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    });
    window.met ??= new Set();
    const again = met.has(one) && one.type !== "date";  // whose parts are stops of their own
    met.add(one);
    if (!one.matches(":focus-visible") || !ringed) return [again, one.className, `no ring: ${name}`];
    if (box.right <= 0 || box.left >= innerWidth || box.bottom <= 0 || box.top >= innerHeight)
        return [again, one.className, `out of sight: ${name}`];
    return [again, one.className, ""];
}"""
# How many elements the keyboard should meet: all that can be operated and are not folded away.
OPERABLE = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
    .filter(one => one.tabIndex >= 0 && one.type !== "hidden" && one.checkVisibility()
        && (one.type !== "radio" || one.checked)).length"""
MANY = 300


def walk(window):
    """Press Tab from the top of a page to its end; return the class of the first stop, how many, and what is amiss."""
    first, amiss = None, []
    for number in range(MANY):
        window.keyboard.press("Tab")
        told = window.evaluate(FOCUS)
        if told is None or told[0]:
            return first, number, amiss
        first = told[1] if first is None else first
        amiss += [told[2]] if told[2] else []
    raise AssertionError("the keyboard does not come to the end of the page")


def kinds(pages):
    """Return one page for each address and status."""
    return {(page.address, page.status): page for page in pages if page.name not in {"fault", "peek"}}.values()


@pytest.mark.parametrize(("width", "addresses"), [(390, None), (1280, {"home", "term", "deck", "search"})])
def test_the_keyboard_comes_everywhere_and_each_stop_shows_it(pages, browser, width, addresses):
    amiss = []
    with reader(browser, pages, viewport={"width": width, "height": 844}) as visitor:
        for page in kinds(pages):
            if addresses is None or page.address in addresses:
                window = visitor.open(replace(page, at=""))
                first, number, found = walk(window)
                amiss += [(page.name, told) for told in found]
                amiss += [] if first == "skip" else [(page.name, f"the first stop is {first!r}")]
                if (met := window.evaluate("met.size")) != window.evaluate(OPERABLE):
                    amiss.append((page.name, f"{met} of {window.evaluate(OPERABLE)} met"))
                assert number >= 8
    assert amiss == []


def test_the_skip_link_leads_past_the_head_of_every_page(pages, browser):
    with reader(browser, pages, viewport={"width": 390, "height": 844}) as visitor:
        page = next(page for page in pages if page.name == "term")
        window = visitor.open(page)
        window.keyboard.press("Tab")
        assert window.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
        window.keyboard.press("Enter")
        window.keyboard.press("Tab")
        assert window.evaluate("document.activeElement.closest('main') !== null")
    assert [page.name for page in pages if page.is_whole and 'id="main"' not in page.html] == ["fault"]


REFUSED = {
    "start-refused": {"address": "does not look like an e-mail address"},
    "report-refused": {"said": "Say in a sentence", "email": "not an address"},
    "preferences-refused": {"until": "Choose the day"},
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_form_refuses_is_said_beside_its_field_and_read_out_with_it(pages, browser, name):
    with reader(browser, pages) as visitor:
        window = visitor.open(next(page for page in pages if page.name == name))
        wrong = window.locator("[aria-invalid]")
        assert {one.get_attribute("id") for one in wrong.all()} == set(REFUSED[name])
        for field, says in REFUSED[name].items():
            told = window.locator(f"#{field}").evaluate(
                "one => one.ariaDescribedByElements.map(told => told.innerText)"
            )
            assert says in " ".join(told)
        assert window.get_by_role("alert").count() == 1

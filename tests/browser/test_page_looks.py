"""Where things stand on a page: what is out of sight, in its corner, right above, or at one edge with its like."""

import pytest

from tests.browser.reader import reader
from tests.browser.test_keyboard import kinds
from tests.browser.test_pages import wider

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_what_only_a_program_would_fill_in_is_out_of_sight(pages, browser, width):
    with reader(browser, pages, viewport={"width": width, "height": 800}) as visitor:
        trapped = [page for page in pages if 'class="trap"' in page.html]
        assert {page.address for page in trapped} >= {"home", "start", "report"}
        for page in trapped:
            right = "traps => Math.max(...traps.map(one => one.getBoundingClientRect().right))"
            assert visitor.open(page).eval_on_selector_all(".trap, .trap *", right) <= 0, page.name


def test_pages_that_lead_nowhere_show_their_ways_on_alike(pages, browser):
    faces = {}
    with reader(browser, pages, viewport={"width": 1280, "height": 800}) as visitor:
        for page in (page for page in pages if page.status in {404, 410} and page.name != "preferences-not-ours"):
            way = visitor.open(page).locator("main .links a[href='/terms/']")
            faces.setdefault(way.evaluate("one => getComputedStyle(one).font"), []).append(page.name)
    assert len(faces) == 1, faces


def test_the_stamp_of_a_card_that_is_gone_stands_in_the_corner_of_its_page(pages, browser):
    with reader(browser, pages, viewport={"width": 1280, "height": 800}) as visitor:
        for name, sheet in {
            "term-withdrawn": ".narrow",
            "term-retired": ".narrow",
            "version-withdrawn": ".full",
        }.items():
            window = visitor.open(next(page for page in pages if page.name == name))
            stamp, edge = (window.locator(one).first.bounding_box() for one in ("main .stamp", f"main {sheet}"))
            assert abs(stamp["x"] + stamp["width"] - edge["x"] - edge["width"]) <= 8, name


def test_the_question_of_a_version_stands_right_above_its_name(pages, browser):
    for width in (390, 1280):
        with reader(browser, pages, viewport={"width": width, "height": 800}) as visitor:
            window = visitor.open(next(page for page in pages if page.name == "version-current"))
            question, name = (window.locator(one).bounding_box() for one in ("header > .ui", "h1"))
            assert 0 <= name["y"] - question["y"] - question["height"] <= 24, width


def test_a_month_is_smaller_than_the_heading_of_all_decks_and_larger_than_a_day(pages, browser):
    size = "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
    with reader(browser, pages, viewport={"width": 390, "height": 844}) as visitor:
        window = visitor.open(next(page for page in pages if page.name == "decks"))
        heading, month, day = (window.eval_on_selector_all(one, size)[0] for one in ("h1", "h2.month", "main dt"))
    assert heading > month > day


def test_the_log_of_corrections_stands_where_the_changes_of_a_card_do(pages, browser):
    lefts = {}
    with reader(browser, pages, viewport={"width": 1280, "height": 800}) as visitor:
        for name in ("corrections", "changes", "report"):
            window = visitor.open(next(page for page in pages if page.name == name))
            lefts[name] = window.locator("h1").bounding_box()["x"]
    assert max(lefts.values()) - min(lefts.values()) <= 8, lefts


SPACED = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }"
LARGE = ":root { font-size: 200%; }"


@pytest.mark.parametrize(("width", "rules"), [(390, SPACED), (640, LARGE)], ids=["spaced on a phone", "twice as large"])
def test_letters_that_a_reader_spaces_out_or_enlarges_widen_no_page(pages, browser, width, rules):
    wide = []
    with reader(browser, pages, viewport={"width": width, "height": 800}) as visitor:
        for page in kinds(pages):
            window = visitor.open(page)
            window.evaluate(
                "rules => { const sheet = new CSSStyleSheet(); sheet.replaceSync(rules);"
                " document.adoptedStyleSheets = [sheet]; }",
                rules,
            )  # WCAG 1.4.12 and 1.4.4
            wide += [(page.name, by)] if (by := wider(window)) > 0 else []
    assert wide == []


# How high and wide a link is that stands alone in its line, with what lies around its words.
SMALL = """() => [...document.querySelectorAll("main a[href], main button, main summary")]
    .filter(one => one.checkVisibility() && !one.closest(".fn, .vh")
        && one.parentElement.textContent.trim() === one.textContent.trim())
    .map(one => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
    .filter(([, box]) => box.width > 2 && (box.height < 24 || box.width < 24)).map(([told]) => told)"""


def test_a_link_that_stands_alone_is_large_enough_for_a_finger(pages, browser):
    amiss = []
    with reader(browser, pages, viewport={"width": 390, "height": 844}) as visitor:
        for page in kinds(pages):
            amiss += [(page.name, told) for told in visitor.open(page).evaluate(SMALL)]
    assert amiss == []


# The colour of a field's or button's edge (border, ring or fill) against what lies around it, as WCAG counts contrast.
EDGES = """() => {
    const brush = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const seen = color => {
        brush.clearRect(0, 0, 1, 1); brush.fillStyle = color; brush.fillRect(0, 0, 1, 1);
        return [...brush.getImageData(0, 0, 1, 1).data];
    };
    const light = color => color.slice(0, 3).map(one => one / 255)
        .map(one => one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4)
        .reduce((sum, one, at) => sum + one * [.2126, .7152, .0722][at], 0);
    const contrast = (one, other) => {
        const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
        return (high + .05) / (low + .05);
    };
    const ground = one => {
        const color = seen(getComputedStyle(one).backgroundColor);
        return color[3] === 255 || !one.parentElement ? color : ground(one.parentElement);
    };
    return [...document.querySelectorAll("input, select, textarea, .button")]
        .filter(one => one.checkVisibility() && !["hidden", "radio", "checkbox"].includes(one.type))
        .map(one => {
            const style = getComputedStyle(one), around = ground(one.parentElement);
            const ring = style.boxShadow.match(/^(rgba?|color|oklch)\\([^)]*\\)/);
            const edges = [ground(one), parseFloat(style.borderTopWidth) ? seen(style.borderTopColor) : around,
                ring ? seen(ring[0]) : around];
            return [one.outerHTML.slice(0, 80), Math.max(...edges.map(edge => contrast(edge, around)))];
        });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fields_and_buttons_stand_out_from_what_is_around_them(pages, browser, scheme):
    amiss, met = [], 0
    with reader(browser, pages, viewport={"width": 1280, "height": 800}, color_scheme=scheme) as visitor:
        for name in (
            "home",
            "start-refused",
            "search-nothing",
            "report-refused",
            "preferences-paused",
            "term",
            "leave",
        ):
            window = visitor.open(next(page for page in pages if page.name == name))
            found = window.evaluate(EDGES)
            met += len(found)
            amiss += [(name, told, ratio) for told, ratio in found if ratio < 3]  # WCAG 1.4.11
    assert met > 25 and amiss == []

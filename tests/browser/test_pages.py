"""Every kind of page in a real browser: no fault for axe, nothing wider than the window, keys lead everywhere.

A run of the tests looks at each page twice: on the narrowest phone in the dark, on a desktop in the light. All themes
and widths in all pairs are `pytest -m quality tests/quality/test_every_page.py`.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.reader import reader

pytestmark = pytest.mark.django_db
OPTIONS = {"preload": False, "resultTypes": ["violations"]}  # it would fetch style sheets past the policy


def faults(page, window):
    """Return what axe finds on a page: the rule, and the first element that breaks it."""
    found = Axe().run(window, options=OPTIONS).response["violations"]
    return [(page.name, one["id"], one["nodes"][0]["html"][:200]) for one in found]


def wider(window):
    """Return by how many pixels a page can be scrolled sideways."""
    return window.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


# The second width of a window is measured only. 640 px at two pixels each is a desktop's window at 200 %.
@pytest.mark.parametrize(("width", "scheme", "then"), [(320, "dark", 390), (1280, "light", 640)])
def test_axe_finds_no_fault_on_any_page_and_nothing_is_wider_than_the_window(pages, browser, width, scheme, then):
    found, wide = [], []
    size, zoom = {"width": width, "height": 800}, 2 if then == 640 else 1
    with reader(browser, pages, viewport=size, color_scheme=scheme, device_scale_factor=zoom) as visitor:
        for page in pages:
            visitor.window.set_viewport_size(size)
            window = visitor.open(page, evidence=True)
            found += faults(page, window)
            wide += [(page.name, width)] if wider(window) > 0 else []
            window.set_viewport_size({"width": then, "height": 800})
            wide += [(page.name, then)] if wider(window) > 0 else []
    assert found == []
    assert wide == []

"""Axe on every kind of page in both themes at every width, at which each run of the tests looks in part."""

import pytest

from tests.browser.conftest import browser  # noqa: F401  # the fixture
from tests.browser.reader import reader
from tests.browser.test_pages import faults, wider

pytestmark = [pytest.mark.quality, pytest.mark.django_db]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "zoom"), [(320, 1), (390, 1), (640, 2), (1280, 1)])
def test_axe_finds_no_fault_anywhere(pages, browser, width, zoom, scheme):  # noqa: F811
    found, size = [], {"width": width, "height": 800}
    with reader(browser, pages, viewport=size, device_scale_factor=zoom, color_scheme=scheme) as visitor:
        for page in pages:
            window = visitor.open(page, evidence=True)
            found += faults(page, window) + ([(page.name, "wider")] if wider(window) > 0 else [])
    assert found == []

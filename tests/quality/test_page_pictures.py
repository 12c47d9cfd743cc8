"""A picture of every kind of page at two widths in two themes, to be looked at (PICTURES names a folder for them)."""

import os
from pathlib import Path

import pytest

from tests.browser.conftest import browser  # noqa: F401  # the fixture
from tests.browser.reader import reader

pytestmark = [pytest.mark.quality, pytest.mark.django_db]
WIDTHS = (390, 1280)


def test_a_picture_of_every_page(pages, browser, tmp_path, capsys):  # noqa: F811
    folder = Path(os.environ.get("PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        for scheme in ("light", "dark"):
            size = {"width": width, "height": 844 if width < 600 else 900}
            with reader(browser, pages, viewport=size, color_scheme=scheme) as visitor:
                for page in pages:
                    visitor.open(page).screenshot(path=folder / f"{page.name}-{width}-{scheme}.png", full_page=True)
    with capsys.disabled():
        print(f"\n{len(pages) * len(WIDTHS) * 2} pictures in {folder}")
    assert len(list(folder.glob("*.png"))) >= len(pages) * 4

"""The list of pages is whole, and what each of them has to keep: its weight, a title, one heading, a way back."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.pages import PROGRAMS
from tests.site import public_names

pytestmark = pytest.mark.django_db  # the pages need a database, which pytest-django makes for marked tests only
STATIC = Path(settings.BASE_DIR) / "static"
FIRST_ROUND_TRIP = 14_000  # bytes of a page, packed
WHOLE = 60_000  # bytes of a term page with all that it brings along: style, font, scripts, icon
MANIFEST_ICON = STATIC / "glossary" / "icon-192.png"  # which Chromium fetches along with the manifest
PACKED = {".woff2", ".png"}


def packed(body):
    return len(gzip.compress(body, 9, mtime=0))


def brought_along(html):
    """Return the files that a browser fetches for a page."""
    tags = re.findall(r"<(?:link|script|img)\b[^>]*>", html)
    wanted = [tag for tag in tags if "src=" in tag or re.search(r'rel="(stylesheet|preload|icon)"', tag)]
    return [re.search(r'(?:href|src)="([^"]+)"', tag).group(1) for tag in wanted]


def test_every_public_address_has_a_page_in_the_list_or_answers_programs(pages):
    shown = {page.address for page in pages} - {""}
    assert shown | set(PROGRAMS) == set(public_names())
    assert not shown & set(PROGRAMS)


def test_every_page_has_a_title_one_heading_and_a_way_home(pages):
    titles = {}
    for page in pages:
        if page.is_whole:
            html = page.html
            assert html.count("<h1") == 1, page.name
            assert re.search(r'<a [^>]*href="/"', html), page.name
            title = re.search(r"<title>(.+?)</title>", html).group(1)
            assert title.endswith("Daily Deck") or page.address == "home", page.name
            titles.setdefault(title, set()).add(page.path.partition("?")[0])
    alike = {title: paths for title, paths in titles.items() if len(paths) > 1 and "No card" not in title}
    assert set(alike) <= {"Leave the brief: Daily Deck"}


def test_a_page_comes_in_the_first_round_trip_and_brings_nothing_from_elsewhere(pages):
    for page in pages:
        assert packed(page.file.read_bytes()) <= FIRST_ROUND_TRIP, page.name
        if page.is_whole:
            assert {path for path in brought_along(page.html) if not path.startswith(settings.STATIC_URL)} == set()


def test_a_term_page_with_all_that_it_brings_along_is_light(pages):
    terms = [page for page in pages if page.address == "term" and page.status == 200]
    assert len(terms) > 5
    for page in terms:
        files = [STATIC / path.removeprefix(settings.STATIC_URL) for path in set(brought_along(page.html))]
        files.append(MANIFEST_ICON)
        assert any(file.suffix == ".woff2" for file in files) and any(file.suffix == ".css" for file in files)
        weight = sum(file.stat().st_size if file.suffix in PACKED else packed(file.read_bytes()) for file in files)
        assert weight + packed(page.file.read_bytes()) <= WHOLE, page.name

"""The name of a build: other words in a template or a setting make another."""

import re
from pathlib import Path

import pytest

from glossary.services import build
from glossary.services.build import UNSEEN, build_name


def test_the_name_is_the_same_until_a_template_a_setting_or_a_static_file_changes(settings, tmp_path):
    (tmp_path / "templates").mkdir()
    template = tmp_path / "templates" / "page.html"
    template.write_text("<p>One.</p>")
    settings.BASE_DIR, settings.STATIC_ROOT = tmp_path, tmp_path
    names = [build_name.__wrapped__(), build_name.__wrapped__()]
    assert names[0] == names[1] and len(names[0]) == 16
    template.write_text("<p>Two.</p>")
    names.append(build_name.__wrapped__())
    settings.SITE_NAME = "Another"
    names.append(build_name.__wrapped__())
    (tmp_path / "staticfiles.json").write_text("{}")
    names.append(build_name.__wrapped__())
    assert len(set(names[1:])) == 4


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("CONTACT_EMAIL", "else@dailydeck.example"),
        ("DEBUG", True),
        ("DECK_DAYS", frozenset({0})),
        ("EMAIL_HOST", "mail.dailydeck.example"),
        ("LINK_KEY", "another" * 8),
        ("POSTAL_ADDRESS", "1 High Street"),
        ("PUBLISHER", "Somebody else"),
        ("SECRET_KEY", "another" * 8),
    ],
)
def test_no_page_of_other_settings_is_found(settings, setting, value):
    before = build_name.__wrapped__()
    setattr(settings, setting, value)
    assert build_name.__wrapped__() != before


def test_what_does_not_count_is_shown_by_no_page():
    for floor in ("views", "forms", "templatetags"):
        for path in (Path(build.__file__).parent.parent / floor).glob("*.py"):
            read = set(re.findall(r"settings\.([A-Z_]+)", path.read_text(encoding="utf-8")))
            assert not read & UNSEEN, path.name

"""The Nu HTML checker finds no error on any kind of page; one run over all of them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.django_db
# Safari reads out a list without marks as a list only if it is told that it is one.
KNOWN = ("The “list” role is unnecessary for element “ul”.", "The “list” role is unnecessary for element “ol”.")
VERSION = "26.9.27"  # as .ci/run fetches it
CHECKER = Path(settings.BASE_DIR) / "var" / "node" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
HOW = f"npm install --prefix var/node --no-save vnu-jar@{VERSION}"


def test_the_checker_that_is_fetched_for_every_change_is_the_one_named_here():
    assert f"vnu-jar@{VERSION}" in (Path(settings.BASE_DIR) / ".ci" / "run").read_text(encoding="utf-8")


def missing():
    """Return what is missing for the check, in a sentence; nothing if all is there."""
    if shutil.which("java") is None:
        return "Java is not installed (apt-get install default-jre-headless)."
    if not CHECKER.exists():
        return f"The HTML checker is not there ({HOW})."
    return ""


def test_the_checker_finds_no_error_on_any_page(pages, tmp_path):
    if told := missing():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(told)
    for page in pages:
        (tmp_path / f"{page.name}.html").write_text(page.document, encoding="utf-8")
    command = ["java", "-jar", str(CHECKER), "--format", "gnu", "--no-langdetect", *map(str, tmp_path.glob("*.html"))]
    told = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False).stderr
    lines = [line.rpartition("/")[2] for line in told.splitlines()]
    assert [line for line in lines if not line.endswith(KNOWN)] == []
    assert len(lines) > len(pages), "the checker has looked"

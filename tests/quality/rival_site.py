"""Wagtail with the words of a term of ours, where it is installed."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec

from django.conf import settings
from django.db import connection

from glossary.services.evidence import what_was_checked

MODULE = "wagtail_rival.wsgi"
COMMAND = "uv run --isolated --group rivals pytest -m quality tests/quality/test_page_speed.py"


@dataclass(frozen=True)
class Rival:
    """A filled site: the environment that its processes need, its page, and how many questions that page asks."""

    environ: dict[str, str]
    path: str
    queries: int


def why_not():
    """Return why Wagtail cannot be measured here; empty if it can."""
    if find_spec("wagtail") is None:
        return f"Wagtail is not installed: {COMMAND}"
    return "" if connection.vendor == "sqlite" else "Wagtail is measured on SQLite."


def make_rival(term, folder):
    """Make a Wagtail site with a page that says what the page of `term` says."""
    words = folder / "words.json"
    words.write_text(json.dumps(words_of(term), default=str))
    (folder / "rival_migrations").mkdir()
    (folder / "rival_migrations" / "__init__.py").touch()
    environ = {"RIVAL_DATABASE": str(folder / "rival.sqlite3"), "PYTHONPATH": str(folder)}
    run = subprocess.run(
        [sys.executable, "-m", "django", "fill_rival", str(words)],
        cwd=settings.BASE_DIR,
        env=os.environ | environ | {"DJANGO_SETTINGS_MODULE": "tests.quality.wagtail_rival.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return Rival(environ, f"/terms/{term.slug}/", int(run.stdout))


def words_of(term):
    """Return what readers see of a term, as the rows of the rival have it."""
    words, check = term.shown()
    beside = [(one.slug, *one.shown()) for one in term.related.all()]
    return {
        "term": page_of(term.slug, words, check),
        "aliases": words.also_called,
        "tags": [tag.name for tag in term.tags.all()],
        "related": [page_of(*one) for one in beside],
        "statements": list(statements_of(term.published)),
    }


def page_of(slug, words, check):
    return {
        "slug": slug,
        "title": words.headword,
        "definition": words.definition,
        "fact_checked_on": check.stamp_on,
    }


def statements_of(edition):
    left, paragraph = edition.words.body.split("\n\n"), 0
    for one in what_was_checked(edition).statements:
        (passage,) = one.passages
        if one.part == "body":
            paragraph += left[paragraph] == ""
            assert left[paragraph].startswith(one.text)
            left[paragraph] = left[paragraph].removeprefix(one.text).lstrip()
        yield {
            "number": one.number,
            "part": one.part,
            "paragraph": paragraph,
            "text": one.text,
            "checked_on": one.checked_on,
            "source_url": passage.url,
            "source_title": passage.title,
            "publisher": passage.publisher,
            "published_on": passage.published_on,
            "passage": passage.text,
        }

"""Lighthouse in its phone profile on the three pages that most readers come to, against the site as it is run.

Accessibility, best practices and search have to be 100. Performance is measured on whatever else this machine does, so
its figures are printed; what a page weighs is asserted by tests/test_pages.py.
"""

import http.client
import json
import os
import shutil
import subprocess

import pytest
from django.conf import settings
from django.core.management import call_command

from glossary.models import Deck
from tests.quality.servers import Server
from tests.stage import Stage

LIGHTHOUSE = "lighthouse@12.8.2"
pytestmark = [
    pytest.mark.quality,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(shutil.which("npx") is None, reason="npm is not installed (apt-get install npm)."),
    pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed."),
]
BARS = ("accessibility", "best-practices", "seo")
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update"
TIMES = {
    "first-contentful-paint": "first paint",
    "largest-contentful-paint": "largest paint",
    "total-blocking-time": "blocked",
    "cumulative-layout-shift": "shift",
    "speed-index": "speed index",
    "total-byte-weight": "weight",
}


@pytest.fixture
def server(tmp_path, settings):
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    settings.STATIC_ROOT = tmp_path / "static"
    call_command("collectstatic", interactive=False, verbosity=0)
    stage = Stage()
    stage.bring_in_cards()
    stage.deal()
    stage.change_words()
    one = Server("application", tmp_path, module="site_server", STATIC_FOLDER=str(settings.STATIC_ROOT))
    yield one
    one.stop()


def visit(server, path):
    """Ask for a page once, so that it is ready."""
    line = http.client.HTTPConnection("localhost", server.port)
    line.request("GET", path)
    answer = line.getresponse()
    assert answer.status == 200 and answer.read()
    line.close()


def examine(address, folder):
    """Return Lighthouse's report on a page."""
    report = folder / "report.json"
    command = ["npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json", f"--output-path={report}"]
    command += [f"--chrome-flags={FLAGS}", "--only-categories=performance,accessibility,best-practices,seo"]
    environ = os.environ | {"CHROME_PATH": shutil.which("chromium"), "CI": "1"}  # it asks whether it may report home
    run = subprocess.run(command, env=environ, cwd=folder, timeout=300, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(report.read_text())


def test_home_term_and_deck_reach_100(server, tmp_path, capsys):
    failed = []
    for path in ("/", "/terms/qwen2/", "/deck/"):
        if path == "/deck/":
            path = latest_deck()
        visit(server, path)
        report = examine(f"http://localhost:{server.port}{path}", tmp_path)
        scores = {name: round(one["score"] * 100) for name, one in report["categories"].items()}
        audits = report["audits"]
        with capsys.disabled():
            print(f"\n{path}  " + "  ".join(f"{name} {score}" for name, score in scores.items()))
            print("  " + "  ".join(f"{says} {audits[name]['displayValue']}" for name, says in TIMES.items()))
        for category in report["categories"].values():
            for ref in category["auditRefs"]:
                audit = audits[ref["id"]]
                if ref["weight"] and audit["score"] is not None and audit["score"] < 1:
                    with capsys.disabled():
                        print(f"  {category['id']}: {audit['title']} ({audit['score']})")
        failed += [(path, name, scores[name]) for name in BARS if scores[name] < 100]
    assert failed == []
    assert settings.DEBUG is False


def latest_deck():
    """Return the address of the newest deck."""
    return Deck.objects.published().first().get_absolute_url()

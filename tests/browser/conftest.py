"""A real Chromium for the tests of this folder, and people who are logged in."""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture
def browser():
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is not installed (apt-get install chromium).")
        pytest.skip("Chromium is not installed.")
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the thread that asks the database
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGS, "--disable-sync"])
        yield chromium
        chromium.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def as_person(browser, live_server):
    """Return a function that logs a person in and gives their page; it notes what the page complains of."""
    complaints: list[str] = []

    def log_in(user):
        page = browser.new_context(base_url=live_server.url).new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto("/admin/login/")
        page.fill("#id_username", user.username)
        page.fill("#id_password", "correct horse battery")
        page.click("input[type=submit]")
        return page

    yield log_in
    assert not [text for text in complaints if "Content Security Policy" in text]

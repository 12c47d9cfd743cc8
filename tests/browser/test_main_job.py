"""The whole job in a real browser: four people write, check, publish and deal."""

import os
import shutil
from datetime import UTC, datetime, time

import pytest
from django.urls import reverse
from playwright.sync_api import sync_playwright

from glossary.domain.roles import Role
from glossary.models import Deck, Term
from glossary.services.clock import today
from glossary.services.deck import publish_due
from tests.factories import make_published_term, make_tag, make_user

CHROMIUM = shutil.which("chromium")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

pytestmark = pytest.mark.django_db(transaction=True)


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


def settle(page, *, lines):
    """Settle the selected lines one after another, each fact by a source."""
    for number, kind in lines:
        page.goto(page.url.partition("?")[0] + f"?line={number}")
        if page.get_by_role("button", name="Still reads true").count():
            page.get_by_role("button", name="Still reads true").click()
            continue
        page.select_option("#id_kind", kind)
        if kind == "fact":
            page.fill("#id_url", "https://arxiv.org/abs/2407.10671")
            page.fill("#id_title", "Qwen2 Technical Report")
            page.fill("#id_publisher", "arXiv")
            page.fill("#id_passage", "The report says so.")
        page.get_by_role("button", name="Settle this line").click()


def test_four_people_write_check_publish_change_and_deal(as_person, live_server):
    make_tag("Model families")
    editor, checker = make_user(Role.EDITOR, Role.CHECKER), make_user(Role.CHECKER)
    publisher, scheduler = make_user(Role.PUBLISHER), make_user(Role.SCHEDULER)
    for number in range(6):
        make_published_term(f"Word {number}")
    writing, checking = as_person(editor), as_person(checker)

    writing.goto(reverse("admin:glossary_term_add"))
    writing.fill("#id_headword", "Qwen2")
    writing.fill("#id_definition", "Qwen2 is a family of language models.")
    writing.fill("#id_body", "Five sizes exist. People can download it.")
    writing.get_by_role("button", name="Save and send to the checker").click()
    term = Term.objects.get(headword="Qwen2")
    check_page = reverse("admin:glossary_edition_check", args=[term.working_id])

    writing.goto(f"{check_page}?line=2")
    assert writing.get_by_text("These are your own words").first.is_visible()
    assert not writing.get_by_role("button", name="Settle this line").count()

    checking.goto(check_page)
    settle(checking, lines=[(1, "name"), (2, "fact"), (3, "fact"), (4, "fact")])
    checking.goto(check_page)
    checking.get_by_label("I read the whole card; it is true").check()
    checking.get_by_role("button", name="Pass", exact=True).click()

    publishing = as_person(publisher)
    publishing.goto(reverse("admin:glossary_term_change", args=[term.pk]))
    publishing.get_by_role("button", name="Publish edition 1").click()
    publishing.goto("/terms/qwen2/")
    assert "Five sizes exist." in publishing.inner_text("main")

    writing.goto(reverse("admin:glossary_term_change", args=[term.pk]))
    writing.fill("#id_body", "Six sizes exist. People can download it.")
    writing.get_by_role("button", name="Save and send to the checker").click()
    publishing.goto("/terms/qwen2/")
    assert "Five sizes exist." in publishing.inner_text("main")
    assert "Six" not in publishing.content()

    term.refresh_from_db()
    checking.goto(reverse("admin:glossary_edition_check", args=[term.working_id]))
    assert "2 of 4 settled" in checking.inner_text("body")
    settle(checking, lines=[(3, "fact"), (4, "fact")])
    checking.goto(reverse("admin:glossary_edition_check", args=[term.working_id]))
    checking.get_by_label("I read the whole card; it is true").check()
    checking.get_by_role("button", name="Pass", exact=True).click()
    publishing.goto("/terms/qwen2/")
    assert "Six sizes exist." in publishing.inner_text("main")

    dealing = as_person(scheduler)
    dealing.goto(reverse("admin:glossary_deck_add"))
    dealing.fill("#id_day", today().isoformat())
    dealing.get_by_role("button", name="Make the deck").click()
    dealing.get_by_role("button", name="Add Qwen2").click()
    dealing.get_by_role("button", name="Fill the free places").click()
    dealing.get_by_role("button", name="Ready").click()
    dealing.get_by_role("button", name="Lock; publish on").click()
    assert Deck.objects.get().state == "locked"
    publish_due(now=datetime.combine(today(), time(23, 59), UTC))
    dealing.goto("/deck/today/")
    assert dealing.locator("li.card").count() == 7
    assert "Qwen2" in dealing.locator("#card-1").inner_text()

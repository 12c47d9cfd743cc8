"""The story of `demo --story qwen2`, told in a real browser by the two people it is made for."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from glossary.domain.roles import Role
from glossary.models import Term
from glossary.services.starter import FOLDER
from tests.factories import make_tag, make_user

pytestmark = pytest.mark.django_db(transaction=True)
CARD = (FOLDER / "story-qwen2.txt").read_text(encoding="utf-8")


def settle_rest(page):
    """Sweep the explanations, then settle what waits, line by line, with the source that is in hand."""
    sweep = page.locator("button[value=sweep]")
    if sweep.count():
        sweep.click()
        page.get_by_text("accepted. Look them over").wait_for()
    for _ in range(30):
        if not page.locator("li[aria-current] strong.dk-word").count():
            break
        done = page.locator(".dk-prog b").inner_text()
        again = page.locator("button[value=confirm]")
        if again.count():
            again.click()
        else:
            if page.locator("textarea[name=passage]").count():
                page.fill("textarea[name=passage]", "The report says so.")
            if page.locator("input[value=supported]").count():
                page.check("input[value=supported]", force=True)
            page.locator("button[value=settle]").click()
        page.wait_for_function(
            "old => document.querySelector('.dk-prog b')?.innerText !== old", arg=done, timeout=10_000
        )
    page.reload()


def pass_card(page):
    page.check("input[name=whole_card]")
    page.locator(".dk-bar button[data-key='Ctrl+Enter']").click()
    page.get_by_text("Readers see it now").wait_for()


def test_the_story_of_qwen2(as_person, live_server):
    make_tag("Model families")
    ada, ben = make_user(Role.EDITOR, username="ada"), make_user(Role.CHECKER, Role.PUBLISHER, username="ben")
    writing, checking = as_person(ada), as_person(ben)

    # 1. Ada pastes the card; its date is not taken over.
    writing.goto(reverse("admin:glossary_term_add"))
    writing.get_by_text("Paste a whole card").click()
    writing.fill("textarea[name=pasted]", CARD)
    writing.get_by_role("button", name="Put it in its places").click()
    assert "2026" not in writing.input_value("#id_body") + writing.input_value("#id_definition")
    writing.get_by_role("button", name="Save and send").click()
    term = Term.objects.get(slug="qwen2")
    assert [alias.text for alias in term.aliases.all()] == ["Qwen 2", "Qwen-2"]

    # 2. Ben cannot support “latest” with a report of July 2024, and suggests other words.
    checking.goto("/admin/")
    assert "Check Qwen2" in checking.inner_text(".dk-now")
    checking.get_by_role("button", name="Take it").click()
    line = term.working.claims.get(sentence__text__contains="latest").place
    checking.goto(term.working.get_check_url(line))
    checking.fill("input[name=url]", "http://127.0.0.1/report")
    checking.fill("input[name=title]", "Qwen2 Technical Report")
    checking.fill("input[name=publisher]", "arXiv")
    checking.fill("input[name=published_on]", "2024-07-15")
    checking.get_by_role("button", name="Add, and fetch its text").click()
    checking.locator(".dk-pick", has_text="Qwen2 Technical Report").wait_for()
    checking.fill("textarea[name=passage]", "The report presents these as the newest models of the team.")
    checking.locator("button[value=settle]").click()
    checking.get_by_text("It cannot support “latest”").wait_for()
    assert checking.input_value("#wording").startswith("As of July 2024, it is the latest")
    checking.locator("button[value=suggest]").click()
    checking.get_by_text("Suggested. The author is told").wait_for()

    # 3. Ada accepts with one key; Ben settles the rest, passes and publishes.
    writing.goto("/admin/")
    assert "Answer ben’s wording" in writing.inner_text(".dk-now")
    writing.locator(".dk-now a.dk-btn").click()
    writing.locator("button[value=accept]").wait_for()
    writing.locator(".dk-check").focus()
    writing.keyboard.press("y")
    writing.get_by_text("Accepted. The line is settled").wait_for()
    term.refresh_from_db()
    checking.goto(term.working.get_check_url())
    settle_rest(checking)
    pass_card(checking)
    reading = as_person(make_user(Role.SCHEDULER))
    reading.goto("/terms/qwen2/")
    first_page = reading.inner_text("main")
    assert "As of July 2024, it is the latest family" in first_page and "FACT-CHECKED" in first_page.upper()

    # 4. Ada adds a sentence: readers keep the old page until the new line is settled and one is read again.
    writing.goto(reverse("admin:glossary_term_change", args=[term.pk]))
    body = writing.input_value("#id_body")
    added = "Anybody may look inside. People can downlaod"
    writing.fill("#id_body", body.replace("People can downlaod", added))
    writing.get_by_role("button", name="Save and send").click()
    reading.reload()
    assert reading.inner_text("main") == first_page
    term.refresh_from_db()
    checking.goto(term.working.get_check_url())
    assert checking.locator(".dk-state strong").all_inner_texts() == ["Open", "Read again"]
    settle_rest(checking)
    pass_card(checking)
    reading.reload()
    assert "Anybody may look inside." in reading.inner_text("main")

    # 5. A mended spelling is out by one key.
    stamp = reading.locator(".stamp time").first.get_attribute("datetime")
    writing.goto(reverse("admin:glossary_term_change", args=[term.pk]))
    writing.fill("#id_body", writing.input_value("#id_body").replace("downlaod", "download"))
    writing.get_by_role("button", name="Save and send").click()
    term.refresh_from_db()
    checking.goto(term.working.get_check_url())
    checking.locator(".dk-check").focus()
    checking.keyboard.press("y")
    checking.get_by_text("Readers see it now").wait_for()
    reading.reload()
    assert "People can download" in reading.inner_text("main")
    assert reading.locator(".stamp time").first.get_attribute("datetime") == stamp

    # 6. A word put back behind the desk is named, and the page no longer claims that it was checked.
    term.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE glossary_edition SET words_json = REPLACE(CAST(words_json AS TEXT), %s, %s){} WHERE id = %s".format(
                "::jsonb" if connection.vendor == "postgresql" else ""
            ),
            ["As of July 2024, it is", "It is", term.published_id],
        )
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_integrity", stdout=out, stderr=out)
    assert "qwen2" in out.getvalue()
    assert reading.goto("/terms/qwen2/").status == 410

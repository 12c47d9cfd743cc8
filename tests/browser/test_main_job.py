"""The whole job in a real browser: four people write, check, publish and deal."""

from datetime import UTC, datetime, time

import pytest
from django.urls import reverse

from glossary.domain.roles import Role
from glossary.models import Deck, Term
from glossary.services.clock import today
from glossary.services.gate import publish_due
from tests.factories import make_published_term, make_tag, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def settle(page, *, lines):
    """Settle the selected lines one after another, each fact by a source, without waiting for keys."""
    for number, kind in lines:
        page.goto(page.url.partition("?")[0] + f"?line={number}")
        still = page.get_by_role("button", name="Still reads true")
        if still.count():
            still.click()
            page.wait_for_url(lambda url, gone=f"line={number}": gone not in url)
            continue
        if kind == "fact":
            if not page.get_by_label("Qwen2 Technical Report").count():
                page.fill("input[name=url]", "http://127.0.0.1/report")
                page.fill("input[name=title]", "Qwen2 Technical Report")
                page.fill("input[name=publisher]", "arXiv")
                page.get_by_role("button", name="Add, and fetch its text").click()
                page.get_by_label("Qwen2 Technical Report").wait_for()
            page.check("input[value=supported]", force=True)
            page.fill("textarea[name=passage]", "The report says so.")
        page.get_by_role("button", name="Settle").click()
        page.wait_for_url(lambda url, gone=f"line={number}": gone not in url)


def test_four_people_write_check_publish_change_and_deal(as_person, live_server):
    make_tag("Model families")
    editor, checker = make_user(Role.EDITOR, Role.CHECKER), make_user(Role.CHECKER)
    publisher, scheduler = make_user(Role.PUBLISHER), make_user(Role.SCHEDULER)
    for number in range(6):
        make_published_term(f"Word {number}", tag=f"Topic {number}")
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
    assert not writing.get_by_role("button", name="Settle").count()

    checking.goto(check_page)
    settle(checking, lines=[(1, "name"), (2, "fact"), (3, "fact"), (4, "fact")])
    checking.goto(check_page)
    checking.get_by_label("I read the whole card; it is true").check()
    checking.get_by_role("button", name="Pass").click()

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
    checking.get_by_role("button", name="Pass").click()
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

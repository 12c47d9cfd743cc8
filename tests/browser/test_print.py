"""Seven cards on one sheet, as a printer gets them."""

import re
from datetime import UTC, date, datetime

import pytest

from glossary.domain.roles import Role
from tests.factories import make_deck, make_published_term, make_user

pytestmark = pytest.mark.django_db(transaction=True)
MAY = datetime(2026, 5, 20, 12, tzinfo=UTC)
LONG = "Reinforcement learning from human feedback with a very long name"  # as long as a name may well be
FULL = (
    "A way in which a program that has read a great deal of text is taught what people like, by asking "
    "many people which of two answers they find the better one, and by changing it a little nearer to them."
)


def test_the_longest_cards_fit_on_one_sheet_of_either_paper(browser, live_server):
    people = {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}
    assert len(FULL) == 200
    terms = [
        make_published_term(f"{LONG} {n}", definition=FULL, tag=f"Topic {n}", now=MAY, slug=f"long-{n}", **people)
        for n in range(1, 8)
    ]
    make_deck(date(2026, 5, 29), terms=terms)
    page = browser.new_page(base_url=live_server.url)
    page.goto("/deck/2026-05-29/print/")
    for paper in ("A4", "Letter"):
        assert re.findall(rb"/Type\s*/Page\b", page.pdf(format=paper)) == [b"/Type /Page"], paper
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 1123})
    hidden = page.eval_on_selector_all(
        ".hand > .card", "cards => cards.filter(card => card.scrollHeight > card.clientHeight + 1).map(card => card.id)"
    )
    assert hidden == []

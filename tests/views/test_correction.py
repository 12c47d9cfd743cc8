"""What readers are told of words that they had: the log, its feed, the card's own page, the dealt card."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest

from glossary.domain.correction import Fate
from glossary.models import Correction, Term
from glossary.services.fact_check import pass_check, withdraw_check
from glossary.services.term import save_term, submit_term
from glossary.views import correction
from tests.factories import (
    details_of,
    make_deck,
    make_published_term,
    put_back,
    say_of_old_words,
    settle_all,
)

pytestmark = pytest.mark.django_db
MARKS = re.compile(r"(?:<|&lt;|\\u003c)/?(?:del|ins)(?:>|&gt;|\\u003e)")
ATOM = "{http://www.w3.org/2005/Atom}"
MAY = datetime(2026, 5, 29, 12, tzinfo=UTC)
JUNE = datetime(2026, 6, 3, 12, tzinfo=UTC)
JULY = datetime(2026, 7, 3, 12, tzinfo=UTC)


def corrected(term, *, editor, checker, fate=Fate.WAS_WRONG, why="The report lists <six>.", now=JUNE, publish=False):
    """Have the number of sizes mended in a published card."""
    body = "It was released in June 2024. Six sizes exist.\n\nPeople can download it."
    draft = replace(term.draft(), body=body)
    term = save_term(Term.objects.get(pk=term.pk), draft, details=details_of(term), by=editor, now=now)
    edition = submit_term(term, by=editor, now=now)
    settle_all(edition, by=checker, now=now)
    said = say_of_old_words(edition, fate, why)
    given = {"whole_card": True, "old_words": said, "publish": publish, "now": now}
    pass_check(edition, by=checker, digest=edition.digest, **given)
    return Term.objects.get(pk=term.pk)


def text(response):
    """Return a page, or a feed, without the marks on words that differ."""
    return MARKS.sub("", " ".join(response.content.decode().split()))


def test_the_log_says_what_was_what_is_now_why_and_when(client, editor, checker):
    assert "Nothing has had to be corrected yet" in text(client.get("/corrections/"))
    corrected(make_published_term("Qwen2", author=editor, checker=checker, now=MAY), editor=editor, checker=checker)
    page = text(client.get("/corrections/"))
    assert '<strong>Correction</strong>, <time datetime="2026-06-03">June 3, 2026</time>' in page
    marked = client.get("/corrections/").content.decode()
    assert "<del>Five</del> sizes exist." in marked and "<ins>Six</ins> sizes exist." in marked
    assert "The report lists &lt;six&gt;." in page and "<six>" not in page


@pytest.mark.parametrize(
    ("fate", "logged", "on_page"),
    [
        (Fate.STILL_TRUE, False, False),
        (Fate.COULD_MISLEAD, True, False),
        (Fate.NO_LONGER_TRUE, True, False),
        (Fate.WAS_WRONG, True, True),
    ],
)
def test_a_minor_edit_is_told_nowhere_and_a_correction_on_the_page_too(client, editor, checker, fate, logged, on_page):
    term = make_published_term("Qwen2", author=editor, checker=checker, now=MAY)
    corrected(term, editor=editor, checker=checker, fate=fate)
    with_time = client.get("/terms/qwen2/")
    assert ("Five sizes exist." in text(client.get("/corrections/"))) == logged
    assert ("Five sizes exist." in text(client.get("/corrections/feed/"))) == logged
    assert ("Five sizes exist." in text(with_time)) == on_page


def test_a_notice_stays_a_year_on_the_page_and_for_good_in_the_log(client, editor, checker, time_machine):
    term = make_published_term("Qwen2", author=editor, checker=checker, now=MAY)
    corrected(term, editor=editor, checker=checker)
    time_machine.move_to("2027-06-03 12:00Z")
    assert "Five sizes exist." in text(client.get("/terms/qwen2/"))
    time_machine.move_to("2027-06-05 12:00Z")
    assert "Five sizes exist." not in text(client.get("/terms/qwen2/"))
    assert "Five sizes exist." in text(client.get("/corrections/"))


def test_a_retraction_repeats_none_of_the_words(client, editor, checker):
    term = make_published_term("Qwen2", author=editor, checker=checker, now=MAY)
    withdraw_check(term, by=checker, reason="The numbers were made up.", now=JUNE)
    page = text(client.get("/corrections/"))
    assert "<strong>Retraction</strong>" in page and "The numbers were made up." in page and "Qwen2" in page
    assert "Five sizes" not in page and "family of language models" not in page
    assert 'href="/terms/qwen2/"' not in page


def test_the_dealt_card_keeps_its_words_with_the_note_beside_them(client, editor, checker):
    terms = [make_published_term(f"Word {n}", author=editor, checker=checker, now=MAY) for n in range(1, 8)]
    make_deck(date(2026, 5, 30), terms=terms)
    before = text(client.get("/deck/2026-05-30/"))
    corrected(terms[2], editor=editor, checker=checker)
    page = text(client.get("/deck/2026-05-30/"))
    assert "Was:" not in before
    assert page.count("Was:") == 1 and "The report lists &lt;six&gt;." in page
    assert page.count('<time datetime="2026-05-29">') == before.count('<time datetime="2026-05-29">') == 7
    assert "Word 3 is a family of language models." in page
    card = page.split('id="card-3"')[1].split('id="card-4"')[0]
    assert card.index("Was:") < card.index("Read more"), "what was wrong is told before the way to the card"


PLACES = ["/", "/deck/2026-05-30/", "/deck/2026-05-30/print/", "/feed/", "/feed/atom/", "/feed.json", "/corrections/"]


def test_new_words_that_are_taken_back_in_their_turn_are_repeated_nowhere(client, editor, checker, time_machine):
    terms = [make_published_term(f"Word {n}", author=editor, checker=checker, now=MAY) for n in range(1, 8)]
    make_deck(date(2026, 5, 30), terms=terms)
    changed = corrected(terms[2], editor=editor, checker=checker)
    time_machine.move_to(JULY)
    places = [*PLACES, "/corrections/feed/"]
    assert all("Six sizes exist." in text(client.get(place)) for place in places)
    withdraw_check(changed, by=checker, reason="Six is wrong too.", now=JULY)
    for place in places:
        page = text(client.get(place))
        assert "Six sizes" not in page, place
        assert "since taken back, on" in page and "July 3, 2026" in page and "Six is wrong too." in page, place
    page = text(client.get("/deck/2026-05-30/"))
    card = page.split('id="card-3"')[1].split('id="card-4"')[0]
    assert "<strong>Retraction</strong>" in card and "Fact-checked" in card and page.count("Retraction") == 1


def test_the_feed_says_when_new_words_were_taken_back(client, editor, checker):
    changed = corrected(
        make_published_term("Qwen2", author=editor, checker=checker, now=MAY), editor=editor, checker=checker
    )
    withdraw_check(changed, by=checker, reason="Six is wrong too.", now=JULY)
    entries = list(ElementTree.fromstring(client.get("/corrections/feed/").content).iter(f"{ATOM}entry"))
    assert [entry.findtext(f"{ATOM}updated") for entry in entries] == ["2026-07-03T12:00:00+00:00"] * 2
    assert entries[1].findtext(f"{ATOM}published") == "2026-06-03T12:00:00+00:00"
    said = "Was: Five sizes exist. Now: since taken back, on July 3, 2026. Why: The report lists <six>."
    assert entries[1].findtext(f"{ATOM}summary") == said


SAME = "The same words were put back on July 4, 2026, after another check."


def test_a_card_that_was_taken_back_and_put_back_says_both(client, editor, checker, time_machine):
    terms = [make_published_term(f"Word {n}", author=editor, checker=checker, now=MAY) for n in range(1, 8)]
    make_deck(date(2026, 5, 30), terms=terms)
    withdraw_check(terms[2], by=checker, reason="Its source fell.", now=JULY)
    put_back(terms[2], author=editor, checker=checker, now=JULY + timedelta(days=1))
    time_machine.move_to(JULY + timedelta(days=1))
    for place in [*PLACES, "/corrections/feed/", "/terms/word-3/"]:
        page = text(client.get(place))
        assert page.count(SAME) == page.count("Its source fell.") >= 1, place
    card = text(client.get("/deck/2026-05-30/")).split('id="card-3"')[1].split('id="card-4"')[0]
    assert "Word 3 is a family of language models." in card and SAME in card


def test_a_card_that_came_back_with_other_words_says_so(client, editor, checker):
    term = make_published_term("Qwen2", author=editor, checker=checker, now=MAY)
    withdraw_check(term, by=checker, reason="Its source fell.", now=JUNE)
    assert "came back" not in text(client.get("/corrections/"))
    corrected(Term.objects.get(pk=term.pk), editor=editor, checker=checker, now=JULY, publish=True)
    assert "The card came back on July 3, 2026, with other words." in text(client.get("/corrections/"))


def test_new_words_that_are_put_back_are_told_again_and_move_their_item(client, editor, checker):
    term = make_published_term("Qwen2", author=editor, checker=checker, now=MAY)
    changed = corrected(term, editor=editor, checker=checker)
    withdraw_check(changed, by=checker, reason="Six is wrong too.", now=JULY)
    put_back(changed, author=editor, checker=checker, now=JULY + timedelta(days=1))
    assert "Six sizes exist." in text(client.get("/corrections/"))
    entries = list(ElementTree.fromstring(client.get("/corrections/feed/").content).iter(f"{ATOM}entry"))
    assert [entry.findtext(f"{ATOM}updated") for entry in entries] == ["2026-07-04T12:00:00+00:00"] * 2


def test_a_card_that_comes_back_says_so_and_whether_it_changed(client, editor, checker):
    terms = [make_published_term(f"Word {n}", author=editor, checker=checker, now=MAY) for n in range(1, 8)]
    make_deck(date(2026, 5, 30), terms=terms)
    corrected(terms[2], editor=editor, checker=checker)
    make_deck(date(2026, 6, 10), terms=[Term.objects.get(pk=term.pk) for term in terms])
    assert "Dealt before" not in text(client.get("/deck/2026-05-30/"))
    page = text(client.get("/deck/2026-06-10/"))
    assert page.count('Dealt before on <time datetime="2026-05-30">May 30, 2026</time>') == 7
    card = page.split('id="card-3"')[1].split('id="card-4"')[0]
    assert page.count("changed since") == card.count("changed since") == 1


def test_days_that_are_not_dealt_yet_are_not_found(client):
    make_deck(date(2026, 5, 30))
    assert client.get("/deck/2026-05-30/").status_code == 200
    assert client.get("/deck/2026-05-31/").status_code == 404
    assert client.get("/deck/2126-05-30/").status_code == 404


def test_the_feed_has_an_item_for_each_whose_id_stays(client, editor, checker):
    term = make_published_term("Qwen2", author=editor, checker=checker, now=MAY)
    corrected(term, editor=editor, checker=checker)
    withdraw_check(Term.objects.get(pk=term.pk), by=checker, reason="Made up.", now=JUNE)
    answer = client.get("/corrections/feed/")
    assert answer["Content-Type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)
    first, second = Correction.objects.public().order_by("-pk")
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert ids == [f"tag:testserver,2026-05-29:correction/{row.pk}" for row in (first, second)]
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
    assert titles == ["Qwen2: retraction", "Qwen2: correction"]
    said = [entry.findtext(f"{ATOM}summary") for entry in feed.iter(f"{ATOM}entry")][1]
    assert said == "Was: Five sizes exist. Now: since taken back, on June 3, 2026. Why: The report lists <six>."
    assert [entry.find(f"{ATOM}link").get("href") for entry in feed.iter(f"{ATOM}entry")][1].endswith(
        f"/corrections/?at={second.pk}#correction-{second.pk}"
    )


def test_the_feed_without_corrections_is_a_feed(client):
    assert ElementTree.fromstring(client.get("/corrections/feed/").content).findtext(f"{ATOM}id")


def test_the_way_to_older_rows_stands_between_the_rows_and_the_words_used(client, editor, checker, monkeypatch):
    monkeypatch.setattr(correction, "CORRECTIONS_A_PAGE", 1)
    for name in ("Qwen2", "Token"):
        corrected(make_published_term(name, author=editor, checker=checker, now=MAY), editor=editor, checker=checker)
    html = client.get("/corrections/").content.decode()
    assert html.index("</ol>") < html.index('href="?page=2"') < html.index("The words used here")


def test_the_address_of_a_correction_leads_to_the_page_of_the_log_that_has_it(client, editor, checker, monkeypatch):
    monkeypatch.setattr(correction, "CORRECTIONS_A_PAGE", 1)
    corrected(make_published_term("Qwen2", author=editor, checker=checker, now=MAY), editor=editor, checker=checker)
    withdraw_check(Term.objects.get(), by=checker, reason="Made up.", now=JUNE)
    rows = Correction.objects.public()
    for row in rows:
        found = [other for other in rows if f'id="correction-{other.pk}"' in text(client.get(row.get_absolute_url()))]
        assert found == [row]
    for at in ("0", "-1", "x", "٣", "9" * 40, ""):
        assert client.get("/corrections/", {"at": at}).status_code == 200

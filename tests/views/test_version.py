"""Is this still true? What readers of old words are told, and what they are never shown."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.db.models import QuerySet

from glossary.domain.correction import CorrectionKind, Fate
from glossary.domain.roles import Role
from glossary.domain.term import AliasDraft, AliasKind
from glossary.models import Correction, Edition, Term
from glossary.services.closing import merge_term, retire_term
from glossary.services.fact_check import pass_check, withdraw_check
from glossary.services.term import change_slug, save_term, submit_term
from tests.factories import (
    details_of,
    make_deck,
    make_published_term,
    make_user,
    put_back,
    say_of_old_words,
    settle_all,
)

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 29, 12, tzinfo=UTC)
JUNE = datetime(2026, 6, 3, 12, tzinfo=UTC)
JULY = datetime(2026, 7, 3, 12, tzinfo=UTC)


@pytest.fixture
def people():
    return {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}


@pytest.fixture
def term(people):
    return make_published_term("Qwen2", now=MAY, **people)


def edited(term, people, body, fate=Fate.STILL_TRUE, why=""):
    draft = replace(Term.objects.get(pk=term.pk).draft(), body=body)
    term = save_term(Term.objects.get(pk=term.pk), draft, details=details_of(term), by=people["author"], now=JUNE)
    edition = submit_term(term, by=people["author"], now=JUNE)
    settle_all(edition, by=people["checker"], now=JUNE)
    said = say_of_old_words(edition, fate, why)
    pass_check(edition, by=people["checker"], digest=edition.digest, whole_card=True, old_words=said, now=JUNE)
    return Term.objects.get(pk=term.pk)


def address(edition, slug="qwen2"):
    return f"/terms/{slug}/v/{edition.digest}/"


def main_of(response):
    main = response.content.decode().partition("<main")[2].partition("</main>")[0].partition(">")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split()).replace(" .", ".").replace(" ,", ",")


def test_current_words_are_said_to_be_current_and_the_page_points_to_the_card(client, term):
    response = client.get(address(term.published))
    page, html = main_of(response), response.content.decode()
    assert "these are the words on the card today" in page and "Fact-checked May 29, 2026" in page
    assert '<meta name="robots" content="noindex">' in html
    assert '<link rel="canonical" href="http://testserver/terms/qwen2/">' in html
    assert not response.cookies and html.count("<h1") == 1


def test_names_and_what_came_next_belong_to_the_words(client, people):
    newer = make_published_term("Qwen3", now=MAY, **people)
    aliases = [AliasDraft("Qwen 2"), AliasDraft("Tongyi 2", AliasKind.FORMER_NAME)]
    aliases.append(AliasDraft("Qwenn2", AliasKind.MISSPELLING))
    old = make_published_term("Qwen2", now=MAY, aliases=aliases, **people)
    details = details_of(old, successor=newer)
    edition = submit_term(save_term(old, old.draft(), details=details, by=people["author"]), by=people["author"])
    settle_all(edition, by=people["checker"])
    pass_check(edition, by=people["checker"], digest=edition.digest, whole_card=True)
    page = main_of(client.get(address(edition)))
    assert "Also called: Qwen 2 Formerly: Tongyi 2 Qwen2 is a family" in page and "Succeeded by Qwen3." in page
    assert "Qwenn2" not in page


def test_overdue_words_say_so(client, term):
    Term.objects.filter(pk=term.pk).update(due_on="2026-01-01", overdue_on="2026-02-01")
    page = main_of(client.get(address(term.published)))
    assert "Re-check due." in page and "Another look at it is due." in page


def test_reworded_words_are_said_to_have_the_same_facts(client, term, people):
    old = term.published
    edited(term, people, "It was released in June 2024. Five sizes exist.\n\nAnybody can have it.")
    page = main_of(client.get(address(old)))
    assert "reworded on June 3, 2026, with the same facts" in page
    assert "What you read" in page and "People can download it." in page


@pytest.mark.parametrize(
    ("fate", "says"),
    [
        (Fate.WAS_WRONG, "No, not all of it. The card was corrected on June 3, 2026"),
        (Fate.NO_LONGER_TRUE, "It was true when you read it. The card was updated on June 3, 2026"),
        (Fate.COULD_MISLEAD, "It was true and could mislead. It was put more clearly on June 3, 2026"),
    ],
)
def test_what_was_said_of_the_words_is_told_with_was_and_now(client, term, people, fate, says):
    old = term.published
    edited(term, people, "It was released in June 2024. Six sizes exist.\n\nPeople can download it.", fate, "<Six>.")
    response = client.get(address(old))
    page, html = main_of(response), response.content.decode()
    assert says in page and "&lt;Six&gt;." in html and "<Six>" not in html
    assert "<del>Five</del> sizes exist." in html and "<ins>Six</ins> sizes exist." in html
    assert page.count("Five sizes exist.") == 1, "the old words stand nowhere but in the correction"
    assert "People can download it." not in page and "Fact-checked" not in page


def test_withdrawn_words_are_told_with_the_reason_and_without_the_words(client, term, people):
    old = term.published
    withdraw_check(term, by=people["checker"], reason="Its source was retracted.", now=JUNE)
    response = client.get(address(old))
    page = main_of(response)
    assert response.status_code == 200
    assert "taken back on June 3, 2026, because: Its source was retracted." in page
    assert "Five sizes" not in response.content.decode() and "family" not in response.content.decode()
    retraction = Correction.objects.get(kind=CorrectionKind.RETRACTION)
    assert "<h1>Qwen2</h1>" in response.content.decode(), "the name that readers knew"
    assert f'href="/corrections/?at={retraction.pk}#correction-{retraction.pk}"' in response.content.decode()


def test_words_that_came_back_lead_to_no_retraction(client, term, people):
    old = term.published
    withdraw_check(term, by=people["checker"], reason="Its source was retracted.", now=JUNE)
    assert "#correction-" in client.get(address(old)).content.decode()
    put_back(term, **people, now=JULY)
    assert "#correction-" not in client.get(address(old)).content.decode()


def test_a_name_that_was_changed_behind_the_services_is_not_a_heading(client, term, people):
    old = term.published
    withdraw_check(term, by=people["checker"], reason="Its source was retracted.", now=JUNE)
    QuerySet(Edition).filter(pk=old.pk).update(words_json=old.words_json | {"headword": "Forged name"})
    for path in (address(old), "/terms/qwen2/"):
        html = client.get(path).content.decode()
        assert "Forged" not in html and "This card" in html


def test_a_closed_card_says_so_with_its_day(client, term, people):
    old = term.published
    retire_term(term, by=people["checker"], reason="Nobody says it.", now=JULY)
    page = main_of(client.get(address(old)))
    assert (
        "Closed July 3, 2026 We do not keep this card any more: it was closed on July 3, 2026, because: Nobody" in page
    )
    assert "These words were not taken back." in page and "Five sizes" not in page and "May 29" not in page


def test_a_card_that_was_merged_says_into_which(client, term, people):
    old, other = term.published, make_published_term("Qwen <family>", **people)
    merge_term(term, into=other, by=people["checker"], reason="Twice the same.", now=JULY)
    response = client.get(address(old))
    page, html = main_of(response), response.content.decode()
    assert "Merged July 3, 2026" in page and "it was merged into “Qwen &lt;family&gt;”." in page
    assert "No." not in page and "Five sizes" not in page and f'href="{other.get_absolute_url()}"' in html


@pytest.mark.parametrize(
    ("fate", "says"),
    [
        (Fate.WAS_WRONG, "No, not all of it. The card was corrected on June 3, 2026. "),
        (Fate.STILL_TRUE, "The card was reworded on June 3, 2026, with the same facts. "),
    ],
)
def test_an_old_edition_says_what_became_of_it_and_then_of_the_card(client, term, people, fate, says):
    old = term.published
    term = edited(term, people, "It was released in June 2024. Six sizes exist.", fate, "Miscounted.")
    if fate == Fate.WAS_WRONG:
        withdraw_check(term, by=people["checker"], reason="Six is wrong too.", now=JULY)
        then = "Later the card was taken back, on July 3, 2026, because: Six is wrong too."
    else:
        retire_term(term, by=people["checker"], reason="Nobody says it.", now=JULY)
        then = "Later the card was closed, on July 3, 2026, because: Nobody says it."
    page = main_of(client.get(address(old)))
    assert says + then in page and "Yes" not in page and "Withdrawn" not in page and "Fact-checked" not in page
    assert "checked again" not in page


@pytest.mark.parametrize("digest", ["0" * 64, "x", "%00", "é" * 64, "a" * 5000])
def test_an_unknown_digest_is_not_found(client, term, digest):
    assert client.get(f"/terms/qwen2/v/{digest}/").status_code == 404
    assert client.get(f"/terms/unknown/v/{term.published.digest}/").status_code == 404


def test_words_that_wait_for_a_check_have_no_address(client, term, people):
    draft = replace(term.draft(), body="Canary words.")
    saved = save_term(term, draft, details=details_of(term), by=people["author"])
    for path in (address(saved.working), "/terms/qwen2/v/", address(term.published)):
        assert "Canary" not in client.get(path).content.decode()
    assert client.get(address(saved.working)).status_code == 404


def test_an_old_address_of_the_card_gets_one_redirect(client, term, people):
    change_slug(term, "qwen-two", by=people["checker"])
    response = client.get(address(term.published))
    assert (response.status_code, response["Location"]) == (301, address(term.published, "qwen-two"))
    assert client.get("/terms/qwen2/v/")["Location"] == "/terms/qwen-two/v/"


def test_the_date_on_a_dealt_card_leads_to_the_words_that_were_dealt(client, people):
    terms = [make_published_term(f"Word {n}", now=MAY, **people) for n in range(1, 8)]
    make_deck(date(2026, 5, 30), terms=terms)
    dealt = terms[2].published
    edited(terms[2], people, "It was released in June 2024. Six sizes exist.", Fate.WAS_WRONG, "Miscounted.")
    page = client.get("/deck/2026-05-30/").content.decode()
    assert page.count('title="Is this still true?"') == 7
    assert f'href="{address(dealt, "word-3")}"' in page
    assert "The card was corrected" in main_of(client.get(address(dealt, "word-3")))


def test_what_changed_is_told_by_words(client, term, people):
    old = term.published
    edited(
        term, people, "It was released in June 2024. Six sizes exist.\n\nPeople can download it.", Fate.WAS_WRONG, "x"
    )
    html = client.get("/terms/qwen2/v/").content.decode()
    assert "<b>Was:</b> <del>Five</del> sizes exist." in html and "<b>Now:</b> <ins>Six</ins> sizes exist." in html
    assert "<p>First published.</p>" in html
    assert address(old) in html and html.count("<h1") == 1
    assert 'content="noindex"' in html


def test_what_changed_of_a_card_that_readers_do_not_see_is_not_found(client, term, people):
    withdraw_check(term, by=people["checker"], reason="Made up.")
    assert client.get("/terms/qwen2/v/").status_code == 404
    assert client.get("/terms/never/v/").status_code == 404

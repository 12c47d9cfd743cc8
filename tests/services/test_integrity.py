"""Integrity: a desk that worked through the services is clean, and whatever raw SQL changes is found and named."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from glossary.domain.claim import ClaimKind, Verdict
from glossary.domain.deck import DeckState
from glossary.domain.roles import Role
from glossary.domain.term import AliasDraft, AliasKind
from glossary.models import Deck, Name, OldSlug, SentenceAuthor, Term
from glossary.services import integrity
from glossary.services.claim import settle_line
from glossary.services.closing import merge_term, retire_term
from glossary.services.cut import cut_sentence
from glossary.services.fact_check import pass_check, pass_respelling, send_back, withdraw_check
from glossary.services.gate import publish_due
from glossary.services.integrity import check_integrity
from glossary.services.integrity_words import with_rows
from glossary.services.suggestion import accept_suggestion, suggest_wording
from glossary.services.term import change_slug, save_term, submit_term
from glossary.services.working_text import bin_draft, discard_changes, revert_words
from tests.factories import (
    details_of,
    make_deck,
    make_draft,
    make_published_term,
    make_source,
    make_term,
    make_user,
    say_of_old_words,
    settle_all,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 29, 12, tzinfo=UTC)
BODY = "Peple can download it. It answers questions. Five sizes exist."
FORMER = AliasDraft("Tongyi", AliasKind.FORMER_NAME)
HIDDEN = AliasDraft("Kwen2", AliasKind.MISSPELLING)


def later(days):
    return NOON + timedelta(days=days)


def found():
    return [(fault.kind, fault.subject) for fault in check_integrity()]


def rewrite(term, *, by, now, checker=None, **draft):
    """Save other words, and have them checked and passed if there is a checker."""
    details = details_of(term, **draft.pop("details", {}))
    term = save_term(Term.objects.get(pk=term.pk), make_draft(**draft), details=details, by=by, now=now)
    if checker:
        edition = submit_term(term, by=by, now=now)
        settle_all(edition, by=checker, now=now)
        said = say_of_old_words(edition)
        pass_check(edition, by=checker, digest=edition.digest, whole_card=True, publish=True, old_words=said, now=now)
    return Term.objects.get(pk=term.pk)


def make_people():
    """Return an author, and a checker who may write too."""
    return {"author": make_user(Role.EDITOR), "checker": make_user(Role.EDITOR, Role.CHECKER, Role.PUBLISHER)}


def make_well_worn_term(people):
    """Return a term with a respelt line, one that was read again, an old address and a term merged into it."""
    author, checker = people["author"], people["checker"]
    aliases = ("Tongyi 2", FORMER, HIDDEN)
    term = make_published_term("Qwen2", body=BODY, aliases=aliases, now=NOON, **people)
    mended = BODY.replace("Peple", "People")
    term = rewrite(term, body=mended, aliases=aliases, by=author, now=later(1))
    edition = submit_term(term, by=author, now=later(1))
    pass_respelling(edition, by=checker, digest=edition.digest, now=later(2))
    moved = mended.replace("Five", "Six")
    term = rewrite(term, body=f"Shops use it. {moved}", aliases=aliases, by=author, checker=checker, now=later(3))
    change_slug(term, "qwen-2", by=checker, now=later(4))
    merge_term(make_published_term("Qianwen", now=NOON, **people), into=term, by=checker, now=later(5))
    shared = {"body": "It is a fruit.", "ambiguous": True}
    make_published_term("Kiwi", now=NOON, slug="kiwi-fruit", **people, **shared)
    make_term("Kiwi", by=author, now=NOON, slug="kiwi-bird", ambiguous=True)
    return Term.objects.get(pk=term.pk)


@pytest.fixture
def people():
    return make_people()


@pytest.fixture
def term(people):
    return make_well_worn_term(people)


def test_a_desk_that_knows_every_flow_is_clean(term, people):
    author, checker = people["author"], people["checker"]
    deck = make_deck()
    dealt = [card.term for card in deck.cards.select_related("term")]
    make_deck(deck.day + timedelta(days=2), state=DeckState.LOCKED, terms=dealt)
    make_deck(deck.day + timedelta(days=4), state=DeckState.DRAFT, terms=dealt)
    next_one = make_published_term("Qwen3", now=later(6), **people)
    term = rewrite(term, details={"successor": next_one}, by=author, checker=checker, now=later(7))
    rewrite(next_one, headword="Qwen3 family", by=author, checker=checker, now=later(8))
    term = revert_words(term, term.editions.get(number=1), by=checker, now=later(9))
    term = discard_changes(Term.objects.get(pk=term.pk), by=author, now=later(10))
    term = rewrite(term, headword="Qwen 2 series", body="Two sizes exist.", by=author, now=later(11))
    send_back(submit_term(term, by=author, now=later(11)), by=checker, comment="Name a source.", now=later(12))
    line = term.published.claims.get(sentence__text="Five sizes exist.")
    wrong = {"verdict": Verdict.OUTDATED, "kind": ClaimKind.FACT, "note": "There are six."}
    settle_line(line, by=checker, now=later(13), **wrong)
    save_term(Term.objects.get(pk=term.pk), term.draft(), details=details_of(term), by=author, now=later(14))
    cut_sentence(line, by=checker, reason="It is not so any more.", now=later(15))
    withdraw_check(Term.objects.get(pk=term.pk), by=checker, reason="Much has changed.", now=later(16))
    shaky = make_published_term("Shaky", now=later(6), **people)
    withdraw_check(shaky, by=checker, reason="It was wrong.", now=later(7))
    old = make_published_term("Old", now=later(6), **people)
    retire_term(old, by=checker, reason="Nobody says it.", now=later(7))
    bin_draft(make_term("Typo", by=author), by=author)
    assert found() == []


def test_an_agreed_wording_and_a_deck_renewed_when_published_are_clean(people):
    author, checker = people["author"], people["checker"]
    edition = submit_term(make_term("Stars", by=author), by=author)
    wording = {"text": "It shone in June 2024.", "source": make_source(), "passage": "It shone."}
    claim = edition.claims.get(sentence__text="It was released in June 2024.")
    accept_suggestion(suggest_wording(claim, by=checker, **wording), by=author)
    deck = make_deck(date(2030, 1, 2), state=DeckState.LOCKED)
    night, card = datetime(2030, 1, 2, 3, tzinfo=UTC), deck.cards.first()
    withdraw_check(card.term, by=checker, reason="It was wrong.", now=night)
    rewrite(card.term, headword=card.term.headword, body="New.", by=author, checker=checker, now=night)
    publish_due(now=night + timedelta(hours=20))
    renewed = deck.cards.get(position=1)
    assert renewed.edition_id != card.edition_id
    assert found() == []


def test_who_types_words_again_after_checking_them_is_a_later_author(term, people, settings):
    checker = people["checker"]
    rewrite(term, body="Nothing of it stays.", by=people["author"], now=later(6))
    revert_words(Term.objects.get(pk=term.pk), term.published, by=checker, now=later(7))
    assert SentenceAuthor.objects.filter(user=checker).exists()
    assert found() == []


def test_a_desk_of_one_person_is_clean_only_where_it_is_allowed(settings):
    settings.SINGLE_PERSON_DESK = True
    one = make_user(Role.EDITOR, Role.CHECKER, Role.PUBLISHER)
    make_published_term("Alone", author=one, checker=one)
    assert found() == []
    settings.SINGLE_PERSON_DESK = False
    assert {kind for kind, _ in found()} == {"verdict"}


def test_a_desk_that_moved_to_another_time_zone_is_clean(settings, people):
    settings.EDITORIAL_TIME_ZONE = ZoneInfo("Pacific/Kiritimati")
    make_published_term(now=NOON, **people)
    settings.EDITORIAL_TIME_ZONE = ZoneInfo("Pacific/Pago_Pago")
    assert found() == []


def test_what_is_saved_while_it_looks_is_no_fault(term, monkeypatch):
    """The first look sees half of a change, as another process would commit it between two queries."""
    looks = []

    def look_at_half(terms):
        looks.append(terms)
        run = "UPDATE glossary_term SET letter = %s WHERE id = %s"
        with connection.cursor() as cursor:
            cursor.execute(run, ["Z" if len(looks) == 1 else "Q", term.pk])
        return with_rows(terms)

    monkeypatch.setattr(integrity, "with_rows", look_at_half)
    assert found() == []
    assert len(looks) == 2


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="only SQLite keeps text that is no text, and a day of no month"
)
@pytest.mark.parametrize("change", ["due_on = '2026-02-31'", "body = CAST(X'FF' AS TEXT)"])
def test_a_row_that_cannot_be_read_is_a_fault_and_the_others_are_looked_at(term, change):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE glossary_term SET {change} WHERE id = %s", [term.pk])
        cursor.execute("UPDATE glossary_term SET letter = 'Z' WHERE slug = 'kiwi-fruit'")
    faults = found()
    assert ("row", f"term {term.pk}") in faults and ("shelf", "kiwi-fruit") in faults
    with connection.cursor() as cursor:
        cursor.execute("UPDATE glossary_term SET body = '', due_on = NULL WHERE id = %s", [term.pk])


def test_a_database_that_is_gone_is_no_fault(term, monkeypatch):
    def gone(terms):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(integrity, "with_rows", gone)
    monkeypatch.setattr(connection, "is_usable", lambda: False)
    with pytest.raises(OperationalError):
        found()


def asked():
    with CaptureQueriesContext(connection) as queries:
        assert found() == []
    assert not [q["sql"] for q in queries if not q["sql"].startswith(("SELECT", "DECLARE", "FETCH", "CLOSE"))]
    return len(queries)


def test_it_only_reads_and_asks_as_often_for_one_term_as_for_eight_of_a_chunk(people, monkeypatch):
    make_published_term("Term 0", **people)
    one = asked()
    for number in range(1, 8):
        make_published_term(f"Term {number}", **people)
    assert asked() == one
    monkeypatch.setattr(integrity, "CHUNK", 2)
    assert one < asked() <= 4 * one  # eight terms and their names, two at a time


def test_it_tells_how_far_it_is(term, monkeypatch):
    monkeypatch.setattr(integrity, "CHUNK", 2)
    told = []
    list(check_integrity(progress=told.append))
    assert told == sorted(told)
    assert told[-1] == sum(model.objects.count() for model in (Term, Name, OldSlug, Deck))

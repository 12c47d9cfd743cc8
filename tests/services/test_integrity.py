"""Integrity: a desk that worked through the services is clean, and whatever raw SQL changes is found and named."""

from datetime import UTC, date, datetime, timedelta

import pytest

from glossary.domain.claim import ClaimKind, Verdict
from glossary.domain.deck import DeckState
from glossary.domain.roles import Role
from glossary.domain.term import AliasDraft, AliasKind
from glossary.models import Deck, Edition, Term
from glossary.services.claim import settle_line
from glossary.services.cut import cut_sentence
from glossary.services.deck import publish_due
from glossary.services.fact_check import pass_check, pass_respelling, send_back, withdraw_check
from glossary.services.integrity import check_integrity
from glossary.services.suggestion import accept_suggestion, suggest_wording
from glossary.services.term import change_slug, merge_term, retire_term, save_term, submit_term
from glossary.services.working_text import bin_draft, discard_changes, revert_words
from tests.factories import (
    details_of,
    make_deck,
    make_draft,
    make_published_term,
    make_source,
    make_term,
    make_user,
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
        pass_check(edition, by=checker, digest=edition.digest, whole_card=True, now=now)
    return Term.objects.get(pk=term.pk)


@pytest.fixture
def people():
    return {"author": make_user(Role.EDITOR), "checker": make_user(Role.EDITOR, Role.CHECKER, Role.PUBLISHER)}


@pytest.fixture
def term(people):
    """A published term with a respelt line, one that was read again, an old address and a term merged into it."""
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


def test_a_desk_that_knows_every_flow_is_clean(term, people):
    author, checker = people["author"], people["checker"]
    make_deck()
    make_deck(date(2030, 1, 2), state=DeckState.LOCKED)
    make_deck(date(2030, 3, 3), state=DeckState.DRAFT)
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
    words, source = "It shone in June 2024.", make_source()
    wording = {"text": words, "kind": ClaimKind.FACT, "source": source, "passage": "It shone."}
    claim = edition.claims.get(sentence__text="It was released in June 2024.")
    accept_suggestion(suggest_wording(claim, by=checker, **wording), by=author)
    deck = make_deck(date(2030, 1, 2), state=DeckState.LOCKED)
    moment = datetime(2030, 1, 2, 3, tzinfo=UTC)
    card = deck.cards.first()
    people = {"author": card.edition.made_by, "by": make_user(Role.EDITOR), "checker": checker}
    new = rewrite(card.term, headword=card.term.headword, body="New.", by=people["by"], checker=checker, now=moment)
    Edition.objects.filter(pk=card.edition_id).update(withdrawn_at=None)
    assert new.published_id != card.edition_id
    publish_due(now=datetime(2030, 1, 2, 23, tzinfo=UTC))
    assert Deck.objects.get(pk=deck.pk).state == DeckState.PUBLISHED
    assert found() == []

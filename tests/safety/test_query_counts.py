"""How often each page asks the database: an exact number, and the same for three terms and for thirty."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from glossary.domain.doubt import DoubtKind
from glossary.domain.roles import Role
from glossary.models import Deck, Source, Term
from glossary.services.deck import create_deck
from glossary.services.doubt import doubt_sentence, doubt_source
from glossary.services.fact_check import withdraw_check
from glossary.services.term import save_term, submit_term
from tests.factories import details_of, make_deck, make_draft, make_published_term, make_report, make_term, make_user

pytestmark = pytest.mark.django_db
READERS = {
    "home": 7,
    "decks": 5,
    "deck": 7,
    "terms": 6,
    "term": 7,
    "changes": 7,
    "version": 8,
    "report": 4,
    "report-thanks": 3,
    "privacy": 1,
    "contact": 1,
    "security-txt": 0,
    "term-peek": 2,
    "corrections": 3,
    "corrections-feed": 1,
    "tags": 3,
    "tag": 6,
    "search": 1,
    "search-suggest": 0,
    "opensearch": 0,
    "how-we-check": 1,
    "about": 1,
    "start": 2,
}
DESK = {
    "admin:index": 35,
    "admin:glossary_term_changelist": 9,
    "admin:glossary_term_change": 36,
    "admin:glossary_term_compare": 14,
    "admin:glossary_term_preview": 9,
    "admin:glossary_term_history": 8,
    "admin:glossary_report_changelist": 6,
    "admin:glossary_report_change": 5,
    "admin:glossary_edition_changelist": 13,
    "admin:glossary_edition_check": 54,
    "admin:glossary_doubt_changelist": 10,
    "admin:glossary_doubt_change": 9,
    "admin:glossary_doubt_sentence": 8,
    "admin:glossary_doubt_content": 10,
    "admin:glossary_brief_changelist": 6,
    "admin:glossary_brief_change": 11,
    "admin:glossary_brief_preview": 13,
    "admin:glossary_brief_mail": 13,
    "admin:glossary_correction_changelist": 6,
    "admin:glossary_correction_publish": 12,
    "admin:glossary_deck_changelist": 19,
    "admin:glossary_delivery_changelist": 5,
    "admin:glossary_deck_quality": 6,
    "admin:glossary_deck_change": 12,
    "admin:glossary_rulesetting_changelist": 6,
    "admin:glossary_source_changelist": 6,
    "admin:glossary_source_change": 9,
    "admin:glossary_factcheck_changelist": 6,
    "admin:glossary_trailentry_changelist": 6,
    "admin:taggit_tag_changelist": 6,
}


def grow(number, *, author, checker):
    """Add published terms, drafts, submitted cards and terms that are due, so that every list gets longer."""
    long_ago = datetime.now(tz=UTC) - timedelta(days=900)
    for n in range(number):
        term = make_published_term(f"Grown {Term.objects.count()}", author=author, checker=checker)
        if n % 3 == 0:
            changed = make_draft(term.headword, body="Changed. " * 3)
            submit_term(save_term(term, changed, details=details_of(term), by=author), by=author)
        withdraw_check(
            make_published_term(f"Lost {Term.objects.count()}", author=author, checker=checker),
            by=checker,
            reason="It was wrong.",
        )
        if n % 3 == 1:
            make_published_term(f"Due {Term.objects.count()}", author=author, checker=checker, now=long_ago)
        submit_term(make_term(f"Draft {Term.objects.count()}", by=author), by=author)
        make_report(make_published_term(f"Doubted {Term.objects.count()}", author=author, checker=checker))
        make_report(Term.objects.get(slug="qwen2"))
        last = Deck.objects.order_by("day").last()
        create_deck(last.day + timedelta(days=1), by=make_user(Role.SCHEDULER))


@pytest.fixture
def desk():
    author, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    deck = make_deck()
    term = make_published_term("Qwen2", author=author, checker=checker)
    term = save_term(term, make_draft(body="Six sizes exist."), details=details_of(term), by=author)
    desk = {"author": author, "checker": checker, "deck": deck, "term": term, "edition": submit_term(term, by=author)}
    source = Source.objects.first()
    sentence = term.published.claims.get(sentence__text="People can download it.").sentence
    doubts = [
        doubt_source(source, DoubtKind.OUTDATED, "Old.", by=checker),
        *doubt_sentence(sentence, DoubtKind.OUTDATED, "Old.", by=checker),
    ]
    return desk | {"source": source, "sentence": sentence, "doubt": doubts[0], "report": make_report(term)}


def pages(desk):
    keys = {noun: desk[noun].pk for noun in ("term", "edition", "deck", "source", "doubt", "report")}
    keys["brief"] = desk["deck"].brief.pk
    fixed = {"deck": [desk["deck"].day.isoformat()], "term": [desk["term"].slug], "tag": ["model-families"]}
    fixed |= {name: [desk["term"].slug] for name in ("changes", "report", "report-thanks")}
    fixed["version"] = [desk["term"].slug, desk["term"].published.digest]
    fixed["term-peek"] = [desk["term"].slug]
    fixed["admin:glossary_correction_publish"] = [desk["edition"].pk]
    fixed["admin:glossary_doubt_sentence"] = [desk["sentence"].pk]
    fixed["admin:glossary_brief_preview"] = fixed["admin:glossary_brief_mail"] = [desk["deck"].pk]
    for name in [*READERS, *DESK]:
        noun = next(
            (n for n in keys if f"glossary_{n}_" in name and not name.endswith(("changelist", "quality", "content"))),
            None,
        )
        yield name, reverse(name, args=fixed.get(name, [keys[noun]] if noun else []))


def counts(client, desk):
    staff = make_user(superuser=True)
    found = {}
    for name, address in pages(desk):
        client.logout()
        if name in DESK:
            client.force_login(staff)
        ContentType.objects.clear_cache()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200, address
        found[name] = len(queries)
    return found


def test_no_page_asks_more_often_as_the_glossary_grows(client, desk):
    grow(3, author=desk["author"], checker=desk["checker"])
    few = counts(client, desk)
    grow(12, author=desk["author"], checker=desk["checker"])
    many = counts(client, desk)
    assert few == many
    assert many == READERS | DESK

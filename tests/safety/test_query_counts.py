"""How often each page asks the database: an exact number, and the same for three terms and for thirty."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from glossary.domain.doubt import DoubtKind
from glossary.domain.link_token import Purpose
from glossary.domain.roles import Role
from glossary.domain.subscriber import SuppressionReason
from glossary.models import (
    Brief,
    Correction,
    Deck,
    Delivery,
    FactCheck,
    RuleSetting,
    Source,
    Suppression,
    Term,
    TrailEntry,
)
from glossary.services.confirmation import token_hash
from glossary.services.deck import create_deck
from glossary.services.doubt import doubt_sentence, doubt_source
from glossary.services.fact_check import withdraw_check
from glossary.services.subscription import link_of
from glossary.services.term import save_term, submit_term
from tests.factories import (
    details_of,
    make_deck,
    make_draft,
    make_published_term,
    make_readers,
    make_report,
    make_term,
    make_user,
)

pytestmark = pytest.mark.django_db
PERMISSIONS = tomllib.loads((Path(__file__).parent / "permissions.toml").read_text(encoding="utf-8"))["address"]
READERS = {
    "home": 11,
    "decks": 5,
    "deck": 7,
    "terms": 7,
    "term": 5,
    "changes": 7,
    "version": 8,
    "report": 4,
    "report-thanks": 3,
    "privacy": 1,
    "contact": 1,
    "security-txt": 0,
    "term-peek": 2,
    "corrections": 3,
    "corrections-feed": 2,
    "tags": 3,
    "tag": 6,
    "search": 1,
    "search-suggest": 0,
    "opensearch": 0,
    "how-we-check": 1,
    "about": 1,
    "start": 2,
    "deck-print": 7,
    "deck-picture": 1,
    "term-picture": 2,
    "feed": 5,
    "feed-atom": 5,
    "feed-json": 5,
    "sitemap": 22,
    "sitemap-part": 3,
    "anki": 11,
    "confirm": 2,
    "unsubscribe": 2,
    "preferences": 2,
    "healthz": 0,
    "manifest": 0,
    "picture": 0,
    "robots": 0,
}
DESK = {
    "admin:index": 35,
    "admin:glossary_term_changelist": 9,
    "admin:glossary_term_change": 41,
    "admin:glossary_term_compare": 14,
    "admin:glossary_term_preview": 9,
    "admin:glossary_term_history": 8,
    "admin:glossary_report_changelist": 6,
    "admin:glossary_report_change": 5,
    "admin:glossary_edition_changelist": 14,
    "admin:glossary_edition_check": 54,
    "admin:glossary_doubt_changelist": 10,
    "admin:glossary_doubt_change": 9,
    "admin:glossary_doubt_sentence": 8,
    "admin:glossary_doubt_content": 10,
    "admin:glossary_brief_changelist": 6,
    "admin:glossary_brief_change": 11,
    "admin:glossary_brief_preview": 10,
    "admin:glossary_brief_mail": 10,
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
    "admin:taggit_tag_change": 5,
    "admin:taggit_tag_history": 6,
    "admin:glossary_subscriber_changelist": 7,
    "admin:glossary_subscriber_change": 5,
    "admin:glossary_subscriber_history": 6,
    "admin:glossary_suppression_changelist": 4,
    "admin:glossary_deck_add": 3,
    "admin:glossary_deck_history": 6,
    "admin:glossary_source_history": 6,
    "admin:glossary_report_history": 7,
    "admin:glossary_factcheck_change": 7,
    "admin:glossary_trailentry_change": 7,
    "admin:glossary_delivery_change": 8,
    "admin:glossary_correction_change": 8,
    "admin:auth_user_changelist": 7,
    "admin:auth_user_change": 9,
    "admin:app_list": 3,
    "admin:password_change": 3,
    "admin:password_change_done": 3,
    "admin:jsi18n": 2,
    "admin:glossary_edition_history": 6,
    "admin:glossary_edition_change": 8,
    "admin:taggit_tag_add": 4,
    "admin:glossary_term_import": 3,
    "admin:glossary_term_add": 7,
    "admin:glossary_factcheck_history": 7,
    "admin:glossary_trailentry_history": 6,
    "admin:auth_group_changelist": 6,
    "admin:auth_group_add": 5,
    "admin:auth_group_history": 6,
    "admin:auth_group_delete": 6,
    "admin:auth_group_change": 7,
    "admin:auth_user_password_change": 4,
    "admin:auth_user_add": 4,
    "admin:auth_user_history": 6,
    "admin:glossary_correction_history": 7,
    "admin:glossary_rulesetting_history": 6,
    "admin:glossary_rulesetting_change": 6,
    "admin:glossary_doubt_history": 7,
    "admin:glossary_brief_history": 7,
    "admin:glossary_delivery_history": 6,
    "admin:glossary_suppression_history": 6,
}


NOUNS = ("term", "edition", "deck", "source", "doubt", "report", "subscriber")
WHOLE = ("_changelist", "_add", "_import", "_quality", "_content")
TOKEN = "t" * 43


def grow(number, *, author, checker):
    """Add published terms, drafts, submitted cards and terms that are due, so that every list gets longer."""
    long_ago = datetime.now(tz=UTC) - timedelta(days=900)
    readers = make_readers(number)
    brief = Brief.objects.get()
    sent = {"brief": brief, "not_before": long_ago, "at": long_ago}
    Delivery.objects.bulk_create([Delivery(subscriber=one, **sent) for one in readers])
    for n in range(number):
        Suppression.objects.create(key=f"{readers[n].pk:064}", reason=SuppressionReason.HARD, on=long_ago)
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
def desk(open_sign_up):
    subscriber = make_readers(1)[0]
    subscriber.links.create(token_hash=token_hash(TOKEN), expires=timezone.now() + timedelta(days=1))
    author, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    deck = make_deck()
    term = make_published_term("Qwen2", author=author, checker=checker)
    term = save_term(term, make_draft(body="Six sizes exist."), details=details_of(term), by=author)
    desk = {"author": author, "checker": checker, "deck": deck, "term": term, "edition": submit_term(term, by=author)}
    setting = RuleSetting.objects.create(rule="T1.now", level="hint", by=author, at=timezone.now())
    source = Source.objects.first()
    sentence = term.published.claims.get(sentence__text="People can download it.").sentence
    doubts = [
        doubt_source(source, DoubtKind.OUTDATED, "Old.", by=checker),
        *doubt_sentence(sentence, DoubtKind.OUTDATED, "Old.", by=checker),
    ]
    return (
        desk
        | {
            "source": source,
            "sentence": sentence,
            "doubt": doubts[0],
            "report": make_report(term),
            "subscriber": subscriber,
        }
        | {"setting": setting}
    )


def pages(desk):
    keys = {noun: desk[noun].pk for noun in NOUNS}
    brief, topic = desk["deck"].brief, desk["term"].topic
    keys |= {"brief": brief.pk, "delivery": brief.deliveries.first().pk, "tag": topic.pk, "user": desk["author"].pk}
    keys |= {"factcheck": FactCheck.objects.first().pk, "trailentry": TrailEntry.objects.first().pk}
    keys |= {"correction": Correction.objects.first().pk, "suppression": Suppression.objects.first().pk}
    keys |= {"rulesetting": desk["setting"].pk, "group": desk["author"].groups.first().pk}
    fixed = {"deck": [desk["deck"].day.isoformat()], "term": [desk["term"].slug], "tag": ["model-families"]}
    fixed |= {name: [desk["term"].slug] for name in ("changes", "report", "report-thanks")}
    fixed["version"] = [desk["term"].slug, desk["term"].published.digest]
    fixed |= {name: [desk["term"].slug] for name in ("term-peek", "term-picture")}
    fixed |= {name: [desk["deck"].day.isoformat()] for name in ("deck-print", "deck-picture")}
    fixed |= {"sitemap-part": ["terms", 1], "confirm": [TOKEN], "admin:app_list": ["glossary"]}
    fixed["unsubscribe"] = [link_of(desk["subscriber"], Purpose.UNSUBSCRIBE)]
    fixed["preferences"] = [link_of(desk["subscriber"], Purpose.PREFERENCES)]
    fixed["admin:glossary_correction_publish"] = [desk["edition"].pk]
    fixed["admin:glossary_doubt_sentence"] = [desk["sentence"].pk]
    fixed["admin:glossary_brief_preview"] = fixed["admin:glossary_brief_mail"] = [desk["deck"].pk]
    for name in [*READERS, *DESK]:
        noun = next(
            (n for n in keys if f"_{n}_" in name and not name.endswith(WHOLE)),
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
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200, address
        found[name] = len(queries)
    return found


def test_every_page_that_the_permissions_name_is_counted():
    shown = {row["name"] for row in PERMISSIONS if row["get"].endswith("200")}
    by_token = {"unsubscribe", "preferences"}  # there, nobody has the link
    assert shown | by_token == READERS.keys() | DESK.keys()


def test_no_page_asks_more_often_as_the_glossary_grows(client, desk):
    grow(3, author=desk["author"], checker=desk["checker"])
    few = counts(client, desk)
    grow(12, author=desk["author"], checker=desk["checker"])
    many = counts(client, desk)
    assert few == many
    assert many == READERS | DESK

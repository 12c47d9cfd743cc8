"""Who gets what at which address: a table of every address, every role and every method."""

import tomllib
from http.cookies import Morsel
from pathlib import Path

import pytest
from django.apps import apps
from django.core import serializers
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from glossary.domain.roles import Role
from glossary.models import (
    CACHE_TABLES,
    Correction,
    Deck,
    Doubt,
    Report,
    RuleSetting,
    Sentence,
    Source,
    Suppression,
    Term,
)
from glossary.services.brief import make_brief
from glossary.services.fact_check import withdraw_check
from glossary.services.term import save_term, submit_term
from tests.factories import (
    details_of,
    make_dealt_deck,
    make_draft,
    make_published_term,
    make_readers,
    make_report,
    make_tag,
    make_user,
)

pytestmark = pytest.mark.django_db
ROLES = ["anonymous", *(role.value for role in Role), "superuser"]
OUTERMOST = ["anonymous", "superuser"]  # whoever stands between them may do less than the one, more than the other
WHO = {"GET": ROLES, "POST": ROLES, "HEAD": OUTERMOST, "PUT": OUTERMOST, "DELETE": OUTERMOST}
TABLE = tomllib.loads((Path(__file__).parent / "permissions.toml").read_text(encoding="utf-8"))["address"]


def addresses(resolver=None, space=""):
    """Return the names of every address that the site answers; nameless ones by their pattern."""
    for entry in (resolver or get_resolver()).url_patterns:
        if hasattr(entry, "url_patterns"):
            yield from addresses(entry, space + (f"{entry.namespace}:" if entry.namespace else ""))
        else:
            yield space + (entry.name or str(entry.pattern))


@pytest.fixture
def desk(open_sign_up):
    """Rows for every address that names one; the card is with a checker and readers see an earlier edition."""
    editor = make_user(Role.EDITOR)
    term = make_published_term("Qwen2", author=editor)
    deck = make_dealt_deck()
    brief = make_brief(deck, now=timezone.now())
    term = save_term(term, make_draft(body="Six sizes exist."), details=details_of(term), by=editor)
    edition = submit_term(term, by=editor)
    correction = withdrawn(editor)
    setting = RuleSetting.objects.create(rule="T1.now", level="hint", by=editor, at=timezone.now())
    keys = {
        "deck": deck.pk,
        "edition": edition.pk,
        "term": term.pk,
        "source": Source.objects.first().pk,
        "tag": make_tag().pk,
        "correction": correction.pk,
        "rulesetting": setting.pk,
        "doubt": Doubt.objects.create(
            kind="outdated", source=Source.objects.first(), reason="Old.", raised_at=timezone.now()
        ).pk,
        "sentence": Sentence.objects.first().pk,
        "factcheck": edition.term.published.fact_checks.first().pk,
        "trailentry": term.trail.first().pk,
        "report": make_report(term).pk,
        "group": editor.groups.first().pk,
        "user": editor.pk,
        "brief": brief.pk,
        "delivery": brief.deliveries.create(not_before=timezone.now(), at=timezone.now()).pk,
        "subscriber": make_readers(1)[0].pk,
        "suppression": Suppression.objects.create(key="0" * 64, reason="erased", on=deck.day).pk,
    }
    return {"keys": keys, "day": deck.day.isoformat(), "slug": term.slug, "digest": term.published.digest}


def withdrawn(editor):
    """Return the retraction of a card that was taken back."""
    withdraw_check(make_published_term("Lost", author=editor), by=make_user(Role.PUBLISHER), reason="It was wrong.")
    return Correction.objects.get()


def address(name, desk):
    """Return an address of this name that leads to a row that exists."""
    fixed = {
        "deck": [desk["day"]],
        "term": [desk["slug"]],
        "changes": [desk["slug"]],
        "version": [desk["slug"], desk["digest"]],
        "report": [desk["slug"]],
        "report-thanks": [desk["slug"]],
        "term-peek": [desk["slug"]],
        "tag": ["model-families"],
        "term-picture": [desk["slug"]],
        "deck-picture": [desk["day"]],
        "deck-print": [desk["day"]],
        "sitemap-part": ["terms", 1],
        "confirm": ["unknown"],
        "unsubscribe": ["unknown"],
        "preferences": ["unknown"],
        "admin:glossary_correction_publish": [desk["keys"]["edition"]],
        "admin:glossary_doubt_sentence": [desk["keys"]["sentence"]],
        "admin:app_list": ["glossary"],
        "admin:glossary_brief_preview": [desk["keys"]["deck"]],
        "admin:glossary_brief_mail": [desk["keys"]["deck"]],
        "admin:view_on_site": [1, desk["keys"]["term"]],
    }
    if name in fixed:
        return reverse(name, args=fixed[name])
    noun = next((noun for noun in desk["keys"] if f"_{noun}_" in name), None)
    whole = any(name.endswith(end) for end in ("_changelist", "_add", "_import", "_quality", "_content"))
    return reverse(name, args=[desk["keys"][noun]] if noun and not whole else [])


def state_of_the_desk():
    """Return everything the desk keeps, but for sessions, the time of the last log-in, and what is made from others."""
    models = [*apps.get_app_config("glossary").get_models(), *apps.get_app_config("taggit").get_models()]
    models = [model for model in models if model not in CACHE_TABLES]
    return serializers.serialize("json", [row for model in models for row in model._base_manager.order_by("pk")])


def test_every_address_has_a_row_and_every_row_an_address():
    named = {name for name in addresses() if "(" not in name and "<" not in name}
    assert named == {row["name"] for row in TABLE}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_the_table_says(client, desk, role):
    person = make_user(*[one for one in Role if one.value == role], superuser=role == "superuser")
    before, wrong = state_of_the_desk(), []
    for row in TABLE:
        where = address(row["name"], desk)
        for method in [method for method, who in WHO.items() if role in who]:
            if role != "anonymous" and not client.cookies.get("sessionid", Morsel()).value:  # the log-out ends it
                client.force_login(person)
            code = client.generic(method, where).status_code
            if code != int(row[method.lower()].split()[WHO[method].index(role)]):
                wrong.append(f"{method} {where}: {code}")
    assert not wrong
    assert state_of_the_desk() == before, "an empty request changed something"


def test_a_page_that_is_only_read_refuses_a_post_without_a_token_by_its_method(desk):
    """The other tests send none and ask for none, as Django's client does unless it is told to be strict."""
    strict = Client(enforce_csrf_checks=True)
    read = [row["name"] for row in TABLE if row["post"].split()[0] == "405" and not row["name"].startswith("admin:")]
    assert len(read) > 30
    answers = {name: strict.post(address(name, desk)) for name in read}
    assert {name: answer.status_code for name, answer in answers.items() if answer.status_code != 405} == {}
    assert all("GET" in answer["Allow"] for answer in answers.values())
    assert strict.post("/terms/Qwen2").status_code == strict.post("/tags/Model-Families").status_code == 405


FORGED = {
    "stage": "published",
    "published": "1",
    "working": "1",
    "version": "1",
    "digest": "0" * 64,
    "submitted_at": "2026-01-01",
    "stamp_on": "2026-01-01",
    "checked_on": "2026-01-01",
    "made_by": "1",
    "by": "1",
    "binned_at": "2026-01-01",
    "published_at": "2026-01-01",
    "due_on": "2099-01-01",
    "state": "published",
    "verdict": "supported",
    "edition": "1",
    "is_superuser": "1",
    "result": "passed",
}


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.EDITOR, Role.CHECKER}])
def test_fields_that_a_role_may_not_set_change_nothing(client, desk, role):
    client.force_login(make_user(role))
    before = state_of_the_desk()
    for row in TABLE:
        if row["name"].startswith("admin:glossary_"):
            client.post(address(row["name"], desk), FORGED)
    assert state_of_the_desk() == before


def test_a_checker_who_forges_fields_gets_a_refusal_and_nothing_else(client, desk):
    client.force_login(make_user(Role.CHECKER))
    before = state_of_the_desk()
    check = reverse("admin:glossary_edition_check", args=[desk["keys"]["edition"]])
    for do in ("settle", "pass", "publish", "spelling", "assign", "accept", "cut"):
        assert client.post(f"{check}?line=3", FORGED | {"do": do}).status_code in {403, 409, 422}, do
    assert state_of_the_desk() == before


def test_an_editor_sets_words_and_nothing_that_a_check_earns(client, desk):
    client.force_login(make_user(Role.EDITOR))
    term = Term.objects.get(slug="qwen2")
    rows = {"alias-TOTAL_FORMS": "0", "alias-INITIAL_FORMS": "0", "volatility": "B"}
    words = {"headword": "Qwen2", "definition": "It is one.", "body": "Forged.", "slug": "qwen2"}
    client.post(
        reverse("admin:glossary_term_change", args=[term.pk]), FORGED | rows | words | {"version": term.version}
    )
    after = Term.objects.get(pk=term.pk)
    assert after.body == "Forged."
    assert (after.stage, after.published_id, after.published_at) == (term.stage, term.published_id, term.published_at)
    assert after.due_on == term.due_on and after.binned_at is None
    assert not after.working.fact_checks.exists() and after.working.submitted_at is None


def test_a_report_whose_forged_fields_name_a_verdict_waits_all_the_same(client, desk):
    client.post(address("report", desk), FORGED | {"said": "It is wrong.", "v": desk["digest"]})
    assert not Report.objects.exclude(verdict="").exists()


def test_a_deck_of_a_future_day_is_no_ones_business_outside(client):
    Deck.objects.create(day=timezone.now().date().replace(year=2099))
    assert client.get("/deck/2099-01-01/").status_code == 404

"""What search engines read of each page: exactly these facts, each a property that schema.org gives to its type."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from glossary.domain.correction import Fate
from glossary.domain.json_ld import CONTEXT
from glossary.domain.roles import Role
from glossary.models import Term
from glossary.services.fact_check import pass_check
from glossary.services.term import save_term, submit_term
from tests.factories import (
    details_of,
    make_deck,
    make_published_term,
    make_user,
    say_of_old_words,
    settle_all,
)

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 29, 12, tzinfo=UTC)
JUNE = datetime(2026, 6, 3, 12, tzinfo=UTC)
# From the vocabulary of schema.org, version 30 (https://schema.org/version/30.0/schemaorg-all-https.jsonld): of each
# type the properties that this site may use, by the type that the vocabulary names in `domainIncludes`. `schema:url`
# and the like of Thing belong to every type below it.
PARENTS = {
    "Thing": [],
    "CreativeWork": ["Thing"],
    "WebPage": ["CreativeWork"],
    "Comment": ["CreativeWork"],
    "CorrectionComment": ["Comment"],
    "DefinedTermSet": ["CreativeWork"],
    "Intangible": ["Thing"],
    "DefinedTerm": ["Intangible"],
    "ItemList": ["Intangible"],
    "ListItem": ["Intangible"],
    "Organization": ["Thing"],
}
PROPERTIES = {
    "Thing": {"alternateName", "description", "name", "sameAs", "url"},
    "CreativeWork": {
        "correction",
        "dateModified",
        "datePublished",
        "inLanguage",
        "isPartOf",
        "mainEntity",
        "publisher",
        "text",
    },
    "WebPage": {"breadcrumb", "lastReviewed", "reviewedBy"},
    "Comment": {"parentItem"},
    "CorrectionComment": set(),
    "DefinedTermSet": {"hasDefinedTerm"},
    "Intangible": set(),
    "DefinedTerm": {"inDefinedTermSet", "termCode"},
    "ItemList": {"itemListElement", "itemListOrder", "numberOfItems"},
    "ListItem": {"item", "nextItem", "position", "previousItem"},
    "Organization": {"correctionsPolicy", "email", "legalName", "logo"},
}
KEYWORDS = {"@context", "@id", "@type"}  # of JSON-LD 1.1 itself
ORGANIZATION = {"@type", "name", "url", "correctionsPolicy"}
EXACTLY = {
    "term": {
        "WebPage": {
            "@context",
            "@type",
            "@id",
            "url",
            "name",
            "inLanguage",
            "lastReviewed",
            "dateModified",
            "reviewedBy",
            "publisher",
            "mainEntity",
            "correction",
        },
        "DefinedTerm": {"@type", "@id", "name", "alternateName", "description", "inDefinedTermSet"},
        "DefinedTermSet": {"@type", "@id", "name", "url"},
        "Organization": ORGANIZATION,
        "CorrectionComment": {"@type", "text", "url", "datePublished"},
    },
    "deck": {
        "ItemList": {"@context", "@type", "@id", "url", "name", "numberOfItems", "itemListElement"},
        "ListItem": {"@type", "position", "name", "url"},
    },
}


@pytest.fixture
def pages():
    """A page of each kind that readers may open, by a name; the term has another name and was corrected."""
    people = {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}
    term = make_published_term("Qwen2", aliases=["Qwen 2"], tag="Model families", now=MAY, **people)
    old = term.published
    draft = replace(term.draft(), definition="Qwen2 is a kind of table.")
    term = save_term(Term.objects.get(pk=term.pk), draft, details=details_of(term), by=people["author"], now=JUNE)
    edition = submit_term(term, by=people["author"], now=JUNE)
    settle_all(edition, by=people["checker"], now=JUNE)
    said = say_of_old_words(edition, Fate.WAS_WRONG, "The source says otherwise.")
    pass_check(edition, by=people["checker"], digest=edition.digest, whole_card=True, old_words=said, now=JUNE)
    deck = make_deck(date(2026, 6, 10))
    single = [
        "home",
        "decks",
        "terms",
        "tags",
        "corrections",
        "about",
        "how-we-check",
        "privacy",
        "contact",
        "start",
        "search",
    ]
    paths = {"home": "/"} | {name: f"/{name}/" for name in single[1:]}
    paths |= {"decks": "/deck/", "tag": "/tags/model-families/", "changes": "/terms/qwen2/v/"}
    paths |= {"report": "/terms/qwen2/report/", "version": f"/terms/qwen2/v/{old.digest}/"}
    return paths | {"term": "/terms/qwen2/", "deck": deck.get_absolute_url(), "sheet": f"/deck/{deck.day}/print/"}


def printed(client, path):
    """Return what each script of JSON-LD on a page says."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    scripts = re.findall(r'<script type="application/ld\+json">(.*?)</script>', answer.content.decode(), re.S)
    assert answer.content.count(b"ld+json") == len(scripts)
    return [json.loads(script) for script in scripts]


def nodes(data):
    """Return every node of a document, those within others too."""
    found = [data] if isinstance(data, dict) else []
    for value in data.values() if isinstance(data, dict) else data:
        if isinstance(value, dict | list):
            found += nodes(value)
    return found


def allowed(kind):
    return PROPERTIES[kind].union(*(allowed(parent) for parent in PARENTS[kind]))


def test_each_page_says_exactly_what_is_written_here_and_the_others_say_nothing(client, pages):
    for name, path in pages.items():
        said = [node for data in printed(client, path) for node in nodes(data)]
        assert {node["@type"] for node in said} == EXACTLY.get(name, {}).keys(), name
        for node in said:
            assert node.keys() == EXACTLY[name][node["@type"]], (name, node)


def test_every_property_belongs_to_its_type_in_the_vocabulary(client, pages):
    for name in EXACTLY:
        (data,) = printed(client, pages[name])
        assert data["@context"] == CONTEXT
        for node in nodes(data):
            assert node.keys() - KEYWORDS <= allowed(node["@type"]), (name, node)


def test_what_the_properties_name_are_addresses_of_the_site_days_and_places_in_a_row(client, pages):
    for name in EXACTLY:
        (data,) = printed(client, pages[name])
        for node in nodes(data):
            for key in node.keys() & {"@id", "url", "correctionsPolicy"}:
                assert node[key].startswith("http://testserver/"), (name, key)
                assert client.get(node[key].removeprefix("http://testserver")).status_code == 200, node[key]
            for key in node.keys() & {"lastReviewed", "dateModified", "datePublished"}:
                assert date.fromisoformat(node[key]) in {MAY.date(), JUNE.date()}, (name, key)
    items = data["itemListElement"]
    assert [item["position"] for item in items] == list(range(1, data["numberOfItems"] + 1)) == list(range(1, 8))

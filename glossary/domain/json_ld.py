"""What search engines read of a page: JSON-LD in the words of schema.org (version 30)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from glossary.domain.term import Words

CONTEXT = "https://schema.org"


@dataclass(frozen=True)
class Site:
    """The site as publisher: its name, and the addresses of its pages."""

    name: str
    home: str
    terms: str
    how_we_check: str


@dataclass(frozen=True)
class Amended:
    """What readers are told of words that went: the text of it, its place in the public log, and its day."""

    text: str
    address: str
    on: date


def term_page(
    words: Words, *, site: Site, address: str, checked_on: date, changed_on: date, amended: Sequence[Amended] = ()
) -> dict[str, Any]:
    """Return a term's page: a WebPage that was last reviewed on `checked_on`, about a DefinedTerm.

    The date of the check belongs to the page, for a DefinedTerm has no such property; the words that others claim are
    what a ClaimReview is for, so there is none.
    """
    publisher = {
        "@type": "Organization",
        "name": site.name,
        "url": site.home,
        "correctionsPolicy": site.how_we_check,
    }
    term: dict[str, Any] = {
        "@type": "DefinedTerm",
        "@id": f"{address}#term",
        "name": words.headword,
        "description": words.definition,
        "inDefinedTermSet": {"@type": "DefinedTermSet", "@id": site.terms, "name": site.name, "url": site.terms},
    }
    if others := [*words.also_called, *words.formerly]:
        term["alternateName"] = others
    page: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "WebPage",
        "@id": address,
        "url": address,
        "name": words.headword,
        "inLanguage": "en",
        "lastReviewed": checked_on.isoformat(),
        "dateModified": changed_on.isoformat(),
        "reviewedBy": publisher,
        "publisher": publisher,
        "mainEntity": term,
    }
    if amended:
        page["correction"] = [
            {
                "@type": "CorrectionComment",
                "text": one.text,
                "url": one.address,
                "datePublished": one.on.isoformat(),
            }
            for one in amended
        ]
    return page


def deck_page(names: Sequence[tuple[str, str]], *, address: str, title: str) -> dict[str, Any]:
    """Return a deck's page: the names and addresses of its cards in their order."""
    return {
        "@context": CONTEXT,
        "@type": "ItemList",
        "@id": address,
        "url": address,
        "name": title,
        "numberOfItems": len(names),
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "url": link}
            for place, (name, link) in enumerate(names, start=1)
        ],
    }

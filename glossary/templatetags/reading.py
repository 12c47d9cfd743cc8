"""Template helpers for words that readers get."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils import dateformat
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from taggit.models import Tag

from glossary.domain.autolink import Mention, Why
from glossary.domain.diff import Change, LineDiff, Piece, sentence_diff
from glossary.domain.footnote import with_marks
from glossary.domain.markup import TextLink, to_html
from glossary.domain.version import Fate
from glossary.models import Card, Correction, Term
from glossary.services.correction import Beside
from glossary.services.evidence import Checked
from glossary.services.lexicon import PageMentions

register = template.Library()
UNNAMED = "This card"


def _as_it_is(html: str) -> SafeString:
    """Let HTML pass unescaped, here and nowhere else: nh3 has cleaned it, or all that came from people is escaped."""
    return mark_safe(html)


@register.simple_tag
def autolink_body(body: str, mentions: PageMentions | None) -> SafeString:
    """Return a card's body as HTML, names of other terms linked; nh3 has cleaned it, so it may pass unescaped."""
    return _as_it_is(to_html(body, [links_of(one) for one in mentions.body] if mentions else ()))


@register.simple_tag
def autolink_example(example: str, mentions: PageMentions | None) -> SafeString:
    """Return a card's example with the names of other terms linked; all else is escaped."""
    pieces, at = [], 0
    for link in links_of(mentions.example) if mentions else []:
        words = example[link.start : link.end]
        pieces.append(format_html('{}<a href="{}" data-peek>{}</a>', example[at : link.start], link.href, words))
        at = link.end
    return format_html_join("", "{}", ((piece,) for piece in [*pieces, escape(example[at:])]))


def links_of(mentions: Iterable[Mention]) -> list[TextLink]:
    """Return the links of one paragraph, each to the page of its term."""
    return [
        TextLink(one.start, one.end, reverse("term", args=[one.names[0].slug]))
        for one in mentions
        if one.why == Why.LINKED
    ]


@register.simple_tag
def footnotes(text: str, checked: Checked | None, part: str) -> SafeString:
    """Return a part of the card with the marks of its statements; text that is not HTML yet is escaped first.

    What is added are tags of our own and numbers, which is why the whole may pass unescaped.
    """
    html = conditional_escape(text)
    return _as_it_is(with_marks(html, checked.noted(part))) if isinstance(checked, Checked) else html


@register.filter(expects_localtime=True)
def on_day(when: date | None) -> SafeString:
    """Return a day as readers get it, with its form for programs; a moment is that of its day in the editorial zone."""
    if when is None:
        return escape("")
    return _written(when.date() if isinstance(when, datetime) else when)


@lru_cache(maxsize=4_096)  # days; a page has the same few many times over
def _written(day: date) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), dateformat.format(day, "F j, Y"))


@register.simple_tag
def differences(parts: Iterable[Piece]) -> SafeString:
    """Draw the pieces of a difference: what went is struck out, what came is marked, the space around them is not."""
    tags = {Change.GONE: "{}<del>{}</del>{}", Change.NEW: "{}<ins>{}</ins>{}"}
    drawn = []
    for part in parts:
        words = part.text.strip()
        before, _, after = part.text.partition(words) if words else ("", "", "")
        drawn.append(format_html(tags.get(part.change, "{}{}{}"), before, words or part.text, after))
    return format_html_join("", "{}", ((piece,) for piece in drawn))


@register.filter
def beside_words_now(row: Correction | Fate) -> LineDiff:
    """Return what became of the sentence of a correction; words that were taken back since are not repeated."""
    taken_back = isinstance(row, Correction) and row.taken_back_on is not None
    return sentence_diff(row.was, "" if taken_back else row.now)


@register.inclusion_tag("glossary/_card.html")
def card(card: Card, today: date, beside: Beside) -> dict[str, Any]:
    """Draw a card of a deck with its frozen words and date; a withdrawn one keeps its place and its name.

    `beside` has the later corrections, which leave the words as they were dealt, and what to read first.
    """
    edition = card.edition
    first = [(one, one.shown()) for one in beside.read_first.get(card.term_id, [])]
    standing = edition is not None and edition.check_standing() is not None
    current = edition is not None and edition.pk == card.term.published_id
    return {
        "card": card,
        "SITE_URL": settings.SITE_URL,
        "words": edition.words if edition is not None and standing else None,
        "name": dealt_name(card),
        "withdrawn": edition,
        "notes": beside.corrections.get(edition.pk, []) if edition is not None else [],
        "before": beside.before.get(card.term_id),
        "read_first": [(one, pair[0].headword) for one, pair in first if pair],
        "still": reverse("version", args=[card.term.slug, edition.digest]) if edition is not None else "",
        "late": current and card.term.overdue_on is not None and card.term.overdue_on <= today,
    }


@register.inclusion_tag("glossary/_feed_card.html")
def feed_card(one: Card, today: date, beside: Beside) -> dict[str, Any]:
    """Draw a card of a deck as feeds and programs get it: the same words, without the site's own manner."""
    return card(one, today, beside)


@register.filter
def dealt_name(card: Card) -> str:
    """Return the name under which a card was dealt; a plain word where somebody changed it behind the services."""
    return (card.edition.headword_as_read if card.edition is not None else "") or UNNAMED


NEAR = [("Read first", "is_first"), ("Often confused with", "is_contrast"), ("A kind of", "is_broader")]


@register.simple_tag
def regroup_near(near: list[Term]) -> list[tuple[str, str, list[Term]]]:
    """Return the terms near a term under their headings, each once, under the first that fits."""
    groups, left = [], list(near)
    for title, mark in [*NEAR, ("Related", "is_related")]:
        chosen = [term for term in left if getattr(term, mark)]
        left = [term for term in left if term not in chosen]
        if chosen:
            groups.append((title, mark.removeprefix("is_"), chosen))
    return groups


@register.inclusion_tag("glossary/_shown.html")
def shown(term: Term, today: date, form: str = "mini", within: Tag | None = None) -> dict[str, Any]:
    """Draw a published term in a list, with the words readers may see; nothing if there are none.

    `within` is the topic whose page the list stands on, which its rows need not repeat.
    """
    pair = term.shown()
    return {
        "term": term,
        "words": pair[0] if pair else None,
        "check": pair[1] if pair else None,
        "late": term.overdue_on is not None and term.overdue_on <= today,
        "form": form,
        "within": within,
    }


@register.simple_tag
def json_ld(data: dict[str, Any]) -> SafeString:
    """Return data as JSON that stands in a script element: the signs that could end it are written as escapes."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return _as_it_is(text.translate({ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}))

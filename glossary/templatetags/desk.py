"""Template helpers for the pages of the desk: differences, marks, progress."""

import re
from collections.abc import Iterable
from typing import Any

from django import template
from django.forms import BoundField
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from glossary.domain.claim import LineState
from glossary.domain.diff import Change, LineDiff, Piece
from glossary.domain.freshness import Outlook
from glossary.domain.wording.findings import Finding
from glossary.domain.wording.rules import Severity
from glossary.models.claim import ClaimLine
from glossary.services.inbox import Freshness

register = template.Library()

SIGNALS = {
    "delta": "M6.5 1 12.5 12H.5zM6.5 4.6 3.4 10.2h6.2z",
    "due": "M2 0h9v1.6H2zM2 11.4h9V13H2zM3 2h7L7.2 6.5 10 11H3l2.8-4.5z",
}
VERDICT_MARKS = {
    "supported": ("S", "sup"),
    "contradicted": ("C", "bad"),
    "unverifiable": ("U", "bad"),
    "outdated": ("O", "bad"),
    "explanation": ("E", "exp"),
}
TICK = {"open": ("todo", 0, 8), "again": ("again", 0, 8), "bad": ("stop", 0, 8), "sup": ("ok", 2, 4)}


@register.simple_tag
def pieces(parts: Iterable[Piece]) -> SafeString:
    """Draw the pieces of a difference: what went is struck out, what came is underlined."""
    tags = {Change.GONE: "<del>{}</del>", Change.NEW: "<ins>{}</ins>"}
    return format_html_join("", "{}", ((format_html(tags.get(part.change, "{}"), part.text),) for part in parts))


@register.simple_tag
def underlined(text: str, found: Iterable[Finding]) -> SafeString:
    """Underline the words of a line that warned findings speak of; what they say is the words' title."""
    pieces, behind = [], 0
    for one in sorted(found, key=lambda one: one.start):
        if one.severity == Severity.WARN and behind <= one.start < one.end and one.text != text:
            shown = "dk-u-stop" if one.gate else "dk-u"
            mark = format_html('<span class="{}" title="{}">{}</span>', shown, one.message, text[one.start : one.end])
            pieces += [text[behind : one.start], mark]
            behind = one.end
    return format_html_join("", "{}", ((piece,) for piece in [*pieces, text[behind:]]))


@register.simple_tag
def consequence(change: LineDiff, lines: dict[int, ClaimLine]) -> str:
    """Say what a change does to the check of its line."""
    if change.after is None:
        return "Leaves the card."
    line = lines[change.after]
    says = "Opens: new line" if change.change == Change.NEW else "Opens: the words changed"
    match line.state:
        case LineState.SETTLED if line.check:
            return f"Settled on {line.check.checked_on:%B} {line.check.checked_on.day}, {line.check.checked_on.year}"
        case LineState.RESPELT:
            return "Only the spelling changed: one key by another person; evidence and date stay"
        case LineState.READ_AGAIN:
            return "Read again: one key by another person; evidence and date stay"
        case LineState.STOPPED if line.check:
            return f"Stopped: {line.check.verdict}"
    return says


@register.filter
def last_of(run: list[LineDiff]) -> int | None:
    """Return the place of the last line of a run."""
    return run[-1].after


@register.inclusion_tag("admin/glossary/term/_row.html")
def write_row(field: BoundField) -> dict[str, Any]:
    """Draw one field of the writing form with its label, its help and its errors."""
    return {"field": field}


@register.simple_tag
def here(request: HttpRequest, begins: str) -> SafeString:
    """Mark the entry of the desk's menu under which this page stands."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    return format_html(' aria-current="{}"', "page") if name.startswith(begins) else SafeString("")


@register.simple_tag
def signal(name: str) -> SafeString:
    """Draw one of the small signs that say why to look at a line."""
    return format_html(
        '<svg aria-hidden="true" viewBox="0 0 13 13"><path fill="currentColor" fill-rule="evenodd" d="{}"/></svg>',
        SIGNALS[name],
    )


@register.simple_tag
def verdict_mark(verdict: str) -> SafeString:
    """Draw the mark that a verdict leaves: its letter is the key that gives it."""
    letter, kind = VERDICT_MARKS[verdict]
    return format_html('<span class="dk-m dk-{}" aria-hidden="true">{}</span>', kind, letter)


@register.simple_tag
def marked(passage: str, words: set[str]) -> SafeString:
    """Draw a passage with the words marked that the line has too."""
    parts = re.split(r"(\w+)", passage)
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", p) if p.casefold() in words else p,) for p in parts)
    )


@register.simple_tag
def progress(rows: list[Any]) -> SafeString:
    """Draw one tick for each line: a square waits, a bar is settled."""
    ticks = format_html_join(
        "",
        '<rect class="i-{}" x="{}" y="{}" width="{}" height="{}"/>',
        (_tick(place, row.mark_class, len(rows)) for place, row in enumerate(rows)),
    )
    waiting = sum(row.waits for row in rows)
    return format_html(
        '<svg viewBox="0 0 170 8" role="img" aria-label="{} lines, {} to go">{}</svg>', len(rows), waiting, ticks
    )


def _tick(place: int, kind: str, number: int) -> tuple[str, str, int, str, int]:
    step = 170 / max(17, number)
    ink, top, height = TICK.get(kind, ("quiet", 3, 2))
    return ink, f"{place * step:.2f}", top, f"{step * 0.8:.2f}", height


@register.simple_tag
def freshness_bar(counts: Freshness) -> SafeString:
    """Draw how many terms are fresh, fall due within 30 days, or are due: a bar with its numbers in words."""
    parts = (("ok", counts.fresh, "fresh"), ("todo", counts.soon, "due in 30 days"), ("stop", counts.due, "due"))
    left = 0.0
    bars, says = [], []
    for ink, number, words in parts:
        width = 300 * number / counts.total
        bars.append((ink, f"{left:.1f}", f"{max(0.0, width - 2):.1f}"))
        says.append(f"{number} {words}")
        left += width
    return format_html(
        '<svg viewBox="0 0 300 12" role="img" aria-label="{}">{}</svg><p class="dk-sub">{}</p>',
        ", ".join(says),
        format_html_join("", '<rect class="i-{}" x="{}" y="0" width="{}" height="12"/>', bars),
        " · ".join(says),
    )


@register.simple_tag
def outlook_chart(ahead: Outlook) -> SafeString:
    """Draw for each of the next 90 days how many terms would still be good, with the numbers in words."""
    if not ahead.total:
        return format_html("")
    bars = []
    for day, due in enumerate(ahead.due_by_day):
        good = 40 * (ahead.total - due) / ahead.total
        place = f"{day * 300 / len(ahead.due_by_day):.2f}"
        bars.append(("ok", place, f"{40 - good:.1f}", f"{good:.1f}"))
        bars.append(("todo", place, "0", f"{40 - good:.1f}"))
    marks = [(day, ahead.total - ahead.due_by_day[min(day, len(ahead.due_by_day) - 1)]) for day in (0, 30, 60, 90)]
    says = "; ".join(
        f"in {day} days {good} of {ahead.total} good" if day else f"today {good} good" for day, good in marks
    )
    return format_html(
        '<svg viewBox="0 0 300 40" role="img" aria-label="If nothing is looked at again: {}">{}</svg>',
        says,
        format_html_join("", '<rect class="i-{}" x="{}" y="{}" width="3.4" height="{}"/>', bars),
    )

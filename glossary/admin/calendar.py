"""The calendar of decks: a month at a glance, what is missing, and composing many days at once."""

from calendar import Calendar
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, QueryDict
from taggit.models import Tag

from glossary.domain.deck import DECK_SIZE, DeckState, has_deck
from glossary.domain.errors import IllegalMove
from glossary.domain.runway import HORIZON
from glossary.models import Ban, Card, Deck
from glossary.services.clock import today
from glossary.services.composition import ComposedDay, compose_days, preview
from glossary.services.deck import move_deck
from glossary.services.runway import look_ahead

SIGNS = {
    DeckState.PUBLISHED: "●",
    DeckState.LOCKED: "■",
    DeckState.READY: "◆",
    DeckState.DRAFT: "◇",
    DeckState.MISSED: "✕",
}
TINTS = "lvtdesharm"  # classes of desk.css
MONTH_FORMAT = "%Y-%m"


@dataclass(frozen=True)
class Pip:
    """The mark of a topic: a letter and a tint, with its name for those who see neither."""

    letter: str
    tint: str
    name: str


@dataclass
class Day:
    """A day as the calendar draws it."""

    day: date
    state: str = ""
    sign: str = ""
    deck: Deck | None = None
    pips: list[Pip] = field(default_factory=list)
    holes: range = range(0)
    classes: str = ""
    overrides: int = 0

    @property
    def gap(self) -> bool:
        """Whether a deck is missing."""
        return "is-gap" in self.classes


def pip_of(topic: Tag | None) -> Pip:
    """Return the mark of a topic."""
    if topic is None:
        return Pip("–", "", "No topic")
    return Pip(topic.name[:1].upper(), f"t-{TINTS[topic.pk % len(TINTS)]}", topic.name)


def month_asked(request: HttpRequest) -> date:
    """Return the first day of the month that the address names, today's if it names none."""
    asked = request.GET.get("month", "") or request.GET.get("day", "")[:7]
    try:
        year, month = (int(part) for part in asked.split("-"))
        return date(year, month, 1) if 1970 <= year <= 2200 else today().replace(day=1)
    except ValueError:
        return today().replace(day=1)


def day_asked(data: QueryDict) -> date | None:
    """Return the day that an address or a form names, if it is one."""
    try:
        return date.fromisoformat(data.get("day", ""))
    except ValueError:
        return None


def weeks_of(first: date) -> list[list[Day]]:
    """Return the weeks of a month, each day with its deck; three queries."""
    weeks = [list(week) for week in Calendar().monthdatescalendar(first.year, first.month)]
    shown = [day for week in weeks for day in week]
    decks = Deck.objects.filter(day__range=(shown[0], shown[-1])).select_related("theme")
    by_day = {deck.day: deck for deck in decks}
    cards: dict[int, list[Card]] = {}
    rows = Card.objects.filter(deck__in=list(by_day.values())).select_related("term__topic").order_by("position")
    for card in rows:
        cards.setdefault(card.deck_id, []).append(card)
    return [[_day(day, first, by_day.get(day), cards) for day in week] for week in weeks]


def _day(day: date, month: date, deck: Deck | None, cards: dict[int, list[Card]]) -> Day:
    found = Day(day, deck=deck)
    classes = ["is-past"] if day < today() else ["is-today"] if day == today() else []
    if day.month != month.month:
        classes.append("is-off")
    if deck is not None:
        dealt = cards.get(deck.pk, [])
        found.state, found.sign = deck.get_state_display(), SIGNS[DeckState(deck.state)]
        found.pips = [pip_of(card.term.topic) for card in dealt]
        found.overrides = sum(bool(card.override) for card in dealt)
        if deck.state == DeckState.MISSED or (deck.is_editable and len(dealt) < DECK_SIZE):
            classes.append("is-gap")
            found.holes = range(DECK_SIZE - len(dealt))
    elif not has_deck(day, settings.DECK_DAYS):
        found.state, classes = "No deck", [*classes, "is-off"]
    elif day >= today() and day.month == month.month:
        found.state, found.sign, found.holes = "Gap", "✕", range(DECK_SIZE)
        classes.append("is-gap")
    found.classes = " ".join(classes)
    return found


def act_on_days(request: HttpRequest, by: User) -> list[str]:
    """Compose the days that a form names, or set its full drafts ready; return what was done, a sentence each."""
    do, relax = request.POST.get("do", ""), request.POST.get("relax") == "on"
    first = month_asked(request)
    days = [day.day for week in weeks_of(first) for day in week if day.day.month == first.month]
    asked = day_asked(request.POST)
    coming = [day for day in days if day >= today()]
    if do == "ready":
        return _set_ready(coming, by)
    if do == "day" and asked:
        coming = [asked]
    elif do == "week" and asked:
        monday = asked - timedelta(days=asked.weekday())
        coming = [day for day in (monday + timedelta(days=n) for n in range(7)) if day >= today()]
    elif do != "gaps":
        raise IllegalMove("Choose a day, its week, or all gaps of the month.")
    if asked and asked < today():
        raise IllegalMove("This day is past. A deck is made for today or a later day.")
    return [_told(one) for one in compose_days(coming, by=by, relax=relax)] or ["Nothing is missing on these days."]


def _set_ready(days: list[date], by: User) -> list[str]:
    told = []
    for deck in Deck.objects.filter(day__in=days, state=DeckState.DRAFT).order_by("day"):
        if deck.cards.count() < DECK_SIZE:
            continue
        try:
            move_deck(deck, DeckState.READY, by=by, version=deck.version)
            told.append(f"{deck} is ready.")
        except IllegalMove as refusal:
            told.append(f"{deck} stays a draft: {refusal}")
    return told or ["No full draft waits in this month."]


def _told(one: ComposedDay) -> str:
    day = f"{one.day:%A, %B} {one.day.day}"
    if one.composition is None:
        return f"{day}: {one.refused}"
    names = ", ".join(card.headword for card in one.composition.cards)
    note = f" ({one.composition.relaxed})" if one.composition.relaxed else ""
    return f"{day}: {names}{note}."


def decks_left_context() -> dict[str, Any]:
    """Return what “decks left” shows: the look ahead, a bar a day, and a bar a topic."""
    left = look_ahead()
    most = max(left.fresh, default=0) or 1
    heights = [round(28 * number / most + (number > 0), 1) for number in left.fresh]
    good = sum(1 for _ in left.fresh) if left.open_end else (left.until - today()).days + 1 if left.until else 0
    pips = {topic.name: pip_of(topic) for topic in Tag.objects.filter(name__in=[name for name, _ in left.ends])}
    return {
        "left": left,
        "horizon": HORIZON,
        "last_fresh": left.fresh[-1] if left.fresh else 0,
        "bars": [(n, (round(30 - height, 1), height)) for n, height in enumerate(heights)],
        "good_days": good,
        "topics_left": [
            (pips[name], end, max(0, min(HORIZON, (end - today()).days))) for name, end in left.ends if name in pips
        ][:10],
    }


def calendar_context(request: HttpRequest, *, may_compose: bool) -> dict[str, Any]:
    """Return what the calendar shows: the month, its gaps, and the selected day with what it would deal."""
    first = month_asked(request)
    weeks = weeks_of(first)
    days = [day for week in weeks for day in week if day.day.month == first.month]
    gaps = [day for day in days if day.gap and day.day >= today()]
    asked = day_asked(request.GET)
    selected = next((day for day in days if day.day == asked), None) or next(iter(gaps), None)
    topics = {pip.name: pip for day in days for pip in day.pips}
    next_gap = next((gap for gap in gaps if selected is None or gap.day > selected.day), next(iter(gaps), None))
    would = None
    if selected is not None and selected.deck is None and selected.gap and may_compose:
        would = preview(selected.day)
    return {
        "month": first,
        "earlier": (first - timedelta(days=1)).strftime(MONTH_FORMAT),
        "later": (first + timedelta(days=32)).strftime(MONTH_FORMAT),
        "weeks": weeks,
        "gaps": gaps,
        "selected": selected,
        "next_gap": next_gap,
        "would": would,
        "legend": sorted(topics.values(), key=lambda pip: pip.name),
        "drafts": sum(day.state == "Draft" and not day.gap and day.day >= today() for day in days),
        "bans": Ban.objects.standing().exclude(until__lt=today()).select_related("term", "by"),
        "may_compose": may_compose,
        "today": today(),
        **decks_left_context(),
    }

"""The desk's pages of decks: the list by day, and one deck with its seven places."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse

from glossary.admin.site import DeskAdmin
from glossary.domain.deck import DECK_SIZE, MOVES, DeckState
from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.roles import Action
from glossary.forms.deck import DeckActForm, NewDeckForm
from glossary.models import Card, Deck, Term
from glossary.services.clock import today
from glossary.services.deck import candidates, create_deck, fill_deck, move_deck, name_deck, set_cards
from glossary.services.roles import may

SHOWN_CANDIDATES = 20


@admin.register(Deck)
class DeckAdmin(DeskAdmin):
    """Decks by day."""

    list_display = ["day", "title", "state", "published_at"]
    list_filter = ["state"]
    date_hierarchy = "day"
    list_per_page = 62

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Schedulers begin decks."""
        return may(request.user, Action.COMPOSE)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a deck with its places and the terms fit for the free ones; on POST do what the scheduler asks."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST" and not may(request.user, Action.COMPOSE):
            raise PermissionDenied("You may not compose decks.")
        if object_id is None:
            return self._new(request)
        if not object_id.isdecimal():
            raise Http404("There is no such deck.")
        deck = get_object_or_404(Deck, pk=object_id)
        status = 200
        if request.method == "POST":
            form = DeckActForm(request.POST)
            try:
                if not form.is_valid():
                    raise IllegalMove("That term or version is not known. Look at the deck as it stands now.")
                self._act(request, deck, form.cleaned_data)
                return redirect("admin:glossary_deck_change", deck.pk)
            except (IllegalMove, BadText) as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
                status = 422
        return self._page(request, deck, status=status)

    def _new(self, request: HttpRequest) -> HttpResponse:
        form = NewDeckForm(request.POST or None, initial={"day": request.GET.get("day") or today()})
        by: Any = request.user
        status = 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                try:
                    deck = create_deck(form.cleaned_data["day"], title=form.cleaned_data["title"], by=by)
                    return redirect("admin:glossary_deck_change", deck.pk)
                except (IllegalMove, BadText) as refusal:
                    form.add_error(None, str(refusal))
        context = {**self.admin_site.each_context(request), "title": "New deck", "form": form}
        return TemplateResponse(request, "admin/glossary/deck/new.html", context, status=status)

    def _act(self, request: HttpRequest, deck: Deck, data: dict[str, Any]) -> None:
        by: Any = request.user
        version, term = data["version"], data["term"]
        terms = [card.term for card in deck.cards.select_related("term")]
        do = request.POST.get("do", "")
        if do == "fill":
            fill_deck(deck, by=by, version=version)
        elif do == "name":
            name_deck(deck, data["title"], by=by, version=version)
        elif do in {DeckState.DRAFT, DeckState.READY, DeckState.LOCKED}:
            move_deck(deck, DeckState(do), by=by, version=version)
        elif do == "add" and term:
            set_cards(deck, [*terms, term], by=by, version=version, reasons={term.pk: data["reason"]})
        elif do in {"up", "down", "remove"} and term in terms:
            set_cards(deck, _rearranged(terms, term, do), by=by, version=version)
        else:
            raise IllegalMove("Choose a term first.")

    def _page(self, request: HttpRequest, deck: Deck, *, status: int = 200) -> HttpResponse:
        deck.refresh_from_db()
        cards = list(
            deck.cards.select_related("term__topic", "term__published").prefetch_related("term__published__fact_checks")
        )
        asked = request.GET.get("q", "")[:100].casefold()
        taken = {card.term_id for card in cards}
        open_now = deck.is_editable and may(request.user, Action.COMPOSE)
        fit = (
            [c for c in candidates(deck) if c.term not in taken and asked in c.headword.casefold()] if open_now else []
        )
        state = DeckState(deck.state)
        context = {
            **self.admin_site.each_context(request),
            "title": str(deck),
            "deck": deck,
            "cards": cards,
            "rows": _rows(cards, day=deck.day, besides=deck.pk),
            "free": range(len(cards) + 1, DECK_SIZE + 1),
            "candidates": fit[:SHOWN_CANDIDATES],
            "more": max(0, len(fit) - SHOWN_CANDIDATES),
            "q": request.GET.get("q", ""),
            "open_now": open_now,
            "may_compose": may(request.user, Action.COMPOSE),
            "moves": {move.value for move in MOVES[state]},
            "full": len(cards) == DECK_SIZE,
            "publish_at": settings.PUBLISH_AT,
            "blocked": _blocked(len(cards), past=deck.day < today()),
            "reason": request.POST.get("reason", ""),
            "name": request.POST.get("title", deck.title),
        }
        return TemplateResponse(request, "admin/glossary/deck/deck.html", context, status=status)


def _rows(cards: list[Card], *, day: date, besides: int) -> list[tuple[Card, date | None, date | None]]:
    """Return each card with the date of its check, frozen or standing, and the nearest other day of its term."""
    dealt = Card.objects.dealt_nearest(day, besides=besides)
    rows = []
    for card in cards:
        check = card.term.published.check_standing() if card.term.published else None
        rows.append((card, card.checked_on or (check.stamp_on if check else None), dealt.get(card.term_id)))
    return rows


def _blocked(number: int, *, past: bool) -> str:
    """Return why a deck of so many cards cannot go on; empty if it can."""
    if past:
        return "This day is past."
    return f"Choose {DECK_SIZE - number} more to go on." if number < DECK_SIZE else ""


def _rearranged(terms: list[Term], term: Term, do: str) -> list[Term]:
    """Return the terms with one taken out, or moved a place up or down."""
    place = terms.index(term)
    rest = terms[:place] + terms[place + 1 :]
    if do == "remove":
        return rest
    to = max(0, min(len(rest), place + (-1 if do == "up" else 1)))
    return [*rest[:to], term, *rest[to:]]

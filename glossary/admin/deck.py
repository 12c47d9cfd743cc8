"""Decks at the desk: the calendar, and what schedulers do there and with one deck."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path

from glossary.admin.calendar import act_on_days, calendar_context
from glossary.admin.deck_page import deck_context
from glossary.admin.deck_quality import quality_view
from glossary.admin.site import DeskAdmin
from glossary.desk import line_number, member
from glossary.domain.composition import NoDeck
from glossary.domain.deck import DeckState
from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.roles import Action
from glossary.forms.deck import BanForm, DeckActForm, NewDeckForm
from glossary.models import Ban, Deck, Term
from glossary.services.ban import ban_term, lift_ban
from glossary.services.clock import today
from glossary.services.composition import compose_deck
from glossary.services.deck import NeedsReason, create_deck, move_deck, name_deck, pin_card, set_cards, swap_card
from glossary.services.desk_word import find_terms
from glossary.services.notice import preference_of, set_preference
from glossary.services.roles import may


@admin.register(Deck)
class DeckAdmin(DeskAdmin):
    """Decks by day."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Schedulers begin decks."""
        return may(request.user, Action.COMPOSE)

    def get_urls(self) -> list[Any]:
        """Add the page on quality."""
        quality = self.admin_site.admin_view(quality_view)
        return [path("quality/", quality, name="glossary_deck_quality"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the month; on POST compose days, set decks ready, keep a term out or let it in again."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        allowed = may(request.user, Action.COMPOSE)
        form, status = BanForm(initial={"first": today()}), 200
        if request.method == "POST":
            if turned_keys(request):
                return redirect(request.get_full_path())
            if not allowed:
                raise PermissionDenied("You may not compose decks.")
            try:
                form = self._on_calendar(request, form)
                if form.is_valid() or not form.is_bound:
                    return redirect(request.get_full_path())
                status = 422
            except (IllegalMove, BadText) as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
                status = 422
        context = {
            **self.admin_site.each_context(request),
            **calendar_context(request, may_compose=allowed),
            "title": "Decks",
            "ban_form": form,
            "keys_on": preference_of(member(request)).keys,
            "publish_at": settings.PUBLISH_AT,
        }
        return TemplateResponse(request, "admin/glossary/deck/calendar.html", context, status=status)

    def _on_calendar(self, request: HttpRequest, form: BanForm) -> BanForm:
        by = member(request)
        do = request.POST.get("do", "")
        if do == "ban":
            form = BanForm(request.POST)
            if form.is_valid():
                term = _term_called(form.cleaned_data["name"])
                ban_term(
                    term,
                    first=form.cleaned_data["first"],
                    until=form.cleaned_data["until"],
                    reason=form.cleaned_data["reason"],
                    by=by,
                )
                self.message_user(request, f"“{term}” is kept out of these days.")
        elif do == "lift":
            ban = get_object_or_404(Ban, pk=line_number(request.POST.get("ban", "")))
            lift_ban(ban, by=by)
            self.message_user(request, f"“{ban.term}” may be dealt again.")
        else:
            for says in act_on_days(request, by):
                self.message_user(request, says)
        return form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a deck with its places and what could take them; on POST do what the scheduler asks."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST" and turned_keys(request):
            return redirect(request.get_full_path())
        if request.method == "POST" and not may(request.user, Action.COMPOSE):
            raise PermissionDenied("You may not compose decks.")
        if object_id is None:
            return self._new(request)
        if not object_id.isdecimal():
            raise Http404("There is no such deck.")
        deck = get_object_or_404(Deck.objects.select_related("theme"), pk=object_id)
        status, asks, relaxed = 200, "", ""
        if request.method == "POST":
            form = DeckActForm(request.POST)
            try:
                if not form.is_valid():
                    raise IllegalMove("That term or version is not known. Look at the deck as it stands now.")
                place = self._act(request, deck, form.cleaned_data)
                return redirect(f"{deck.get_desk_url()}?card={place}" if place else deck.get_desk_url())
            except NeedsReason as refusal:
                asks, status = str(refusal), 422
            except NoDeck as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
                relaxed, status = refusal.relaxed, 422
            except (IllegalMove, BadText) as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
                status = 422
        return self._page(request, deck, status=status, asks=asks, relaxed=relaxed)

    def _new(self, request: HttpRequest) -> HttpResponse:
        form = NewDeckForm(request.POST or None, initial={"day": request.GET.get("day") or today()})
        status = 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                try:
                    deck = create_deck(form.cleaned_data["day"], title=form.cleaned_data["title"], by=member(request))
                    return redirect("admin:glossary_deck_change", deck.pk)
                except (IllegalMove, BadText) as refusal:
                    form.add_error(None, str(refusal))
        context = {**self.admin_site.each_context(request), "title": "New deck", "form": form}
        return TemplateResponse(request, "admin/glossary/deck/new.html", context, status=status)

    def _act(self, request: HttpRequest, deck: Deck, data: dict[str, Any]) -> int:
        """Do what was asked; return the place that the page goes back to, 0 for none."""
        by, version, term = member(request), data["version"], data["term"]
        terms = [card.term for card in deck.cards.select_related("term")]
        do = request.POST.get("do", "")
        if do in {"fill", "compose"}:
            compose_deck(deck, by=by, version=version, keep=do == "fill", relax=data["relax"])
        elif do == "name":
            name_deck(deck, data["title"], theme=data["theme"], by=by, version=version)
        elif do in {DeckState.DRAFT, DeckState.READY, DeckState.LOCKED}:
            move_deck(deck, DeckState(do), by=by, version=version)
        elif do == "add" and term:
            set_cards(deck, [*terms, term], by=by, version=version, reason=data["reason"])
        elif do == "swap" and term and data["out"]:
            swap_card(deck, data["out"], term, by=by, version=version, reason=data["reason"])
            return terms.index(data["out"]) + 1
        elif do in {"pin", "unpin"} and term:
            pin_card(deck, term, pinned=do == "pin", by=by, version=version)
            return terms.index(term) + 1
        elif do in {"up", "down", "remove"} and term in terms:
            moved = _rearranged(terms, term, do)
            set_cards(deck, moved, by=by, version=version, reason=data["reason"])
            return moved.index(term) + 1 if term in moved else 0
        else:
            raise IllegalMove("Choose a term first.")
        return 0

    def _page(self, request: HttpRequest, deck: Deck, *, status: int, asks: str, relaxed: str) -> HttpResponse:
        deck.refresh_from_db()
        context = {
            **self.admin_site.each_context(request),
            "title": str(deck),
            **deck_context(request, deck),
            "asks": asks,
            "asked": request.POST if asks else {},
            "relaxed": relaxed,
        }
        return TemplateResponse(request, "admin/glossary/deck/deck.html", context, status=status)


def turned_keys(request: HttpRequest) -> bool:
    """Turn the person's single keys on or off if that is what was asked; return whether it was."""
    do = request.POST.get("do", "")
    if do not in {"keys_on", "keys_off"}:
        return False
    set_preference(member(request), keys=do == "keys_on")
    return True


def _term_called(name: str) -> Term:
    """Return the published term that goes by this name; raises IllegalMove for none or several."""
    exact = Term.objects.published().filter(headword__iexact=name.strip())
    found = list(exact[:2]) or list(find_terms(Term.objects.published(), name)[:2])
    if len(found) != 1:
        which = "several terms" if found else "no published term"
        raise IllegalMove(f"“{name}” is the name of {which}. Give its headword.")
    return found[0]


def _rearranged(terms: list[Term], term: Term, do: str) -> list[Term]:
    """Return the terms with one taken out, or moved a place up or down."""
    place = terms.index(term)
    rest = terms[:place] + terms[place + 1 :]
    if do == "remove":
        return rest
    to = max(0, min(len(rest), place + (-1 if do == "up" else 1)))
    return [*rest[:to], term, *rest[to:]]

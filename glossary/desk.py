"""The desk as a site: its first page says what to do now. It stands beside `admin`, which registers with it."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path

from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Action
from glossary.models.name import MAX_KEY
from glossary.services.ask import asks_for_desk, dismiss_ask
from glossary.services.clock import today
from glossary.services.inbox import (
    SHOWN,
    freshness,
    freshness_ahead,
    job_for,
    missing_decks,
    notices_for,
    sent_back_to,
    suggestions_for,
    unpublished_passes,
    waiting_for,
)
from glossary.services.notice import preference_of, put_away, set_preference
from glossary.services.report import waiting_groups
from glossary.services.roles import may
from glossary.services.statistics import overdue_by_class, review_lag


def member(request: HttpRequest) -> User:
    """Return the member of staff who asks; the admin has seen to it that there is one."""
    assert isinstance(request.user, User)
    return request.user


def line_number(text: str) -> int:
    """Return a number that was asked for in an address or a form; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


class DeskSite(AdminSite):
    """Django's admin with the inbox as its first page."""

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        """Show what waits for whoever looks: one job first, then everything, by role."""
        person = member(request)
        checks = may(person, Action.CHECK)
        rows = waiting_for(person) if checks else []
        context = {
            "job": job_for(person, rows),
            "rows": rows[:SHOWN],
            "more_rows": max(0, len(rows) - SHOWN),
            "may_check": checks,
            "notices": notices_for(person),
            "back": sent_back_to(person)[:SHOWN] if may(person, Action.WRITE) else [],
            "suggestions": suggestions_for(person)[:SHOWN] if may(person, Action.WRITE) else [],
            "asks": asks_for_desk()[:SHOWN] if may(person, Action.WRITE) else [],
            "passed": unpublished_passes()[:SHOWN] if may(person, Action.PUBLISH) else [],
            "reports": waiting_groups() if may(person, Action.SETTLE_REPORTS) else 0,
            "missing": missing_decks() if may(person, Action.COMPOSE) else [],
            "freshness": freshness(),
            "ahead": freshness_ahead(),
            "preference": preference_of(person),
            "lag": review_lag(),
            "overdue": overdue_by_class(),
            "today": today(),
            **(extra_context or {}),
        }
        return super().index(request, context)

    def get_urls(self) -> list[Any]:
        """Add what the inbox does besides showing."""
        return [path("inbox/", self.admin_view(self.inbox_view), name="inbox"), *super().get_urls()]

    def inbox_view(self, request: HttpRequest) -> HttpResponse:
        """Put notices or readers' asks away, or choose which mails come."""
        person = member(request)
        if request.method == "POST":
            if "read" in request.POST:
                put_away(person, [line_number(key) for key in request.POST.getlist("read")])
            elif "ask" in request.POST:
                try:
                    put_by = dismiss_ask(request.POST["ask"][:MAX_KEY].replace("\x00", ""), by=person)
                    messages.success(request, f"“{put_by}” was put aside. It does not come back.")
                except IllegalMove as refusal:
                    messages.warning(request, str(refusal))
            elif "preferences" in request.POST:
                chosen = request.POST.getlist("on")
                set_preference(person, mails="mails" in chosen, digest="digest" in chosen, keys="keys" in chosen)
        return redirect("admin:index")

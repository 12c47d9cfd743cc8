"""Readers of the brief and held-back addresses, for the subscriber admin: look somebody up, answer their letter."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse

from glossary.admin.site import DeskAdmin
from glossary.desk import line_number, member
from glossary.domain.address import address_key
from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.roles import Action
from glossary.models import Subscriber, Suppression
from glossary.services.roles import may, require
from glossary.services.sign_up import closed_because, dropped_of_late
from glossary.services.subscription import end_for, export_for
from glossary.services.suppression import find_suppression, lift_suppression, suppress_address

DELIVERIES = 30  # of the newest on a reader's page


class ReaderAdmin(DeskAdmin):
    """Rows about readers: only for those who are trusted with them."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the person keeps subscribers."""
        return may(request.user, Action.KEEP_SUBSCRIBERS)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person keeps subscribers."""
        return may(request.user, Action.KEEP_SUBSCRIBERS)


@admin.register(Subscriber)
class SubscriberAdmin(ReaderAdmin):
    """Readers of the brief, found by their whole address."""

    list_display = ["address", "state", "asked_at", "confirmed_at", "left_at", "paused_until", "weekdays_only"]
    list_filter = ["state", "weekdays_only"]
    search_fields = ["key"]
    search_help_text = "The whole address: parts of it find nobody."
    show_full_result_count = False
    list_per_page = 50

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Subscriber], search_term: str
    ) -> tuple[QuerySet[Subscriber], bool]:
        """Find the one reader of an address; nobody is found by a part of it."""
        if not search_term:
            return queryset, False
        try:
            return queryset.filter(key=address_key(search_term)), False
        except ValueError:
            return queryset.none(), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """List the readers; say first what keeps sign-up closed, if anything does."""
        if (closed := closed_because()) and request.method == "GET" and self.has_view_permission(request):
            self.message_user(request, f"Nobody can sign up. {closed}", messages.WARNING)
        if request.method == "GET" and self.has_view_permission(request) and (dropped := dropped_of_late()):
            said = f"Sign-ups dropped within 30 days, because no confirmation mail could leave for a day: {dropped}."
            self.message_user(request, said, messages.WARNING)
        return super().changelist_view(request, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show what is kept of a reader; on POST answer what they asked for by letter."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        reader = get_object_or_404(Subscriber.objects.select_related("term"), pk=line_number(object_id))
        refused = ""
        if request.method == "POST":
            if request.POST.get("do") == "export":
                data = export_for(reader, by=member(request))
                answer = JsonResponse(data, json_dumps_params={"indent": 2, "ensure_ascii": False})
                answer["Content-Disposition"] = 'attachment; filename="subscriber.json"'
                return answer
            forget = request.POST.get("do") == "erase"
            try:
                end_for(reader, by=member(request), forget=forget, why=request.POST.get("why", ""))
            except BadText as refusal:
                refused = str(refusal)
            else:
                said = "The reader is forgotten." if forget else "The reader gets nothing any more."
                self.message_user(request, said, messages.SUCCESS)
                return redirect("admin:glossary_subscriber_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": reader.address,
            "reader": reader,
            "deliveries": reader.deliveries.select_related("brief__deck").order_by("-pk")[:DELIVERIES],
            "refused": refused,
        }
        status = 422 if refused else 200
        return TemplateResponse(request, "admin/glossary/subscriber/reader.html", context, status=status)


@admin.register(Suppression)
class SuppressionAdmin(ReaderAdmin):
    """Held-back addresses: only a keyed hash is kept, so an address is looked up, never read off."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Count the held-back addresses by reason; look one up, hold one back, or lift it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        address, why = request.POST.get("address", ""), request.POST.get("why", "")
        context: dict[str, Any] = {"address": address, "why": why}
        if request.method == "POST":
            require(member(request), Action.KEEP_SUBSCRIBERS)
            try:
                match request.POST.get("do"):
                    case "hold":
                        suppress_address(address, by=member(request), why=why)
                        context["said"] = (
                            "Nothing is sent to this address any more, not even a confirmation, until you lift it."
                        )
                    case "lift":
                        lift_suppression(address, by=member(request), why=why)
                        context["said"] = "Mail may go to this address again, once its owner asks for the brief."
                    case _:
                        context["found"] = find_suppression(address)
                        context["looked"] = True
            except (BadText, IllegalMove) as refusal:
                context["refused"] = str(refusal)
        rows = Suppression.objects.counted()
        context |= {**self.admin_site.each_context(request), "title": "Held-back addresses", "rows": rows}
        status = 422 if context.get("refused") else 200
        return TemplateResponse(request, "admin/glossary/subscriber/suppression.html", context, status=status)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Lead to the list: a row has nothing to show."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect("admin:glossary_suppression_changelist")

"""The desk's pages of the brief: how far it is, what is uncertain, and how it looks."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from glossary.admin.site import DeskAdmin
from glossary.desk import member
from glossary.domain.brief import BriefState, DeliveryState, Progress, Verdict
from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Action
from glossary.models import Brief, Deck, Delivery, Installation
from glossary.services.arming import disarm, host_name, why_not_sending
from glossary.services.brief import pause_brief, progress_of, resume_brief, send_late, settle_uncertain
from glossary.services.preview import preview_brief, send_test
from glossary.services.roles import may, require

SHOWN = 50  # uncertain mails on one page
PAST = 7  # briefs in the table of the days before
SIGNS = {
    BriefState.QUEUED: "◇ Waiting",
    BriefState.SENDING: "▶ Sending",
    BriefState.PAUSED: "❚❚ Paused",
    BriefState.SENT: "● Sent",
    BriefState.MISSED: "✕ Missed",
}
MAIL_POLICY = {"style-src": ["'unsafe-inline'"], "sandbox": []}  # a mail carries its styles in its tags


@dataclass(frozen=True)
class Bar:
    """A part of the meter, in hundredths of its width."""

    tint: str
    start: float
    width: float


def masked(address: str) -> str:
    """Return an address of which staff see enough to find it in a log."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}" if domain else "an erased reader"


def bars_of(progress: Progress) -> list[Bar]:
    """Return the meter of a brief: sent, uncertain, failed."""
    bars, start = [], 0.0
    parts = (("i-ok", progress.sent), ("i-todo", progress.uncertain), ("i-stop", progress.failed))
    for tint, count in parts:
        if count:
            width = max(0.5, 100 * count / max(1, progress.total))
            bars.append(Bar(tint, start, width))
            start += width
    return bars


@admin.register(Brief)
class BriefAdmin(DeskAdmin):
    """The briefs, a day each."""

    list_display = ["__str__", "state", "recipients", "started_at", "ended_at", "host"]
    list_filter = ["state"]
    list_select_related = ["deck"]

    def get_urls(self) -> list[Any]:
        """Add the preview of a deck's brief, as a page and as the mail itself."""
        site = self.admin_site.admin_view
        return [
            path("preview/<int:pk>/", site(self.preview_view), name="glossary_brief_preview"),
            path("preview/<int:pk>/mail/", site(self.mail_view), name="glossary_brief_mail"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show how far a brief is; on POST pause it, go on, send it late, settle what is uncertain, or disarm."""
        brief = get_object_or_404(Brief.objects.select_related("deck"), pk=object_id)
        if not self.has_view_permission(request):
            raise PermissionDenied
        refused, status = "", 200
        if request.method == "POST":
            require(member(request), Action.KEEP_SUBSCRIBERS)
            try:
                says = self._act(request, brief)
            except IllegalMove as refusal:
                refused, status = str(refusal), 422
            else:
                self.message_user(request, says, messages.SUCCESS)
                return redirect("admin:glossary_brief_change", brief.pk)
        now = timezone.now()
        progress = progress_of(brief, now=now)
        uncertain = brief.deliveries.uncertain(now).select_related("subscriber").order_by("pk")[:SHOWN]
        failed = brief.deliveries.filter(state=DeliveryState.FAILED).order_by()
        context = {
            **self.admin_site.each_context(request),
            "title": str(brief),
            "brief": brief,
            "sign": SIGNS[BriefState(brief.state)],
            "progress": progress,
            "bars": bars_of(progress),
            "rate": progress.a_minute(brief.ended_at or now),
            "ends_at": progress.ends_at(now) if brief.ended_at is None else None,
            "too_late": progress.too_late(now, brief.window_ends) if brief.ended_at is None else 0,
            "uncertain": [(row, masked(row.subscriber.address if row.subscriber else "")) for row in uncertain],
            "failed": failed.values("last_code", "last_said")
            .annotate(n=Count("pk"))
            .order_by("-n", "last_said")[:SHOWN],
            "why_not": why_not_sending(),
            "installation": Installation.objects.first(),
            "here": host_name(),
            "past": Brief.objects.exclude(pk=brief.pk).select_related("deck")[:PAST],
            "may_act": may(member(request), Action.KEEP_SUBSCRIBERS),
            "refused": refused,
        }
        return TemplateResponse(request, "admin/glossary/brief/brief.html", context, status=status)

    def _act(self, request: HttpRequest, brief: Brief) -> str:
        """Do what the form says; return what was done."""
        person, do = member(request), request.POST.get("do", "")
        if do == "pause":
            pause_brief(brief, by=person)
            return "Paused. What was on its way still arrives, 20 mails a sender at most."
        if do == "resume":
            resume_brief(brief, by=person)
            return "It goes on at the next look of tick."
        if do == "late":
            return f"{send_late(brief, by=person)} mails go out, within 20 hours from now."
        if do == "disarm":
            disarm(by=person)
            return "Disarmed. Decks are published all the same, and no brief leaves."
        if do in {"settle", "all"}:
            return self._settle(request, brief, every=do == "all")
        raise IllegalMove("Choose what to do.")

    def _settle(self, request: HttpRequest, brief: Brief, *, every: bool) -> str:
        """Settle the uncertain mails that the form names, or all of the brief in one way."""
        try:
            if every:
                verdict = Verdict(request.POST.get("verdict", ""))
                keys = brief.deliveries.uncertain(timezone.now()).values_list("pk", flat=True)
                chosen = [(key, verdict) for key in keys]
            else:
                rows = brief.deliveries.uncertain(timezone.now()).values_list("pk", flat=True)
                said = {key: request.POST.get(f"u-{key}", "") for key in rows}
                chosen = [(key, Verdict(word)) for key, word in said.items() if word]
        except ValueError as error:
            raise IllegalMove("Say of each mail: it arrived, send again, or leave it.") from error
        if not chosen:
            raise IllegalMove("Nothing is uncertain any more, or nothing was chosen.")
        return f"{settle_uncertain(brief, chosen, by=member(request))} settled. Your name stands in the log."

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the brief of a deck, subject, text and size; on POST send it as a test to whoever asks."""
        deck = get_object_or_404(Deck, pk=pk)
        if not self.has_view_permission(request):
            raise PermissionDenied
        refused, preview = "", None
        try:
            preview = preview_brief(deck)
            if request.method == "POST":
                if request.POST.get("do") != "test":
                    raise IllegalMove("Choose what to do.")
                address = send_test(deck, by=member(request))
                self.message_user(request, f"A test is on its way to {address}.", messages.SUCCESS)
                return redirect("admin:glossary_brief_preview", deck.pk)
        except IllegalMove as refusal:
            refused = str(refusal)
        context = {
            **self.admin_site.each_context(request),
            "title": f"The brief of {deck}",
            "deck": deck,
            "preview": preview,
            "refused": refused,
        }
        status = 422 if refused and request.method == "POST" else 200
        return TemplateResponse(request, "admin/glossary/brief/preview.html", context, status=status)

    def mail_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the HTML of a deck's brief as it is in the mail, with the styles that mails need and nothing else."""
        deck = get_object_or_404(Deck, pk=pk)
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            answer = HttpResponse(preview_brief(deck).html)
        except IllegalMove as refusal:
            return HttpResponse(str(refusal), content_type="text/plain; charset=utf-8", status=409)
        answer._csp_replace = MAIL_POLICY  # type: ignore[attr-defined]  # read by the middleware of django-csp
        return answer


@admin.register(Delivery)
class DeliveryAdmin(DeskAdmin):
    """The ledger, a row a mail; addresses are masked."""

    list_display = ["message_id", "reader", "state", "last_code", "last_said", "at"]
    list_filter = ["state"]
    list_select_related = ["subscriber", "brief__deck"]
    search_fields = ["=message_id"]
    show_full_result_count = False
    list_per_page = 50

    @admin.display(description="reader")
    def reader(self, row: Delivery) -> str:
        """The masked address."""
        return masked(row.subscriber.address if row.subscriber else "")

"""Reports of readers at the desk: a list by claim, and one claim's reports with the words then and now."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from glossary.admin.site import DeskAdmin
from glossary.desk import line_number, member
from glossary.domain.diff import word_diff
from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.report import ReportVerdict
from glossary.domain.roles import Action
from glossary.models import Report
from glossary.services.report import ReportGroup, group_of, settle_reports, words_now
from glossary.services.roles import may, require

GROUPS_A_PAGE = 50


@admin.register(Report)
class ReportAdmin(DeskAdmin):
    """What readers say is wrong, by claim: reports on the same sentence are one thing to look at."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """List the claims that readers doubt: those that wait, the oldest first, or all of them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        everything = request.GET.get("show") == "all"
        rows = Report.objects.all() if everything else Report.objects.waiting()
        if term := line_number(request.GET.get("term", "")):
            rows = rows.filter(term=term)
        page = Paginator(rows.grouped(), GROUPS_A_PAGE).get_page(request.GET.get("page"))
        newest = Report.objects.select_related("term", "edition", "sentence").in_bulk([row["newest"] for row in page])
        context = {
            **self.admin_site.each_context(request),
            "title": "Reports of readers",
            "page": page,
            "everything": everything,
            "groups": [(newest[row["newest"]], row["n"], row["since"]) for row in page],
        }
        return TemplateResponse(request, "admin/glossary/report/list.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the reports on one claim; on POST settle those that wait."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not line_number(object_id):
            raise Http404("There is no such report.")
        asked = Report.objects.select_related("term__published", "edition", "sentence")
        report = get_object_or_404(asked, pk=line_number(object_id))
        if request.method == "POST":
            require(member(request), Action.SETTLE_REPORTS)
            try:
                number = settle_reports(
                    report,
                    _verdict(request.POST.get("verdict", "")),
                    by=member(request),
                    reason=request.POST.get("reason", ""),
                )
            except (BadText, IllegalMove) as refusal:
                return self._page(request, report, status=422, refused=str(refusal))
            said = "1 report is settled." if number == 1 else f"{number} reports are settled."
            self.message_user(request, said, messages.SUCCESS)
            return redirect("admin:glossary_report_changelist")
        return self._page(request, report)

    def _page(self, request: HttpRequest, report: Report, *, status: int = 200, refused: str = "") -> HttpResponse:
        group = group_of(report)
        now = words_now(group)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Reports on {report.term}",
            "report": report,
            "group": group,
            "now": now,
            "pieces_now": word_diff(group.then, now) if now and now != group.then else (),
            "check_url": _check_url(group),
            "version_url": reverse("version", args=[report.term.slug, report.edition.digest]),
            "refused": refused,
            "typed": request.POST.get("reason", ""),
            "may_settle": may(request.user, Action.SETTLE_REPORTS) and group.waiting > 0,
        }
        return TemplateResponse(request, "admin/glossary/report/group.html", context, status=status)


def _verdict(typed: str) -> ReportVerdict:
    if typed not in set(ReportVerdict):
        raise IllegalMove("Choose what you found.")
    return ReportVerdict(typed)


def _check_url(group: ReportGroup) -> str:
    """Return where the line is checked, or the card, while readers see it."""
    if group.claim is not None:
        return group.claim.edition.get_check_url(group.claim.place)
    published = group.newest.term.published
    return published.get_check_url() if published is not None else ""

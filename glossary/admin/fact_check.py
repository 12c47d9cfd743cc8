"""The check page, the list of cards that wait for a checker, and the records that can only be read."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from taggit.admin import TagAdmin as StockTagAdmin
from taggit.models import Tag

from glossary.admin.site import DeskAdmin
from glossary.domain.claim import ClaimKind, LineState, Part, Verdict
from glossary.domain.errors import BadText, IllegalMove, StaleEdition
from glossary.domain.fact_check import check_four_eyes, check_passer, check_settled, dates_of
from glossary.domain.roles import Action
from glossary.domain.term import Stage
from glossary.domain.volatility import Volatility
from glossary.forms.fact_check import DecisionForm, VerdictForm
from glossary.models import Claim, Edition, FactCheck, Source, Term, TrailEntry
from glossary.models.claim import ClaimLine
from glossary.services.claim import EvidenceDraft, confirm_line, settle_line
from glossary.services.clock import today
from glossary.services.fact_check import checked_lines, makers, pass_check, send_back
from glossary.services.roles import may
from glossary.services.source import keep_source

MARKS = {LineState.OPEN: ("?", "open"), LineState.READ_AGAIN: ("R", "again"), LineState.STOPPED: ("!", "bad")}


@admin.register(Edition)
class EditionAdmin(DeskAdmin):
    """Cards that wait for a checker, oldest first; a row opens the check page."""

    list_display = ["card", "submitted_at", "submitted_by"]
    list_display_links = None
    list_select_related = ["submitted_by"]
    list_per_page = 50
    ordering = ["submitted_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Edition]:
        """Only what waits."""
        return Edition.objects.submitted()

    @admin.display(description="Card")
    def card(self, edition: Edition) -> str:
        """Link to the check page."""
        url = reverse("admin:glossary_edition_check", args=[edition.pk])
        return format_html('<a href="{}">{}</a>', url, edition)

    def get_urls(self) -> list[Any]:
        """Add the check page."""
        check = self.admin_site.admin_view(self.check_view)
        return [path("<int:pk>/check/", check, name="glossary_edition_check"), *super().get_urls()]

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the lines of an edition; on POST record what the checker decided."""
        edition = get_object_or_404(Edition.objects.select_related("term__published"), pk=pk)
        if not self.has_view_permission(request):
            raise PermissionDenied
        number = request.GET.get("line", "")
        chosen = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
        if request.method != "POST":
            return self._page(request, edition, chosen)
        if not may(request.user, Action.CHECK):
            raise PermissionDenied("You may not check cards.")
        try:
            return self._act(request, edition, chosen)
        except StaleEdition as stale:
            context = {**self.admin_site.each_context(request), "title": "These words have changed", "why": str(stale)}
            context["term"] = edition.term
            return TemplateResponse(request, "admin/glossary/term/stale.html", context, status=409)
        except (BadText, IllegalMove) as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return self._page(request, edition, chosen, status=422)

    def _act(self, request: HttpRequest, edition: Edition, chosen: int) -> HttpResponse:
        by: Any = request.user
        here = redirect(reverse("admin:glossary_edition_check", args=[edition.pk]))
        do = request.POST.get("do")
        if do in {"settle", "confirm"}:
            claim = get_object_or_404(Claim, edition=edition, place=chosen)
            if do == "confirm":
                confirm_line(claim, by=by)
            elif not self._settle(request, claim):
                return self._page(request, edition, chosen, status=422)
            return redirect(f"{here.url}{self._next(edition, chosen)}")
        form = DecisionForm(request.POST)
        if not form.is_valid():
            raise IllegalMove("The form was not complete. Open the page again; your verdicts are kept.")
        data = form.cleaned_data
        if do == "back":
            send_back(edition, by=by, comment=data["comment"])
            self.message_user(request, "Sent back with your comment. Your verdicts are kept.", messages.SUCCESS)
            return redirect("admin:glossary_edition_changelist")
        publish = do == "publish"
        pass_check(edition, by=by, digest=data["digest"], whole_card=data["whole_card"], publish=publish)
        term = Term.objects.get(pk=edition.term_id)
        seen = term.published_id == edition.pk
        done = "Passed. Readers see it now." if seen else "Passed. It waits for a publisher."
        self.message_user(request, done, messages.SUCCESS)
        return redirect("admin:glossary_term_change", term.pk)

    def _settle(self, request: HttpRequest, claim: Claim) -> bool:
        form = self._verdict_form(claim, request.POST)
        if not form.is_valid():
            reasons = "; ".join(
                f"{form.fields[name].label or name}: {errors[0]}" for name, errors in form.errors.items()
            )
            self.message_user(request, f"Not saved. {reasons}", messages.ERROR)
            return False
        by: Any = request.user
        data = form.cleaned_data
        source = data["source"]
        if source is None and data["url"]:
            source = keep_source(
                data["url"],
                title=data["title"],
                publisher=data["publisher"],
                published_on=data["published_on"],
                primary=data["primary"],
                by=by,
            )
        evidence = [EvidenceDraft(source, data["passage"], data["passage_kind"])] if source else []
        settle_line(
            claim,
            by=by,
            verdict=Verdict(data["verdict"]),
            kind=ClaimKind(data["kind"]),
            evidence=evidence,
            volatility=Volatility(data["volatility"]) if data["volatility"] else None,
            note=data["note"],
        )
        return True

    def _next(self, edition: Edition, after: int) -> str:
        waiting = [line.number for line in Claim.objects.lines(edition.pk) if line.state != LineState.SETTLED]
        following = next((number for number in waiting if number > after), waiting[0] if waiting else None)
        return f"?line={following}#line-{following}" if following else ""

    def _verdict_form(self, claim: Claim, data: Any = None, line: ClaimLine | None = None) -> VerdictForm:
        named = claim.line.part in {Part.HEADWORD, Part.ALIAS}
        initial: dict[str, Any] = {
            "verdict": Verdict.SUPPORTED.value,
            "kind": (ClaimKind.NAME if named else ClaimKind.FACT).value,
        }
        if line and line.check:
            initial["kind"] = line.check.kind
            for evidence in line.check.source_check.evidence.all()[:1]:
                initial |= {"source": evidence.source_id, "passage": evidence.passage}
                initial["passage_kind"] = evidence.passage_kind
        form = VerdictForm(data, initial=initial)
        known = Source.objects.filter(terms=claim.edition.term_id) | Source.objects.filter(
            evidence__check_row__sentence__term=claim.edition.term_id
        )
        form.fields["source"].queryset = known.distinct().order_by("title")  # type: ignore[attr-defined]
        return form

    def _page(self, request: HttpRequest, edition: Edition, chosen: int, *, status: int = 200) -> HttpResponse:
        term = edition.term
        lines = Claim.objects.lines(edition.pk)
        checked = checked_lines(term, edition)
        user: Any = request.user
        rows = [self._row(line, facts.changed, user) for line, facts in zip(lines, checked, strict=True)]
        selected = next((row for row in rows if row["number"] == chosen), None)
        if selected:
            line = lines[chosen - 1]
            data = request.POST if status == 422 and request.POST.get("do") == "settle" else None
            selected["form"] = self._verdict_form(line.claim, data, line)
        live = edition.submitted_at is not None or term.published_id == edition.pk
        settled = sum(line.state == LineState.SETTLED for line in lines)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Check {edition.words.headword}",
            "edition": edition,
            "term": term,
            "rows": rows,
            "selected": selected,
            "settled": settled,
            "stamp_on": dates_of(checked).stamp_on if settled == len(lines) else None,
            "decision": DecisionForm(initial={"digest": edition.digest}),
            "may_check": may(user, Action.CHECK),
            "live": live,
            "refusal": self._refusal(edition, checked, user, live=live),
            "may_publish": term.stage == Stage.DRAFT and may(user, Action.PUBLISH),
        }
        return TemplateResponse(request, "admin/glossary/term/check.html", context, status=status)

    def _row(self, line: ClaimLine, changed: bool, user: Any) -> dict[str, Any]:
        mark, word = MARKS.get(line.state, ("S", "sup"))
        if line.state == LineState.SETTLED and line.check and line.check.kind == ClaimKind.EXPLANATION:
            mark, word = "E", "exp"
        if line.state == LineState.STOPPED and line.check:
            mark = line.check.verdict[0].upper()
        return {
            "number": line.number,
            "part": line.claim.sentence.part,
            "text": line.claim.sentence.text,
            "links": line.claim.sentence.links,
            "state": line.state.value,
            "mark": mark,
            "mark_class": word,
            "check": line.check,
            "evidence": list(line.check.source_check.evidence.all()) if line.check else [],
            "changed": changed,
            "own": self._why_not(line, user),
        }

    def _why_not(self, line: ClaimLine, user: Any) -> str:
        try:
            check_four_eyes(user.pk, line.authors, single_person_desk=settings.SINGLE_PERSON_DESK)
        except IllegalMove as refusal:
            return str(refusal)
        return ""

    def _refusal(self, edition: Edition, checked: Any, user: Any, *, live: bool) -> str:
        """Return why this person cannot pass the card now; empty if nothing stands in the way."""
        if not live:
            return "This edition neither waits for a checker nor stands before readers."
        try:
            check_settled(checked, today=today())
            check_passer(user.pk, checked, makers(edition), single_person_desk=settings.SINGLE_PERSON_DESK)
        except IllegalMove as refusal:
            return str(refusal)
        return ""


@admin.register(Source)
class SourceAdmin(DeskAdmin):
    """The library of sources."""

    list_display = ["title", "publisher", "published_on", "primary", "url"]
    list_select_related = ["publisher"]
    search_fields = ["title", "url", "publisher__name"]


@admin.register(FactCheck)
class FactCheckAdmin(DeskAdmin):
    """Decisions, as they were made."""

    list_display = ["edition", "result", "on", "stamp_on", "by"]
    list_select_related = ["edition", "by"]


@admin.register(TrailEntry)
class TrailAdmin(DeskAdmin):
    """Who did what, when and why."""

    list_display = ["at", "actor_name", "verb", "subject", "reason"]
    search_fields = ["subject", "actor_name"]


admin.site.unregister(Tag)


@admin.register(Tag)
class TagAdmin(StockTagAdmin):
    """The closed list of tags, which publishers keep."""

    inlines = ()
    actions = None
    list_display = ["name", "slug"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the person works at the desk."""
        return may(request.user, Action.READ_DESK)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person works at the desk."""
        return may(request.user, Action.READ_DESK)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Publishers add tags."""
        return may(request.user, Action.KEEP_TAGS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Publishers rename tags."""
        return may(request.user, Action.KEEP_TAGS)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A tag stays: terms stand under it."""
        return False

    def get_urls(self) -> list[Any]:
        """Leave out the bulk acts of the library, which write past the services."""
        return admin.ModelAdmin.get_urls(self)

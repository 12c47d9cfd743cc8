"""The wording rules at the desk: the style guide, and answering what a rule says of a sentence."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse

from glossary.admin.site import DeskAdmin
from glossary.desk import line_number, member
from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.fact_sign import FACT_RULE
from glossary.domain.wording.budget import budgets_of
from glossary.domain.wording.findings import Finding
from glossary.domain.wording.plain import suggest_level
from glossary.domain.wording.rules import Severity
from glossary.forms.term import TermForm, typed_aliases
from glossary.models import Claim, Edition, RuleSetting, Term, Waiver
from glossary.services.circular import definition_loop
from glossary.services.wording import RuleRow, findings_of, readability, rule_rows, set_rule_level, unwaive, waive

LEVELS = [Severity.WARN, Severity.HINT, Severity.OFF]
GROUPS = {"time": "Words that go stale", "hype": "No fluff", "weasel": "No fluff", "filler": "No fluff"}
PLAIN = "Plain words"


@admin.register(RuleSetting)
class RuleSettingAdmin(DeskAdmin):
    """The style guide: the rules as they are applied, how each fares, and for superusers how loud it is."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the rules by group; on POST a superuser turns one up, down or off."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            chosen = request.POST.get("level", "")
            try:
                if chosen not in {"", *LEVELS}:
                    raise IllegalMove("There is no such level.")
                level = Severity(chosen) if chosen else None
                set_rule_level(request.POST.get("rule", ""), level, by=member(request))
                self.message_user(request, f"{request.POST.get('rule')} is set.")
            except IllegalMove as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            return redirect("admin:glossary_rulesetting_changelist")
        rows = rule_rows()
        titles = dict.fromkeys(_title(row) for row in rows)
        lix, sentences = readability()
        context = {
            **self.admin_site.each_context(request),
            "title": "Style guide",
            "groups": [(title, [row for row in rows if _title(row) == title]) for title in titles],
            "levels": LEVELS,
            "may_set": member(request).is_superuser,
            "lix": lix,
            "sentences": sentences,
        }
        return TemplateResponse(request, "admin/glossary/wording/guide.html", context)


def _title(row: RuleRow) -> str:
    return GROUPS.get(row.rule.group, PLAIN)


def noticed(form: TermForm, formset: Any, term: Term | None) -> dict[str, Any]:
    """Return what the rules say of the words in the writing form, or of those saved last where nothing was typed."""
    words = None
    if form.is_bound:
        if form.is_valid() & formset.is_valid():
            try:
                words = form.draft(typed_aliases(formset)).cleaned().words()
            except (BadText, IllegalMove):
                words = None
    elif term is not None and term.working is not None:
        words = term.working.words
    if words is None:
        return {"noticed": None}
    found = findings_of(words, term=term)
    level, why = suggest_level(words)
    return {
        "noticed": list(enumerate(found)),
        "gates": sum(one.gate for one in found),
        "loop": definition_loop(words, term),
        "level": level,
        "level_why": why,
        "budgets": budgets_of(words),
        "example": bool(words.example.strip()),
    }


def with_fix(data: QueryDict, found: list[tuple[int, Finding]], chosen: int) -> QueryDict:
    """Return the typed form with the fix of one finding put into its field; raises IllegalMove if it has none."""
    one = dict(found).get(chosen)
    if one is None or one.fix is None or one.field_start is None or one.field_end is None:
        raise IllegalMove("This finding has moved on with the text. Look at the list as it stands now.")
    again = data.copy()
    # the spans are those of the text as it is stored: a browser posts line ends as CR LF
    text = again.get(one.part, "").replace("\r\n", "\n")
    before, after = text[: one.field_start], text[one.field_end :]
    if not one.fix:
        opens = not before.strip() or before.rstrip(" ").endswith((".", "!", "?", "\n"))
        after = after.lstrip(" ,") if opens or before.endswith(" ") else after
        after = after[:1].upper() + after[1:] if opens else after
        before = before.rstrip(" ") if after[:1] in {".", ",", ";", ":"} else before
    again[one.part] = f"{before}{one.fix}{after}"
    return again


def answer_finding(request: HttpRequest, edition: Edition, chosen: int, do: str) -> HttpResponseRedirect:
    """Answer a finding of the selected line with a reason, or take an answer back."""
    claim = get_object_or_404(Claim.objects.select_related("sentence__term"), edition=edition, place=chosen)
    if do == "waive":
        rule = request.POST.get("rule", "") or FACT_RULE
        waive(claim.sentence, rule, request.POST.get("why", ""), by=member(request))
    else:
        number = line_number(request.POST.get("waiver", ""))
        waiver = get_object_or_404(Waiver.objects.select_related("sentence__term"), pk=number, sentence=claim.sentence)
        unwaive(waiver, by=member(request))
    return redirect(edition.get_check_url(chosen))

"""The check page and the queue of cards that wait for a checker."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path

from glossary.admin.claim import Row, can_confirm, evidence_for, offers_for, rows_of, sources_for
from glossary.admin.correction import going_rows
from glossary.admin.site import DeskAdmin
from glossary.admin.wording import answer_finding
from glossary.desk import line_number, member
from glossary.domain.claim import LineState, Part, Verdict
from glossary.domain.correction import Fate
from glossary.domain.errors import BadText, IllegalMove, StaleEdition
from glossary.domain.fact_check import CheckedLine, Result, check_passer, check_settled, dates_of
from glossary.domain.rewrite import REWRITABLE
from glossary.domain.roles import Action
from glossary.domain.take import minutes_for
from glossary.domain.term import Stage
from glossary.domain.wording.findings import Finding, budgets_of, findings
from glossary.forms.fact_check import CLASSES, EXPLANATION, VERDICTS, DecisionForm, SourceForm, VerdictForm
from glossary.models import Claim, Edition, PassageKind, Source, Suggestion, Term
from glossary.services.circular import definition_loop
from glossary.services.claim import EvidenceDraft, confirm_line, likely_explanations, settle_line, sweep_explanations
from glossary.services.clock import today
from glossary.services.comment import add_comment, left_behind, resolve_thread
from glossary.services.correction import going_lines, said_from
from glossary.services.cut import cut_sentence, review_by
from glossary.services.doubt import doubts_on, same_words
from glossary.services.fact_check import (
    checked_lines,
    makers,
    only_spelling_changed,
    pass_check,
    pass_respelling,
    refuse_old_verdicts,
    send_back,
)
from glossary.services.fetching import CannotFetch, fetch_text
from glossary.services.notice import preference_of, set_preference
from glossary.services.roles import checkers, may, require
from glossary.services.source import keep_source, keep_text
from glossary.services.suggestion import accept_suggestion, decline_suggestion, suggest_wording
from glossary.services.take import assign_card, queue, release_card, take_card, taken_by, with_own_marked
from glossary.services.wording import context_for

QUEUE_PAGE = 50  # cards
NEEDED = {  # what each act on the check page asks for; all others ask for checking
    "release": Action.READ_DESK,
    "keys_on": Action.READ_DESK,
    "keys_off": Action.READ_DESK,
    "assign": Action.ASSIGN,
    "accept": Action.WRITE,
    "decline": Action.WRITE,
    "comment": Action.COMMENT,
    "waive": Action.COMMENT,
    "unwaive": Action.COMMENT,
    "resolve": Action.COMMENT,
    "cut": Action.CUT,
}


@admin.register(Edition)
class EditionAdmin(DeskAdmin):
    """Cards that wait for a checker, the most urgent first; a row opens the check page."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the queue: each row says why it stands where it stands, and who is on it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        person = member(request)
        if request.method == "POST":
            require(person, NEEDED.get(request.POST.get("do", ""), Action.CHECK))
            term = get_object_or_404(Term, pk=line_number(request.POST.get("term", "")))
            return self._take(request, term, back="admin:glossary_edition_changelist")
        page = Paginator(with_own_marked(queue(), person), QUEUE_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": "Cards that wait",
            "page": page,
            "may_check": may(person, Action.CHECK),
            "checkers": checkers() if may(person, Action.ASSIGN) else [],
        }
        return TemplateResponse(request, "admin/glossary/edition/queue.html", context)

    def get_urls(self) -> list[Any]:
        """Add the check page."""
        check = self.admin_site.admin_view(self.check_view)
        return [path("<int:pk>/check/", check, name="glossary_edition_check"), *super().get_urls()]

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the lines of an edition; on POST record what was decided about one of them, or about the card."""
        edition = get_object_or_404(Edition.objects.select_related("term__published"), pk=pk)
        if not self.has_view_permission(request):
            raise PermissionDenied
        chosen = line_number(request.GET.get("line", ""))
        if request.method != "POST":
            return self._page(request, edition, chosen)
        try:
            return self._act(request, edition, chosen)
        except StaleEdition as stale:
            context = {**self.admin_site.each_context(request), "title": "These words have changed", "why": str(stale)}
            context["term"] = Term.objects.get(pk=edition.term_id)
            return TemplateResponse(request, "admin/glossary/term/stale.html", context, status=409)
        except (BadText, IllegalMove) as refusal:
            return self._page(request, edition, chosen, status=422, refused=str(refusal))

    def _act(self, request: HttpRequest, edition: Edition, chosen: int) -> HttpResponse:
        do = request.POST.get("do", "")
        require(member(request), NEEDED.get(do, Action.CHECK))
        if do in {"take", "release", "assign"}:
            return self._take(request, edition.term, back=edition.get_check_url())
        if do in {"keys_on", "keys_off"}:
            set_preference(member(request), keys=do == "keys_on")
            return redirect(edition.get_check_url(chosen or None))
        if do in {"settle", "suggest", "confirm", "sweep"}:
            return self._settle(request, edition, chosen, do)
        if do in {"waive", "unwaive"}:
            return answer_finding(request, edition, chosen, do)
        if do in {"accept", "decline", "comment", "resolve", "cut"}:
            return self._answer(request, edition, chosen, do)
        if do in {"add_source", "fetch", "paste_text"}:
            return self._source(request, edition, chosen, do)
        return self._decide(request, edition, do)

    def _settle(self, request: HttpRequest, edition: Edition, chosen: int, do: str) -> HttpResponse:
        """Record a verdict, a suggestion or a sweep, and go on to the next line that waits."""
        by = member(request)
        if do == "sweep":
            number = sweep_explanations(edition, by=by)
            self.message_user(request, f"{number} explanations accepted. Look them over; each can be changed.")
            return redirect(self._onward(edition, 0))
        claim = get_object_or_404(Claim.objects.select_related("edition", "sentence"), edition=edition, place=chosen)
        if do == "confirm":
            confirm_line(claim, by=by)
            return redirect(self._onward(edition, chosen))
        form = VerdictForm({"verdict": Verdict.SUPPORTED.value, **request.POST.dict()})
        if not form.is_valid():
            reasons = "; ".join(f"{name}: {errors[0]}" for name, errors in form.errors.items())
            raise IllegalMove(f"Not saved. {reasons}")
        source, passage, passage_kind = form.found()
        if do == "suggest":
            decision = form.decision(claim)
            suggest_wording(
                claim,
                form.cleaned_data["wording"],
                by=by,
                kind=decision["kind"],
                source=source,
                passage=passage,
                passage_kind=passage_kind,
            )
            self.message_user(request, "Suggested. The author is told and can accept it with one key.")
        else:
            evidence = [EvidenceDraft(source, passage, passage_kind)] if source and passage.strip() else []
            settle_line(claim, by=by, evidence=evidence, **form.decision(claim))
        if source:
            request.session["last_source"] = source.pk
        return redirect(self._onward(edition, chosen))

    def _answer(self, request: HttpRequest, edition: Edition, chosen: int, do: str) -> HttpResponse:
        """Do what an author, a reader of the thread or a publisher does with one line."""
        by = member(request)
        claim = get_object_or_404(
            Claim.objects.select_related("edition__term", "sentence"), edition=edition, place=chosen
        )
        here = edition.get_check_url(chosen)
        if do == "comment":
            add_comment(claim, request.POST.get("text", ""), by=by)
        elif do == "resolve":
            resolve_thread(claim, by=by)
        elif do == "cut":
            fate = request.POST.get("fate", "")
            if fate not in set(Fate):
                raise IllegalMove("Choose what becomes of the sentence: was it wrong, or is it only no longer needed?")
            check = cut_sentence(claim, by=by, reason=request.POST.get("reason", ""), fate=Fate(fate))
            self.message_user(request, "Cut. Readers see the card without it; somebody else reads it within 24 hours.")
            here = check.edition.get_check_url()
        else:
            suggestion = get_object_or_404(Suggestion, pk=line_number(request.POST.get("suggestion", "")), claim=claim)
            if do == "accept":
                here = accept_suggestion(suggestion, by=by).get_check_url()
                self.message_user(request, "Accepted. The line is settled, and the card goes on as it now stands.")
            else:
                decline_suggestion(suggestion, by=by)
                self.message_user(request, "Declined. The checker is told.")
        return redirect(here)

    def _source(self, request: HttpRequest, edition: Edition, chosen: int, do: str) -> HttpResponse:
        """Put a source at hand, or its text, so that its passages can be ranked."""
        by = member(request)
        if do == "add_source":
            form = SourceForm(request.POST)
            if not form.is_valid():
                reasons = "; ".join(f"{name}: {errors[0]}" for name, errors in form.errors.items())
                raise IllegalMove(f"The source was not added. {reasons}")
            source = keep_source(by=by, for_term=edition.term, **form.cleaned_data)
            if not hasattr(source, "kept_text"):
                self._fetch(request, source, by=by)
        else:
            source = get_object_or_404(Source, pk=line_number(request.POST.get("source", "")))
            if do == "fetch":
                self._fetch(request, source, by=by)
            else:
                keep_text(source, request.POST.get("text", ""), by=by)
        return redirect(edition.get_check_url(chosen).replace("#", f"&source={source.pk}#"))

    def _fetch(self, request: HttpRequest, source: Source, *, by: User) -> None:
        try:
            keep_text(source, fetch_text(source.url).text, by=by, fetched=True)
        except CannotFetch as refusal:
            self.message_user(request, str(refusal), messages.WARNING)

    def _take(self, request: HttpRequest, term: Term, *, back: str) -> HttpResponse:
        by = member(request)
        try:
            match request.POST.get("do"):
                case "assign":
                    person = get_object_or_404(User, pk=line_number(request.POST.get("person", "")))
                    assign_card(term, person, by=by)
                    self.message_user(request, f"{term} is with {person.get_username()} now; they are told.")
                case "release":
                    release_card(term, by=by)
                case _:
                    take_card(term, by=by)
        except IllegalMove as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        return redirect(back)

    def _decide(self, request: HttpRequest, edition: Edition, do: str) -> HttpResponse:
        """Pass the card, or send it back."""
        by = member(request)
        form = DecisionForm(request.POST)
        if not form.is_valid():
            raise IllegalMove("The form was not complete. Open the page again; your verdicts are kept.")
        data = form.cleaned_data
        if do == "back":
            send_back(edition, by=by, comment=data["comment"])
            self.message_user(request, "Sent back with your comment. Your verdicts are kept.", messages.SUCCESS)
            return redirect("admin:glossary_edition_changelist")
        if do == "spelling":
            pass_respelling(edition, by=by, digest=data["digest"])
        elif do in {"pass", "publish"}:
            old_words = said_from(going_lines(edition.term, edition), request.POST)
            whole, publish = data["whole_card"], do == "publish"
            pass_check(edition, by=by, digest=data["digest"], whole_card=whole, publish=publish, old_words=old_words)
        else:
            raise IllegalMove("Choose what to do with the card.")
        seen = Term.objects.filter(published=edition).exists()
        done = "Passed. Readers see it now." if seen else "Passed. It waits for a publisher."
        self.message_user(request, f"{edition.words.headword}: {done}", messages.SUCCESS)
        return redirect("admin:glossary_edition_changelist")

    def _onward(self, edition: Edition, after: int) -> str:
        """Return the address of the next line that waits, or of the card where none does."""
        waiting = [line.number for line in Claim.objects.lines(edition.pk) if line.state != LineState.SETTLED]
        return edition.get_check_url(next((number for number in waiting if number > after), next(iter(waiting), None)))

    def _page(
        self, request: HttpRequest, edition: Edition, chosen: int, *, status: int = 200, refused: str = ""
    ) -> HttpResponse:
        user = member(request)
        term = Term.objects.select_related("published").get(pk=edition.term_id)
        lines = Claim.objects.lines(edition.pk)
        context_of_rules = context_for(edition.words, term=term)
        found = findings(edition.words, context=context_of_rules, today=today())
        rows = rows_of(term, edition, lines, user, found, context_of_rules.quiet)
        live = edition.submitted_at is not None or term.published_id == edition.pk
        waiting = [row for row in rows if row.waits]
        to_do = [row for row in waiting if not row.own]
        selected = next((row for row in rows if row.number and row.number == chosen), None)
        if selected is None and live and may(user, Action.CHECK):
            selected = next(iter(to_do), None)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Check {edition.words.headword}",
            "edition": edition,
            "term": term,
            "sections": _sections(rows),
            "rows": [row for row in rows if row.number],
            "waiting": waiting,
            "loop": definition_loop(edition.words, term),
            "going": going_rows(term, edition, request.POST) if edition.submitted_at else [],
            "selected": selected,
            "refused": refused,
            "refused_at": chosen,
            "live": live,
            "keys_on": preference_of(user).keys,
            "may_comment": may(user, Action.COMMENT),
            "budgets": budgets_of(edition.words),
            "example": bool(edition.words.example),
            "general": [one for one in found if not one.hash],
            **self._card_context(edition, term, user, found, live=live),
            **self._side(request, edition, term, selected, [row.number for row in to_do], live=live),
        }
        return TemplateResponse(request, "admin/glossary/edition/check.html", context, status=status)

    def _card_context(
        self, edition: Edition, term: Term, user: User, found: Sequence[Finding], *, live: bool
    ) -> dict[str, Any]:
        """Return what the head and the bar say: how far, what readers will see, what is legal now and why not."""
        checked = checked_lines(term, edition)
        done = [line for line in checked if line.state == LineState.SETTLED]
        dates = dates_of(done) if len(done) == len(checked) and done else None
        checks = may(user, Action.CHECK)
        newest = edition.fact_checks.filter(result=Result.SENT_BACK).select_related("by").first()
        return {
            "settled": len(done),
            "minutes": minutes_for([line.state.value for line in checked if line.state != LineState.SETTLED]),
            "dates": dates,
            "decision": DecisionForm(initial={"digest": edition.digest}),
            "may_check": checks,
            "may_publish": term.stage == Stage.DRAFT and may(user, Action.PUBLISH),
            "refusal": _refusal(edition, checked, user, found, live=live),
            "spelling_only": checks and live and only_spelling_changed(term, edition),
            "explanations": len(likely_explanations(edition, by=user)) if checks and live else 0,
            "take": taken_by(term),
            "checkers": checkers() if may(user, Action.ASSIGN) else [],
            "sent_back": newest,
            "left_behind": left_behind(term, edition),
            "review_by": review_by(edition) if term.published_id == edition.pk else None,
        }

    def _side(
        self, request: HttpRequest, edition: Edition, term: Term, row: Row | None, to_do: list[int], *, live: bool
    ) -> dict[str, Any]:
        """Return what belongs to the selected line: verdicts, evidence, wording, comments."""
        if row is None:
            return {"next_open": next(iter(to_do), None)}
        user = member(request)
        sources = list(sources_for(term, edition))
        typed = request.POST if request.method == "POST" else {}
        asked = typed.get("source") or request.GET.get("source") or str(request.session.get("last_source", ""))
        evidence = evidence_for(row, sources, line_number(asked))
        rewritable = row.part in REWRITABLE
        working = term.working_id == edition.pk
        named = row.part in {Part.HEADWORD, Part.ALIAS}
        sentence = row.line.claim.sentence if row.line else None
        given = {one.source for one in evidence["given"]}
        return {
            **evidence,
            **offers_for(row, evidence["source"]),
            "doubts": doubts_on(sentence, {*given, *sources}) if sentence else [],
            "elsewhere": [twin for twin in same_words(sentence) if twin.term_id != term.pk] if sentence else [],
            "typed": typed,
            "sources": sources,
            "verdict": typed.get("verdict") or (EXPLANATION if _explains(row) else Verdict.SUPPORTED.value),
            "verdicts": [v for v in VERDICTS if v[0] != EXPLANATION or not (named or row.part == Part.DEFINITION)],
            "classes": CLASSES,
            "passage_kinds": PassageKind.choices,
            "named": named,
            "confirmable": can_confirm(row),
            "may_settle": live and may(user, Action.CHECK) and not row.own,
            "may_suggest": edition.submitted_at is not None and working and rewritable and may(user, Action.CHECK),
            "may_accept": row.suggestion is not None
            and may(user, Action.WRITE)
            and working
            and (row.suggestion.by_id != user.pk or settings.SINGLE_PERSON_DESK),
            "may_cut": term.published_id == edition.pk and rewritable and may(user, Action.CUT),
            "next_open": next((number for number in to_do if number > row.number), next(iter(to_do), None)),
            "last_open": next((number for number in reversed(to_do) if number < row.number), None),
        }


def _explains(row: Row) -> bool:
    """Return whether an open line looks like an explanation, which is then the verdict offered first."""
    opened = row.line is not None and row.line.state == LineState.OPEN
    return opened and not row.sign and row.part in {Part.BODY, Part.EXAMPLE}


def _sections(rows: list[Row]) -> list[dict[str, Any]]:
    """Return the rows in sections as a reader meets them: names, definition, paragraphs, example."""
    sections: list[dict[str, Any]] = []
    for row in rows:
        key = None if row.line is None else (row.title, row.line.claim.block if not row.title else 0)
        if key is None and sections or sections and sections[-1]["key"] == key:
            sections[-1]["rows"].append(row)
        else:
            sections.append({"key": key, "title": row.title, "rows": [row]})
    return sections


def _refusal(edition: Edition, checked: list[CheckedLine], user: User, found: Sequence[Finding], *, live: bool) -> str:
    """Return why this person cannot pass the card now; empty if nothing stands in the way."""
    if not live:
        return "This edition neither waits for a checker nor stands before readers."
    try:
        check_settled(checked, today=today())
        refuse_old_verdicts(edition)
        if gates := [one for one in found if one.gate]:
            return f"“{gates[0].text}” goes stale: date it, reword it, or say why it may stay."
        check_passer(user.pk, checked, makers(edition), single_person_desk=settings.SINGLE_PERSON_DESK)
    except IllegalMove as refusal:
        return str(refusal)
    return ""

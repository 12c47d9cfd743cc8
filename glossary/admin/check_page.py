"""What the check page shows: the card line by line, the bar below it, and what belongs to the selected line."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest

from glossary.admin.claim import Row, can_confirm, evidence_for, offers_for, rows_of, sources_for
from glossary.admin.correction import going_rows
from glossary.desk import line_number, member
from glossary.domain.claim import LineState, Part, Verdict
from glossary.domain.errors import IllegalMove
from glossary.domain.fact_check import CheckedLine, Result, check_passer, check_settled, dates_of
from glossary.domain.rewrite import REWRITABLE
from glossary.domain.roles import Action
from glossary.domain.take import minutes_for
from glossary.domain.term import Stage
from glossary.domain.wording.budget import budgets_of
from glossary.domain.wording.findings import Finding, findings
from glossary.forms.fact_check import CLASSES, EXPLANATION, VERDICTS, DecisionForm
from glossary.models import Claim, Edition, PassageKind, Term
from glossary.services.circular import definition_loop
from glossary.services.claim import likely_explanations
from glossary.services.clock import today
from glossary.services.comment import left_behind
from glossary.services.cut import review_by
from glossary.services.doubt import doubts_on
from glossary.services.fact_check import checked_lines, makers, only_spelling_changed, refuse_old_verdicts
from glossary.services.impact import same_words
from glossary.services.notice import preference_of
from glossary.services.roles import checkers, may
from glossary.services.take import taken_by
from glossary.services.wording import context_for


def check_context(request: HttpRequest, edition: Edition, chosen: int) -> dict[str, Any]:
    """Return what the check page shows of an edition; without a chosen line, the first that waits for this person."""
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
    return {
        "edition": edition,
        "term": term,
        "sections": _sections(rows),
        "rows": [row for row in rows if row.number],
        "waiting": waiting,
        "loop": definition_loop(edition.words, term),
        "going": going_rows(term, edition, request.POST) if edition.submitted_at else [],
        "selected": selected,
        "live": live,
        "keys_on": preference_of(user).keys,
        "may_comment": may(user, Action.COMMENT),
        "budgets": budgets_of(edition.words),
        "example": bool(edition.words.example),
        "general": [one for one in found if not one.hash],
        **_card_context(edition, term, user, found, live=live),
        **_side(request, edition, term, selected, [row.number for row in to_do], live=live),
    }


def _card_context(edition: Edition, term: Term, user: User, found: Sequence[Finding], *, live: bool) -> dict[str, Any]:
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
    request: HttpRequest, edition: Edition, term: Term, row: Row | None, to_do: list[int], *, live: bool
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

"""What carry-along saves: a year of edits and falling-due over the starter glossary, through the real services."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from glossary.domain.claim import ClaimKind, LineState, Part, Verdict
from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.roles import Role
from glossary.domain.take import MINUTES_A_LINE
from glossary.domain.volatility import Volatility
from glossary.models import Claim, Term
from glossary.services.claim import EvidenceDraft, settle_line
from glossary.services.fact_check import pass_check
from glossary.services.starter import Desk, bring_in, starter_cards
from glossary.services.term import save_term, submit_term
from tests.factories import details_of, make_source, make_user, say_of_old_words, settle_all

pytestmark = [pytest.mark.quality, pytest.mark.django_db]
START = datetime(2027, 1, 4, 9, tzinfo=UTC)
# the first checks lie 330 days before the year, so that those of 18 months fall due in it
EDITS_A_TERM = 4  # a year; assumed, as no desk has been measured
TERMS = 1_000  # to which the minutes are scaled


def edited(draft, rng, turn):
    """Return the draft with one change of a usual kind."""
    sentences = [part for part in draft.body.split(". ") if len(part.split()) > 4]
    old = rng.choice(sentences).split("\n")[-1].strip().removesuffix(".")
    kind = rng.choice(["reworded", "number", "added", "removed"])
    new = {
        "reworded": f"{old}, as its makers say",
        "number": f"{old}, by a count of {10 + turn}",
        "added": f"{old}. The makers gave example {turn} of it",
        "removed": "",
    }[kind]
    body = draft.body.replace(f"{old}. ", f"{new}. " if new else "", 1)
    return kind, replace(draft, body=body)


def test_a_year_of_edits_and_of_falling_due():
    rng = random.Random(7)
    desk = Desk(make_user(Role.EDITOR), make_user(Role.CHECKER), make_user(Role.PUBLISHER))
    source = make_source("https://example.org/year", by=desk.checker, published_on=None)
    terms = [bring_in(card, desk=desk, now=START - timedelta(days=330)) for card in starter_cards()]
    lines = Counter()
    minutes, kinds = 0.0, Counter()
    edits = sorted(rng.sample(range(365 * 24), EDITS_A_TERM * len(terms)))
    for turn, hour in enumerate(edits):
        now = START + timedelta(days=1, hours=hour)
        term = Term.objects.get(pk=rng.choice(terms).pk)
        kind, draft = edited(term.draft(), rng, turn)
        try:
            term = save_term(term, draft, details=details_of(term), by=desk.editor, now=now)
            edition = submit_term(term, by=desk.editor, now=now)
        except (IllegalMove, BadText):
            continue  # the change left the words as they were
        waiting = [line for line in Claim.objects.lines(edition.pk) if line.state != LineState.SETTLED]
        lines["edits, with"] += len(waiting)
        lines["edits, without"] += edition.claims.count()
        minutes += sum(MINUTES_A_LINE.get(line.state.value, 1.0) for line in waiting)
        kinds[kind] += 1
        settle_all(edition, by=desk.checker, source=source, now=now)
        minutes += lines_due(term, edition, desk, source, now, lines)
        pass_check(
            edition,
            by=desk.checker,
            digest=edition.digest,
            whole_card=True,
            old_words=say_of_old_words(edition),
            now=now,
        )
    end = START + timedelta(days=366)
    for term in Term.objects.filter(due_on__lte=end.date()).select_related("published"):
        minutes += lines_due(term, term.published, desk, source, end, lines)
    scaled = minutes / 365 * TERMS / len(terms)
    saved = 1 - (lines["edits, with"] + lines["due, with"]) / (lines["edits, without"] + lines["due, without"])
    print(f"\n{len(terms)} terms, {kinds.total()} edits {dict(kinds)}; lines looked at again: {dict(lines)}")
    print(f"carry-along saves {100 * saved:.0f} %; {TERMS:,} terms take {scaled:.1f} minutes a day", end=" ")
    print(f"(assumed: {EDITS_A_TERM} edits a term and year, 1 minute a new line, 0.2 for one read again)")
    assert saved > 0.5


def lines_due(term, edition, desk, source, now, lines):
    """Look again at the lines of an edition that fell due; return the minutes, and count what a whole card would be."""
    due = [
        line
        for line in Claim.objects.lines(edition.pk)
        if (day := line.due_on(Volatility(term.volatility))) is not None and day <= now.date()
    ]
    for line in due:
        named = line.claim.line.part in {Part.HEADWORD, Part.ALIAS}
        settle_line(
            line.claim,
            by=desk.checker,
            verdict=Verdict.SUPPORTED,
            kind=ClaimKind.NAME if named else ClaimKind.FACT,
            evidence=[] if named else [EvidenceDraft(source, "It still says so.")],
            now=now,
        )
    lines["due, with"] += len(due)
    lines["due, without"] += edition.claims.count() if due else 0
    return float(len(due))

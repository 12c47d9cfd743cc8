"""What we checked, as readers are shown it: statements with their sources, sentences that were agreed to."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection

from glossary.domain.claim import ClaimKind, LineState, Part, Verdict
from glossary.domain.footnote import Noted
from glossary.domain.roles import Role
from glossary.domain.term import AliasDraft, AliasKind
from glossary.models import Claim, PassageKind, Term
from glossary.services.claim import EvidenceDraft, confirm_line, settle_line
from glossary.services.evidence import what_was_checked
from glossary.services.fact_check import pass_check
from glossary.services.term import save_term, submit_term
from tests.factories import (
    check_term,
    details_of,
    make_draft,
    make_published_term,
    make_source,
    make_term,
    make_user,
)

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 29, 12, tzinfo=UTC)
JUNE = datetime(2026, 6, 3, 12, tzinfo=UTC)


@pytest.fixture
def people():
    return {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}


@pytest.fixture
def term(people):
    """A card with facts, an explanation, names, and evidence of both kinds."""
    former = AliasDraft("Tongyi", AliasKind.FORMER_NAME)
    body = "Five sizes exist. That is handy for small machines."
    term = make_term(by=people["author"], aliases=["Qwen 2", former], body=body, example="", now=MAY)
    edition, by = submit_term(term, by=people["author"], now=MAY), people["checker"]
    report, blog = make_source(by=by), make_source("https://example.org/blog", title="A blog", publisher="Qwen", by=by)
    for line in Claim.objects.lines(edition.pk):
        part, text = line.claim.sentence.part, line.claim.sentence.text
        named = part in {Part.HEADWORD, Part.ALIAS}
        kind = ClaimKind.NAME if named else ClaimKind.EXPLANATION if "handy" in text else ClaimKind.FACT
        evidence = []
        if kind == ClaimKind.FACT:
            evidence = [EvidenceDraft(report, "models of 5 sizes", PassageKind.VERBATIM)]
        if text == "Five sizes exist.":
            evidence.append(EvidenceDraft(blog, "It counts five.", PassageKind.PARAPHRASE))
        if "Tongyi" in text:
            evidence = [EvidenceDraft(blog, "It was called so.")]
        settle_line(line.claim, by=by, verdict=Verdict.SUPPORTED, kind=kind, evidence=evidence, now=MAY)
    pass_check(edition, by=by, digest=edition.digest, whole_card=True, publish=True, now=MAY)
    return Term.objects.get(pk=term.pk)


def test_facts_are_statements_with_day_and_passages_and_the_rest_is_named(term, django_assert_num_queries):
    edition = term.published
    with django_assert_num_queries(1):
        checked = what_was_checked(edition)
    assert [(one.number, one.text) for one in checked.statements] == [
        (1, "Formerly: Tongyi"),
        (2, "Qwen2 is a family of language models."),
        (3, "Five sizes exist."),
    ]
    assert checked.agreed == ("That is handy for small machines.",)
    assert checked.names == ("Qwen2", "Also called: Qwen 2") and checked.doubted == ()
    assert checked.sources == 2
    sizes = checked.statements[2]
    assert sizes.checked_on == date(2026, 5, 29)
    assert [(one.text, one.verbatim, one.title, one.publisher) for one in sizes.passages] == [
        ("models of 5 sizes", True, "Qwen2 Technical Report", "arXiv"),
        ("It counts five.", False, "A blog", "Qwen"),
    ]
    assert list(checked.noted("body")) == [Noted("Five sizes exist.", 3), Noted("That is handy for small machines.")]


def test_a_line_that_was_only_read_again_keeps_evidence_and_day(term, people):
    draft = make_draft(aliases=["Qwen 2"], body="New words. Five sizes exist.", example="")
    term = save_term(term, draft, details=details_of(term), by=people["author"], now=JUNE)
    edition = submit_term(term, by=people["author"], now=JUNE)
    line = next(one for one in Claim.objects.lines(edition.pk) if one.claim.sentence.text == "Five sizes exist.")
    assert line.state == LineState.READ_AGAIN
    confirm_line(line.claim, by=people["checker"], now=JUNE)
    checked = what_was_checked(edition)
    (sizes,) = [one for one in checked.statements if one.text == "Five sizes exist."]
    assert sizes.checked_on == date(2026, 5, 29) and len(sizes.passages) == 2
    assert checked.doubted == ("New words.",)


def test_a_statement_that_is_doubted_since_counts_no_more(term, people):
    claim = Claim.objects.get(edition=term.published, sentence__text="Five sizes exist.")
    settle_line(claim, by=people["checker"], verdict=Verdict.CONTRADICTED, kind=ClaimKind.FACT, note="Six.", now=JUNE)
    checked = what_was_checked(term.published)
    assert checked.doubted == ("Five sizes exist.",)
    assert "Five sizes exist." not in [one.text for one in checked.statements]


def test_the_newest_check_is_the_one_that_is_shown(term, people):
    claim = Claim.objects.get(edition=term.published, sentence__text="Five sizes exist.")
    evidence = [EvidenceDraft(make_source(by=people["checker"]), "still 5 sizes", PassageKind.VERBATIM)]
    settle_line(
        claim, by=people["checker"], verdict=Verdict.SUPPORTED, kind=ClaimKind.FACT, evidence=evidence, now=JUNE
    )
    (sizes,) = [one for one in what_was_checked(term.published).statements if one.text == "Five sizes exist."]
    assert sizes.checked_on == date(2026, 6, 3) and [one.text for one in sizes.passages] == ["still 5 sizes"]


def test_lines_that_were_changed_behind_the_services_are_not_shown(term):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE glossary_sentence SET text = 'Nine sizes exist.' WHERE text = 'Five sizes exist.'")
    checked = what_was_checked(term.published)
    assert checked.statements == () and checked.lines == ()


def test_every_edition_of_the_desk_has_one_query_whatever_its_history(people, django_assert_num_queries):
    term = make_published_term("Qwen2", **people)
    for number in range(3):
        draft = make_draft(body=f"It was released in June 2024. Edit {number}.")
        term = save_term(term, draft, details=details_of(term), by=people["author"])
        term = check_term(term, **people)
    edition = term.published
    with django_assert_num_queries(1):
        assert len(what_was_checked(edition).statements) == 4

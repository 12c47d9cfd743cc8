"""The wording rules at the desk."""

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from glossary.domain.claim import ClaimKind, Verdict
from glossary.domain.errors import IllegalMove
from glossary.domain.fact_sign import FACT_RULE
from glossary.domain.roles import Role
from glossary.domain.wording.rules import Severity, rules
from glossary.models import Claim, FindingRecord, Party, Sentence, Term, TrailEntry
from glossary.services.claim import EvidenceDraft, settle_line
from glossary.services.clock import today
from glossary.services.fact_check import pass_check
from glossary.services.integrity import check_integrity
from glossary.services.take import queue
from glossary.services.term import save_term, submit_term
from glossary.services.wording import (
    RuleRow,
    findings_of,
    rule_rows,
    set_rule_level,
    unwaive,
    waive,
)
from tests.factories import details_of, make_published_term, make_source, make_term, make_user, settle_all

pytestmark = pytest.mark.django_db


def said(term):
    term = Term.objects.get(pk=term.pk)
    return [(one.rule, one.text) for one in findings_of(term.working.words, term=term)]


def sentence(text):
    return Sentence.objects.get(text=text)


NOW = "It currently runs on a phone."


def test_what_is_answered_with_a_reason_is_remembered_for_that_sentence_alone(editor):
    term = make_term("Qwen2", by=editor, body=f"{NOW} It currently runs on a desk.")
    assert said(term).count(("T1.now", "currently")) == 2
    waive(sentence(NOW), "T1.now", "It speaks of run time.", by=editor)
    assert said(term).count(("T1.now", "currently")) == 1
    term = save_term(
        Term.objects.get(pk=term.pk),
        replace(term.draft(), body=f"One more. {NOW}"),
        details=details_of(term),
        by=editor,
    )
    assert ("T1.now", "currently") not in said(term)
    assert TrailEntry.objects.filter(verb="answered a finding in", reason__contains="run time").count() == 1


def test_an_answer_needs_a_reason_a_rule_and_is_given_once(editor):
    make_term("Qwen2", by=editor, body=NOW)
    with pytest.raises(IllegalMove, match="Say why"):
        waive(sentence(NOW), "T1.now", "  ", by=editor)
    with pytest.raises(IllegalMove, match="no such rule"):
        waive(sentence(NOW), "T99", "So.", by=editor)
    waiver = waive(sentence(NOW), "T1.now", "Run time.", by=editor)
    with pytest.raises(IllegalMove, match="answered this already: Run time."):
        waive(sentence(NOW), "T1.now", "Again.", by=editor)
    unwaive(waiver, by=editor)
    waive(sentence(NOW), "T1.now", "Again.", by=editor)
    with pytest.raises(PermissionDenied):
        waive(sentence(NOW), "T1.now", "Mine.", by=make_user(Role.SCHEDULER))


def test_words_that_go_stale_stop_a_pass_until_they_are_answered(editor, checker):
    term = make_term("Qwen2", by=editor, body=NOW)
    edition = submit_term(term, by=editor)
    settle_all(edition, by=checker, source=make_source("https://example.org/new", by=checker, published_on=today()))
    with pytest.raises(IllegalMove, match="“currently” in “It currently runs on a phone.”"):
        pass_check(edition, by=checker, digest=edition.digest, whole_card=True)
    waive(sentence(NOW), "T1.now", "Run time.", by=checker)
    assert pass_check(edition, by=checker, digest=edition.digest, whole_card=True)


@pytest.mark.parametrize("body", ["It is a powerful tool.", "As of May 2026, it currently has six sizes."])
def test_nothing_else_stops_a_pass_and_nothing_at_all_a_save(editor, checker, body):
    term = make_term("Qwen2", by=editor, body=body)
    assert said(term)
    edition = submit_term(term, by=editor)
    settle_all(edition, by=checker)
    assert pass_check(edition, by=checker, digest=edition.digest, whole_card=True)


def test_an_old_source_supports_a_time_word_only_once_it_is_answered_and_the_class_follows(editor, checker):
    term = make_term("Qwen2", by=editor, body=NOW)
    edition = submit_term(term, by=editor)
    claim = edition.claims.get(sentence__text=NOW)
    source = make_source(by=checker)
    given = {"verdict": Verdict.SUPPORTED, "kind": ClaimKind.FACT, "evidence": [EvidenceDraft(source, "It runs.")]}
    with pytest.raises(IllegalMove, match="The source is from July 2024.*As of July 2024"):
        settle_line(claim, by=checker, **given)
    waive(claim.sentence, "T1.now", "Run time.", by=checker)
    assert settle_line(claim, by=checker, **given).volatility == "B"


@pytest.mark.parametrize(
    ("body", "word", "interval"),
    [
        ("It is now free.", "now", "45 days"),
        ("It costs $20 a month.", "$20", "45 days"),
        ("About 70 % of programmers use it.", "About 70 % of programmers", "45 days"),
        ("It has 3 million users.", "3 million users", "45 days"),
        ("It has recently spread.", "recently", "6 months"),
        ("It is increasingly used.", "increasingly", "6 months"),
    ],
)
def test_an_old_source_is_refused_for_every_warned_word_with_its_date_and_a_way_out(
    editor, checker, body, word, interval
):
    edition = submit_term(make_term("Qwen2", by=editor, body=body), by=editor)
    claim = edition.claims.get(sentence__text=body)
    given = {"verdict": Verdict.SUPPORTED, "kind": ClaimKind.FACT}
    old = [EvidenceDraft(make_source(by=checker), "It says so.")]
    with pytest.raises(IllegalMove) as refused:
        settle_line(claim, by=checker, evidence=old, **given)
    says = str(refused.value)
    assert says.startswith("The source is from July 2024. It cannot support ") and f"“{word}”" in says
    assert f"the last {interval}." in says and "“As of July 2024, …”" in says
    new = make_source("https://example.org/new", by=checker, published_on=today())
    assert settle_line(claim, by=checker, evidence=[EvidenceDraft(new, "It says so.")], **given)


def test_a_rule_that_the_desk_turned_down_and_inline_code_refuse_no_source(editor, checker):
    set_rule_level("T5.trend", Severity.HINT, by=make_user(superuser=True))
    body = "It is increasingly used. The tag `latest` names a copy."
    edition = submit_term(make_term("Qwen2", by=editor, body=body), by=editor)
    settle_all(edition, by=checker)
    assert pass_check(edition, by=checker, digest=edition.digest, whole_card=True)


DATED = "As of July 2024, it has two shops."


def test_an_answer_to_an_old_date_or_a_rule_turned_off_takes_the_card_out_of_the_queue(editor, checker):
    term = make_published_term("Qwen2", author=editor, checker=checker, body=DATED)

    def old_from():
        return Term.objects.get(pk=term.pk).stale_on

    assert old_from() == date(2025, 1, 31) and [row.headword for row in queue()] == ["Qwen2"]
    waiver = waive(sentence(DATED), "T8.as_of", "The number is history.", by=checker)
    assert old_from() is None and queue() == [] and list(check_integrity()) == []
    unwaive(waiver, by=checker)
    assert old_from() == date(2025, 1, 31)
    chief = make_user(superuser=True)
    set_rule_level("T8.as_of", Severity.OFF, by=chief)
    assert old_from() is None and queue() == [] and list(check_integrity()) == []
    set_rule_level("T8.as_of", None, by=chief)
    assert old_from() == date(2025, 1, 31) and list(check_integrity()) == []


@pytest.mark.parametrize(
    "text",
    [
        "It has 6 sizes.",
        "It costs $3.",
        "It is the largest of them.",
        "It was trained on books.",
        "It is faster than the old one.",
        "Its licence lets people use it.",
        "Alibaba made it.",
    ],
)
def test_a_sentence_that_states_a_fact_is_no_explanation_without_an_answer(editor, checker, text):
    Party.objects.create(name="Alibaba")
    term = make_term("Qwen2", by=editor, body=f"People like it. {text}")
    edition = submit_term(term, by=editor)
    claim = edition.claims.get(sentence__text=text)
    given = {"verdict": Verdict.SUPPORTED, "kind": ClaimKind.EXPLANATION}
    with pytest.raises(IllegalMove, match="states a fact"):
        settle_line(claim, by=checker, **given)
    if "6" not in text and "3" not in text:
        waive(claim.sentence, FACT_RULE, "It is how the word is used.", by=checker)
        assert settle_line(claim, by=checker, **given)


def test_a_plain_explanation_needs_no_answer(editor, checker):
    term = make_term("Qwen2", by=editor, body="People like it. It answers questions at no longer notice.")
    edition = submit_term(term, by=editor)
    claim = edition.claims.get(sentence__text__startswith="It answers")
    assert settle_line(claim, by=checker, verdict=Verdict.SUPPORTED, kind=ClaimKind.EXPLANATION)


def test_findings_are_counted_once_as_accepted_or_ignored(editor, checker):
    body = f"{NOW} It is a powerful tool. It is a robust tool."
    term = make_term("Qwen2", by=editor, body=body)
    submit_term(term, by=editor)
    shown = {row.sentence.text for row in FindingRecord.objects.filter(rule__in=["T1.now", "F2.hype"])}
    assert shown == {NOW, "It is a powerful tool.", "It is a robust tool."}
    waive(sentence(NOW), "T1.now", "Run time.", by=editor)
    draft = replace(term.draft(), body=f"{NOW} It is a tool. It is a robust tool.")
    term = save_term(Term.objects.get(pk=term.pk), draft, details=details_of(term), by=editor)
    edition = submit_term(term, by=editor)
    settle_all(edition, by=checker)
    pass_check(edition, by=checker, digest=edition.digest, whole_card=True, publish=True)
    rows = {row.rule.id: row for row in rule_rows()}
    assert (rows["F2.hype"].shown, rows["F2.hype"].accepted, rows["F2.hype"].ignored) == (2, 1, 1)
    assert (rows["T1.now"].accepted, rows["T1.now"].ignored, rows["F2.hype"].share) == (0, 1, 50)


def test_a_superuser_turns_a_noisy_rule_down_and_back(editor):
    term = make_term("Qwen2", by=editor, body="It is a powerful tool.")
    chief = make_user(superuser=True)
    with pytest.raises(PermissionDenied):
        set_rule_level("F2.hype", Severity.OFF, by=editor)
    set_rule_level("F2.hype", Severity.OFF, by=chief)
    assert ("F2.hype", "powerful") not in said(term)
    set_rule_level("F2.hype", Severity.HINT, by=chief)
    assert [one.severity for one in findings_of(term.working.words) if one.rule == "F2.hype"] == [Severity.HINT]
    set_rule_level("F2.hype", None, by=chief)
    assert [one.severity for one in findings_of(term.working.words) if one.rule == "F2.hype"] == [Severity.WARN]
    with pytest.raises(IllegalMove):
        set_rule_level("T99", Severity.OFF, by=chief)


@pytest.mark.parametrize(
    ("level", "accepted", "ignored", "earned"),
    [
        (Severity.WARN, 9, 90, None),
        (Severity.WARN, 30, 70, None),
        (Severity.WARN, 29, 71, Severity.HINT),
        (Severity.WARN, 9, 91, Severity.OFF),
        (Severity.HINT, 29, 71, None),
        (Severity.HINT, 9, 91, Severity.OFF),
        (Severity.OFF, 9, 91, None),
    ],
)
def test_a_rule_that_few_people_follow_earns_a_quieter_level(level, accepted, ignored, earned):
    row = RuleRow(rules()["F2.hype"], level, None, accepted + ignored, accepted, ignored)
    assert row.quieter == earned


def test_names_of_the_glossary_are_found_flat(editor, django_assert_max_num_queries):
    for n in range(5):
        make_published_term(f"Attention head {n}", author=editor)
    term = make_term("Qwen2", by=editor, body="It has an “attention head 3” inside.")
    with django_assert_max_num_queries(8):
        found = findings_of(term.working.words, term=term)
    assert [one.text for one in found if one.rule == "W4.unlinked"] == ["attention head 3"]
    linked = make_term(
        "Llama", by=editor, body="It has an [attention head 3](https://a.example/terms/attention-head-3/)."
    )
    assert "W4.unlinked" not in [rule for rule, _ in said(linked)]
    by_itself = make_term("Mistral", by=editor, body="It has an attention head 3, and attention head 3 is new.")
    assert "W4.unlinked" not in [rule for rule, _ in said(by_itself)]


def test_a_definition_that_another_term_has_is_named(editor):
    text = "A method of cutting written sentences into smaller pieces before reading."
    make_published_term("Chunking", author=editor, definition=text)
    term = make_term("Splitting", by=editor, definition=text)
    assert "W9.copy" in [rule for rule, _ in said(term)]


def test_a_line_of_a_card_that_no_longer_exists_is_not_counted(editor):
    make_term("Qwen2", by=editor, body=NOW)
    assert not FindingRecord.objects.exists() and Claim.objects.exists()

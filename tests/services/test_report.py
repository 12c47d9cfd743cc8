"""Reports of readers: kept without a flood, grouped, settled once, answered once."""

import smtplib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.mail.backends.locmem import EmailBackend

from glossary.domain.claim import ClaimKind, Verdict
from glossary.domain.correction import Fate
from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.report import ALL_AN_HOUR, NETWORK_AN_HOUR, TERM_AN_HOUR, ReportVerdict
from glossary.domain.roles import Role
from glossary.models import Claim, Installation, Report, ReportBrake, Term, TrailEntry
from glossary.services.claim import EvidenceDraft, settle_line
from glossary.services.fact_check import pass_check, send_back, withdraw_check
from glossary.services.report import (
    ReportDraft,
    TooManyReports,
    file_report,
    forget,
    form_age,
    form_stamp,
    group_of,
    reopened_counts,
    send_outcomes,
    settle_reports,
    waiting_groups,
    words_now,
)
from glossary.services.take import queue
from glossary.services.term import save_term, submit_term
from tests.factories import (
    arm_machine,
    details_of,
    make_published_term,
    make_source,
    make_user,
    say_of_old_words,
    settle_all,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 3, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
ADA = "ada@example.org"


@pytest.fixture(autouse=True)
def armed(db):
    arm_machine()


@pytest.fixture
def people():
    return {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}


@pytest.fixture
def term(people):
    return make_published_term("Qwen2", now=NOW - timedelta(days=2), **people)


def claim_of(term, text="Five sizes exist."):
    return Claim.objects.select_related("sentence", "edition").get(edition=term.published, sentence__text=text)


def filed(term, said="There are six sizes.", *, claim=None, email="", network="8.8.8.8/32", age=20, now=NOW, quote=""):
    draft = ReportDraft(said, quote, claim, email)
    return file_report(term, term.published, draft, network=network, age=age, now=now)


def settled(report, verdict, people, reason="Page 3 says five.", now=NOW):
    return settle_reports(report, verdict, by=people["checker"], reason=reason, now=now)


def check_again(term, people, verdict=Verdict.SUPPORTED, now=LATER):
    evidence = [EvidenceDraft(make_source(by=people["checker"]), "five sizes")]
    claim = claim_of(term)
    settle_line(claim, by=people["checker"], verdict=verdict, kind=ClaimKind.FACT, evidence=evidence, note="N", now=now)


def pass_again(term, people, now=LATER):
    """Pass the words that readers see once more."""
    pass_check(term.published, by=people["checker"], digest=term.published.digest, whole_card=True, now=now)


def waiting(term, people, **parts):
    """Change the words; return the edition that waits for a checker."""
    term = Term.objects.get(pk=term.pk)
    term = save_term(term, replace(term.draft(), **parts), details=details_of(term), by=people["author"], now=LATER)
    return submit_term(term, by=people["author"], now=LATER)


def test_a_report_keeps_the_words_the_edition_and_no_trail(term):
    before = TrailEntry.objects.count()
    report = filed(term, claim=claim_of(term), email=ADA)
    assert (report.sentence.text, report.quote) == ("Five sizes exist.", "Five sizes exist.")
    assert (report.edition, report.said, report.email) == (term.published, "There are six sizes.", ADA)
    assert TrailEntry.objects.count() == before


def test_a_quote_finds_its_sentence_in_the_edition_that_was_read(term):
    assert filed(term, quote="five  sizes").sentence == claim_of(term).sentence
    assert filed(term, quote="Words that stand nowhere.").sentence is None
    assert filed(term).sentence is None


def test_what_cannot_be_stored_is_refused_with_a_sentence(term):
    with pytest.raises(BadText):
        filed(term, "There are\x00six.")
    with pytest.raises(BadText):
        filed(term, "x" * 2001)


def test_a_form_that_was_filled_faster_than_anybody_types_is_not_kept(term):
    assert filed(term, age=2.9) is None and filed(term, age=-5) is None
    assert not Report.objects.exists()


def test_one_network_is_slowed_down_and_others_are_not(term):
    assert all(filed(term, f"Report {n}.") for n in range(NETWORK_AN_HOUR))
    with pytest.raises(TooManyReports, match="once more in 60 minutes") as full:
        filed(term)
    assert full.value.seconds == 3600 and Report.objects.count() == NETWORK_AN_HOUR
    with pytest.raises(TooManyReports, match="in a minute"):
        filed(term, now=NOW + timedelta(minutes=59, seconds=1))
    assert filed(term, network="9.9.9.9/32") is not None
    assert filed(term, now=NOW + timedelta(hours=1)) is not None


def test_one_card_is_slowed_down_and_others_are_not(term, people):
    assert all(filed(term, f"Report {n}.", network="") for n in range(TERM_AN_HOUR))
    with pytest.raises(TooManyReports):
        filed(term, network="9.9.9.9/32")
    other = make_published_term("Token", now=NOW - timedelta(days=2), **people)
    assert filed(other, network="") is not None
    assert filed(term, network="", now=NOW + timedelta(hours=1)) is not None


def test_everybody_together_is_slowed_down(people):
    before = NOW - timedelta(days=2)
    terms = [make_published_term(f"Word {n}", now=before, **people) for n in range(-(-ALL_AN_HOUR // TERM_AN_HOUR))]
    for n in range(ALL_AN_HOUR):
        assert filed(terms[n // TERM_AN_HOUR], f"Report {n}.", network=f"9.9.{n}.9/32")
    with pytest.raises(TooManyReports):
        filed(terms[-1], network="8.8.8.8/32")
    assert Report.objects.count() == ALL_AN_HOUR


def test_a_report_that_is_refused_takes_no_room_of_its_network(term, people):
    for n in range(TERM_AN_HOUR):
        filed(term, f"Report {n}.", network="")
    for _ in range(NETWORK_AN_HOUR + 1):
        with pytest.raises(TooManyReports):
            filed(term)
    other = make_published_term("Token", now=NOW - timedelta(days=2), **people)
    assert filed(other) is not None


def test_an_unknown_network_has_the_common_brake_only(term):
    kept = [filed(term, f"Report {n}.", network="") for n in range(NETWORK_AN_HOUR + 3)]
    assert all(kept)


def test_no_network_is_kept_in_the_open_and_brakes_are_gone_after_a_day(term):
    filed(term)
    assert not [row for row in ReportBrake.objects.all() if "8.8.8.8" in row.key]
    forget(now=NOW + timedelta(hours=23))
    assert ReportBrake.objects.count() == 3
    forget(now=NOW + timedelta(hours=25))
    assert not ReportBrake.objects.exists()


def test_the_stamp_of_a_form_says_its_age_and_cannot_be_made_up():
    stamp = form_stamp(now=NOW)
    assert form_age(stamp, now=NOW + timedelta(seconds=7)) == 7
    assert (
        form_age(stamp + "x", now=NOW) is None and form_age("", now=NOW) is None and form_age("\x00", now=NOW) is None
    )


def test_reports_on_one_sentence_are_one_thing_to_look_at_and_settled_together(term, people):
    first = filed(term, claim=claim_of(term))
    second = filed(term, "Six!", quote="Five sizes exist.")
    other = filed(term, "The name is wrong.")
    assert waiting_groups() == 2
    group = group_of(second)
    assert (group.waiting, len(group.reports), group.then) == (2, 2, "Five sizes exist.")
    assert settled(first, ReportVerdict.NOTHING_WRONG, people) == 2
    assert waiting_groups() == 1 and Report.objects.waiting().get() == other
    entry = TrailEntry.objects.get(verb="settled reports on")
    assert entry.subject == "Qwen2: 2 reports, nothing wrong" and entry.reason == "Page 3 says five."


def test_a_report_is_settled_once(term, people):
    report = filed(term)
    settled(report, ReportVerdict.SPAM, people)
    with pytest.raises(IllegalMove, match="already"):
        settled(report, ReportVerdict.REOPENED, people)


def test_nothing_wrong_needs_its_reason_and_a_verdict_has_to_be_one(term, people):
    report = filed(term)
    with pytest.raises(IllegalMove, match="Say why"):
        settled(report, ReportVerdict.NOTHING_WRONG, people, reason=" ")
    with pytest.raises(IllegalMove, match="Choose"):
        settled(report, ReportVerdict.WAITING, people)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.SCHEDULER, Role.SUBSCRIBER_ADMIN])
def test_who_neither_checks_nor_publishes_settles_nothing(term, role):
    with pytest.raises(PermissionDenied):
        settle_reports(filed(term), ReportVerdict.SPAM, by=make_user(role))


def test_what_was_wrong_goes_into_the_queue_with_its_points_until_it_was_checked_again(term, people):
    for _ in range(2):
        report = filed(term, claim=claim_of(term))
    assert queue(now=NOW) == []
    settled(report, ReportVerdict.REOPENED, people)
    (row,) = queue(now=NOW)
    assert (row.score.reports, row.why, row.edition_id) == (60, "reported by readers", term.published_id)
    check_again(term, people, Verdict.CONTRADICTED)
    assert reopened_counts() == {term.pk: 2}
    check_again(term, people, now=LATER + timedelta(hours=1))
    assert reopened_counts() == {term.pk: 2}, "readers get the date of the new check with a pass"
    pass_again(term, people, now=LATER + timedelta(hours=2))
    assert reopened_counts() == {} and queue(now=LATER) == []


def test_a_hundred_reports_count_as_four(term, people):
    for n in range(6):
        report = filed(term, claim=claim_of(term), network=f"9.9.{n}.9/32")
    settled(report, ReportVerdict.REOPENED, people)
    assert queue(now=NOW)[0].score.reports == 120


def test_a_report_on_the_card_as_a_whole_leaves_the_queue_with_the_next_decision(term, people):
    settled(filed(term), ReportVerdict.REOPENED, people)
    assert reopened_counts() == {term.pk: 1}
    pass_check(term.published, by=people["checker"], digest=term.published.digest, whole_card=True, now=LATER)
    assert reopened_counts() == {}


def change(term, people, fate=Fate.WAS_WRONG):
    """Mend the number of sizes and put the words before readers."""
    body = "It was released in June 2024. Six sizes exist.\n\nPeople can download it."
    draft = replace(term.draft(), body=body)
    term = save_term(Term.objects.get(pk=term.pk), draft, details=details_of(term), by=people["author"], now=LATER)
    edition = submit_term(term, by=people["author"], now=LATER)
    settle_all(edition, by=people["checker"], now=LATER)
    said = say_of_old_words(edition, fate, "Miscounted.")
    pass_check(edition, by=people["checker"], digest=edition.digest, whole_card=True, old_words=said, now=LATER)
    return Term.objects.get(pk=term.pk)


def test_the_words_then_and_now_stand_beside_each_other(term, people):
    report = filed(term, claim=claim_of(term))
    assert words_now(group_of(report)) == "Five sizes exist." and group_of(report).claim == claim_of(term)
    change(term, people)
    group = group_of(Report.objects.get())
    assert (group.then, words_now(group), group.claim) == ("Five sizes exist.", "Six sizes exist.", None)
    assert words_now(group_of(filed(Term.objects.get(pk=term.pk), "On the whole card."))) == ""


def answered():
    report = Report.objects.get()
    return report.email == "" and report.answered_at is not None


def test_nothing_wrong_is_told_at_once_with_its_reason_and_the_address_erased(term, people):
    settled(filed(term, email=ADA), ReportVerdict.NOTHING_WRONG, people)
    assert (send_outcomes(now=NOW), send_outcomes(now=NOW)) == (1, 0)
    (message,) = mail.outbox
    assert message.to == [ADA] and message.subject == "Daily Deck: your report on Qwen2"
    assert "Page 3 says five." in message.body and answered()


@pytest.mark.parametrize("over", [{"runs": 7}, {"armed_host": "elsewhere"}, {"armed_host": "", "armed_at": None}])
def test_a_copy_of_the_site_writes_to_no_reader(term, people, over):
    settled(filed(term, email=ADA), ReportVerdict.NOTHING_WRONG, people)
    Installation.objects.update(**over)
    assert send_outcomes(now=NOW) == 0 and mail.outbox == [] and not answered()


def test_what_looked_wrong_is_told_when_it_was_checked_again(term, people):
    settled(filed(term, claim=claim_of(term), email=ADA), ReportVerdict.REOPENED, people)
    assert send_outcomes(now=NOW) == 0 and not answered()
    check_again(term, people)
    assert send_outcomes(now=LATER) == 0, "the card does not have the date of the new check yet"
    pass_again(term, people)
    assert send_outcomes(now=LATER) == 1 and answered()
    assert "They stand" in mail.outbox[0].body


def test_a_whole_card_that_looked_wrong_is_told_when_it_passed_again(term, people):
    settled(filed(term, email=ADA), ReportVerdict.REOPENED, people)
    pass_again(term, people)
    assert send_outcomes(now=LATER) == 1 and "read the whole card again" in mail.outbox[0].body
    assert "sources" not in mail.outbox[0].body, "a pass says nothing of sources that were looked at anew"


def test_words_that_were_sent_back_are_no_end_of_a_report(term, people):
    settled(filed(term, email=ADA), ReportVerdict.REOPENED, people)
    send_back(
        waiting(term, people, example="A library sorts its letters with it."),
        by=people["checker"],
        comment="No.",
        now=LATER,
    )
    assert send_outcomes(now=LATER) == 0 and not answered() and reopened_counts() == {term.pk: 1}


def test_a_verdict_on_words_that_wait_counts_once_readers_get_them(term, people):
    settled(filed(term, claim=claim_of(term), email=ADA), ReportVerdict.REOPENED, people)
    edition = waiting(term, people, example="A library sorts its letters with it.")
    claim = Claim.objects.get(edition=edition, sentence=claim_of(term).sentence)
    evidence = [EvidenceDraft(make_source(by=people["checker"]), "five sizes")]
    given = {"verdict": Verdict.SUPPORTED, "kind": ClaimKind.FACT, "evidence": evidence}
    settle_line(claim, by=people["checker"], now=LATER, **given)
    assert send_outcomes(now=LATER) == 0 and not answered() and reopened_counts() == {term.pk: 1}
    settle_all(edition, by=people["checker"], now=LATER)
    said = say_of_old_words(edition)
    pass_check(edition, by=people["checker"], digest=edition.digest, whole_card=True, old_words=said, now=LATER)
    assert send_outcomes(now=LATER) == 1 and "They stand" in mail.outbox[0].body


def test_a_pass_without_a_new_verdict_on_the_sentence_is_no_check_of_it(term, people):
    settled(filed(term, claim=claim_of(term), email=ADA), ReportVerdict.REOPENED, people)
    pass_again(term, people)
    assert send_outcomes(now=LATER) == 0 and not answered()


def test_words_that_gave_way_to_earlier_ones_did_not_stand(term, people):
    edition = waiting(term, people, example="A library sorts its letters with it.")
    settle_all(edition, by=people["checker"], now=LATER)
    said = say_of_old_words(edition)
    pass_check(edition, by=people["checker"], digest=edition.digest, whole_card=True, old_words=said, now=LATER)
    changed, later = Term.objects.get(pk=term.pk), LATER + timedelta(hours=1)
    settled(filed(changed, email=ADA), ReportVerdict.REOPENED, people, now=LATER)
    withdraw_check(changed, by=people["checker"], reason="The example is wrong.", now=later)
    assert Term.objects.get(pk=term.pk).published == term.published
    assert send_outcomes(now=later) == 1 and "changed or taken out" in mail.outbox[0].body


def test_what_was_wrong_is_told_when_readers_do_not_have_it_any_more(term, people):
    settled(filed(term, claim=claim_of(term), email=ADA), ReportVerdict.REOPENED, people)
    change(term, people)
    assert send_outcomes(now=LATER) == 1 and "changed or taken out" in mail.outbox[0].body


@pytest.mark.parametrize("whole", [True, False])
def test_a_withdrawn_card_is_an_end_too(term, people, whole):
    report = filed(term, claim=None if whole else claim_of(term), email=ADA)
    settled(report, ReportVerdict.REOPENED, people)
    withdraw_check(term, by=people["checker"], reason="Made up.", now=LATER)
    assert send_outcomes(now=LATER) == 1 and "changed or taken out" in mail.outbox[0].body


def test_spam_gets_no_answer_and_its_address_is_gone_at_once(term, people):
    settled(filed(term, email=ADA), ReportVerdict.SPAM, people)
    assert Report.objects.get().email == "" and send_outcomes(now=NOW) == 0


def test_a_server_that_cannot_be_reached_loses_nothing(term, people, monkeypatch):
    settled(filed(term, email=ADA), ReportVerdict.NOTHING_WRONG, people)

    def refuse(*_args):
        raise ConnectionRefusedError("nobody there")

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "open", refuse)
        assert send_outcomes(now=NOW) == 0 and Report.objects.to_answer().count() == 1
    assert send_outcomes(now=NOW) == 1


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (smtplib.SMTPServerDisconnected("gone after the last dot"), 0),
        (TimeoutError("no answer"), 0),
        (smtplib.SMTPDataError(451, b"later"), 1),
        (smtplib.SMTPDataError(550, b"never"), 0),
        (smtplib.SMTPRecipientsRefused({ADA: (450, b"greylisted")}), 1),
        (smtplib.SMTPRecipientsRefused({ADA: (550, b"unknown")}), 0),
    ],
    ids=repr,
)
def test_a_second_mail_is_tried_only_where_the_first_certainly_did_not_leave(term, people, monkeypatch, error, again):
    settled(filed(term, email=ADA), ReportVerdict.NOTHING_WRONG, people)

    def refuse(*_args):
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", refuse)
        assert send_outcomes(now=NOW) == 0
    assert send_outcomes(now=NOW) == again
    assert answered()


def test_what_another_process_claims_between_look_and_claim_is_mailed_once(term, people, monkeypatch):
    settled(filed(term, email=ADA), ReportVerdict.NOTHING_WRONG, people)
    send, nested = EmailBackend.send_messages, []

    def send_while_another_runs(self, messages):
        if not nested:
            nested.append(send_outcomes(now=NOW))
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send_while_another_runs)
    assert send_outcomes(now=NOW) == 1 and nested == [0] and len(mail.outbox) == 1


def test_an_address_with_a_line_break_holds_up_nobody(term, people):
    settled(filed(term, email="ada@example.org\nBcc: all@example.org"), ReportVerdict.NOTHING_WRONG, people)
    other = filed(term, claim=claim_of(term), email="ben@example.org")
    settled(other, ReportVerdict.NOTHING_WRONG, people)
    assert send_outcomes(now=NOW) == 1
    assert [message.to for message in mail.outbox] == [["ben@example.org"]]
    assert not Report.objects.to_answer().exists()


def test_without_a_mail_server_nothing_is_claimed(term, people, settings):
    settled(filed(term, email=ADA), ReportVerdict.NOTHING_WRONG, people)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert send_outcomes(now=NOW) == 0 and Report.objects.to_answer().count() == 1


def test_addresses_are_erased_after_a_year_and_after_a_crash_between_mail_and_erasure(term):
    filed(term, email=ADA)
    forget(now=NOW + timedelta(days=364))
    assert Report.objects.get().email == ADA
    Report.objects.update(answered_at=NOW)  # past the services: the process died after the claim
    assert send_outcomes(now=LATER) == 0
    forget(now=NOW + timedelta(hours=25))
    assert Report.objects.get().email == ""
    Report.objects.update(answered_at=None, email=ADA)
    forget(now=NOW + timedelta(days=366))
    assert Report.objects.get().email == ""


def test_nobody_s_mailbox_is_filled_by_answers_to_reports_that_others_filed(term):
    kept = [filed(term, f"There are {n} sizes.", email=ADA, network=f"8.8.8.{n}/32").email for n in range(5)]
    assert kept == [ADA] * 3 + [""] * 2
    assert filed(term, email="grace@example.org").email == "grace@example.org"

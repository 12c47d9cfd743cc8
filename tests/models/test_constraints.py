"""The database refuses too: each constraint, met past every service and every model's save."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import QuerySet
from django.utils import timezone

from glossary.domain.claim import Verdict
from glossary.domain.fact_check import Result
from glossary.domain.roles import Role
from glossary.models import (
    Ask,
    Ban,
    Brief,
    Card,
    Claim,
    ClaimCheck,
    Comment,
    ConfirmationCount,
    Correction,
    CorrectionShown,
    Deck,
    Delivery,
    DeskWord,
    Doubt,
    Edition,
    Evidence,
    FactCheck,
    FindingRecord,
    Installation,
    JobRun,
    LinkChoice,
    LinkKey,
    Meaning,
    Name,
    NamePlace,
    PageDependency,
    ProviderEvent,
    ReadyPage,
    Report,
    SearchName,
    SearchTypo,
    Sentence,
    SentenceAuthor,
    Source,
    Subscriber,
    Suggestion,
    Suppression,
    Take,
    Term,
    Waiver,
    WatchRun,
)
from glossary.services.comment import add_comment
from glossary.services.suggestion import suggest_wording
from glossary.services.take import take_card
from glossary.services.term import save_term, submit_term
from tests.factories import (
    details_of,
    make_deck,
    make_draft,
    make_published_term,
    make_report,
    make_source,
    make_term,
    make_user,
    settle_all,
)

pytestmark = pytest.mark.django_db


def rows(model):
    """Return the rows past the manager, which may refuse on its own."""
    return QuerySet(model)


def again(row, **changes):
    """Return an unsaved copy of a row."""
    values = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    return type(row)(**(values | changes))


@pytest.fixture
def desk():
    """A small desk at work: two terms before readers, one with a checker, a deck."""
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    term = make_published_term("Qwen2", author=editor, checker=checker, aliases=["Qwen 2"])
    other = make_published_term("Token", author=editor, checker=checker)
    term = save_term(term, make_draft(body="Six sizes exist."), details=details_of(term), by=editor)
    edition = submit_term(term, by=editor)
    settle_all(edition, by=checker)
    claim = edition.claims.get(sentence__text="Six sizes exist.")
    add_comment(claim, "Which six?", by=checker)
    suggest_wording(claim, "", by=checker)
    take_card(term, by=checker)
    return {"term": term, "other": other, "editor": editor, "checker": checker, "claim": claim, "edition": edition}


def first(model, **where):
    return rows(model).filter(**where).order_by("pk").first()


VIOLATIONS = {
    "one_row_per_sentence": lambda d: rows(Sentence).bulk_create([again(first(Sentence))]),
    "not_respelt_from_itself": lambda d: (
        rows(Sentence).filter(pk=first(Sentence).pk).update(respelt_from=first(Sentence).pk)
    ),
    "one_row_per_author": lambda d: rows(SentenceAuthor).bulk_create([again(first(SentenceAuthor))]),
    "one_claim_per_place": lambda d: rows(Claim).bulk_create([again(first(Claim))]),
    "a_refusal_says_why": lambda d: rows(ClaimCheck).update(verdict=Verdict.CONTRADICTED),
    "only_support_is_carried": lambda d: (
        rows(ClaimCheck)
        .filter(pk=first(ClaimCheck).pk)
        .update(verdict=Verdict.OUTDATED, note="Old.", rests_on=first(ClaimCheck).pk)
    ),
    "a_report_says_something": lambda d: _report(d, said=""),
    "a_verdict_has_its_moment_and_person": lambda d: _report(d, verdict="was wrong"),
    "nothing_wrong_says_why": lambda d: _report(
        d, verdict="nothing wrong", decided_at=timezone.now(), decided_by=d["checker"]
    ),
    "spam_keeps_no_address": lambda d: _report(
        d, verdict="spam", email="a@b.example", decided_at=timezone.now(), decided_by=d["checker"]
    ),
    "a_comment_says_something": lambda d: rows(Comment).update(text=""),
    "resolved_by_somebody": lambda d: rows(Comment).update(resolved_at=timezone.now()),
    "a_correction_says_why": lambda d: _correct(d, kind="correction"),
    "a_retraction_takes_the_whole_card": lambda d: _correct(d, kind="retraction", why="It was wrong."),
    "a_job_runs_once_a_day": lambda d: rows(JobRun).bulk_create(
        [JobRun(job="T-12 h", day="2031-01-01", at=timezone.now()) for _ in range(2)]
    ),
    "a_name_is_linked_to_its_term_once": lambda d: rows(LinkKey).bulk_create([again(first(LinkKey))]),
    "one_choice_for_a_name_in_a_sentence": lambda d: rows(LinkChoice).bulk_create([_link_choice(d), _link_choice(d)]),
    "one_ready_page_per_address": lambda d: rows(ReadyPage).bulk_create([_ready_page(), _ready_page()]),
    "a_page_depends_on_a_term_once": lambda d: rows(PageDependency).bulk_create(
        [PageDependency(page=rows(ReadyPage).bulk_create([_ready_page()])[0], term=d["term"])] * 2
    ),
    "one_waiver_per_finding": lambda d: rows(Waiver).bulk_create([_waiver(d), _waiver(d)]),
    "a_waiver_says_why": lambda d: rows(Waiver).bulk_create([_waiver(d, reason="")]),
    "a_finding_is_counted_once": lambda d: rows(FindingRecord).bulk_create(
        [FindingRecord(sentence=first(Sentence), rule="T1.now", at=timezone.now()) for _ in range(2)]
    ),
    "published_decks_have_their_moment": lambda d: rows(Deck).bulk_create([Deck(day="2031-01-01", state="published")]),
    "seven_positions": lambda d: _card(position=8),
    "one_card_per_position": lambda d: (_card(position=1), _card(position=1, term="Token")),
    "no_term_twice_in_a_deck": lambda d: (_card(position=1), _card(position=2)),
    "frozen_with_its_date": lambda d: _card(position=1, edition=d["edition"]),
    "one_row_per_word_of_a_term": lambda d: rows(DeskWord).bulk_create([again(first(DeskWord))]),
    "a_term_has_a_name_once": lambda d: rows(SearchName).bulk_create([again(first(SearchName))]),
    "a_hidden_name_is_not_kept_for_printing": lambda d: rows(SearchName).update(place=NamePlace.HIDDEN),
    "a_word_has_a_deletion_once": lambda d: rows(SearchTypo).bulk_create([again(first(SearchTypo))]),
    "an_ask_was_made_once_at_least": lambda d: rows(Ask).bulk_create(
        [Ask(key="x", text="x", number=0, first_at=timezone.now(), last_at=timezone.now())]
    ),
    "one_edition_per_words": lambda d: rows(Edition).bulk_create([again(d["edition"], number=99, submitted_at=None)]),
    "edition_numbers_are_unique": lambda d: rows(Edition).bulk_create(
        [again(d["edition"], digest="0" * 64, submitted_at=None)]
    ),
    "one_submitted_edition_per_term": lambda d: (
        rows(Edition).filter(term=d["term"]).update(submitted_at=timezone.now())
    ),
    "withdrawal_says_why": lambda d: rows(Edition).update(withdrawn_at=timezone.now()),
    "a_pass_has_its_dates": lambda d: rows(FactCheck).update(stamp_on=None),
    "a_cut_names_its_sentence_and_says_why": lambda d: rows(FactCheck).update(result=Result.CUT, comment="Wrong."),
    "no_date_in_the_future": lambda d: rows(FactCheck).update(
        stamp_on=first(FactCheck).on + timedelta(days=1), newest_on=first(FactCheck).on
    ),
    "sent_back_says_why": lambda d: rows(FactCheck).update(result=Result.SENT_BACK, comment=""),
    "a_name_means_one_term_or_is_ambiguous": lambda d: rows(Name).update(ambiguous=True),
    "one_meaning_per_term": lambda d: rows(Meaning).bulk_create(
        [Meaning(name=first_name(), term=d["term"]), Meaning(name=first_name(), term=d["term"])]
    ),
    "source_is_a_web_address": lambda d: rows(Source).update(url="javascript:alert(1)"),
    "evidence_names_its_passage": lambda d: rows(Evidence).update(passage=""),
    "an_answer_has_its_moment": lambda d: rows(Suggestion).update(answer="accepted"),
    "one_waiting_suggestion_per_line": lambda d: rows(Suggestion).bulk_create([again(first(Suggestion))]),
    "a_take_has_an_end_after_it": lambda d: rows(Take).update(until=first(Take).since),
    "published_has_an_edition": lambda d: rows(Term).filter(pk=d["term"].pk).update(published=None),
    "merged_has_a_target": lambda d: rows(Term).filter(pk=d["term"].pk).update(stage="merged", published=None),
    "not_merged_into_itself": lambda d: (
        rows(Term).filter(pk=d["term"].pk).update(stage="merged", published=None, merged_into=d["term"].pk)
    ),
    "not_its_own_contrast": lambda d: rows(Term).filter(pk=d["term"].pk).update(contrast=d["term"].pk),
    "priority_up_to_100": lambda d: rows(Term).filter(pk=d["term"].pk).update(priority=101),
    "ban_ends_after_it_begins": lambda d: _ban(d, until=timezone.now().date() - timedelta(days=1)),
    "ban_has_a_reason": lambda d: _ban(d, reason=""),
    "a_doubt_is_about_something": lambda d: _doubt(source=None),
    "a_doubt_says_why": lambda d: _doubt(reason=""),
    "a_settled_doubt_says_how": lambda d: _doubt(settled_at=timezone.now() + timedelta(days=1)),
    "a_doubt_is_settled_after_it_was_raised": lambda d: _doubt(
        settled_at=timezone.now() - timedelta(days=1), ending="looked at, it stands"
    ),
    "one_open_doubt_of_a_kind_on_a_source": lambda d: (_doubt(), _doubt()),
    "one_open_doubt_of_a_kind_on_a_sentence": lambda d: [
        _doubt(source=None, sentence=first(Sentence)) for _ in range(2)
    ],
    "one_open_doubt_of_a_kind_on_a_passage": lambda d: [_doubt(sentence=first(Sentence)) for _ in range(2)],
    "one_watch_at_a_time": lambda d: [_watch() for _ in range(2)],
    "a_watch_runs_out": lambda d: _watch(until=timezone.now() - timedelta(days=1)),
    "not_its_own_successor": lambda d: rows(Term).filter(pk=d["term"].pk).update(successor=d["term"].pk),
    "only_drafts_never_published_are_binned": lambda d: (
        rows(Term).filter(pk=d["term"].pk).update(binned_at=timezone.now())
    ),
    "one_installation": lambda d: rows(Installation).bulk_create([Installation(made_at=timezone.now(), only=False)]),
    "an_armed_host_has_its_moment": lambda d: rows(Installation).update(armed_host="here"),
    "a_first_address_has_its_day": lambda d: rows(Installation).update(first_on=None),
    "a_subscriber_has_an_address": lambda d: _reader(address=""),
    "the_confirmed_have_their_moment": lambda d: _reader(state="confirmed"),
    "who_left_has_a_moment": lambda d: _reader(state="unsubscribed"),
    "counted_mails_have_no_gap": lambda d: ConfirmationCount.objects.create(
        key="x", last_at=timezone.now(), first_at=timezone.now()
    ),
    "suppression_keeps_no_address": lambda d: rows(Suppression).bulk_create(
        [Suppression(key="reader@example.org", reason="erased", on="2031-01-01")]
    ),
    "an_event_keeps_no_address": lambda d: rows(ProviderEvent).bulk_create(
        [ProviderEvent(key="reader@example.org", kind="hard", at="2031-01-01T00:00:00Z")]
    ),
    "a_brief_that_is_over_has_its_end": lambda d: _brief(state="sent"),
    "a_brief_being_sent_has_its_start": lambda d: _brief(state="sending"),
    "a_correction_is_shown_once": lambda d: _shown(d),
    "one_mail_per_brief_and_reader": lambda d: _delivery(times=2),
    "a_held_mail_has_its_owner_and_lease": lambda d: _delivery(state="claimed", owner="worker"),
    "what_may_have_left_has_its_message_id": lambda d: _delivery(state="sent"),
}


def first_name():
    return rows(Name).order_by("pk").first()


def _ban(desk, *, reason="Too early.", until=None):
    now = timezone.now()
    ban = Ban(term=desk["term"], first=now.date(), until=until, reason=reason, by=desk["editor"], at=now)
    return rows(Ban).bulk_create([ban])


def _reader(**over):
    given = {"address": "Reader@example.org", "key": "reader@example.org", "asked_at": timezone.now()} | over
    return rows(Subscriber).bulk_create([Subscriber(**given)])[0]


def _brief(**over):
    now = timezone.now()
    deck, _ = Deck.objects.get_or_create(day="2031-01-01")
    return rows(Brief).bulk_create([Brief(deck=deck, made_at=now, window_ends=now, **over)])[0]


def _delivery(times=1, **over):
    now = timezone.now()
    given = {"brief": _brief(), "subscriber": _reader(), "not_before": now, "at": now} | over
    return rows(Delivery).bulk_create([Delivery(**given) for _ in range(times)])


def _shown(desk):
    _correct(desk, kind="correction", why="It was wrong.")
    given = {"correction": first(Correction), "subscriber": _reader(), "brief": _brief()}
    return rows(CorrectionShown).bulk_create([CorrectionShown(**given) for _ in range(2)])


def _report(d, **changes):
    rows(Report).filter(pk=make_report(d["term"]).pk).update(**changes)


def _ready_page():
    return ReadyPage(path="/", build="b", valid_until=0, status=200, any_term=False, any_deck=False)


def _correct(desk, **over):
    now, before = timezone.now(), desk["term"].published
    given = {
        "from_edition": before,
        "to_edition": desk["edition"],
        "sentence": first(Sentence),
        "was": "Five sizes exist.",
    }
    row = Correction(term=desk["term"], on=now.date(), at=now, by=desk["checker"], **(given | over))
    return rows(Correction).bulk_create([row])


def _doubt(**over):
    given = {"kind": "outdated", "source": first(Source), "reason": "Old.", "raised_at": timezone.now()}
    return rows(Doubt).bulk_create([Doubt(**(given | over))])


def _watch(**over):
    given = {"begun_at": timezone.now(), "until": timezone.now() + timedelta(days=1)}
    return rows(WatchRun).bulk_create([WatchRun(**(given | over))])


def _link_choice(d):
    said = {"text": "Qwen2", "accepted": True, "as_written": True, "at": timezone.now()}
    return LinkChoice(sentence=first(Sentence), term=d["term"], by=d["term"].working.made_by, **said)


def _waiver(desk, reason="Run time."):
    return Waiver(sentence=first(Sentence), rule="T1.now", reason=reason, by=desk["editor"], at=timezone.now())


def _card(*, position, term="Qwen2", edition=None):
    deck, _ = Deck.objects.get_or_create(day="2031-01-01")
    card = Card(deck=deck, position=position, term=Term.objects.get(headword=term), edition=edition)
    return rows(Card).bulk_create([card])


def test_the_database_refuses_each_violation(desk):
    let_through = []
    for name, violate in VIOLATIONS.items():
        try:
            with transaction.atomic():
                violate(desk)
                transaction.set_rollback(True)  # what was let through is not to trip the next
            let_through.append((name, "nothing refused"))
        except IntegrityError as error:
            if not said_by(error, constraint_named(name)):
                let_through.append((name, str(error)))
    assert let_through == []


def constraint_named(name):
    return next(
        (model, c) for model in apps.get_app_config("glossary").get_models() for c in named(model) if c.name == name
    )


def said_by(error, constraint):
    """Return whether this constraint refused, and no other: SQLite names the columns of a unique one, all of them."""
    model, rule = constraint
    if connection.vendor == "postgresql":
        return error.__cause__.diag.constraint_name == rule.name
    if isinstance(rule, models.CheckConstraint):
        return str(error) == f"CHECK constraint failed: {rule.name}"
    columns = [f"{model._meta.db_table}.{model._meta.get_field(field).column}" for field in rule.fields]
    return str(error) == f"UNIQUE constraint failed: {', '.join(columns)}"


def named(model):
    return model._meta.constraints


def test_every_constraint_has_its_violation():
    declared = {c.name for model in apps.get_app_config("glossary").get_models() for c in named(model)}
    assert declared == set(VIOLATIONS)


def test_unique_columns(desk):
    Deck.objects.create(day="2031-01-01")
    Deck.objects.create(day="2031-01-02")
    make_source("https://example.org/other", by=desk["checker"], title="Other")
    source = "https://arxiv.org/abs/2407.10671"
    for model, field, value in ((Term, "slug", "token"), (Source, "url", source), (Deck, "day", "2031-01-01")):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows(model).exclude(**{field: value}).update(**{field: value})


def test_what_readers_may_cite_is_never_deleted_with_what_it_hangs_on(desk):
    make_deck(terms=None)
    for row in (desk["term"], desk["edition"], desk["claim"], first(Sentence), first(Source), desk["editor"]):
        with pytest.raises((models.ProtectedError, models.RestrictedError)), transaction.atomic():
            models.Model.delete(row)


def test_a_draft_without_editions_of_its_own_is_all_that_could_ever_go():
    term = make_term("Alone")
    with pytest.raises(models.ProtectedError), transaction.atomic():
        term.delete()

"""Raising and settling doubts, and where the queue shows them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from glossary.domain.claim import ClaimKind, Verdict
from glossary.domain.correction import Fate
from glossary.domain.doubt import DoubtKind, Ending
from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.roles import Role
from glossary.models import Claim, Doubt, Sentence, Term, TrailEntry
from glossary.services.claim import EvidenceDraft, settle_line
from glossary.services.doubt import doubt_sentence, doubt_source, raise_doubt, settle_doubt
from glossary.services.fact_check import pass_check
from glossary.services.impact import same_words
from glossary.services.take import queue
from glossary.services.term import save_term, submit_term
from tests.factories import (
    check_term,
    details_of,
    make_draft,
    make_published_term,
    make_source,
    make_term,
    make_user,
    say_of_old_words,
    settle_all,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
FACT = "Five sizes exist."


@pytest.fixture
def two(editor, checker):
    """Two published terms that rest on the same source and share a sentence."""
    return [make_published_term(name, author=editor, checker=checker, now=NOW) for name in ("Qwen2", "Token")]


@pytest.fixture
def source(two, checker):
    return make_source(by=checker)


def line(term, text=FACT):
    return Claim.objects.get(edition_id=term.published_id, sentence__text=text)


def recheck(term, *, by, source, text=FACT, now=LATER, verdict=Verdict.SUPPORTED, note=""):
    given = [EvidenceDraft(source, "It says so.")] if verdict == Verdict.SUPPORTED else []
    return settle_line(
        line(term, text), by=by, verdict=verdict, kind=ClaimKind.FACT, evidence=given, note=note, now=now
    )


def queued(now=LATER):
    return {row.headword: (row.score.doubts, row.why) for row in queue(now=now)}


def test_a_marked_source_sends_every_term_that_rests_on_it_to_the_checkers_and_changes_no_words(source, checker):
    before = list(Term.objects.order_by("pk").values())
    assert queued() == {}
    doubt = doubt_source(source, DoubtKind.OUTDATED, "A newer report is out.", by=checker, now=LATER)
    assert queued() == {"Qwen2": (40, "outdated"), "Token": (40, "outdated")}
    assert list(Term.objects.order_by("pk").values()) == before
    assert doubt.raised_by == checker and doubt.settled_at is None


def test_every_term_and_the_source_get_their_entry_in_the_trail(source, checker):
    doubt_source(source, DoubtKind.DEAD_LINK, "It is gone.", by=checker, now=LATER)
    told = TrailEntry.objects.filter(at=LATER).order_by("pk").values_list("verb", "subject", "reason")
    assert list(told) == [
        ("doubted", "Qwen2 Technical Report", "dead link: It is gone."),
        ("sent for another look", "Qwen2", "dead link: Qwen2 Technical Report"),
        ("sent for another look", "Token", "dead link: Qwen2 Technical Report"),
    ]


def test_a_doubt_of_a_kind_is_open_once(source, checker):
    doubt_source(source, DoubtKind.OUTDATED, "A newer report is out.", by=checker, now=LATER)
    with pytest.raises(IllegalMove, match="marked it as outdated on November 25, 2026: A newer report is out"):
        doubt_source(source, DoubtKind.OUTDATED, "Again.", by=checker, now=LATER)
    assert raise_doubt(DoubtKind.OUTDATED, "By the watch.", source=source, now=LATER) is None
    doubt_source(source, DoubtKind.CONTRADICTED, "The maker says otherwise.", by=checker, now=LATER)
    assert Doubt.objects.count() == 2
    assert queued()["Qwen2"][0] == 90


@pytest.mark.parametrize("kind", [DoubtKind.REDIRECTED, DoubtKind.PASSAGE_GONE, DoubtKind.SUCCEEDED])
def test_what_only_the_machine_sees_is_not_said_by_people(source, checker, kind):
    with pytest.raises(IllegalMove, match="Choose what is wrong"):
        doubt_source(source, kind, "So it is.", by=checker, now=LATER)


@pytest.mark.parametrize(("reason", "error"), [("  ", IllegalMove), ("x" * 501, BadText), ("a\0b", BadText)])
def test_a_doubt_needs_a_reason_that_can_be_kept(source, checker, reason, error):
    with pytest.raises(error):
        doubt_source(source, DoubtKind.OUTDATED, reason, by=checker, now=LATER)
    assert not Doubt.objects.exists()


@pytest.mark.parametrize("role", [Role.EDITOR, Role.PUBLISHER, Role.SCHEDULER, Role.SUBSCRIBER_ADMIN])
def test_only_checkers_raise_and_settle(source, checker, two, role):
    doubt = doubt_source(source, DoubtKind.OUTDATED, "A newer report is out.", by=checker, now=LATER)
    person = make_user(role)
    for act in (
        lambda: doubt_source(source, DoubtKind.DEAD_LINK, "Gone.", by=person, now=LATER),
        lambda: doubt_sentence(line(two[0]).sentence, DoubtKind.OUTDATED, "Old.", by=person, now=LATER),
        lambda: settle_doubt(doubt, "Fine.", by=person, now=LATER),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert Doubt.objects.open().count() == 1


def test_settling_by_hand_takes_the_cards_out_and_moves_no_date(source, two, checker):
    doubt = doubt_source(source, DoubtKind.OUTDATED, "A newer report is out.", by=checker, now=LATER)
    settle_doubt(doubt, "The newer one says the same.", by=checker, now=LATER)
    doubt.refresh_from_db()
    assert (doubt.ending, doubt.settled_by, doubt.settled_at) == (Ending.STANDS, checker, LATER)
    assert queued() == {}
    assert TrailEntry.objects.filter(verb="settled a doubt on").get().reason == (
        "outdated: looked at, it stands. The newer one says the same."
    )
    assert two[0].published.fact_checks.get().stamp_on == NOW.date()
    with pytest.raises(IllegalMove, match="settled this a moment ago"):
        settle_doubt(doubt, "Once more.", by=checker, now=LATER)


def test_a_doubt_on_words_is_not_settled_by_who_wrote_them(source, checker, editor):
    both = make_user(Role.EDITOR, Role.CHECKER)
    make_published_term("Own", author=both, checker=checker, now=NOW)
    words = doubt_source(source, DoubtKind.OUTDATED, "A newer report is out.", by=checker, now=LATER)
    link = doubt_source(source, DoubtKind.DEAD_LINK, "It is gone.", by=checker, now=LATER)
    with pytest.raises(IllegalMove, match="own words"):
        settle_doubt(words, "It stands.", by=both, now=LATER)
    assert settle_doubt(link, "It works for me.", by=both, now=LATER).settled_by == both


def test_one_person_alone_may_settle_where_the_desk_has_one(source, checker, settings):
    both = make_user(Role.EDITOR, Role.CHECKER)
    make_published_term("Own", author=both, checker=checker, now=NOW)
    doubt = doubt_source(source, DoubtKind.OUTDATED, "A newer report is out.", by=checker, now=LATER)
    settings.SINGLE_PERSON_DESK = True
    assert settle_doubt(doubt, "It stands.", by=both, now=LATER).ending == Ending.STANDS


def test_each_sentence_that_is_checked_anew_leaves_the_doubt_and_the_last_one_ends_it(source, two, checker):
    doubt = doubt_source(source, DoubtKind.OUTDATED, "A newer report is out.", by=checker, now=LATER)
    fresh = make_source("https://example.org/new", by=checker, title="New report")
    after = LATER + timedelta(hours=1)
    for term in two:
        assert term.headword in queued(after)
        for claim in Claim.objects.filter(edition_id=term.published_id):
            kind = ClaimKind.NAME if claim.sentence.part == "headword" else ClaimKind.FACT
            evidence = [EvidenceDraft(fresh, "It says so.")]
            settle_line(claim, by=checker, verdict=Verdict.SUPPORTED, kind=kind, evidence=evidence, now=after)
        assert term.headword not in queued(after)
    doubt.refresh_from_db()
    assert (doubt.ending, doubt.settled_by) == (Ending.CHECKED, checker)


def test_the_same_source_visited_again_counts(two, checker):
    lone = make_source("https://example.org/lone", by=checker, title="Lone")
    recheck(two[0], by=checker, source=lone, now=NOW + timedelta(hours=1))
    doubt = doubt_source(lone, DoubtKind.DEAD_LINK, "It does not open.", by=checker, now=LATER)
    recheck(two[0], by=checker, source=lone, now=LATER + timedelta(hours=1))
    doubt.refresh_from_db()
    assert doubt.ending == Ending.CHECKED


def test_a_check_without_a_source_does_not_answer_a_doubt_and_a_refusal_does(two, checker):
    text = "People can download it."
    sentence = line(two[0], text).sentence
    twin = line(two[1], text).sentence
    doubt_sentence(sentence, DoubtKind.OUTDATED, "Not any more.", by=checker, now=LATER)
    after = LATER + timedelta(hours=1)
    settle_line(line(two[0], text), by=checker, verdict=Verdict.SUPPORTED, kind=ClaimKind.EXPLANATION, now=after)
    assert Doubt.objects.open().count() == 2
    recheck(two[0], by=checker, source=None, text=text, now=after, verdict=Verdict.OUTDATED, note="Taken down.")
    assert [doubt.sentence for doubt in Doubt.objects.open()] == [twin]


def test_the_same_words_in_other_terms_are_marked_together(two, checker):
    sentence = line(two[0]).sentence
    assert [str(twin.term) for twin in same_words(sentence)] == ["Qwen2", "Token"]
    made = doubt_sentence(sentence, DoubtKind.CONTRADICTED, "There are six.", by=checker, now=LATER)
    assert {doubt.sentence.term.headword for doubt in made} == {"Qwen2", "Token"}
    assert queued() == {"Qwen2": (50, "contradicted"), "Token": (50, "contradicted")}
    assert TrailEntry.objects.filter(verb="doubted", term__isnull=False).count() == 2
    with pytest.raises(IllegalMove, match="marked it as contradicted"):
        doubt_sentence(sentence, DoubtKind.CONTRADICTED, "Again.", by=checker, now=LATER)


def test_a_sentence_that_readers_do_not_see_cannot_be_marked(editor, checker):
    submit_term(make_term("Draft", by=editor), by=editor)
    with pytest.raises(IllegalMove, match="no longer see this sentence"):
        doubt_sentence(Sentence.objects.get(text=FACT), DoubtKind.OUTDATED, "Old.", by=checker, now=LATER)


def test_a_doubt_ends_when_the_words_leave_the_page(two, editor, checker):
    sentence = line(two[0]).sentence
    doubt_sentence(sentence, DoubtKind.CONTRADICTED, "There are six.", by=checker, now=LATER)
    term = Term.objects.get(pk=two[0].pk)
    draft = make_draft("Qwen2", body="It was released in June 2024. Six sizes exist.\n\nPeople can download it.")
    term = save_term(term, draft, details=details_of(term), by=editor, now=LATER)
    edition = submit_term(term, by=editor, now=LATER)
    settle_all(edition, by=checker, now=LATER)
    said = say_of_old_words(edition, Fate.WAS_WRONG, "There are six.")
    pass_check(edition, by=checker, digest=edition.digest, whole_card=True, old_words=said, now=LATER)
    ended = Doubt.objects.get(sentence=sentence)
    assert (ended.ending, ended.settled_by) == (Ending.WORDS_GONE, None)
    assert list(queued()) == ["Token"]


def test_a_published_card_keeps_its_date_until_the_new_check_passes(source, two, editor, checker):
    doubt_source(source, DoubtKind.OUTDATED, "A newer report is out.", by=checker, now=LATER)
    term = Term.objects.get(pk=two[0].pk)
    words, check = term.shown()
    assert check.stamp_on == NOW.date()
    fresh = check_term(
        save_term(term, make_draft("Qwen2", body="Six sizes exist."), details=details_of(term), by=editor, now=LATER),
        author=editor,
        checker=checker,
        now=LATER,
    )
    assert fresh.shown()[1].stamp_on == NOW.date(), "lines that were not checked anew keep their date"

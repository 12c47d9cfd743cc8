"""Settling lines and deciding about cards."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from glossary.domain.claim import ClaimKind, LineState, Part, Verdict
from glossary.domain.errors import IllegalMove, StaleEdition
from glossary.domain.fact_check import Result
from glossary.domain.roles import Role
from glossary.domain.term import Stage
from glossary.models import Claim, Edition, FactCheck, Term
from glossary.services.claim import EvidenceDraft, settle_line
from glossary.services.fact_check import pass_check, send_back, withdraw_check
from glossary.services.publication import publish_term
from glossary.services.term import TermDetails, save_term, submit_term
from tests.factories import (
    check_term,
    make_published_term,
    make_source,
    make_term,
    make_user,
    say_of_old_words,
    settle_all,
)

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 29, 12, tzinfo=UTC)
JUNE = datetime(2026, 6, 20, 12, tzinfo=UTC)


def edit(term, by, now=None, **parts):
    term = Term.objects.get(pk=term.pk)
    details = TermDetails(topic=term.topic, level=term.level, volatility=term.volatility)
    return save_term(term, replace(term.draft(), **parts), details=details, by=by, now=now)


def states(edition):
    return {line.claim.sentence.text: line.state for line in Claim.objects.lines(edition.pk)}


def test_readers_keep_the_checked_words_and_date_while_an_edit_waits():
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    term = make_published_term(author=editor, checker=checker, now=MAY)
    edit(term, editor, now=JUNE, definition="Qwen2 is a set of language models.")
    words, check = Term.objects.get().shown()
    assert words.definition == "Qwen2 is a family of language models."
    assert f"{check.stamp_on}" == "2026-05-29"


def test_an_edit_reopens_only_the_sentence_and_its_neighbour_and_the_date_stays_the_oldest():
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    term = make_published_term(author=editor, checker=checker, now=MAY)
    term = edit(
        term, editor, now=JUNE, body="It was released in June 2024. Six sizes exist.\n\nPeople can download it."
    )
    waiting = {text: state for text, state in states(term.working).items() if state != LineState.SETTLED}
    assert waiting == {"Six sizes exist.": LineState.OPEN, "People can download it.": LineState.READ_AGAIN}
    term = check_term(term, author=editor, checker=checker, now=JUNE)
    words, check = term.shown()
    assert "Six sizes" in words.body
    assert (f"{check.stamp_on}", f"{check.parts_rechecked_on(date(2027, 1, 1))}") == ("2026-05-29", "2026-06-20")


def test_a_changed_headword_is_read_again_on_every_line():
    editor = make_user(Role.EDITOR)
    term = edit(make_published_term(author=editor), editor, headword="Qwen 2")
    assert states(term.working)["Five sizes exist."] == LineState.READ_AGAIN


def test_nobody_settles_own_words_not_even_a_superuser_or_after_a_revert():
    author = make_user(Role.EDITOR, Role.CHECKER, superuser=True)
    other = make_user(Role.EDITOR)
    term = make_term(by=author)
    old = term.draft()
    save_term(term, replace(old, definition="Another."), details=TermDetails(), by=other)
    term = save_term(Term.objects.get(), old, details=TermDetails(), by=other)
    edition = submit_term(term, by=other)
    claim = next(c for c in edition.claims.all() if c.sentence.part == Part.DEFINITION)
    for person in (author, make_user(superuser=True)):
        if person is author:
            with pytest.raises(IllegalMove, match="your own words"):
                settle_line(
                    claim,
                    by=person,
                    verdict=Verdict.SUPPORTED,
                    kind=ClaimKind.FACT,
                    evidence=[EvidenceDraft(make_source(), "So.")],
                )
        else:
            assert settle_line(
                claim,
                by=person,
                verdict=Verdict.SUPPORTED,
                kind=ClaimKind.FACT,
                evidence=[EvidenceDraft(make_source(), "So.")],
            )


def test_one_person_desks_may_settle_their_own_words(settings):
    settings.SINGLE_PERSON_DESK = True
    person = make_user(Role.EDITOR, Role.CHECKER, Role.PUBLISHER)
    assert check_term(make_term(by=person), author=person, checker=person).stage == Stage.PUBLISHED


def test_two_people_may_settle_each_others_lines():
    ada, ben = (make_user(Role.EDITOR, Role.CHECKER, Role.PUBLISHER) for _ in range(2))
    term = make_term(by=ada)
    term = edit(term, ben, example="A bank answers letters with it.")
    edition = submit_term(term, by=ben)
    source = make_source()
    for line in Claim.objects.lines(edition.pk):
        named = line.claim.line.part == Part.HEADWORD
        settle_line(
            line.claim,
            by=ada if ben.pk in line.authors else ben,
            verdict=Verdict.SUPPORTED,
            kind=ClaimKind.NAME if named else ClaimKind.FACT,
            evidence=[EvidenceDraft(source, "So.")],
        )
    pass_check(edition, by=ada, digest=edition.digest, whole_card=True, publish=True)
    assert Term.objects.get().stage == Stage.PUBLISHED


def test_a_word_that_goes_stale_makes_the_line_due_within_45_days():
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER)
    edition = submit_term(make_term(by=editor, body="It is the latest family. It has a list."), by=editor)
    source = make_source(published_on=None)
    classes = {}
    for line in Claim.objects.lines(edition.pk):
        if line.claim.line.part == Part.BODY:
            check = settle_line(
                line.claim,
                by=checker,
                verdict=Verdict.SUPPORTED,
                kind=ClaimKind.FACT,
                evidence=[EvidenceDraft(source, "So.")],
            )
            classes[line.claim.sentence.text] = check.volatility
    assert classes == {"It is the latest family.": "D", "It has a list.": "B"}


def test_passing_names_the_words_that_were_read():
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER)
    term = make_term(by=editor)
    edition = submit_term(term, by=editor)
    settle_all(edition, by=checker)
    for digest in ("", "0" * 64):
        with pytest.raises(StaleEdition):
            pass_check(edition, by=checker, digest=digest, whole_card=True)
    edit(term, editor, example="Changed meanwhile.")
    with pytest.raises(StaleEdition):
        pass_check(edition, by=checker, digest=edition.digest, whole_card=True)
    assert not FactCheck.objects.exists()


def test_a_card_passes_only_when_it_was_read_whole_and_every_line_is_settled():
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER)
    edition = submit_term(make_term(by=editor), by=editor)
    with pytest.raises(IllegalMove, match="still open"):
        pass_check(edition, by=checker, digest=edition.digest, whole_card=True)
    settle_all(edition, by=checker)
    with pytest.raises(IllegalMove, match="whole card"):
        pass_check(edition, by=checker, digest=edition.digest, whole_card=False)


def test_a_fact_needs_a_source_and_a_definition_is_always_a_fact():
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER)
    edition = submit_term(make_term(by=editor), by=editor)
    claim = edition.claims.get(sentence__part=Part.DEFINITION)
    with pytest.raises(IllegalMove, match="source"):
        settle_line(claim, by=checker, verdict=Verdict.SUPPORTED, kind=ClaimKind.FACT)
    with pytest.raises(IllegalMove, match="always facts"):
        settle_line(claim, by=checker, verdict=Verdict.SUPPORTED, kind=ClaimKind.EXPLANATION)


def test_a_first_edition_waits_for_the_publisher():
    editor, checker, publisher = (make_user(role) for role in (Role.EDITOR, Role.CHECKER, Role.PUBLISHER))
    edition = submit_term(make_term(by=editor), by=editor)
    settle_all(edition, by=checker)
    pass_check(edition, by=checker, digest=edition.digest, whole_card=True, publish=True)
    term = Term.objects.get()
    assert term.stage == Stage.DRAFT
    with pytest.raises(PermissionDenied):
        publish_term(term, edition=edition, by=checker, digest=edition.digest)
    assert publish_term(term, edition=edition, by=publisher, digest=edition.digest).stage == Stage.PUBLISHED


def test_unchecked_words_are_not_published():
    term = make_term()
    with pytest.raises(IllegalMove, match="No fact check"):
        publish_term(term, edition=term.working, by=make_user(Role.PUBLISHER), digest=term.working.digest)


def test_sending_back_needs_a_comment_and_keeps_the_verdicts():
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER)
    edition = submit_term(make_term(by=editor), by=editor)
    settle_all(edition, by=checker)
    with pytest.raises(IllegalMove, match="comment"):
        send_back(edition, by=checker, comment=" ")
    send_back(edition, by=checker, comment="Name the sizes.")
    assert not Edition.objects.submitted().exists()
    assert set(states(edition).values()) == {LineState.SETTLED}


def withdrawn(author, checker):
    """Return a term whose only words were taken back, and which waits with the same words for a checker."""
    may, july = datetime(2026, 5, 29, 12, tzinfo=UTC), datetime(2026, 7, 3, 12, tzinfo=UTC)
    term = make_published_term("Qwen2", author=author, checker=checker, now=may)
    withdraw_check(term, by=checker, reason="The source was retracted.", now=july)
    return submit_term(Term.objects.get(pk=term.pk), by=author, now=july)


def test_words_that_were_taken_back_pass_again_with_a_new_verdict_only():
    author, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    edition, later = withdrawn(author, checker), datetime(2026, 7, 4, 12, tzinfo=UTC)
    given = {"by": checker, "digest": edition.digest, "whole_card": True, "publish": True, "now": later}
    with pytest.raises(IllegalMove, match="taken back on July 3, 2026, because: The source was retracted. Every"):
        pass_check(edition, **given)
    assert Term.objects.get().published is None and Edition.objects.get().withdrawn_at is not None
    claim = Claim.objects.get(edition=edition, sentence__text="Five sizes exist.")
    evidence = [EvidenceDraft(make_source("https://qwen.example/sizes", by=checker), "Five sizes")]
    given_now = {"verdict": Verdict.SUPPORTED, "kind": ClaimKind.FACT, "evidence": evidence, "now": later}
    settle_line(claim, by=checker, **given_now)
    pass_check(edition, **given)
    assert Term.objects.get().published == edition and Edition.objects.get().withdrawn_at is None


def test_withdrawing_falls_back_to_the_last_good_edition_and_then_to_none():
    editor, checker, publisher = make_user(Role.EDITOR), make_user(Role.CHECKER), make_user(Role.PUBLISHER)
    term = make_published_term(author=editor, now=MAY)
    first = term.published_id
    term = check_term(edit(term, editor, example="A bank uses it."), author=editor, checker=checker)
    assert term.published_id != first
    withdraw_check(term, by=publisher, reason="The example is wrong.")
    assert Term.objects.get().published_id == first
    withdraw_check(term, by=publisher, reason="All of it is wrong.")
    term = Term.objects.get()
    assert (term.stage, term.published, term.closed_because) == (Stage.DRAFT, None, "All of it is wrong.")


def test_a_revert_to_checked_words_brings_back_the_old_date():
    editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER)
    publisher = make_user(Role.PUBLISHER)
    term = make_published_term(author=editor, now=MAY)
    old, first = term.draft(), term.published
    term = check_term(edit(term, editor, now=JUNE, example="A bank uses it."), author=editor, checker=checker, now=JUNE)
    term = save_term(term, old, details=TermDetails(), by=editor, now=JUNE)
    assert term.working_id == first.pk
    said = say_of_old_words(first)
    publish_term(term, edition=first, by=publisher, digest=first.digest, old_words=said, now=JUNE)
    assert f"{Term.objects.get().shown()[1].stamp_on}" == "2026-05-29"


def test_words_changed_behind_the_services_lose_their_date():
    term = make_published_term()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE glossary_edition SET words_json = "
            + (
                "replace(words_json, 'family', 'herd')"
                if connection.vendor == "sqlite"
                else "replace(words_json::text, 'family', 'herd')::jsonb"
            )
        )
    assert Term.objects.get(pk=term.pk).shown() is None


def test_a_line_found_wrong_bars_the_term_from_decks_at_once():
    term = make_published_term()
    claim = term.published.claims.get(sentence__part=Part.DEFINITION)
    settle_line(
        claim, by=make_user(Role.CHECKER), verdict=Verdict.CONTRADICTED, kind=ClaimKind.FACT, note="It is a herd."
    )
    term.refresh_from_db()
    assert not Term.objects.dealable(day=term.due_on).exists()


def test_the_same_words_are_checked_anew_only_with_a_source_visited_again():
    term = make_published_term(now=MAY)
    checker = make_user(Role.CHECKER)
    edition = term.published
    pass_check(edition, by=checker, digest=edition.digest, whole_card=True, now=JUNE)
    assert f"{Term.objects.get().shown()[1].stamp_on}" == "2026-05-29"
    source = make_source()
    for line in Claim.objects.lines(edition.pk):
        named = line.claim.line.part == Part.HEADWORD
        settle_line(
            line.claim,
            by=checker,
            verdict=Verdict.SUPPORTED,
            kind=ClaimKind.NAME if named else ClaimKind.FACT,
            evidence=[EvidenceDraft(source, "Still so.")],
            now=JUNE,
        )
    pass_check(edition, by=checker, digest=edition.digest, whole_card=True, now=JUNE)
    assert f"{Term.objects.get().shown()[1].stamp_on}" == "2026-06-20"


@pytest.mark.parametrize("over", [{"stamp_on": JUNE.date(), "newest_on": JUNE.date()}, {"digest": "0" * 64}])
def test_a_bare_date_cannot_be_written_from_the_shell(over):
    term = make_published_term(now=MAY)
    given = {
        "edition": term.published,
        "digest": term.published.digest,
        "digest_version": 1,
        "by": make_user(Role.CHECKER),
        "at": JUNE,
        "on": JUNE.date(),
        "result": Result.PASSED,
        "stamp_on": MAY.date(),
        "newest_on": MAY.date(),
    }
    with pytest.raises(IllegalMove):
        FactCheck.objects.create(**given | over)
    existing = FactCheck.objects.get(edition=term.published)
    existing.stamp_on = JUNE.date()
    with pytest.raises(IllegalMove):
        existing.save()


@pytest.mark.parametrize("role", [Role.EDITOR, Role.PUBLISHER, Role.SCHEDULER, Role.SUBSCRIBER_ADMIN])
def test_only_checkers_check(role):
    editor = make_user(Role.EDITOR)
    edition = submit_term(make_term(by=editor), by=editor)
    claim = edition.claims.first()
    person = make_user(role)
    for act in (
        lambda: settle_line(claim, by=person, verdict=Verdict.SUPPORTED, kind=ClaimKind.NAME),
        lambda: pass_check(edition, by=person, digest=edition.digest, whole_card=True),
        lambda: send_back(edition, by=person, comment="No."),
    ):
        with pytest.raises(PermissionDenied):
            act()

"""Is this still true? Each way in which words that readers had can end."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from glossary.domain.correction import Fate
from glossary.domain.roles import Role
from glossary.domain.version import Ending, Standing
from glossary.models import Publication, Term
from glossary.services.closing import merge_term, retire_term
from glossary.services.fact_check import pass_check, withdraw_check
from glossary.services.publication import publish_term
from glossary.services.term import save_term, submit_term
from glossary.services.version import End, is_still_true, published_edition, term_once_public, what_changed
from tests.factories import (
    details_of,
    make_draft,
    make_published_term,
    make_term,
    make_user,
    say_of_old_words,
    settle_all,
)

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 29, 12, tzinfo=UTC)
JUNE = datetime(2026, 6, 3, 12, tzinfo=UTC)
JULY = datetime(2026, 7, 3, 12, tzinfo=UTC)
FIVE = "It was released in June 2024. Five sizes exist.\n\nPeople can download it."


@pytest.fixture
def people():
    return {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}


@pytest.fixture
def term(people):
    return make_published_term("Qwen2", now=MAY, **people)


def edited(term, people, body, fate=Fate.STILL_TRUE, why="", now=JUNE):
    """Return the term after its body was changed, checked and put before readers."""
    draft = replace(Term.objects.get(pk=term.pk).draft(), body=body)
    term = save_term(Term.objects.get(pk=term.pk), draft, details=details_of(term), by=people["author"], now=now)
    edition = submit_term(term, by=people["author"], now=now)
    settle_all(edition, by=people["checker"], now=now)
    said = say_of_old_words(edition, fate, why)
    pass_check(edition, by=people["checker"], digest=edition.digest, whole_card=True, old_words=said, now=now)
    return Term.objects.get(pk=term.pk)


def judged(term, edition):
    return is_still_true(term_once_public(term.slug), published_edition(term, edition.digest))


def test_current_words_are_current_with_their_date(term):
    found = judged(term, term.published)
    assert (found.standing, found.on, found.fates) == (Standing.CURRENT, date(2026, 5, 29), ())
    assert found.words == term.published.words and found.check.stamp_on == date(2026, 5, 29) and not found.late


def test_words_that_are_due_say_so(term):
    Term.objects.filter(pk=term.pk).update(due_on="2026-01-01", overdue_on="2026-02-01")
    assert judged(term, term.published).late


def test_reworded_words_may_still_be_read(term, people):
    old = term.published
    term = edited(term, people, FIVE.replace("People", "Anybody"))
    found = judged(term, old)
    assert (found.standing, found.on, found.fates) == (Standing.REWORDED, date(2026, 6, 3), ())
    assert found.words == old.words and found.check.stamp_on == date(2026, 5, 29)


def test_reworded_words_of_which_one_is_doubted_since_are_not_repeated(term, people):
    old = term.published
    term = edited(term, people, "It was released in June 2024.")
    term = edited(term, people, "It was released in July 2024.", Fate.WAS_WRONG, "July.", now=JULY)
    found = judged(term, old)
    assert found.standing == Standing.CORRECTED and found.words is None


@pytest.mark.parametrize(
    ("fate", "standing"),
    [
        (Fate.COULD_MISLEAD, Standing.CLARIFIED),
        (Fate.NO_LONGER_TRUE, Standing.UPDATED),
        (Fate.WAS_WRONG, Standing.CORRECTED),
    ],
)
def test_words_on_which_something_was_said_are_told_as_was_and_now_and_not_shown(term, people, fate, standing):
    old = term.published
    term = edited(term, people, FIVE.replace("Five", "Six"), fate, "The report lists six.")
    found = judged(term, old)
    (one,) = found.fates
    assert (found.standing, found.on) == (standing, date(2026, 6, 3))
    assert (one.was, one.now, one.why) == ("Five sizes exist.", "Six sizes exist.", "The report lists six.")
    assert found.words is None and found.check is None


def test_a_correction_two_editions_ago_is_told_with_the_words_of_today(term, people):
    old = term.published
    term = edited(term, people, FIVE.replace("Five", "Six"), Fate.WAS_WRONG, "Miscounted.")
    term = edited(term, people, FIVE.replace("Five sizes exist", "Six sizes are there"), now=JULY)
    (one,) = judged(term, old).fates
    assert (one.was, one.now, one.on) == ("Five sizes exist.", "Six sizes are there.", date(2026, 6, 3))


def test_withdrawn_words_are_never_shown_again(term, people):
    old = term.published
    withdraw_check(term, by=people["checker"], reason="It was made up.", now=JUNE)
    found = judged(Term.objects.get(pk=term.pk), old)
    assert (found.standing, found.on) == (Standing.WITHDRAWN, date(2026, 6, 3))
    assert found.words is None and found.now is None and found.name == "Qwen2"


def test_a_withdrawal_brings_the_edition_before_it_back_as_the_current_one(term, people):
    old = term.published
    changed = edited(term, people, FIVE.replace("People", "Anybody"))
    newer = changed.published
    withdraw_check(changed, by=people["checker"], reason="Not so.", now=JULY)
    term = Term.objects.get(pk=term.pk)
    assert judged(term, old).standing == Standing.CURRENT
    assert judged(term, newer).standing == Standing.WITHDRAWN


@pytest.mark.parametrize("how", [Standing.CLOSED, Standing.MERGED])
def test_words_of_a_closed_card_are_said_to_be_closed_since_that_day_and_not_shown(term, people, how):
    other, old = make_published_term("Qwen", **people), term.published
    if how == Standing.CLOSED:
        retire_term(term, by=people["checker"], reason="Nobody says it.", now=JULY)
    else:
        merge_term(term, into=other, by=people["checker"], now=JULY)
    found = judged(Term.objects.get(pk=term.pk), old)
    assert (found.standing, found.on, found.words) == (how, date(2026, 7, 3), None)
    assert found.end.into == ("Qwen" if how == Standing.MERGED else "")


def test_a_card_that_readers_never_saw_changed_nothing_for_them_when_it_was_closed(people):
    term = make_term("Hidden", by=people["author"])
    retire_term(term, by=people["checker"], reason="Nobody says it.", now=JULY)
    assert Term.objects.get().changed_at is None


def test_an_edition_that_others_replaced_is_judged_by_its_own_fate_first(term, people):
    old = term.published
    term = edited(term, people, FIVE.replace("Five", "Six"), Fate.WAS_WRONG, "Miscounted.")
    withdraw_check(term, by=people["checker"], reason="Six is wrong too.", now=JULY)
    found = judged(Term.objects.get(pk=term.pk), old)
    assert (found.standing, found.on) == (Standing.CORRECTED, date(2026, 6, 3))
    assert found.end == End(Ending.TAKEN_BACK, date(2026, 7, 3), "Six is wrong too.")
    gone = judged(Term.objects.get(pk=term.pk), term.published)
    assert (gone.standing, gone.on, gone.end) == (Standing.WITHDRAWN, date(2026, 7, 3), None)
    retire_term(term, by=people["checker"], reason="Nobody says it.", now=JULY + timedelta(days=1))
    gone = judged(Term.objects.get(pk=term.pk), term.published)
    assert (gone.standing, gone.on) == (Standing.WITHDRAWN, date(2026, 7, 3))
    assert gone.end == End(Ending.CLOSED, date(2026, 7, 4), "Nobody says it.")


def test_reworded_words_of_a_card_that_was_closed_later_are_not_shown(term, people):
    old = term.published
    term = edited(term, people, FIVE.replace("People", "Anybody"))
    retire_term(term, by=people["checker"], reason="Nobody says it.", now=JULY)
    found = judged(Term.objects.get(pk=term.pk), old)
    assert (found.standing, found.on, found.words) == (Standing.REWORDED, date(2026, 6, 3), None)
    assert found.end == End(Ending.CLOSED, date(2026, 7, 3), "Nobody says it.")


def test_the_day_is_that_of_the_change_that_is_told_and_not_of_a_later_one(term, people):
    old = term.published
    term = edited(term, people, FIVE.replace("People", "Anybody"))
    term = edited(term, people, FIVE.replace("People", "Everybody"), now=JULY)
    assert judged(term, old).on == date(2026, 6, 3), "reworded twice: first on that day"
    term = edited(term, people, "It was released in June 2024. Six sizes exist.", Fate.WAS_WRONG, "x", now=JULY)
    later = JULY + timedelta(days=1)
    term = edited(term, people, "It was released in May 2024. Six sizes exist.", Fate.NO_LONGER_TRUE, now=later)
    found = judged(term, old)
    assert (found.standing, found.on) == (Standing.CORRECTED, date(2026, 7, 3))


def test_an_edition_that_readers_never_had_does_not_exist(term, people):
    draft = replace(term.draft(), body="Secret words.")
    saved = save_term(term, draft, details=details_of(term), by=people["author"])
    secret = submit_term(saved, by=people["author"])
    settle_all(secret, by=people["checker"])
    assert published_edition(term, secret.digest) is None
    for digest in ("", "x", "0" * 64, "\x00" * 64, "é" * 64, secret.digest.upper(), term.published.digest + "0"):
        assert published_edition(term, digest) is None


def test_a_card_that_passed_and_was_not_published_does_not_exist_either(people):
    term = make_published_term("Token", **people)
    other = save_term(None, make_draft("Hidden"), details=details_of(term, topic=None, tags=[]), by=people["author"])
    edition = submit_term(other, by=people["author"])
    settle_all(edition, by=people["checker"])
    pass_check(edition, by=make_user(Role.CHECKER), digest=edition.digest, whole_card=True)
    assert term_once_public(other.slug) is None and published_edition(other, edition.digest) is None


def test_each_publication_is_kept_and_told_by_words_newest_first(term, people):
    edited(term, people, FIVE.replace("Five", "Six"), Fate.WAS_WRONG, "Miscounted.")
    term = edited(term, people, FIVE.replace("Five", "Six") + " Free.", now=JULY)
    _, (newest, middle, oldest) = what_changed(term, None)
    assert [row.at for row in (newest, middle, oldest)] == [JULY, JUNE, MAY]
    assert newest.current and oldest.first and not middle.first
    assert ["".join(piece.text for piece in row.pieces) for row in newest.rows] == ["Free."]
    pieces = [(piece.change, piece.text) for piece in middle.rows[0].pieces]
    assert pieces[:2] == [("gone", "Five"), ("new", "Six")]


def test_words_that_were_taken_back_are_not_repeated_in_what_changed(term, people):
    changed = edited(term, people, FIVE.replace("Five", "Canary"))
    withdraw_check(changed, by=people["checker"], reason="Not so.", now=JULY)
    _, rows = what_changed(Term.objects.get(pk=term.pk), None)
    assert len(rows) == 3 and rows[1].rows is None and not rows[0].rows
    texts = [piece.text for row in rows for line in row.rows or () for piece in line.pieces]
    assert not [text for text in texts if "Canary" in text]


def test_an_earlier_edition_that_is_published_again_is_told_again(term, people):
    old = term.published
    term = edited(term, people, FIVE.replace("People", "Anybody"))
    said = say_of_old_words(old)
    publish_term(term, edition=old, by=people["checker"], digest=old.digest, old_words=said, now=JULY)
    assert list(Publication.objects.filter(edition=old).values_list("at", flat=True)) == [JULY, MAY]


def test_lines_that_were_changed_behind_the_services_are_told_nowhere(term, people):
    term = edited(term, people, FIVE.replace("People", "Anybody"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE glossary_sentence SET text = 'Forged.' WHERE text = 'Five sizes exist.'")
    _, rows = what_changed(term, None)
    assert [row.rows for row in rows] == [None, None]
    assert judged(term, term.published).words is None


@pytest.mark.parametrize("times", [1, 12])
def test_a_page_of_changes_takes_the_same_queries_however_long_the_history(
    term, people, times, django_assert_num_queries
):
    for number in range(times):
        term = edited(term, people, f"Edit {number}.")
    with django_assert_num_queries(4):
        page, rows = what_changed(term, None)
    assert len(rows) == min(10, times + 1) and page.paginator.count == times + 1


@pytest.mark.django_db(transaction=True)
def test_terms_that_were_published_before_publications_were_kept_get_theirs():
    people = {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}
    term = make_published_term("Qwen2", now=MAY, **people)
    edited(term, people, FIVE.replace("Five", "Six"))
    kept = list(Publication.objects.order_by("pk").values_list("at", "edition"))
    assert len(kept) == 2
    call_command("migrate", "glossary", "0008", verbosity=0)
    call_command("migrate", "glossary", verbosity=0)
    assert list(Publication.objects.order_by("pk").values_list("at", "edition")) == kept

"""The glossary for Anki, as the real program's own library takes it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest

from glossary.domain.roles import Role
from glossary.models import AnkiPackage, Term
from glossary.services import anki
from glossary.services.anki import kept_package, make_package
from glossary.services.build import build_name
from glossary.services.fact_check import withdraw_check
from glossary.services.ready_page import drop_spent
from glossary.services.tag import keep_tag
from glossary.services.term import change_slug, save_term
from tests.factories import check_term, details_of, make_deck, make_published_term, make_tag, make_user

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 29, 12, tzinfo=UTC)
JUNE = datetime(2026, 6, 3, 12, tzinfo=UTC)


@pytest.fixture
def people():
    return {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}


@pytest.fixture
def collection(tmp_path):
    kept = Collection(str(tmp_path / "collection.anki2"))
    yield kept
    kept.close()


def take(collection, tmp_path):
    """Import the package as it is now, and return the notes by their first field."""
    file = tmp_path / "glossary.apkg"
    file.write_bytes(make_package())
    collection.import_anki_package(
        ImportAnkiPackageRequest(package_path=str(file), options=ImportAnkiPackageOptions(merge_notetypes=True))
    )
    notes = [collection.get_note(key) for key in collection.find_notes("")]
    assert len({note["Term"] for note in notes}) == len(notes)
    return {note["Term"]: note for note in notes}


def test_terms_come_as_notes_in_a_sub_deck_for_each_topic(collection, tmp_path, people, settings):
    make_published_term("Qwen2", aliases=["Qwen 2"], tag="Model families", now=MAY, **people)
    make_published_term("C++ & <you>", slug="c-plus-plus", tag="Software", now=MAY, **people)
    notes = take(collection, tmp_path)
    assert set(notes) == {"Qwen2", "C++ &amp; &lt;you&gt;"}
    qwen = notes["Qwen2"]
    assert qwen["Also called"] == "Qwen 2" and qwen["Definition"] == "Qwen2 is a family of language models."
    assert qwen["Checked"] == "Fact-checked May 29, 2026."
    digest = Term.objects.get(slug="qwen2").published.digest
    assert qwen["Address"] == f"{settings.SITE_URL}/terms/qwen2/v/{digest}/"
    decks = {collection.decks.name(card.did) for card in qwen.cards()}
    assert decks == {"Daily Deck::Model families"}
    assert "Daily Deck::Software" in {deck.name for deck in collection.decks.all_names_and_ids()}


def test_a_second_import_updates_and_makes_nothing_twice(collection, tmp_path, people):
    term = make_published_term("Qwen2", now=MAY, **people)
    first = take(collection, tmp_path)["Qwen2"].id
    changed = replace(term.draft(), definition="Qwen2 is a family of models from one maker.")
    term = save_term(Term.objects.get(pk=term.pk), changed, details=details_of(term), by=people["author"], now=JUNE)
    assert take(collection, tmp_path)["Qwen2"]["Definition"] == "Qwen2 is a family of language models."
    check_term(term, now=JUNE, **people)
    notes = take(collection, tmp_path)
    assert set(notes) == {"Qwen2"} and notes["Qwen2"].id == first
    assert notes["Qwen2"]["Definition"] == "Qwen2 is a family of models from one maker."


def test_a_note_that_was_filed_elsewhere_gets_its_new_tags_and_address_and_its_card_stays(
    collection, tmp_path, people, settings
):
    """Anki moves no card that is there; the tags are what a reader finds and moves it by."""
    term = make_published_term("Qwen2", tag="Models", now=MAY, **people)
    take(collection, tmp_path)
    shelves = details_of(term, topic=make_tag("Software"), tags=[make_tag("Small")])
    save_term(Term.objects.get(pk=term.pk), term.draft(), details=shelves, by=people["author"], now=JUNE)
    note = take(collection, tmp_path)["Qwen2"]
    assert note.tags == ["small", "software"]
    assert [collection.decks.name(card.did) for card in note.cards()] == ["Daily Deck::Models"]
    assert list(collection.find_notes("tag:software")) == [note.id]
    change_slug(Term.objects.get(pk=term.pk), "qwen-two", by=people["checker"], now=JUNE + timedelta(hours=1))
    assert take(collection, tmp_path)["Qwen2"]["Address"].startswith(f"{settings.SITE_URL}/terms/qwen-two/v/")
    tag = Term.objects.get(pk=term.pk).topic
    tag.slug = "programs"
    keep_tag(tag, by=people["checker"], now=JUNE + timedelta(hours=2))
    assert take(collection, tmp_path)["Qwen2"].tags == ["programs", "small"]


def test_a_site_that_moves_and_gets_another_name_makes_no_note_and_no_deck_twice(
    collection, tmp_path, people, settings
):
    term = make_published_term("Qwen2", tag="Models", now=MAY, **people)
    first = take(collection, tmp_path)["Qwen2"].id
    before = {deck.name for deck in collection.decks.all_names_and_ids()}
    settings.SITE_URL, settings.SITE_NAME = "https://moved.example", "Daily Hand"
    change_slug(Term.objects.get(pk=term.pk), "qwen-two", by=people["checker"], now=JUNE)
    notes = take(collection, tmp_path)
    assert notes["Qwen2"].id == first and notes["Qwen2"]["Address"].startswith("https://moved.example/terms/qwen-two/")
    assert {deck.name for deck in collection.decks.all_names_and_ids()} == before


def test_what_a_reader_wrote_into_a_note_outlives_a_change_of_another(collection, tmp_path, people):
    make_published_term("Qwen2", now=MAY, **people)
    other = make_published_term("Other", now=MAY, **people)
    note = take(collection, tmp_path)["Qwen2"]
    note["Example"] = "My own."
    collection.update_note(note)
    changed = replace(other.draft(), definition="Other is a word of its own.")
    other = save_term(Term.objects.get(pk=other.pk), changed, details=details_of(other), by=people["author"], now=JUNE)
    check_term(other, now=JUNE, **people)
    assert take(collection, tmp_path)["Qwen2"]["Example"] == "My own."


def test_the_same_glossary_gives_the_same_bytes(people):
    for number in range(3):
        make_published_term(f"Word {number}", tag=f"Topic {number % 2}", now=MAY, **people)
    with time_machine.travel(JUNE, tick=False):
        before = make_package()
    with time_machine.travel(JUNE + timedelta(hours=3, seconds=7), tick=False):
        assert make_package() == before
        make_published_term("Another", now=JUNE, **people)
        assert make_package() != before


def test_only_what_readers_may_see_is_in_it(collection, tmp_path, people):
    gone = make_published_term("Gone", now=MAY, **people)
    withdraw_check(gone, by=people["checker"], reason="It was wrong.", now=JUNE)
    make_published_term("Stays", now=MAY, **people)
    assert set(take(collection, tmp_path)) == {"Stays"}


def test_a_glossary_without_terms_is_a_package_too(collection, tmp_path):
    assert take(collection, tmp_path) == {}


def test_the_number_of_questions_stays_the_same(people, django_assert_num_queries):
    make_published_term("One", now=MAY, **people)
    with django_assert_num_queries(4):
        make_package()
    with django_assert_num_queries(10):
        kept_package()
    with django_assert_num_queries(2):
        kept_package()
    for number in range(3):
        make_published_term(f"More {number}", now=MAY, **people)
    with django_assert_num_queries(10):
        kept_package()
    with django_assert_num_queries(4):
        make_package()


@pytest.fixture
def makings(monkeypatch):
    """How often the package was made: a list that grows."""
    made, real = [], anki.make_package

    def counted(**given):
        made.append(given)
        return real(**given)

    monkeypatch.setattr(anki, "make_package", counted)
    return made


def test_it_is_made_once_for_each_state_of_the_glossary(makings, people):
    term = make_published_term("Qwen2", now=MAY, **people)
    first = kept_package()
    assert kept_package().etag == first.etag and len(makings) == 1
    assert bytes(first.body) == make_package()
    make_deck()  # a public change, and none of the glossary but for the seven terms that it brings
    assert kept_package().etag != first.etag and len(makings) == 2
    withdraw_check(term, by=people["checker"], reason="It was wrong.")
    kept_package(), kept_package()
    assert len(makings) == 3


def test_words_that_do_not_stand_any_more_leave_it_with_the_act_itself(collection, tmp_path, people):
    gone = make_published_term("Gone", now=MAY, **people)
    make_published_term("Stays", now=MAY, **people)
    kept_package()
    withdraw_check(gone, by=people["checker"], reason="It was wrong.")
    file = tmp_path / "kept.apkg"
    file.write_bytes(bytes(kept_package().body))
    collection.import_anki_package(ImportAnkiPackageRequest(package_path=str(file)))
    assert [collection.get_note(key)["Term"] for key in collection.find_notes("")] == ["Stays"]


def test_it_ends_at_midnight_at_the_desk_and_after_an_hour(makings, people):
    with time_machine.travel(MAY, tick=False):
        make_published_term("Qwen2", now=MAY, volatility="D", **people)
    for moment, number in [
        (MAY, 1),
        (MAY + timedelta(minutes=59), 1),
        (MAY + timedelta(minutes=61), 2),
        (datetime(2026, 5, 29, 23, 50, tzinfo=UTC), 3),
        (datetime(2026, 5, 30, 0, 0, 1, tzinfo=UTC), 4),
    ]:
        kept_package(now=moment)
        assert len(makings) == number, moment
    assert AnkiPackage.objects.count() == 1


def test_while_somebody_makes_it_others_wait_a_little_and_get_that_one(makings, monkeypatch, people):
    make_published_term("Qwen2", now=MAY, **people)
    now = datetime.now(tz=UTC)
    assert anki._claim(now) and not anki._claim(now)
    monkeypatch.setattr(anki, "sleep", lambda _: anki._make(anki.mark(), now))
    assert kept_package(now=now).etag and len(makings) == 1


def test_who_has_waited_long_enough_is_sent_away_and_a_dead_maker_is_succeeded(makings, monkeypatch, people):
    make_published_term("Qwen2", now=MAY, **people)
    now = datetime.now(tz=UTC)
    anki._claim(now)
    monkeypatch.setattr(anki, "WAIT", 0.2)
    assert kept_package(now=now) is None and makings == []
    assert kept_package(now=now + timedelta(seconds=anki.MAKING)).etag and len(makings) == 1


def test_a_fault_while_making_it_leaves_the_next_one_free_to_try(monkeypatch, people):
    make_published_term("Qwen2", now=MAY, **people)

    def broken(**_):
        raise ValueError("a fault")

    with monkeypatch.context() as broke:
        broke.setattr(anki, "make_package", broken)
        with pytest.raises(ValueError, match="a fault"):
            kept_package()
    assert kept_package().etag


def test_what_changed_while_it_was_made_is_not_kept_as_the_present_state(monkeypatch, people):
    term = make_published_term("Qwen2", now=MAY, **people)
    real = make_package

    def slow(**given):
        body = real(**given)
        withdraw_check(Term.objects.get(pk=term.pk), by=people["checker"], reason="It was wrong.")
        return body

    with monkeypatch.context() as slowly:
        slowly.setattr(anki, "make_package", slow)
        before = kept_package().etag
    assert kept_package().etag != before


def test_packages_of_other_builds_are_cleared_away_when_they_are_old(people):
    make_published_term("Qwen2", now=MAY, **people)
    kept_package()
    AnkiPackage.objects.create(build="of yesterday", valid_until=1)
    drop_spent(now=int(datetime.now(tz=UTC).timestamp()))
    assert [row.build for row in AnkiPackage.objects.all()] == [build_name()]

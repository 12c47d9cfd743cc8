"""The glossary for Anki, as the real program's own library takes it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest

from glossary.domain.roles import Role
from glossary.models import Term
from glossary.services.anki import make_package
from glossary.services.fact_check import withdraw_check
from glossary.services.term import save_term
from tests.factories import check_term, details_of, make_published_term, make_user

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
    for number in range(3):
        make_published_term(f"More {number}", now=MAY, **people)
    with django_assert_num_queries(4):
        make_package()

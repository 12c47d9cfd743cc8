"""The search index follows what readers see, in the transaction that changes it."""

import pytest
from django.db import connection, transaction

from glossary.domain.roles import Role
from glossary.domain.search import entry_of
from glossary.domain.term import AliasDraft, AliasKind, Words
from glossary.models import NamePlace, SearchEntry, SearchName, SearchTypo
from glossary.services.integrity import check_integrity
from glossary.services.search import search
from glossary.services.search_index import PARTS, names_of, rebuild
from glossary.services.term import change_slug, save_term
from tests.factories import check_term, details_of, make_draft, make_published_term, make_term, make_user

pytestmark = pytest.mark.django_db


def index():
    return (
        list(SearchName.objects.order_by("term", "key").values_list("term_id", "key", "place", "text")),
        list(SearchEntry.objects.order_by("pk").values_list("pk", "names", "definition", "body")),
        list(SearchTypo.objects.order_by("deletion", "word").values_list("deletion", "word")),
    )


def test_a_published_term_is_kept_under_its_names_each_as_what_it_is():
    words = Words("Émigré index")
    assert names_of(words, ["Émigré index", "Emigre-Idnex"]) == {
        "émigréindex": (NamePlace.HEADWORD, "Émigré index"),
        "emigreidnex": (NamePlace.HIDDEN, ""),
        "emigreindex": (NamePlace.HIDDEN, ""),
    }


def test_an_edit_is_in_the_index_when_its_check_has_passed_and_the_old_words_are_gone():
    author, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    term = make_published_term("Qwen2", author=author, checker=checker, definition="Apples grow here.")
    before = index()
    term = save_term(term, make_draft("Qwen3", definition="Pears grow here."), details=details_of(term), by=author)
    assert index() == before
    check_term(term, author=author, checker=checker)
    assert [len(search(word).hits) for word in ("pears", "apples", "qwen3")] == [1, 0, 1]
    assert list(SearchName.objects.values_list("key", flat=True)) == ["qwen3"]


def test_what_is_undone_with_its_transaction_leaves_no_trace():
    make_published_term("Qwen2")
    before = index()
    with transaction.atomic():
        make_published_term("Zebra", definition="Stripes.")
        transaction.set_rollback(True)
    assert index() == before
    assert search("zebra").hits == () and search("stripes").hits == ()


def test_saving_a_draft_or_an_address_touches_nothing_of_it(django_assert_max_num_queries):
    term = make_published_term("Qwen2")
    make_term("Draft")
    before = index()
    change_slug(term, "qwen-2", by=make_user(Role.PUBLISHER))
    assert index() == before
    assert search("qwen2").hits[0].term.slug == "qwen-2"


def test_a_rebuild_makes_the_same_index_out_of_nothing_or_out_of_wrong_rows():
    hidden = [AliasDraft("Kwenn", AliasKind.MISSPELLING)]
    for name in ("Qwen2", "Zebra"):
        make_published_term(name, aliases=hidden if name == "Qwen2" else [])
    draft = make_term("Draft")
    before = index()
    SearchName.objects.all().delete()
    SearchTypo.objects.all().delete()
    SearchEntry.objects.filter(term__slug="zebra").update(body="wrong")
    SearchName.objects.create(term=draft, key="draft", place=0, text="Draft")
    SearchTypo.objects.create(deletion=1, word="stale")
    assert rebuild() == 2
    assert index() == before
    assert list(check_integrity()) == []
    assert [len(search(word).hits) for word in ("wrong", "draft", "zebra", "kwenn")] == [0, 0, 1, 1]


def test_a_rebuild_tells_how_far_it_is():
    make_published_term("Qwen2")
    told = []
    rebuild(progress=told.append)
    assert told == [1]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps the index in the row itself.")
@pytest.mark.parametrize(("table", "parts"), PARTS.items())
def test_a_text_index_that_strays_from_its_rows_is_found(table, parts):
    term = make_published_term("Qwen2")
    entry = entry_of(term.published.words, ["Qwen2"])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({table}, rowid, {', '.join(parts)}) VALUES ('delete', %s{', %s' * len(parts)})",
            [term.pk, *(getattr(entry, part) for part in parts)],
        )
    assert [fault.kind for fault in check_integrity()] == ["search"]
    rebuild()
    assert list(check_integrity()) == []

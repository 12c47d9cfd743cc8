"""Search over published words: one table of expectations, whatever the database."""

from dataclasses import replace

import pytest
from django.db import connection

from glossary.domain.roles import Role
from glossary.domain.term import AliasDraft, AliasKind
from glossary.models import Edition, SearchEntry
from glossary.models.search import NAMES_TEXT
from glossary.services import search as search_service
from glossary.services.closing import merge_term, retire_term
from glossary.services.fact_check import withdraw_check
from glossary.services.search import nearest, search, suggest
from glossary.services.term import TermDetails, save_term
from tests.factories import details_of, make_draft, make_published_term, make_term, make_user
from tests.hostile import HOSTILE

pytestmark = pytest.mark.django_db

CARDS = {
    "Qwen2": {"aliases": ["Qwen 2", AliasDraft("Kwenn", AliasKind.MISSPELLING)], "definition": "It is a model family."},
    "C++": {"definition": "It is a programming language with classes."},
    "C#": {"definition": "It is a programming language by Microsoft."},
    ".NET": {"definition": "It is a platform on which programs run."},
    "Retrieval-augmented generation": {
        "aliases": [AliasDraft("RAG", AliasKind.ACRONYM)],
        "definition": "The model is given passages of documents before it answers.",
    },
    "Transformer": {"definition": "It is an architecture that weighs every word against every other word."},
    "Émigré index": {"definition": "It counts people.", "body": "Nothing else is counted in it."},
    "Gradient descent": {"definition": "A way to lower an error step by step.", "body": "Each step follows the slope."},
    "Perplexity": {"definition": "It measures how surprised a model is.", "example": "A puzzled zebra scores high."},
}
FIRST = {  # what is asked → slug of the first hit
    "qwen 2": "qwen2",
    "QWEN-2": "qwen2",
    "Qwen2": "qwen2",
    "kwenn": "qwen2",
    "qwen\u00ad2": "qwen2",
    "Ｑｗｅｎ２": "qwen2",
    "qwem 2": "qwen2",
    "C++": "c-plus-plus",
    "c ++": "c-plus-plus",
    "C#": "c-sharp",
    ".net": "dot-net",
    "RAG": "retrieval-augmented-generation",
    "what is RAG?": "retrieval-augmented-generation",
    "rags": "retrieval-augmented-generation",
    "retrieval": "retrieval-augmented-generation",
    "retreival": "retrieval-augmented-generation",
    "retreival augmentd genration": "retrieval-augmented-generation",
    "augmented gen": "retrieval-augmented-generation",
    "generation augmented": "retrieval-augmented-generation",
    "passages of a document": "retrieval-augmented-generation",
    "tranformer": "transformer",
    "transformers": "transformer",
    "transf": "transformer",
    "emigre index": "emigre-index",
    "ÉMIGRÉ": "emigre-index",
    "gradientdescent": "gradient-descent",
    "gradiant decent": "gradient-descent",
    "lowering errors": "gradient-descent",
    "zebras": "perplexity",
    "programming language by microsoft": "c-sharp",
    "how do i measure surprise": "perplexity",
}
NOTHING = ["xyzzyq", "", "   ", "???", "\x00", "\ud800", "\u202e\u200b"]


@pytest.fixture
def cards():
    author, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    for headword, over in CARDS.items():
        make_published_term(headword, author=author, checker=checker, **({"body": "It is in use."} | over))
    return author


def slugs(text):
    return [hit.term.slug for hit in search(text).hits]


def test_each_query_of_the_table_finds_its_term_first(cards):
    found = {asked: next(iter(slugs(asked)), "") for asked in FIRST}
    assert found == FIRST
    assert {asked: slugs(asked) for asked in NOTHING} == {asked: [] for asked in NOTHING}


def test_a_query_with_a_typo_says_what_was_meant_and_one_without_says_nothing(cards):
    assert search("tranformer").meant == "Transformer"
    assert search("transformer").meant == search("zebras").meant == ""


def test_a_word_that_some_card_holds_is_not_taken_for_a_misspelt_name(cards):
    author = cards
    make_published_term("Slopes", author=author, definition="It is a hill.", body="People ski there.")
    assert slugs("slope")[0] == "slopes"
    assert "gradient-descent" in slugs("slope") and search("slope").meant == ""


def test_a_hidden_alias_finds_the_term_and_stands_in_nothing_that_is_given_out(cards):
    assert slugs("kwenn") == ["qwen2"]
    for hit in [*search("kwenn").hits, *suggest("kwe")]:
        assert "kwenn" not in f"{hit.words}{hit.pieces}".casefold()
    assert search("kwenn").meant == "" and search("kwemn").meant == "Qwen2"


def test_the_passage_comes_from_the_words_and_marks_what_was_asked_for(cards):
    pieces = search("zebra").hits[0].pieces
    assert "".join(piece.text for piece in pieces) == "A puzzled zebra scores high."
    assert [piece.text for piece in pieces if piece.hit] == ["zebra"]


def test_words_of_drafts_and_of_edits_are_not_found_and_change_no_result():
    editor = make_user(Role.EDITOR)
    term = make_published_term("Qwen2", author=editor)
    before = [search(text) for text in ("family", "qwen2", "nothing here")]
    make_term("Canaryterm", aliases=["Canaryalias"], definition="Canarydefinition.", body="Canarybody.")
    edited = make_draft("Canaryhead", definition="Canarydef.", body="Canarywords.", aliases=["Canaryshown"])
    save_term(term, edited, details=details_of(term), by=editor)
    for word in ("canaryterm", "canary", "Canaryalias", "Canarydefinition", "canarywords", "canaryshown", "canaryheed"):
        found = search(word)
        assert (found.hits, found.meant, suggest(word), nearest(word)) == ((), "", [], []), word
    assert [search(text) for text in ("family", "qwen2", "nothing here")] == before


def test_a_hidden_alias_of_a_published_term_is_found_as_soon_as_it_is_saved():
    editor = make_user(Role.EDITOR)
    term = make_published_term("Qwen2", author=editor)
    aliases = (AliasDraft("Tongyi"), AliasDraft("Kwen", shown=False))
    save_term(term, replace(term.draft(), aliases=aliases), details=TermDetails(), by=editor)
    assert slugs("kwen") == ["qwen2"] and slugs("tongyi") == []


def test_what_was_withdrawn_retired_or_merged_is_found_no_more_and_its_names_lead_where_they_should():
    publisher = make_user(Role.PUBLISHER)
    withdraw_check(make_published_term("Alpha", definition="Awful."), by=publisher, reason="It was wrong.")
    retire_term(make_published_term("Beta", definition="Boring."), by=publisher, reason="Nobody says it.")
    old, new = make_published_term("Gamma", aliases=["Gimel"], definition="Great."), make_published_term("Delta")
    merge_term(old, into=new, by=publisher)
    assert [slugs(word) for word in ("alpha", "awful", "beta", "boring", "great")] == [[]] * 5
    assert slugs("gamma") == slugs("gimel") == ["delta"]
    assert not SearchEntry.objects.exclude(term__stage="published").exists()


def test_an_ambiguous_name_finds_every_meaning():
    make_published_term("LoRA", ambiguous=True, definition="It tunes models.")
    make_published_term("LoRa", slug="lora-radio", ambiguous=True, definition="It is radio.")
    assert sorted(slugs("lora")) == ["lora", "lora-radio"] and search("lora").is_exact


def test_words_that_were_changed_behind_the_services_are_not_given_out():
    term = make_published_term("Qwen2")
    words = Edition.objects.get(pk=term.published_id).words_json | {"definition": "Forged."}
    super(type(Edition.objects.all()), Edition.objects.filter(pk=term.published_id)).update(words_json=words)
    assert search("qwen2").hits == () and suggest("qwen") == []


def test_pages_are_bounded_and_a_page_that_is_not_there_is_the_last_one(monkeypatch, cards):
    monkeypatch.setattr(search_service, "PAGE", 2)
    first, last = search("it"), search("it", page=99)
    assert first.found == len(CARDS) and first.pages == 5 and len(first.hits) == 2
    assert last.page == 5 and len(last.hits) == 1
    monkeypatch.setattr(search_service, "MOST", 3)
    assert search("it").found == 3


def test_names_that_come_nearest_share_a_beginning_at_least(cards):
    assert [term.slug for term in nearest("perplxty")] == ["perplexity"]
    assert [term.slug for term in nearest("gradwanderer")] == ["gradient-descent"]
    assert nearest("") == []


def test_a_search_asks_the_database_a_fixed_number_of_times(cards, django_assert_num_queries):
    for text, number in (("qwen2", 4), ("passages of documents", 5), ("tranformer", 8), ("xyzzyq", 5), ("", 0)):
        with django_assert_num_queries(number):
            search(text)
    for text, number in (("qw", 2), ("qwen", 3), ("", 0)):
        with django_assert_num_queries(number):
            suggest(text)


def test_names_are_looked_up_by_a_range_of_the_index(cards):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            asked = f"EXPLAIN QUERY PLAN {search_service.NAME_START.format(1)}"
            cursor.execute(asked, ["qwen", f"qwen{search_service.LAST}", 60])
            plan = " ".join(str(row) for row in cursor.fetchall())
            assert "USING COVERING INDEX search_names_by_key (key>? AND key<?)" in plan and "TEMP B-TREE" not in plan
        else:
            cursor.execute(
                "SELECT collation_name FROM information_schema.columns "
                "WHERE table_name = 'glossary_searchname' AND column_name = 'key'"
            )
            assert cursor.fetchone() == ("C",)


def test_words_of_names_are_looked_up_in_an_index_of_names_alone(cards):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            asked = search_service.IN_SQLITE.format(NAMES_TEXT)
            cursor.execute(asked, ['"microsoft"', 2_000, 100])
            assert cursor.fetchall() == []  # it stands in a definition
            cursor.execute(asked, ['"transf"*', 2_000, 100])
            assert len(cursor.fetchall()) == 1
            return
        cursor.execute("SET enable_seqscan = off")
        asked = search_service.IN_POSTGRESQL.format(search_service.NAME_VECTOR)
        cursor.execute(f"EXPLAIN {asked}", ["'qwen':*", 2_000, 100])
        assert "search_names_by_word" in " ".join(row[0] for row in cursor.fetchall())


def test_it_is_told_of_each_word_whether_any_card_holds_it(cards):
    assert search_service._held_by_some(["zebra", "puzzl", "step", "xyzzyq"]) == {"zebra", "puzzl", "step"}


def test_no_string_makes_a_search_fail(cards):
    assert len(HOSTILE) >= 300
    for text in HOSTILE:
        found = search(text)
        assert found.query.text.encode() is not None and len(found.query.text) <= 120, ascii(text)
        assert all(hit.pieces for hit in found.hits), ascii(text)
        assert len(suggest(text)) <= 8 and len(nearest(text)) <= 4, ascii(text)


def test_of_a_megabyte_only_the_beginning_is_looked_at(cards, django_assert_num_queries):
    for sign in ("a", " ", "<", "(", "&", "\u0301", "qwen2 ", "\U0010ffff"):
        long, short = sign * 1_000_000, (sign * 120)[:120]
        assert replace(search(long).query, was_cut=False) == search(short).query, ascii(sign)
        assert search(long).hits == search(short).hits

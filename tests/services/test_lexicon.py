"""The lexicon: what running text links to follows what readers can find."""

from dataclasses import replace

import pytest

from glossary.domain.autolink import LinkName, Why
from glossary.domain.digest import digest_of
from glossary.domain.link_policy import LinkPolicy
from glossary.domain.roles import Role
from glossary.domain.term import AliasDraft, AliasKind, Words
from glossary.models import LinkKey, Term
from glossary.services.closing import merge_term, retire_term
from glossary.services.fact_check import withdraw_check
from glossary.services.integrity import check_integrity
from glossary.services.lexicon import MAX_PAGES, mentions_on, new_names, pages_naming, pages_to_link, sync_links
from glossary.services.term import change_slug, save_term
from glossary.services.working_text import revert_words
from tests.factories import check_term, details_of, make_draft, make_published_term, make_term, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}


def names_of(term):
    return set(LinkKey.objects.filter(term=term).values_list("text", flat=True))


def targets(text, own=None):
    mentions = mentions_on(Words("", body=text), own=own).every
    return [one.names[0].slug for one in mentions if one.why == Why.LINKED]


def save(term, people, draft):
    term = Term.objects.get(pk=term.pk)
    return save_term(term, draft, details=details_of(term), by=people["author"])


def test_names_are_linked_to_from_publication_to_withdrawal(people):
    term = make_term("Beam search", by=people["author"], aliases=["Beam decoding"])
    assert targets("A beam search.") == []
    check_term(term, **people)
    assert targets("A beam search. Beam decoding.") == ["beam-search"]
    withdraw_check(Term.objects.get(pk=term.pk), by=people["checker"], reason="It was wrong.")
    assert targets("A beam search.") == [] and names_of(term) == set()


def test_a_name_of_many_words_is_found_however_many_names_begin_like_it(people, monkeypatch, django_assert_num_queries):
    for name in ["Long short-term memory", "Long short-term memory network", "Long short-term view of it"]:
        make_published_term(name, **people)
    text = "A long short-term memory, then long\u2013short-term view of it, then long short-term memories."
    wanted = ["long-short-term-memory", "long-short-term-view-of-it"]
    for most, queries in [(200, 1), (3, 1), (2, 2), (0, 2)]:
        monkeypatch.setattr("glossary.services.lexicon.MOST_LONGER", most)
        with django_assert_num_queries(queries):
            assert targets(text) == wanted


def test_a_shown_alias_counts_with_the_edition_that_shows_it_and_a_hidden_one_at_once(people):
    term = make_published_term("Beam search", **people)
    aliases = (AliasDraft("Beam decoding"), AliasDraft("Beaming", shown=False))
    aliases += (AliasDraft("Beem search", AliasKind.MISSPELLING),)
    save(term, people, replace(term.draft(), aliases=aliases))
    assert names_of(term) == {"Beam search", "Beaming", "Beem search"}


def test_a_new_headword_counts_when_readers_get_it(people):
    term = make_published_term("Beam search", **people)
    term = save(term, people, replace(term.draft(), headword="Beam decoding"))
    assert names_of(term) == {"Beam search"}
    assert check_term(term, **people).published.words.headword == "Beam decoding"
    assert names_of(term) == {"Beam decoding"}


def test_links_follow_a_moved_address_and_a_merge(people):
    old = make_published_term("Beam search", aliases=["Beam decoding"], **people)
    change_slug(old, "beam", by=people["checker"])
    assert targets("A beam search.") == ["beam"]
    new = make_published_term("Best-first search", **people)
    merge_term(Term.objects.get(pk=old.pk), into=new, by=people["checker"])
    assert targets("A beam decoding. Beam search.") == ["best-first-search"] and names_of(old) == set()
    retire_term(Term.objects.get(pk=new.pk), by=people["checker"], reason="Old.")
    assert not LinkKey.objects.exists()


def test_a_policy_keeps_the_date_and_works_at_once(people):
    term = make_published_term("Beam search", aliases=["Beaming"], **people)
    before, check = term.shown()
    draft = replace(term.draft(), link_policy=LinkPolicy.NEVER)
    draft = replace(draft, aliases=(AliasDraft("Beaming", link_policy=LinkPolicy.EXACT),))
    after = save(term, people, draft)
    assert digest_of(after.shown()[0]) == digest_of(before) and after.shown()[1] == check
    assert after.working_id == after.published_id
    assert targets("A beam search.") == [] and targets("A beaming.") == [] and targets("It is Beaming.") != []


def test_a_name_starts_by_its_frequency_and_keeps_what_an_editor_chose(people):
    term = make_published_term("Memory", aliases=["Context", "Beaming"], **people)
    chosen = {alias.text: alias.link_policy for alias in term.aliases.all()}
    assert (term.link_policy, chosen) == ("suggest", {"Context": "suggest", "Beaming": "auto"})
    draft = replace(term.draft(), aliases=(AliasDraft("Context", link_policy=LinkPolicy.AUTO),))
    save(term, people, draft)
    again = save(term, people, replace(draft, body="Other words.", aliases=(AliasDraft("Context"),)))
    assert again.aliases.get().link_policy == "auto"
    back = revert_words(again, again.published, by=people["author"])
    assert {a.text: a.link_policy for a in back.aliases.all()} == {"Context": "auto", "Beaming": "auto"}


def test_an_alias_that_leaves_the_draft_keeps_its_policy_while_readers_see_it(people):
    never = AliasDraft("Beaming", link_policy=LinkPolicy.NEVER)
    term = make_published_term("Beam search", aliases=[never], **people)
    save(term, people, replace(term.draft(), aliases=()))
    assert LinkKey.objects.get(text="Beaming").policy == "never"


def test_one_query_finds_the_names_of_a_page(people, django_assert_num_queries):
    term = make_published_term("Beam search", **people)
    words = Words("Other", body="A beam search.\n\n* Another `beam search`.", example="A beam search.")
    with django_assert_num_queries(1):
        mentions = mentions_on(words, own=None)
    assert [[one.why for one in passage] for passage in mentions.body] == [[Why.LINKED], []]
    assert [one.why for one in mentions.example] == [Why.AGAIN]
    assert mentions.any_linked and not mentions_on(words, own=term.pk).any_linked


def test_a_text_of_any_size_is_asked_for_at_once(people):
    make_published_term("Beam search", **people)
    text = " ".join(f"word{n}" for n in range(20_000)) + " beam search"
    assert targets(text) == ["beam-search"]


def test_the_names_that_changed_are_told_and_the_pages_that_name_them_found(people):
    page = make_published_term("Decoder", body="It runs two beam searches. It has a beam.", **people)
    make_published_term("Encoder", body="It has a beam; nobody searches.", **people)
    make_term("Draft", by=people["author"], body="A beam search.")
    term = make_published_term("Beam search", aliases=["Beaming"], **people)
    assert sync_links(term) == set()
    LinkKey.objects.filter(text="Beaming").update(policy="never")
    assert sync_links(term) == {"Beaming"}
    assert page in pages_naming(["Beam search"])
    assert not pages_naming(["Beam search"]).filter(stage="draft").exists()
    assert not pages_naming(["Beam tree", "?!"]).exists() and not pages_naming([]).exists()


@pytest.mark.parametrize("name", ["Query", "C++", "Node.js", "TCP/IP", "Retrieval-augmented generation", "GPT-4.1"])
def test_pages_are_found_by_names_of_every_kind(people, name):
    bodies = {"Query": "Two queries.", "Retrieval-augmented generation": "A retrieval augmented generation."}
    page = make_published_term("Page", body=bodies.get(name, f"It uses {name}."), **people)
    assert list(pages_naming([name])) == [page]


def test_an_editor_is_told_the_pages_that_would_link_to_a_new_name(people, django_assert_num_queries):
    for number in range(MAX_PAGES + 2):
        make_published_term(f"Page {number:02}", body="It runs a beam search.", **people)
    make_published_term("Quoter", body="Nobody says “beam search” and beams are searched.", **people)
    term = make_published_term("Best-first search", **people)
    names = new_names(term, replace(term.draft(), aliases=(AliasDraft("Beam search"),)))
    assert names == [LinkName("Beam search", term.pk, "best-first-search")]
    with django_assert_num_queries(1):
        pages, more = pages_to_link(names, own=term.pk)
    assert [page.headword for page in pages] == [f"Page {number:02}" for number in range(MAX_PAGES)] and more
    never = [LinkName("Beam search", term.pk, "", LinkPolicy.NEVER)]
    assert pages_to_link(never) == ([], False) and pages_to_link([]) == ([], False)
    assert [name.text for name in new_names(None, make_draft("Beam search"))] == ["Beam search"]


def test_rows_changed_behind_the_services_are_faults(people):
    term = make_published_term("Beam search", aliases=["Beaming"], **people)
    other = make_published_term("Best-first search", **people)
    assert not list(check_integrity())
    LinkKey.objects.filter(text="Beaming").update(policy="never")
    LinkKey.objects.filter(text="Beam search").delete()
    LinkKey.objects.create(term=other, text="Stray", key="stray")
    assert sorted((fault.kind, fault.subject, fault.says.split(".")[0]) for fault in check_integrity()) == [
        ("link", "beam-search", "Its name “Beaming” is linked by another rule than was chosen"),
        ("link", "beam-search", "Texts are not linked to it by its name “Beam search”"),
        ("link", "best-first-search", "Texts are linked to it by “Stray”, which is no name of it"),
    ]
    sync_links(term), sync_links(other)
    assert not list(check_integrity())

"""The address book."""

from dataclasses import replace

import pytest

from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Role
from glossary.domain.term import AliasDraft, AliasKind
from glossary.services.closing import merge_term, retire_term
from glossary.services.names import NameTaken, address_of_meanings, find_public
from glossary.services.term import TermDetails, change_slug, save_term
from tests.factories import make_published_term, make_term, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["qwen 2", "QWEN-2", "Qwen2", "quen2"])
def test_readers_find_a_term_by_any_of_its_names(name):
    term = make_published_term("Qwen2", aliases=["Qwen 2", AliasDraft("Quen2", AliasKind.MISSPELLING)])
    assert find_public(name) == term


def test_the_names_of_a_draft_are_taken_but_lead_nobody_to_it():
    make_term("Secret", aliases=["Hush"])
    assert find_public("secret") is None
    with pytest.raises(NameTaken) as refusal:
        make_term("Hush")
    assert refusal.value.other.headword == "Secret"


def test_a_shown_alias_works_only_with_the_edition_that_shows_it_and_a_hidden_one_at_once():
    editor = make_user(Role.EDITOR)
    term = make_published_term("Qwen2", author=editor)
    aliases = (AliasDraft("Tongyi"), AliasDraft("Kwen", shown=False))
    save_term(term, replace(term.draft(), aliases=aliases), details=TermDetails(), by=editor)
    assert find_public("Tongyi") is None
    assert find_public("Kwen") == term


def test_two_terms_share_a_name_only_if_both_call_it_ambiguous():
    make_term("LoRA", ambiguous=True)
    with pytest.raises(NameTaken):
        make_term("LoRa", slug="lora-radio")
    make_term("LoRa", slug="lora-radio", ambiguous=True)
    assert find_public("lora") is None


def test_an_ambiguous_name_becomes_free_when_one_meaning_goes():
    publisher = make_user(Role.PUBLISHER)
    first = make_published_term("LoRA", ambiguous=True)
    make_published_term("LoRa", slug="lora-radio", ambiguous=True)
    retire_term(first, by=publisher, reason="Gone.")
    radio = make_term("Radio", aliases=[AliasDraft("LoRA", ambiguous=True)])
    assert radio.draft().aliases[0].text == "LoRA"


def test_the_names_of_a_merged_term_lead_to_its_target():
    old, new = make_published_term("Alpha", aliases=["Alfa"]), make_published_term("Beta")
    merge_term(old, into=new, by=make_user(Role.PUBLISHER))
    assert find_public("alfa") == new


def test_a_name_that_is_another_term_s_address_is_refused():
    make_published_term("Alpha", slug="foo-bar")
    with pytest.raises(NameTaken) as refusal:
        make_published_term("Beta", aliases=["Foo bar"])
    assert refusal.value.other.headword == "Alpha"
    make_published_term("Gamma", aliases=["Foo barn"])


def test_an_address_that_is_another_term_s_name_is_refused():
    publisher = make_user(Role.PUBLISHER)
    alpha, beta = make_published_term("Alpha"), make_published_term("Beta", aliases=["Foo bar"])
    with pytest.raises(IllegalMove, match="“foo-bar” is a name of “Beta”"):
        change_slug(alpha, "foo-bar", by=publisher)
    assert change_slug(beta, "foo-bar", by=publisher).slug == "foo-bar"
    with pytest.raises(IllegalMove, match="is a name of “Beta”"):
        make_term("Delta", slug="foobar")


def test_a_name_is_written_in_an_address_as_no_term_s_own_address_is():
    make_published_term("LoRA", ambiguous=True)
    assert address_of_meanings("lo-RA", ["LoRa", "LoRA"]) == "LoRA"
    assert address_of_meanings("Bo-t", ["Bot"]) == "bot"

"""Integrity of search: no fault where the services were at work, whatever names a term has had."""

import pytest

from glossary.domain.roles import Role
from glossary.domain.term import AliasDraft, AliasKind
from glossary.models import SearchEntry, SearchName
from glossary.services.closing import merge_term
from glossary.services.fact_check import withdraw_check
from glossary.services.integrity import check_integrity
from tests.factories import make_published_term, make_term, make_user

pytestmark = pytest.mark.django_db


def test_names_of_every_kind_and_of_merged_and_withdrawn_terms_are_no_fault():
    publisher = make_user(Role.PUBLISHER)
    aliases = ["Qwen 2", AliasDraft("Tongyi", AliasKind.FORMER_NAME), AliasDraft("Kwenn", AliasKind.MISSPELLING)]
    target = make_published_term("Émigré", aliases=aliases, ambiguous=True)
    make_published_term("Emigre bird", aliases=[AliasDraft("Émigré", ambiguous=True)])
    merge_term(
        make_published_term("Old", aliases=["Older", AliasDraft("Oldest", shown=False)]), into=target, by=publisher
    )
    withdraw_check(make_published_term("Lost"), by=publisher, reason="It was wrong.")
    make_term("Draft")
    assert list(check_integrity()) == []


def test_a_term_that_readers_see_no_words_of_may_not_be_searched_for():
    draft = make_term("Draft")
    SearchName.objects.create(term=draft, key="draft", place=0, text="Draft")
    SearchEntry.objects.create(term=draft, names="draft", definition="secret", body="")
    assert [(fault.kind, fault.subject) for fault in check_integrity()] == [("search", "draft")]

"""What a term's names have earned, and taking it."""

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied

from glossary.domain.autolink import Why
from glossary.domain.errors import IllegalMove
from glossary.domain.link_choice import Answer
from glossary.domain.link_policy import LinkPolicy
from glossary.domain.roles import Role
from glossary.domain.term import AliasDraft, Words
from glossary.models import LinkChoice, LinkKey, ReadyPage, Term, TrailEntry
from glossary.services.integrity import check_integrity
from glossary.services.lexicon import MAX_READ, mentions_on
from glossary.services.link_choice import offers_in, say_of_link
from glossary.services.link_policy import kind_shares, name_rows, take_policy
from glossary.services.term import StaleWords, save_term
from tests.factories import details_of, make_published_term, make_term, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}


def pages_with(name, number, people, **over):
    return [
        make_published_term(f"{name} page {n}", body=f"It has a {name} number {n}.", **over, **people)
        for n in range(number)
    ]


def say(pages, term, people, *, accept):
    """Accept or refuse the term's link on each of these pages."""
    for page in pages:
        words = page.published.words
        (offer,) = [
            one
            for one in offers_in(words, mentions_on(words, own=page.pk))
            if any(name.term == term.pk for name in one.names)
        ]
        say_of_link(page, Answer(offer.sentence, offer.text, term.pk if accept else 0), by=people["author"])


def row_of(term, text):
    return next(row for row in name_rows(Term.objects.get(pk=term.pk)) if row.text == text)


def test_a_name_that_editors_accept_earns_to_be_linked_by_itself(people):
    term = make_published_term("Memory", aliases=["Beaming"], **people)
    pages = pages_with("memory", 4, people)
    row = row_of(term, "Memory")
    assert (row.policy, row.cards, row.accepted, row.refused, row.differs) == ("suggest", 4, 0, 0, False)
    say(pages[:3], term, people, accept=True)
    row = row_of(term, "Memory")
    assert (row.accepted, row.refused, row.stands, row.proposed) == (3, 0, 0, LinkPolicy.AUTO)
    say(pages[:3], term, people, accept=False)
    row = row_of(term, "Memory")
    assert (row.accepted, row.refused, row.proposed, row.differs) == (0, 3, LinkPolicy.SUGGEST, False)
    assert (row_of(term, "Beaming").cards, row_of(term, "Beaming").proposed) == (0, LinkPolicy.AUTO)


def test_links_that_stand_by_themselves_count_as_accepted(people):
    term = make_published_term("Beam search", **people)
    pages = pages_with("beam search", 5, people)
    say(pages[:1], term, people, accept=False)
    row = row_of(term, "Beam search")
    assert (row.cards, row.stands, row.refused, row.proposed) == (5, 4, 1, LinkPolicy.AUTO)
    say(pages[1:], term, people, accept=False)
    row = row_of(term, "Beam search")
    assert (row.stands, row.refused, row.proposed) == (0, 5, LinkPolicy.SUGGEST)


def test_a_card_that_links_a_name_in_one_sentence_and_refuses_it_in_another_counts_once(people):
    term = make_published_term("Memory", **people)
    page = make_published_term("Decoder", body="It has a memory. The memory is big.", **people)
    say([page], term, people, accept=False)
    words = page.published.words
    second = next(one for one in offers_in(words, mentions_on(words, own=page.pk)) if one.asks)
    say_of_link(page, Answer(second.sentence, "Memory", term.pk), by=people["author"])
    row = row_of(term, "Memory")
    assert (LinkChoice.objects.count(), row.accepted, row.refused) == (2, 1, 0)


def test_the_rows_take_four_queries_however_many_names_and_cards(people, django_assert_num_queries):
    term = make_published_term("Memory", aliases=["Beaming", "Context"], **people)
    pages = pages_with("memory", 2, people)
    say(pages, term, people, accept=True)
    with django_assert_num_queries(4):
        assert len(name_rows(term)) == 3
    pages_with("context", 3, people)
    with django_assert_num_queries(4):
        name_rows(term)
    with django_assert_num_queries(1):
        assert name_rows(make_draft_term()) == []


def make_draft_term():
    return Term(pk=0, slug="none")


def test_cards_are_read_up_to_a_number_and_more_are_told(people, monkeypatch):
    monkeypatch.setattr("glossary.services.lexicon.MAX_READ", 2)
    term = make_published_term("Memory", **people)
    pages_with("memory", 3, people)
    row = row_of(term, "Memory")
    assert (row.cards, row.more) == (2, True) and MAX_READ > 2


def test_what_the_desk_accepts_of_a_kind_is_learned(people):
    term = make_published_term("Memory", **people)
    before = kind_shares()
    say(pages_with("memory", 2, people), term, people, accept=True)
    assert before == {} and list(kind_shares().values())[0] > 0.1


def test_taking_a_policy_works_at_once_for_all_cards_and_leaves_one_entry(people):
    term = make_published_term("Memory", aliases=["Context"], **people)
    words = Words("Other", body="It has a memory. A context.")
    ReadyPage.objects.create(
        path="/any/", build="b", valid_until=0, status=200, etag="", headers="[]", terms="", any_term=True,
        any_deck=False, packed=b"", body=b"", later=b"",
    )  # fmt: skip
    after = take_policy(term, "Memory", LinkPolicy.AUTO, by=people["author"])
    assert [one.why for one in mentions_on(words, own=None).every] == [Why.LINKED, Why.AGAIN]
    take_policy(after, "Context", LinkPolicy.NEVER, by=people["author"])
    policies = {key.text: key.policy for key in LinkKey.objects.filter(term=term)}
    assert policies == {"Memory": "auto", "Context": "never"} and not ReadyPage.objects.exists()
    entries = TrailEntry.objects.filter(verb="set the links of").order_by("pk").values_list("reason", flat=True)
    assert list(entries) == ["“Memory”: suggest → auto", "“Context”: suggest → never"]
    assert not list(check_integrity())


def test_a_form_that_was_open_meanwhile_is_stale(people):
    term = make_published_term("Memory", **people)
    take_policy(term, "Memory", LinkPolicy.AUTO, by=people["author"])
    with pytest.raises(StaleWords):
        save_term(
            term,
            replace(term.draft(), body="New."),
            details=details_of(term),
            by=people["author"],
            version=term.version,
        )


def test_a_policy_is_refused_to_who_may_not_write_and_for_names_that_are_gone(people):
    term = make_term("Memory", by=people["author"], aliases=[AliasDraft("Context")])
    with pytest.raises(PermissionDenied):
        take_policy(term, "Memory", LinkPolicy.AUTO, by=people["checker"])
    with pytest.raises(IllegalMove, match="no name of this term any more"):
        take_policy(term, "Beaming", LinkPolicy.AUTO, by=people["author"])
    with pytest.raises(IllegalMove, match="are “suggest” already"):
        take_policy(term, "Context", LinkPolicy.SUGGEST, by=people["author"])
    assert take_policy(term, "Context", LinkPolicy.AUTO, by=people["author"]).version == term.version + 1

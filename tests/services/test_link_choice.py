"""An editor's word on a link: it is kept with the sentence, reaches readers at once, and touches no check."""

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied

from glossary.domain.autolink import Why
from glossary.domain.digest import digest_of
from glossary.domain.errors import IllegalMove
from glossary.domain.link_choice import Answer
from glossary.domain.roles import Role
from glossary.domain.term import AliasDraft
from glossary.models import Claim, LinkChoice, PageDependency, ReadyPage, Term, TrailEntry
from glossary.services.closing import merge_term, retire_term
from glossary.services.integrity import check_integrity
from glossary.services.lexicon import mentions_on
from glossary.services.link_choice import CHANGED, offers_in, say_of_link
from glossary.services.term import save_term
from tests.factories import check_term, details_of, make_published_term, make_term, make_user

pytestmark = pytest.mark.django_db
BODY = "It needs a memory. It runs.\n\nPeople can download it."


@pytest.fixture
def people():
    return {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}


@pytest.fixture
def memory(people):
    return make_published_term("Memory", **people)


@pytest.fixture
def page(people, memory):
    return make_published_term("Decoder", body=BODY, **people)


def offers(term):
    term = Term.objects.get(pk=term.pk)
    words = term.working.words
    return offers_in(words, mentions_on(words, own=term.pk))


def answer(term, to, text="Memory"):
    """Return the answer about the name in the term's words; `to` is the term to link to, 0 or None."""
    offer = next(one for one in offers(term) if any(name.text == text for name in one.names))
    return Answer(offer.sentence, text, to.pk if isinstance(to, Term) else to)


def linked(term):
    """Return where readers of the term are led."""
    words = Term.objects.get(pk=term.pk).published.words
    return [one.names[0].slug for one in mentions_on(words, own=term.pk).every if one.why == Why.LINKED]


def save(term, people, body):
    term = Term.objects.get(pk=term.pk)
    return save_term(term, replace(term.draft(), body=body), details=details_of(term), by=people["author"])


def test_a_suggested_name_is_offered_with_its_sentence(page, memory):
    (offer,) = offers(page)
    assert (offer.before, offer.words, offer.after) == ("It needs a ", "memory", ".")
    assert offer.asks and [name.term for name in offer.names] == [memory.pk] and linked(page) == []


def test_accepting_links_this_occurrence_for_readers_at_once_and_touches_no_word(page, memory, people, client):
    before, check = page.shown()
    assert "memory</a>" not in client.get(page.get_absolute_url()).content.decode()
    say_of_link(page, answer(page, memory), by=people["author"])
    assert (
        '<a href="/terms/memory/" data-peek="" rel="noopener">memory</a>'
        in client.get(page.get_absolute_url()).content.decode()
    )
    after = Term.objects.get(pk=page.pk)
    assert digest_of(after.shown()[0]) == digest_of(before) and after.shown()[1] == check
    assert after.working_id == after.published_id and not list(check_integrity())
    row, entry = LinkChoice.objects.get(), TrailEntry.objects.first()
    assert (row.accepted, row.as_written, row.by) == (True, False, people["author"])
    assert (entry.verb, entry.term, entry.actor) == ("linked a name in", page, people["author"])
    assert entry.reason == "“memory” → memory: It needs a memory."


def test_refusing_asks_no_more_and_taking_back_asks_again(page, memory, people):
    say_of_link(page, answer(page, 0), by=people["author"])
    assert [one.why for one in offers(page)] == [Why.REFUSED] and linked(page) == []
    say_of_link(page, answer(page, memory), by=people["author"])
    assert linked(page) == ["memory"] and LinkChoice.objects.get().accepted
    say_of_link(page, answer(page, None), by=people["author"])
    assert [one.why for one in offers(page)] == [Why.SUGGESTED] and not LinkChoice.objects.exists()
    verbs = ["took back a word on a link in", "linked a name in", "refused a link in"]
    assert list(TrailEntry.objects.values_list("verb", flat=True)[:3]) == verbs
    with pytest.raises(IllegalMove, match="Nothing was said"):
        say_of_link(page, answer(page, None), by=people["author"])


def test_a_link_that_is_made_by_itself_can_be_refused(people):
    make_published_term("Beam search", **people)
    page = make_published_term("Decoder", body="A beam search runs.", **people)
    assert linked(page) == ["beam-search"]
    say_of_link(page, answer(page, 0, "Beam search"), by=people["author"])
    assert linked(page) == []


def test_an_ambiguous_name_is_linked_to_the_candidate_that_was_chosen_and_to_no_other(people):
    first = make_published_term("Transformer", slug="transformer-model", ambiguous=True, **people)
    second = make_published_term("Transformer", slug="transformer-coil", ambiguous=True, **people)
    page = make_published_term("Decoder", body="A transformer hums.", **people)
    (offer,) = offers(page)
    assert offer.why == Why.AMBIGUOUS and {name.term for name in offer.names} == {first.pk, second.pk}
    say_of_link(page, answer(page, second, "Transformer"), by=people["author"])
    assert linked(page) == ["transformer-coil"]
    assert dict(LinkChoice.objects.values_list("term__slug", "accepted")) == {
        "transformer-model": False,
        "transformer-coil": True,
    }
    say_of_link(page, answer(page, first, "Transformer"), by=people["author"])
    assert linked(page) == ["transformer-model"]
    say_of_link(page, answer(page, 0, "Transformer"), by=people["author"])
    assert linked(page) == [] and not LinkChoice.objects.filter(accepted=True).exists()


def test_the_word_goes_where_its_sentence_goes_and_ends_where_the_sentence_changes(page, memory, people):
    say_of_link(page, answer(page, memory), by=people["author"])
    save(page, people, "It is new. It needs a memory.")
    assert [one.why for one in offers(page)] == [Why.LINKED]
    save(page, people, "It needs a big memory. It runs.")
    assert [one.why for one in offers(page)] == [Why.SUGGESTED] and linked(page) == ["memory"]
    check_term(Term.objects.get(pk=page.pk), **people)
    assert linked(page) == []
    save(page, people, BODY)
    assert [one.why for one in offers(page)] == [Why.LINKED], "the old sentence is back"


def test_a_mended_spelling_keeps_what_was_said(people, memory):
    page = make_published_term("Decoder", body="It needs a memory and recieves tokens.", **people)
    say_of_link(page, answer(page, memory), by=people["author"])
    after = save(page, people, "It needs a memory and receives tokens.")
    sentence = after.working.claims.get(sentence__text__contains="receives").sentence
    assert sentence.respelt_from is not None and [one.why for one in offers(page)] == [Why.LINKED]
    assert LinkChoice.objects.count() == 2


def test_the_word_is_refused_where_the_sentence_or_the_name_is_gone(page, memory, people):
    old = answer(page, memory)
    check_term(save(page, people, "It runs."), **people)
    with pytest.raises(IllegalMove, match=CHANGED):
        say_of_link(page, old, by=people["author"])
    save(page, people, BODY)
    for wrong in (replace(old, term=page.pk), replace(old, text="Decoder"), replace(old, sentence="0" * 64)):
        with pytest.raises(IllegalMove, match=CHANGED):
            say_of_link(page, wrong, by=people["author"])
    retire_term(Term.objects.get(pk=memory.pk), by=people["checker"], reason="Old.")
    with pytest.raises(IllegalMove, match=CHANGED):
        say_of_link(page, old, by=people["author"])
    assert not LinkChoice.objects.exists()


def test_a_link_ends_with_its_target_and_comes_back_with_it(page, memory, people):
    say_of_link(page, answer(page, memory), by=people["author"])
    Term.objects.get(pk=memory.pk)
    retire_term(Term.objects.get(pk=memory.pk), by=people["checker"], reason="Old.")
    assert linked(page) == [] and offers(page) == []


def test_a_merge_takes_along_what_was_said(people):
    old = make_published_term("Memory", aliases=["Context"], **people)
    new = make_published_term("Beam search", **people)
    page = make_published_term("Decoder", body="It has a memory. A context is read.", **people)
    say_of_link(page, answer(page, 0), by=people["author"])
    say_of_link(page, answer(page, old, "Context"), by=people["author"])
    merge_term(Term.objects.get(pk=old.pk), into=new, by=people["checker"])
    assert set(LinkChoice.objects.values_list("term", flat=True)) == {new.pk}
    assert linked(page) == ["beam-search"] and not list(check_integrity())


def test_only_who_writes_has_a_say(page, memory, people):
    for role in (Role.CHECKER, Role.PUBLISHER, Role.SCHEDULER):
        with pytest.raises(PermissionDenied):
            say_of_link(page, answer(page, memory), by=make_user(role))
    assert not LinkChoice.objects.exists()


def keep(path, *terms, any_term=False):
    """Keep a page that shows these terms."""
    empty = {"etag": "", "headers": "[]", "terms": "", "packed": b"", "body": b"", "later": b""}
    page = ReadyPage.objects.create(
        path=path, build="b", valid_until=0, status=200, any_term=any_term, any_deck=False, **empty
    )
    PageDependency.objects.bulk_create(PageDependency(page=page, term=term) for term in terms)


def test_the_pages_that_show_the_card_are_dropped_and_those_of_others_stay(page, memory, people):
    keep("/decoder/", page)
    keep("/memory/", memory)
    for to in (memory, 0, None):
        say_of_link(page, answer(page, to), by=people["author"])
        assert [one.path for one in ReadyPage.objects.all()] == ["/memory/"]
        keep("/decoder/", page)


def test_a_draft_that_nobody_reads_drops_no_page(memory, people):
    page = make_term("Decoder", by=people["author"], body=BODY)
    keep("/any/", any_term=True)
    say_of_link(page, answer(page, memory), by=people["author"])
    assert ReadyPage.objects.exists() and [one.why for one in offers(page)] == [Why.LINKED]


def test_a_page_with_said_links_asks_the_lexicon_once(page, memory, people, django_assert_num_queries):
    say_of_link(page, answer(page, memory), by=people["author"])
    words = page.published.words
    with django_assert_num_queries(1):
        mentions = mentions_on(words, own=page.pk)
    with django_assert_num_queries(0):
        assert [one.why for one in offers_in(words, mentions)] == [Why.LINKED]
    assert not mentions_on(words, own=memory.pk).any_linked, "said of that page only"


def test_two_names_of_one_term_are_told_apart(people):
    term = make_published_term("Memory", aliases=[AliasDraft("Context")], **people)
    page = make_published_term("Decoder", body="A memory is no context.", **people)
    say_of_link(page, answer(page, 0), by=people["author"])
    assert [(one.words, one.why) for one in offers(page)] == [("memory", Why.REFUSED), ("context", Why.SUGGESTED)]
    say_of_link(page, answer(page, term, "Context"), by=people["author"])
    assert linked(page) == ["memory"]


def test_a_sentence_that_is_not_saved_cannot_be_spoken_of(page, memory):
    words = replace(page.working.words, body="It has a memory.")
    (offer,) = offers_in(words, mentions_on(words, own=page.pk), saved={"0" * 64})
    assert not offer.can_say
    lines = set(Claim.objects.filter(edition=page.working).values_list("sentence__hash", flat=True))
    words = page.working.words
    assert [one.can_say for one in offers_in(words, mentions_on(words, own=page.pk), saved=lines)] == [True]

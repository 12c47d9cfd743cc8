"""Saving, sending and filing terms."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.roles import Role
from glossary.domain.term import AliasDraft, AliasKind
from glossary.models import Edition, OldSlug, ReadyPage, Term, TrailEntry
from glossary.services.term import StaleWords, TermDetails, change_slug, save_term, submit_term, tag_term
from tests.factories import details_of, make_draft, make_published_term, make_tag, make_term, make_user

pytestmark = pytest.mark.django_db
JUNE = datetime(2026, 6, 3, 12, tzinfo=UTC)
JULY = datetime(2026, 7, 1, 12, tzinfo=UTC)


def details(term: Term) -> TermDetails:
    return TermDetails(topic=term.topic, level=term.level)


def test_saving_the_same_words_makes_no_new_edition():
    editor = make_user(Role.EDITOR)
    term = make_term(by=editor)
    save_term(term, term.draft(), details=details(term), by=editor)
    assert term.editions.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"definition": "Qwen2 is not a family of language models."},
        {"body": "It was released in June 2025. Five sizes exist.\n\nPeople can download it."},
        {"example": "A shop sorts all its letters with it."},
        {"headword": "Qwen 2"},
        {"aliases": (AliasDraft("Qwen-2"),)},
    ],
)
def test_one_changed_word_makes_a_new_edition(change):
    editor = make_user(Role.EDITOR)
    term = make_term(by=editor)
    save_term(term, replace(term.draft(), **change), details=details(term), by=editor)
    assert term.editions.count() == 2


def test_a_hidden_alias_a_tag_and_the_level_are_no_words():
    editor = make_user(Role.EDITOR)
    term = make_term(by=editor)
    hidden = (AliasDraft("Quen2", AliasKind.MISSPELLING), AliasDraft("Kwen2", shown=False))
    save_term(
        term,
        replace(term.draft(), aliases=hidden),
        details=TermDetails(topic=make_tag("Training"), tags=[make_tag("Text")], level="hard"),
        by=editor,
    )
    assert term.editions.count() == 1


def test_retyping_old_words_finds_their_edition():
    editor = make_user(Role.EDITOR)
    term = make_term(by=editor)
    first = term.working_id
    old = term.draft()
    save_term(term, replace(old, example="Another one."), details=details(term), by=editor)
    term = save_term(Term.objects.get(), old, details=details(term), by=editor)
    assert term.working_id == first
    assert term.editions.count() == 2


def test_the_second_of_two_savers_is_refused_and_the_first_words_stay():
    editor = make_user(Role.EDITOR)
    term = make_term(by=editor)
    opened = term.version
    save_term(term, replace(term.draft(), example="First."), details=details(term), by=editor, version=opened)
    with pytest.raises(StaleWords) as refusal:
        save_term(term, replace(term.draft(), example="Second."), details=details(term), by=editor, version=opened)
    assert refusal.value.saved.example == "First."
    assert Term.objects.get().example == "First."


def test_an_edit_takes_the_submission_back():
    editor = make_user(Role.EDITOR)
    term = make_term(by=editor)
    submit_term(term, by=editor)
    save_term(term, replace(term.draft(), example="Other."), details=details(term), by=editor)
    assert not Edition.objects.submitted().exists()


def test_words_that_readers_see_already_are_not_sent():
    editor = make_user(Role.EDITOR)
    term = make_published_term(author=editor)
    with pytest.raises(IllegalMove, match="already see"):
        submit_term(term, by=editor)


@pytest.mark.parametrize(
    ("draft", "message"),
    [
        ({"definition": ""}, "definition is empty"),
        ({"definition": "Qwen2 is " + "very " * 50 + "large."}, "too long"),
        ({"definition": "It is one. It is two. It is three."}, "3 sentences"),
    ],
)
def test_an_unfinished_card_is_not_sent(draft, message):
    editor = make_user(Role.EDITOR)
    term = make_term(by=editor, **draft)
    with pytest.raises(IllegalMove, match=message):
        submit_term(term, by=editor)


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "a\u202eb", "x" * 1_000_000])
@pytest.mark.parametrize("part", ["headword", "definition", "body", "example"])
def test_text_that_cannot_be_kept_is_refused_and_nothing_is_written(part, text):
    with pytest.raises(BadText):
        make_term(**{part: text})
    assert not Term.objects.exists()


def test_an_alias_with_an_invisible_character_is_refused():
    with pytest.raises(BadText, match="invisible"):
        make_term(aliases=["Qwen\u200b2"])


@pytest.mark.parametrize("role", [Role.CHECKER, Role.PUBLISHER, Role.SCHEDULER, Role.SUBSCRIBER_ADMIN])
def test_only_editors_write(role):
    with pytest.raises(PermissionDenied):
        make_term(by=make_user(role))


def test_changing_an_address_back_and_forth_keeps_one_redirect_each():
    publisher = make_user(Role.PUBLISHER)
    term = make_published_term(slug="a")
    change_slug(term, "b", by=publisher)
    change_slug(term, "c", by=publisher)
    change_slug(term, "a", by=publisher)
    assert Term.objects.get().slug == "a"
    assert set(OldSlug.objects.values_list("slug", "term__slug")) == {("b", "a"), ("c", "a")}


def test_an_address_that_once_was_another_terms_is_refused():
    publisher = make_user(Role.PUBLISHER)
    term = make_published_term(slug="a")
    change_slug(term, "b", by=publisher)
    with pytest.raises(IllegalMove, match="once led"):
        change_slug(make_published_term("Other"), "a", by=publisher)


def test_every_act_leaves_a_trail_entry_that_cannot_be_changed():
    make_published_term()
    verbs = list(TrailEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs[0] == "saved" and verbs[-1] == "published"
    entry = TrailEntry.objects.first()
    for act in (entry.delete, entry.save, TrailEntry.objects.all().delete):
        with pytest.raises(IllegalMove):
            act()
    with pytest.raises(IllegalMove):
        TrailEntry.objects.update(verb="slept")


def test_a_draft_is_made_with_an_address_of_its_own():
    make_term("C", aliases=[])
    make_term("C++")
    make_term("C#")
    assert set(Term.objects.values_list("slug", flat=True)) == {"c", "c-plus-plus", "c-sharp"}
    with pytest.raises(IllegalMove):
        save_term(None, make_draft("Other"), details=TermDetails(slug="c"), by=make_user(Role.EDITOR))


def test_filing_a_card_elsewhere_is_an_act_of_its_own_with_its_moment():
    editor, publisher = make_user(Role.EDITOR), make_user(Role.PUBLISHER)
    term = make_published_term("Qwen2", author=editor, tag="Models")
    assert term.filed_at is None and not term.trail.filter(verb="filed").exists()
    shelves = details_of(term, topic=make_tag("Other"), tags=[make_tag("Small")])
    term = save_term(Term.objects.get(pk=term.pk), term.draft(), details=shelves, by=editor, now=JUNE)
    assert term.filed_at == JUNE and term.trail.get(verb="filed").reason == "Other, Other, Small"
    term = save_term(Term.objects.get(pk=term.pk), term.draft(), details=shelves, by=editor, now=JULY)
    assert term.filed_at == JUNE and term.trail.filter(verb="filed").count() == 1, "saved without a change"
    change_slug(term, "qwen-two", by=publisher, now=JULY)
    assert Term.objects.get(pk=term.pk).filed_at == JULY
    tag_term(term, make_tag("Large"), by=editor, now=JULY + timedelta(days=1))
    assert Term.objects.get(pk=term.pk).filed_at == JULY + timedelta(days=1)


@pytest.mark.parametrize(
    ("over", "named"), [({"level": "hard"}, "level"), ({"volatility": "D"}, "volatility"), ({}, "aliases")]
)
def test_what_is_no_word_and_no_shelf_is_in_the_trail_too_and_readers_get_it_at_once(over, named):
    term = make_published_term(aliases=["Qwen 2"])
    ReadyPage.objects.create(
        path="/",
        build="x",
        valid_until=2**40,
        status=200,
        any_term=True,
        any_deck=False,
        packed=b"",
        body=b"",
        later=b"",
    )
    hidden = [] if over else [AliasDraft("Quen", AliasKind.MISSPELLING, shown=False)]
    draft = replace(term.draft(), aliases=(*term.draft().aliases, *hidden))
    save_term(Term.objects.get(), draft, details=details_of(term, **over), by=make_user(Role.EDITOR))
    assert term.trail.order_by("pk").last().verb == "changed the details of"
    assert term.trail.order_by("pk").last().reason == named
    assert not ReadyPage.objects.exists()
    save_term(Term.objects.get(), draft, details=details_of(term, **over), by=make_user(Role.EDITOR))
    assert term.trail.filter(verb="changed the details of").count() == 1, "saved without a change"

"""Published terms out of one written statement are those that the ORM gives."""

import pytest
from django.forms import model_to_dict

from glossary.domain.roles import Role
from glossary.models import FactCheck, Term
from glossary.models.term_for_readers import terms_around, terms_for_readers
from glossary.services.fact_check import withdraw_check
from tests.factories import make_published_term, make_term, make_user

pytestmark = pytest.mark.django_db


def values(term):
    """Return all that is at hand of a term, its edition and the checks of that, whatever a field needs to be read."""
    rows = [term, term.published, *term.published.fact_checks.all()]
    return [{name: value for name, value in vars(row).items() if not name.startswith("_")} for row in rows]


def test_each_term_has_its_edition_and_its_checks_as_the_orm_reads_them(django_assert_num_queries):
    keys = [make_published_term(name, aliases=["Qwen 2"] if name == "Qwen2" else []).pk for name in ("Qwen2", "Zebra")]
    by_orm = {term.pk: term for term in Term.objects.for_readers().filter(pk__in=keys)}
    with django_assert_num_queries(1):
        found = terms_for_readers(keys)
        assert found.keys() == by_orm.keys() == set(keys)
        for key, term in found.items():
            assert values(term) == values(by_orm[key])
            assert term.shown() == by_orm[key].shown() is not None
            assert not term._state.adding and term.get_deferred_fields() == {"body", "definition", "example"}


def test_of_several_checks_of_one_edition_each_is_there_once():
    term = make_published_term("Qwen2")
    check = term.published.fact_checks.get()
    values = model_to_dict(check) | {"edition_id": check.edition_id, "by_id": check.by_id, "at": check.at}
    again = FactCheck(**{name: value for name, value in values.items() if name not in {"id", "edition", "by", "cut"}})
    super(FactCheck, again).save_base(raw=True)
    found = terms_for_readers([term.pk])[term.pk]
    assert sorted(check.pk for check in found.published.fact_checks.all()) == [check.pk, again.pk]
    assert found.shown()[1] == again


def test_drafts_what_was_withdrawn_and_numbers_of_nothing_are_left_out(django_assert_num_queries):
    withdrawn = make_published_term("Alpha")
    withdraw_check(withdrawn, by=make_user(Role.PUBLISHER), reason="It was wrong.")
    assert terms_for_readers([withdrawn.pk, make_term("Draft").pk, 0, 2**40]) == {}
    with django_assert_num_queries(0):
        assert terms_for_readers([]) == {}


def test_a_term_comes_with_those_near_it_each_marked_by_what_it_is_to_it(django_assert_num_queries):
    term, first, broad, beside, twin = (
        make_published_term(name) for name in ["Middle", "Zero", "Broad", "Beta", "Twin"]
    )
    draft = make_term("Alpha draft")
    other = make_published_term("Elsewhere")
    term.prerequisites.add(first)
    term.broader.add(broad)
    term.related.add(beside, draft)
    Term.objects.filter(pk=twin.pk).update(contrast=term)
    other.prerequisites.add(term)
    with django_assert_num_queries(1):
        found = terms_around("middle")
        assert [one.headword for one in found] == ["Alpha draft", "Beta", "Broad", "Middle", "Twin", "Zero"]
        assert [one.shown() is not None for one in found] == [False, True, True, True, True, True]
    marks = {
        one.headword: [mark for mark in ("is_first", "is_broader", "is_related", "is_contrast") if getattr(one, mark)]
        for one in found
    }
    assert marks == {
        "Middle": [],
        "Zero": ["is_first"],
        "Broad": ["is_broader"],
        "Beta": ["is_related"],
        "Alpha draft": ["is_related"],
        "Twin": ["is_contrast"],
    }
    by_orm = Term.objects.select_related("published").get(pk=term.pk)
    assert values(next(one for one in found if one.pk == term.pk))[1:] == values(by_orm)[1:]
    Term.objects.filter(pk=term.pk).update(contrast=other)
    assert [one.slug for one in terms_around("middle") if one.is_contrast] == ["elsewhere", "twin"]


def test_only_a_term_of_which_readers_were_told_a_change_is_marked_as_corrected():
    term = make_published_term("Alpha")
    assert [one.was_corrected for one in terms_around("alpha")] == [False]
    withdraw_check(term, by=make_user(Role.PUBLISHER), reason="It was wrong.")
    (gone,) = terms_around("alpha")
    assert gone.was_corrected and gone.published is None and gone.shown() is None
    assert terms_around("nothing") == []

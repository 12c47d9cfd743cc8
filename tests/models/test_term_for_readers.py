"""Published terms out of one written statement are those that the ORM gives."""

import pytest
from django.forms import model_to_dict

from glossary.domain.roles import Role
from glossary.models import FactCheck, Term
from glossary.models.term_for_readers import terms_for_readers
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

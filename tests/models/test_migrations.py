"""Migrations that fill a new column from the rows that are there."""

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps

from glossary.models import Term
from tests.factories import make_published_term, make_term

pytestmark = pytest.mark.django_db


def test_published_cards_get_the_day_on_which_a_date_in_them_is_too_old():
    body = "As of July 2024, it has two shops."
    dated, plain, draft = make_published_term("Dated", body=body), make_published_term("Plain"), make_term(body=body)
    Term.objects.update(stale_on=None)
    import_module("glossary.migrations.0014_old_dates").find_old_dates(apps, None)
    found = dict(Term.objects.values_list("pk", "stale_on"))
    assert found == {dated.pk: date(2025, 1, 31), plain.pk: None, draft.pk: None}

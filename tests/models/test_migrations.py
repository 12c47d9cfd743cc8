"""Migrations that fill a new column from the rows that are there."""

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps

from glossary.models import Subscriber, Term
from tests.factories import make_published_term, make_readers, make_term

pytestmark = pytest.mark.django_db


def test_published_cards_get_the_day_on_which_a_date_in_them_is_too_old():
    body = "As of July 2024, it has two shops."
    dated, plain, draft = make_published_term("Dated", body=body), make_published_term("Plain"), make_term(body=body)
    Term.objects.update(stale_on=None)
    import_module("glossary.migrations.0014_old_dates").find_old_dates(apps, None)
    found = dict(Term.objects.values_list("pk", "stale_on"))
    assert found == {dated.pk: date(2025, 1, 31), plain.pk: None, draft.pk: None}


def test_readers_whose_domain_has_other_letters_get_an_address_that_mail_can_go_to():
    make_readers(3)
    first, second, third = Subscriber.objects.all()
    Subscriber.objects.filter(pk=first.pk).update(address="Ada@straße.example", key="ada@strasse.example")
    Subscriber.objects.filter(pk=second.pk).update(address="ü@example.org", key="ü@example.org")
    import_module("glossary.migrations.0019_sign_up").name_domains_as_the_dns_does(apps, None)
    found = list(Subscriber.objects.values_list("address", "key"))
    mended = ("Ada@xn--strae-oqa.example", "ada@xn--strae-oqa.example")
    assert found == [mended, ("ü@example.org", "ü@example.org"), (third.address, third.key)]

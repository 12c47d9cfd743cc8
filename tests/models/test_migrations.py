"""Migrations that fill a new column from the rows that are there."""

from datetime import UTC, date, datetime
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from glossary.domain.roles import Role
from glossary.models import Installation, Subscriber, Term
from glossary.services.integrity import check_integrity
from glossary.services.term import change_slug, tag_term
from tests.factories import make_published_term, make_readers, make_tag, make_term, make_user

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 29, 12, tzinfo=UTC)


def test_published_cards_get_the_day_on_which_a_date_in_them_is_too_old():
    body = "As of July 2024, it has two shops."
    dated, plain, draft = make_published_term("Dated", body=body), make_published_term("Plain"), make_term(body=body)
    Term.objects.update(stale_on=None)
    import_module("glossary.migrations.0014_old_dates").find_old_dates(apps, None)
    found = dict(Term.objects.values_list("pk", "stale_on"))
    assert found == {dated.pk: date(2025, 1, 31), plain.pk: None, draft.pk: None}


def test_a_site_that_has_published_keeps_the_ids_that_it_gave_out(settings):
    written = import_module("glossary.migrations.0018_standing_ids")
    make_term("Draft")
    written.write_down_the_beginning(apps, None)
    assert not Installation.objects.exists()
    make_published_term("Qwen2", now=MAY)
    Installation.objects.all().delete()
    settings.SITE_URL = "https://deck.example"
    written.write_down_the_beginning(apps, None)
    row = Installation.objects.get()
    assert (row.first_url, row.first_name, row.first_on) == ("https://deck.example", "Daily Deck", date(2026, 1, 1))
    assert row.made_at == MAY
    settings.SITE_URL = "https://deck-two.example"
    written.write_down_the_beginning(apps, None)
    assert Installation.objects.get().first_url == "https://deck-two.example", "a row that is there gets it too"


def test_when_a_term_was_filed_is_taken_from_the_trail():
    tagged, moved, plain = make_published_term("Tagged"), make_published_term("Moved"), make_published_term("Plain")
    tag_term(tagged, make_tag("Other"), by=make_user(Role.EDITOR), now=MAY)
    change_slug(moved, "moved-on", by=make_user(Role.PUBLISHER), now=MAY)
    Term.objects.update(filed_at=None)
    import_module("glossary.migrations.0018_standing_ids").find_moments_of_filing(apps, None)
    assert dict(Term.objects.values_list("pk", "filed_at")) == {tagged.pk: MAY, moved.pk: MAY, plain.pk: None}


def test_readers_whose_domain_has_other_letters_get_an_address_that_mail_can_go_to():
    make_readers(3)
    first, second, third = Subscriber.objects.all()
    Subscriber.objects.filter(pk=first.pk).update(address="Ada@straße.example", key="ada@strasse.example")
    Subscriber.objects.filter(pk=second.pk).update(address="ü@example.org", key="ü@example.org")
    import_module("glossary.migrations.0021_sign_up").name_domains_as_the_dns_does(apps, None)
    found = list(Subscriber.objects.values_list("address", "key"))
    mended = ("Ada@xn--strae-oqa.example", "ada@xn--strae-oqa.example")
    assert found == [mended, ("ü@example.org", "ü@example.org"), (third.address, third.key)]


def test_names_stand_under_the_letter_that_they_are_sorted_with():
    term, draft = make_published_term("Łódź"), make_term("Ærø")
    Term.objects.update(letter="#", sort_key="x")
    Term.objects.filter(pk=draft.pk).update(letter="")
    import_module("glossary.migrations.0023_letters").sort_again(apps, None)
    found = {pk: (letter, key) for pk, letter, key in Term.objects.values_list("pk", "letter", "sort_key")}
    assert found == {term.pk: ("L", "lodz"), draft.pk: ("", "aero")}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has had such an index before.")
def test_names_that_are_published_already_are_in_the_index_of_names():
    make_published_term("Qwen2")
    written = import_module("glossary.migrations.0026_names_apart")
    editor = connection.SchemaEditorClass(connection)
    written.drop_index(apps, editor)
    written.make_index(apps, editor)
    assert list(check_integrity()) == []

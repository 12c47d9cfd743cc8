"""The desk's list of terms and the acts on many of them."""

import pytest
from django.urls import reverse

from glossary.domain.roles import Role
from glossary.models import Take, Term
from tests.factories import make_published_term, make_tag, make_term, make_user

pytestmark = pytest.mark.django_db


def test_bulk_acts_do_each_term_by_itself_and_name_what_cannot_be_done(client, editor):
    ready, empty = make_term("Ready", by=editor), make_term("Empty", by=editor, definition="")
    client.force_login(editor)
    chosen = {"_selected_action": [ready.pk, empty.pk], "index": "0"}
    page = client.post(reverse("admin:glossary_term_changelist"), chosen | {"action": "submit_cards"}, follow=True)
    text = page.content.decode()
    assert "1 card sent to the checkers" in text and "Empty: The definition is empty" in text
    assert Term.objects.get(pk=ready.pk).trail.filter(verb="sent to a checker").count() == 1
    publisher, checker = make_user(Role.PUBLISHER), make_user(Role.CHECKER)
    client.force_login(publisher)
    client.post(reverse("admin:glossary_term_changelist"), chosen | {"action": "assign_cards", "person": checker.pk})
    assert Take.objects.filter(person=checker).count() == 2


@pytest.mark.parametrize("role", [Role.CHECKER, Role.PUBLISHER, Role.SCHEDULER, Role.SUBSCRIBER_ADMIN])
def test_bulk_submitting_is_for_editors(client, editor, role):
    term = make_term(by=editor)
    client.force_login(make_user(role))
    form = {"action": "submit_cards", "_selected_action": [term.pk], "index": "0"}
    assert client.post(reverse("admin:glossary_term_changelist"), form).status_code == 403


def test_the_list_searches_and_hides_the_bin(client, editor):
    make_published_term("Zebra", author=editor)
    binned = make_term("Lion", by=editor)
    client.force_login(editor)
    client.post(reverse("admin:glossary_term_act", args=[binned.pk]), {"do": "bin"})
    address = reverse("admin:glossary_term_changelist")
    assert "Lion" not in client.get(address).content.decode().partition("result_list")[2]
    assert "Lion" in client.get(address + "?bin=yes").content.decode().partition("result_list")[2]
    assert "Zebra" in client.get(address + "?q=zebr").content.decode().partition("result_list")[2]
    assert "Zebra" not in client.get(address + "?q=lions").content.decode().partition("result_list")[2]


def test_the_list_takes_the_same_queries_for_more_terms(client, editor, django_assert_max_num_queries):
    client.force_login(editor)
    make_tag()
    for number in range(4):
        make_published_term(f"Word {number}")
    with django_assert_max_num_queries(12):
        assert client.get(reverse("admin:glossary_term_changelist")).status_code == 200

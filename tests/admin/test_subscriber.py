"""Readers and held-back addresses at the desk."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from glossary.domain.roles import Role
from glossary.domain.subscriber import SubscriberState, SuppressionReason
from glossary.models import Installation, SignUpTally, Subscriber, Suppression, TrailEntry
from glossary.services.subscription import confirm
from tests.factories import make_user
from tests.services.test_subscription import asked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_sign_up")]
LIST = reverse("admin:glossary_subscriber_changelist")
HELD = reverse("admin:glossary_suppression_changelist")


@pytest.fixture
def desk(client):
    client.force_login(make_user(Role.SUBSCRIBER_ADMIN))
    return client


@pytest.fixture
def reader():
    return confirm(asked(now=None))


def page_of(reader):
    return reverse("admin:glossary_subscriber_change", args=[reader.pk])


@pytest.mark.parametrize("role", [Role.EDITOR, Role.CHECKER, Role.PUBLISHER, Role.SCHEDULER])
def test_other_roles_see_no_reader(client, reader, role):
    client.force_login(make_user(role))
    for address in (LIST, HELD, page_of(reader)):
        assert client.get(address).status_code == client.post(address, {"do": "erase"}).status_code == 403
    assert Subscriber.objects.exists()


def test_a_reader_is_found_by_the_whole_address_only(desk, reader):
    assert "ada@example.org" in desk.get(LIST, {"q": " ADA@example.org"}).content.decode()
    for part in ("ada", "example.org", "ada@example"):
        assert 'class="field-address"' not in desk.get(LIST, {"q": part}).content.decode()


def test_the_page_shows_their_consent_and_no_token(desk, reader):
    page = desk.get(page_of(reader)).content.decode()
    assert "version 2026-11" in page and "Confirmed" in page
    assert reader.handle not in page


def test_the_list_says_what_keeps_sign_up_closed(desk):
    Installation.objects.update(armed_host="", armed_at=None)
    assert "arm_sending" in desk.get(LIST).content.decode()


def test_the_list_says_how_many_sign_ups_were_dropped(desk):
    assert "Sign-ups dropped" not in desk.get(LIST).content.decode()
    now = timezone.now()
    SignUpTally.objects.add(SignUpTally.of_dropped(now), now=now, number=12)
    assert "no confirmation mail could leave for a day: 12." in desk.get(LIST).content.decode()


def test_staff_answer_a_letter_with_a_reason_and_a_trail_without_the_address(desk, reader):
    assert json.loads(desk.post(page_of(reader), {"do": "export"}).content)["address"] == "ada@example.org"
    assert desk.post(page_of(reader), {"do": "leave", "why": " "}).status_code == 422
    desk.post(page_of(reader), {"do": "leave", "why": "By letter."})
    assert Subscriber.objects.get().state == SubscriberState.UNSUBSCRIBED
    desk.post(page_of(reader), {"do": "erase", "why": "By letter."})
    assert not Subscriber.objects.exists()
    trail = list(TrailEntry.objects.order_by("pk").values_list("verb", "subject", "reason"))
    assert trail == [
        ("exported a subscriber", f"subscriber {reader.pk}", ""),
        ("unsubscribed a subscriber", f"subscriber {reader.pk}", "By letter."),
        ("erased a subscriber", f"subscriber {reader.pk}", "By letter."),
    ]


def test_an_address_is_held_back_looked_up_and_lifted(desk, reader):
    held = desk.post(HELD, {"do": "hold", "address": "Ada@example.org", "why": "She phoned."})
    assert "Nothing is sent" in held.content.decode()
    assert Suppression.objects.get().reason == SuppressionReason.STAFF
    assert Subscriber.objects.get().state == SubscriberState.UNSUBSCRIBED
    assert "Held back since" in desk.post(HELD, {"do": "look", "address": "ada@example.org"}).content.decode()
    assert desk.post(HELD, {"do": "lift", "address": "ada@example.org", "why": ""}).status_code == 422
    desk.post(HELD, {"do": "lift", "address": "ada@example.org", "why": "She phoned again."})
    assert not Suppression.objects.exists()
    assert "Mail may go" in desk.post(HELD, {"do": "look", "address": "ada@example.org"}).content.decode()
    assert [entry.reason for entry in TrailEntry.objects.order_by("pk")] == ["She phoned.", "She phoned again."]


@pytest.mark.parametrize("address", ["", "ada", "ada@example.org\nx", "ada@example..org"])
def test_what_is_no_address_is_refused_with_a_sentence(desk, address):
    for act in ("look", "hold", "lift"):
        answer = desk.post(HELD, {"do": act, "address": address, "why": "Because."})
        assert answer.status_code == 422 and "e-mail address" in answer.content.decode()


def test_lifting_what_is_not_held_back_says_so(desk):
    answer = desk.post(HELD, {"do": "lift", "address": "ada@example.org", "why": "Because."})
    assert answer.status_code == 422 and "not held back" in answer.content.decode()


def test_the_pages_ask_the_same_few_questions(desk, reader, django_assert_num_queries):
    for address, number in ((page_of(reader), 7), (HELD, 6)):
        with django_assert_num_queries(number):
            desk.get(address)

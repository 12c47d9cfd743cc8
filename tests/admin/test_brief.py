"""The desk's page of a brief: progress, pause, what is uncertain, preview and test."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from glossary.domain.roles import Role
from glossary.models import Brief, Delivery
from glossary.services.brief_mail import write_brief
from glossary.services.preview import NO_HANDLE, NOBODY, preview_brief
from tests.factories import make_brief_of, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    person = make_user(Role.SUBSCRIBER_ADMIN)
    person.email = "mira@example.org"
    person.save()
    client.force_login(person)
    return person


def page(brief):
    return reverse("admin:glossary_brief_change", args=[brief.pk])


def set_states(brief, **states):
    """Give so many rows each state; uncertain ones belong to a worker that is gone."""
    rows = iter(brief.deliveries.order_by("pk").values_list("pk", flat=True))
    past = timezone.now() - timedelta(minutes=1)
    for state, number in states.items():
        for pk in [next(rows) for _ in range(number)]:
            held = {"owner": "gone", "lease_until": past} if state == "in_doubt" else {}
            said = {"last_code": 550, "last_said": "no such user"} if state == "failed" else {}
            Delivery.objects.filter(pk=pk).update(state=state, message_id=f"<{pk}@x>", **held, **said)


def test_the_page_shows_how_far_it_is(client, admin):
    brief = make_brief_of(10)
    set_states(brief, sent=4, in_doubt=2, failed=1)
    text = client.get(page(brief)).content.decode()
    assert "4 of 10 sent, 2 uncertain, 1 failed, 3 waiting" in text
    assert "no such user" in text and "R…@example.org" in text
    assert brief.deliveries.first().subscriber.address not in text
    assert "Pause sending" in text and "Settle all" in text


def test_the_forecast_names_the_day_and_how_many_will_be_too_late(client, admin, settings):
    settings.EMAIL_MAX_PER_HOUR = 60
    brief = make_brief_of(10)
    ends = brief.made_at + timedelta(minutes=5)
    Brief.objects.update(window_ends=ends)
    with time_machine.travel(brief.made_at, tick=False):
        text = client.get(page(brief)).content.decode()
    done = brief.made_at + timedelta(minutes=10)
    assert f"<dt>done at about</dt><dd>{done:%H:%M, %B} {done.day}</dd>" in text
    assert f"5 of 10 will not leave before {ends:%H:%M} on {ends:%B} {ends.day}." in text


def test_why_a_brief_does_not_go_on_stands_on_its_page(client, admin):
    brief = make_brief_of(3)
    Brief.objects.update(trouble="The mail server refused all.", state="paused")
    text = client.get(page(brief)).content.decode()
    assert "The mail server refused all." in text and "Go on sending" in text


def test_what_a_window_stopped_can_be_sent_from_the_page(client, admin):
    brief = make_brief_of(3)
    set_states(brief, sent=1, expired=2)
    Brief.objects.update(state="sent", ended_at=timezone.now())
    assert "Send the 2 that were stopped" in client.get(page(brief)).content.decode()
    client.post(page(brief), {"do": "late"})
    assert brief.deliveries.counted() == {"sent": 1, "pending": 2}


@pytest.mark.parametrize("number", [3, 30])
def test_a_longer_list_asks_the_database_no_more_often(client, admin, number, django_assert_num_queries):
    brief = make_brief_of(number)
    set_states(brief, in_doubt=number)
    client.get(page(brief))
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(page(brief))


PAGE_QUERIES = 13


def test_it_is_paused_and_goes_on(client, admin):
    brief = make_brief_of(3)
    assert client.post(page(brief), {"do": "pause"}).status_code == 302
    assert "Go on sending" in client.get(page(brief)).content.decode()
    assert client.post(page(brief), {"do": "pause"}).status_code == 422
    assert client.post(page(brief), {"do": "resume"}).status_code == 302
    assert client.post(page(brief), {"do": "disarm"}).status_code == 302
    assert "manage.py arm_sending" in client.get(page(brief)).content.decode()


def test_uncertain_ones_are_settled_singly_and_all_at_once(client, admin):
    brief = make_brief_of(4)
    set_states(brief, in_doubt=4)
    first, second, *_ = brief.deliveries.order_by("pk").values_list("pk", flat=True)
    assert client.post(page(brief), {"do": "settle"}).status_code == 422
    assert client.post(page(brief), {"do": "settle", f"u-{first}": "maybe"}).status_code == 422
    assert (
        client.post(page(brief), {"do": "settle", f"u-{first}": "arrived", f"u-{second}": "again"}).status_code == 302
    )
    assert brief.deliveries.counted() == {"sent": 1, "pending": 1, "in_doubt": 2}
    assert client.post(page(brief), {"do": "all", "verdict": "leave"}).status_code == 302
    assert brief.deliveries.counted() == {"sent": 1, "pending": 1, "failed": 2}


def test_a_missed_brief_is_sent_when_staff_say_so(client, admin):
    brief = make_brief_of(2)
    Delivery.objects.update(state="expired")
    type(brief).objects.update(state="missed", ended_at=timezone.now())
    assert client.post(page(brief), {"do": "late"}).status_code == 302
    assert brief.deliveries.counted() == {"pending": 2}


def test_the_preview_is_the_real_mail(client, admin):
    brief = make_brief_of(1)
    shown = preview_brief(brief.deck)
    _, message = write_brief(brief).fill(NOBODY, NO_HANDLE)
    assert shown.size == len(message)
    answer = client.get(reverse("admin:glossary_brief_preview", args=[brief.deck_id]))
    assert shown.subject in answer.content.decode() and "1 of 7" in answer.content.decode()
    html = client.get(reverse("admin:glossary_brief_mail", args=[brief.deck_id]))
    assert html.content.decode() == shown.html
    assert {"default-src 'none'", "style-src 'unsafe-inline'", "sandbox"} <= set(
        html["Content-Security-Policy"].split("; ")
    )


def test_a_test_goes_to_oneself_is_marked_and_leaves_no_row(client, admin):
    brief = make_brief_of(1)
    where = reverse("admin:glossary_brief_preview", args=[brief.deck_id])
    assert client.post(where, {"do": "test"}).status_code == 302
    (message,) = mail.outbox
    assert message.to == ["mira@example.org"] and message.subject.startswith("[Test] ")
    assert "This is a test." in message.body and "This is a test." in message.alternatives[0].content
    assert "List-Unsubscribe" not in message.extra_headers and brief.deliveries.counted() == {"pending": 1}


def test_without_an_address_of_ones_own_no_test_goes(client):
    client.force_login(make_user(Role.EDITOR))
    brief = make_brief_of(1)
    answer = client.post(reverse("admin:glossary_brief_preview", args=[brief.deck_id]), {"do": "test"})
    assert answer.status_code == 422 and "no mail address" in answer.content.decode() and mail.outbox == []


def test_the_ledger_is_found_by_its_message_id_and_shows_no_address(client, admin):
    brief = make_brief_of(2)
    set_states(brief, sent=2)
    one = brief.deliveries.first()
    text = client.get(reverse("admin:glossary_delivery_changelist"), {"q": one.message_id}).content.decode()
    assert "R…@example.org" in text and "1 result" in text

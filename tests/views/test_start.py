"""Signing up as a reader sees it: without a cookie, without script, and with one answer for everybody."""

import re
from datetime import timedelta
from ipaddress import ip_network

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from glossary.domain.subscriber import SubscriberState, SuppressionReason
from glossary.models import Installation, SignUp, Subscriber
from glossary.services.sign_up import take_sign_ups
from glossary.services.suppression import suppress
from tests.factories import make_brief_of, make_deck, make_published_term

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_sign_up")]


def stamp_of(client, path="/start/"):
    return re.search(r'name="stamp" value="([^"]+)"', client.get(path).content.decode()).group(1)


def send(client, address, **over):
    return client.post("/start/", {"address": address, "stamp": stamp_of(client), "website": "", "term": ""} | over)


def confirm_path():
    take_sign_ups()
    return re.search(r"http://testserver(/start/confirm/\S+)", mail.outbox[-1].body).group(1)


def test_the_form_asks_for_an_address_and_nothing_else(client):
    answer = client.get("/start/?term=qwen2")
    page = answer.content.decode()
    asked = page.split("<main")[1]
    assert re.findall(r'<input[^>]* type="(\w+)"', asked) == ["email", "hidden", "hidden"]
    assert 'name="term" value="qwen2"' in page and not answer.cookies


def test_the_answer_the_code_and_the_questions_are_the_same_for_every_address(client):
    send(client, "known@example.org")
    client.post(confirm_path())
    suppress("gone@example.org", SuppressionReason.HARD)
    send(client, "pending@example.org")
    take_sign_ups()
    said, asked = set(), set()
    for address in ("known@example.org", "pending@example.org", "gone@example.org", "new@example.org"):
        stamp = stamp_of(client)
        with CaptureQueriesContext(connection) as queries:
            answer = client.post("/start/", {"address": address, "stamp": stamp})
        said.add((answer.status_code, answer.content, tuple(answer.headers.items())))
        asked.add(tuple(re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries))
    assert len(said) == len(asked) == 1
    assert next(iter(said))[0] == 200 and not answer.cookies


def test_the_page_that_a_reader_came_from_is_kept(client):
    term = make_published_term("Qwen2")
    assert "/start/?term=qwen2" in client.get(term.get_absolute_url()).content.decode()
    send(client, "ada@example.org", term="qwen2")
    send(client, "grace@example.org", term="no such'; term")
    take_sign_ups()
    assert set(Subscriber.objects.values_list("key", "term")) == {
        ("ada@example.org", term.pk),
        ("grace@example.org", None),
    }


@pytest.mark.parametrize("address", ["", "ada", "ada@example.org\nBcc: eve@example.org", "a" * 300 + "@example.org"])
def test_a_wrong_address_is_told_and_what_was_typed_stays(client, address):
    answer = send(client, address)
    page = answer.content.decode()
    assert answer.status_code == 400 and 'role="alert"' in page and 'aria-invalid="true"' in page
    assert address.split("\n")[0][:50] in page and not SignUp.objects.exists()


def test_programs_that_fill_in_every_field_are_answered_and_forgotten(client):
    answer = send(client, "ada@example.org", website="http://spam.example")
    assert answer.status_code == 200 and "Check your inbox" in answer.content.decode()
    assert not SignUp.objects.exists()


def test_what_is_kept_of_where_a_wish_comes_from_leads_back_to_nobody(client, settings):
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.5")]
    stamp = stamp_of(client)
    for forwarded in ("93.184.216.34", "8.8.8.8, 93.184.216.34", "93.184.216.35"):
        headers, sent = {"x-forwarded-for": forwarded}, {"address": "ada@example.org", "stamp": stamp}
        client.post("/start/", sent, headers=headers, REMOTE_ADDR="10.0.0.5")
    client.post("/start/", sent, REMOTE_ADDR="10.0.0.5")
    first, forged, other, unknown = SignUp.objects.values_list("network", flat=True)
    assert first == forged != other and unknown == "" and len(first) == 22


def test_a_form_without_the_mark_of_a_page_asks_for_one_more_tap_and_keeps_the_address(client):
    for stamp in ("", "form:forged:forged"):
        answer = client.post("/start/", {"address": "ada@example.org", "stamp": stamp})
        page = answer.content.decode()
        assert "One more tap." in page and 'value="ada@example.org"' in page and not SignUp.objects.exists()
    stamp = re.search(r'name="stamp" value="([^"]+)"', page).group(1)
    with time_machine.travel(timezone.now() + timedelta(days=4)):
        assert "One more tap." in client.post("/start/", {"address": "a@b.org", "stamp": stamp}).content.decode()
    client.post("/start/", {"address": "ada@example.org", "stamp": stamp})
    assert SignUp.objects.get().address == "ada@example.org"


def test_the_home_page_has_the_form_and_it_works(client):
    make_deck()
    client.post("/start/", {"address": "ada@example.org", "stamp": stamp_of(client, "/")})
    assert SignUp.objects.get().address == "ada@example.org"


def test_where_no_mail_can_go_out_the_page_gives_way_and_takes_no_address(client):
    Installation.objects.update(armed_host="", armed_at=None)
    for answer in (client.get("/start/"), client.post("/start/", {"address": "ada@example.org"})):
        page = answer.content.decode()
        assert answer.status_code == 200 and "not open on this site yet" in page
        assert 'action="/start/"' not in page and f'href="{reverse("feed")}">feed for your reader' in page
    assert 'action="/start/"' not in client.get("/").content.decode() and not SignUp.objects.exists()


def test_opening_the_link_changes_nothing_and_pressing_the_button_confirms(client):
    send(client, "ada@example.org")
    path = confirm_path()
    before = list(Subscriber.objects.values())
    for method in (client.get, client.head, client.get):
        answer = method(path)
        assert answer.status_code == 200 and answer["Referrer-Policy"] == "no-referrer"
        assert "no-store" in answer["Cache-Control"] and not answer.cookies
    assert list(Subscriber.objects.values()) == before
    assert "Done. The brief begins." in client.post(path).content.decode()
    assert Subscriber.objects.get().state == SubscriberState.CONFIRMED
    for answer in (client.get(path), client.post(path)):
        assert "used up or too old" in answer.content.decode()


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (None, "The first deck comes to <b>ada@example.org</b> as soon as it is published"),
        ("none", "The latest seven cards are on their way to <b>ada@example.org</b>"),
        ("suppressed", "The latest seven cards are on their way to <b>ada@example.org</b>"),
        ("sent", "The latest seven cards went to <b>ada@example.org</b> before"),
        ("failed", "The next deck comes to <b>ada@example.org</b>"),
    ],
)
def test_the_page_of_who_confirmed_says_which_cards_come(client, state, said):
    brief = make_brief_of(0) if state else None
    send(client, "ada@example.org")
    path = confirm_path()
    if brief and state != "none":
        given = {"state": state, "message_id": "<a@b>" if state == "sent" else "", "not_before": timezone.now()}
        brief.deliveries.create(subscriber=Subscriber.objects.get(), at=timezone.now(), **given)
    assert said in client.post(path).content.decode()


@pytest.mark.parametrize("path", ["/start/", "/start/?term=qwen2"])
def test_the_page_asks_the_same_few_questions(client, django_assert_num_queries, path):
    with django_assert_num_queries(2):
        client.get(path)

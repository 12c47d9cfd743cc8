"""A reader's own pages behind the links of their mails."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from glossary.domain.link_token import Purpose
from glossary.domain.subscriber import SubscriberState
from glossary.models import SignUp, Subscriber
from glossary.services.clock import today
from glossary.services.subscription import confirm, link_of
from tests.services.test_subscription import asked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_sign_up")]


@pytest.fixture
def reader():
    return confirm(asked(now=None))


@pytest.fixture
def paths(reader):
    return {
        "leave": f"/unsubscribe/{link_of(reader, Purpose.UNSUBSCRIBE)}/",
        "preferences": f"/preferences/{link_of(reader, Purpose.PREFERENCES)}/",
    }


def page(answer):
    return " ".join(answer.content.decode().split())


def state():
    return Subscriber.objects.get().state


@pytest.mark.parametrize("name", ["leave", "preferences"])
def test_opening_a_page_changes_nothing_and_tells_no_other_site(client, paths, name):
    before = list(Subscriber.objects.values())
    for method in (client.get, client.head, client.get):
        answer = method(paths[name], headers={"user-agent": "LinkScanner/1.0"})
        assert answer.status_code == 200 and not answer.cookies
        assert answer["Referrer-Policy"] == "no-referrer" and "noindex" in answer["X-Robots-Tag"]
        assert "no-store" in answer["Cache-Control"]
    assert list(Subscriber.objects.values()) == before


@pytest.mark.parametrize("form", ["multipart", "urlencoded"])
def test_a_mail_program_leaves_with_one_post_without_cookies_or_a_token_and_may_repeat_it(paths, form):
    strict = Client(enforce_csrf_checks=True)
    one_click = {"List-Unsubscribe": "One-Click"}
    for _ in range(2):
        answer = (
            strict.post(paths["leave"], one_click)
            if form == "multipart"
            else strict.post(
                paths["leave"], "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
            )
        )
        assert answer.status_code == 200 and "You have left." in page(answer)
    row = Subscriber.objects.get()
    assert (row.state, row.left_how) == (SubscriberState.UNSUBSCRIBED, "one click")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"List-Unsubscribe=One-Click", "multipart/form-data"),  # without a boundary
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"\xff\x00", "application/x-www-form-urlencoded"),
        (b"x=" + b"y" * 2_000_000, "application/x-www-form-urlencoded"),
        (b"", ""),
    ],
)
def test_a_mail_program_leaves_whatever_stands_in_the_body_of_its_post(paths, body, kind):
    answer = Client(enforce_csrf_checks=True).post(paths["leave"], body, content_type=kind)
    assert answer.status_code == 200 and "You have left." in page(answer)
    assert Subscriber.objects.get().left_how == "one click"


def test_leaving_on_the_page_offers_the_way_back_by_mail(client, paths):
    opened = page(client.get(paths["leave"]))
    assert "Leave the brief?" in opened and 'action="?do=leave"' in opened
    left = page(client.post(paths["leave"] + "?do=leave"))
    assert "Mail me a link to come back" in left and 'action="?do=back"' in left
    assert Subscriber.objects.get().left_how == "page"
    assert "Check your inbox" in page(client.post(paths["leave"] + "?do=back"))
    assert SignUp.objects.get().key == "ada@example.org" and state() == SubscriberState.UNSUBSCRIBED


def test_the_page_for_leaving_pauses_too(client, paths):
    opened = page(client.get(paths["leave"]))
    assert 'formaction="?do=pause&amp;days=14"' in opened and 'formaction="?do=weekdays"' in opened
    for query in ("?do=pause&days=14", "?do=weekdays"):
        client.get(paths["leave"] + query)
    assert Subscriber.objects.get().paused_until is None and not Subscriber.objects.get().weekdays_only
    assert "Your brief is paused." in page(client.post(paths["leave"] + "?do=pause&days=14"))
    assert "from Monday to Friday" in page(client.post(paths["leave"] + "?do=weekdays"))
    assert 'role="alert"' in page(client.post(paths["leave"] + "?do=pause&days=999"))
    row = Subscriber.objects.get()
    assert row.paused_until == today() + timedelta(days=14) and row.weekdays_only
    assert row.state == SubscriberState.CONFIRMED


@pytest.mark.parametrize(
    "query", ["", "?do=pause&days=7", "?do=weekdays", "?do=export", "?do=erase&sure=yes", "?do=back"]
)
def test_the_link_for_leaving_leads_neither_to_the_data_of_a_reader_nor_to_erasing_it(client, reader, paths, query):
    secret = link_of(reader, Purpose.PREFERENCES)
    answers = [client.get(paths["leave"]), client.post(paths["leave"] + query), client.get(paths["leave"])]
    assert not any(secret in page(answer) or "/preferences/" in page(answer) for answer in answers)
    assert Subscriber.objects.filter(pk=reader.pk).exists()


def test_pause_days_and_back(client, paths):
    path = paths["preferences"]
    assert "gets seven cards every day" in page(client.get(path))
    assert "gets nothing until" in page(client.post(path, {"do": "pause", "days": "14"}))
    assert Subscriber.objects.get().paused_until == today() + timedelta(days=14)
    client.post(path, {"do": "pause", "until": (today() + timedelta(days=3)).isoformat()})
    assert Subscriber.objects.get().paused_until == today() + timedelta(days=3)
    assert "the next brief comes to you" in page(client.post(path, {"do": "resume"}))
    assert "from Monday to Friday" in page(client.post(path, {"do": "weekdays"}))
    assert "every day" in page(client.post(path, {"do": "every-day"}))
    row = Subscriber.objects.get()
    assert row.paused_until is None and not row.weekdays_only


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"do": "nonsense"},
        {"do": "pause"},
        {"do": "pause", "until": "2020-01-01"},
        {"do": "pause", "until": "\x00"},
        {"do": "pause", "days": "999"},
        {"do": "pause", "days": "²"},
        {"do": "erase"},
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(client, paths, sent):
    before = list(Subscriber.objects.values())
    answer = client.post(paths["preferences"], sent)
    assert answer.status_code == 200 and 'role="alert"' in page(answer)
    assert list(Subscriber.objects.values()) == before


def test_a_reader_takes_their_data_along(client, paths):
    answer = client.post(paths["preferences"], {"do": "export"})
    assert answer["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert json.loads(answer.content)["address"] == "ada@example.org"
    assert "handle" not in answer.content.decode() and "no-store" in answer["Cache-Control"]


def test_a_reader_is_forgotten_and_their_links_still_answer_kindly(client, paths):
    assert "You are forgotten." in page(client.post(paths["preferences"], {"do": "erase", "sure": "yes"}))
    assert not Subscriber.objects.exists()
    for path in paths.values():
        assert "You have left." in page(client.get(path)) and "You have left." in page(client.post(path))


def test_a_link_of_another_purpose_or_a_forged_one_is_not_found(client, paths):
    swapped = [
        paths["leave"].replace("unsubscribe", "preferences"),
        paths["preferences"].replace("preferences", "unsubscribe"),
    ]
    for path in [*swapped, "/unsubscribe/x/", "/preferences/" + "A" * 44 + "/", "/preferences/" + "ä" * 44 + "/"]:
        assert client.get(path).status_code == client.post(path).status_code == 404
    assert state() == SubscriberState.CONFIRMED


def test_the_pages_ask_one_question_besides_the_foot(client, paths, django_assert_num_queries):
    for path in paths.values():
        with django_assert_num_queries(2):
            client.get(path)

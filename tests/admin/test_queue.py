"""The queue, the inbox, and what staff do from there."""

import pytest
from django.urls import reverse

from glossary.domain.roles import Role
from glossary.models import DeskPreference, Notice, Take
from glossary.services.fact_check import pass_check, send_back
from glossary.services.suggestion import suggest_wording
from glossary.services.term import submit_term
from tests.factories import make_term, make_user, settle_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(editor):
    return submit_term(make_term("Waiting", by=editor), by=editor)


def inbox(client, person):
    client.force_login(person)
    return client.get(reverse("admin:index")).content.decode()


def test_a_checker_is_told_what_to_check_and_takes_it_in_one_step(client, waiting):
    checker = make_user(Role.CHECKER)
    assert "Check Waiting" in inbox(client, checker)
    response = client.post(waiting.get_check_url(), {"do": "take", "term": waiting.term_id})
    assert response.headers["Location"] == waiting.get_check_url()
    assert Take.objects.get().person == checker
    assert "Finish Waiting" in inbox(client, checker)
    assert "Waiting" not in inbox(client, make_user(Role.CHECKER))


def test_an_editor_is_told_what_came_back_and_why(client, waiting, editor):
    send_back(waiting, by=make_user(Role.CHECKER), comment="Name the sizes.")
    page = inbox(client, editor)
    assert "Mend Waiting: it was sent back" in page and "Name the sizes." in page
    assert "Name the sizes." in client.get(waiting.term.get_desk_url()).content.decode()


def test_an_author_is_told_of_a_suggested_wording_first(client, waiting, editor):
    claim = waiting.claims.get(sentence__text="Five sizes exist.")
    checker = make_user(Role.CHECKER)
    suggest_wording(claim, "", by=checker)
    assert f"Answer {checker.username}’s wording for Waiting" in inbox(client, editor)


def test_a_publisher_is_told_of_a_card_that_passed(client, waiting):
    checker = make_user(Role.CHECKER)
    settle_all(waiting, by=checker)
    pass_check(waiting, by=checker, digest=waiting.digest, whole_card=True)
    assert "Publish Waiting" in inbox(client, make_user(Role.PUBLISHER))


def test_a_scheduler_is_told_of_days_without_a_deck(client):
    assert "Make the deck for today" in inbox(client, make_user(Role.SCHEDULER))


def test_who_has_nothing_to_do_is_told_so(client):
    assert "Nothing waits for you" in inbox(client, make_user(Role.SUBSCRIBER_ADMIN))
    assert "A good moment for a new card" in inbox(client, make_user(Role.EDITOR))


def test_a_notice_is_put_away_by_its_owner_only(client, waiting, editor):
    send_back(waiting, by=make_user(Role.CHECKER), comment="Name the sizes.")
    notice = Notice.objects.get(person=editor)
    client.force_login(make_user(Role.EDITOR))
    client.post(reverse("admin:inbox"), {"read": notice.pk})
    assert Notice.objects.get(pk=notice.pk).read_at is None
    client.force_login(editor)
    client.post(reverse("admin:inbox"), {"read": notice.pk})
    assert Notice.objects.get(pk=notice.pk).read_at is not None


def test_mails_and_keys_are_turned_off_by_a_form(client, editor):
    client.force_login(editor)
    client.post(reverse("admin:inbox"), {"preferences": "1", "on": ["digest"]})
    kept = DeskPreference.objects.get()
    assert (kept.mails, kept.digest, kept.keys) == (False, True, False)


def test_the_queue_says_why_and_who(client, waiting):
    checker, other = make_user(Role.CHECKER), make_user(Role.CHECKER)
    client.force_login(checker)
    address = reverse("admin:glossary_edition_changelist")
    assert "a new card" in client.get(address).content.decode()
    client.post(address, {"term": waiting.term_id})
    client.force_login(other)
    assert checker.username in client.get(address).content.decode()
    client.post(address, {"term": waiting.term_id})
    assert Take.objects.get().person == checker

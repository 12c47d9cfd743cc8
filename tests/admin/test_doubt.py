"""The desk's pages of what is in doubt: sources, sentences, doubts, and the content report."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from glossary.domain.doubt import DoubtKind, Ending
from glossary.domain.roles import Role
from glossary.models import Claim, Doubt, SourceWatch
from glossary.services.doubt import doubt_source, raise_doubt
from tests.factories import make_published_term, make_source, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def checker():
    return make_user(Role.CHECKER, Role.PUBLISHER, username="ben")


@pytest.fixture
def two(checker):
    editor = make_user(Role.EDITOR)
    return [make_published_term(name, author=editor, checker=checker) for name in ("Qwen2", "Token")]


@pytest.fixture
def source(two, checker):
    return make_source(by=checker)


def text(answer):
    return " ".join(answer.content.decode().split())


def of_source(source):
    return reverse("admin:glossary_source_change", args=[source.pk])


def of_sentence(sentence):
    return reverse("admin:glossary_doubt_sentence", args=[sentence.pk])


def test_a_source_shows_every_card_that_rests_on_it_and_is_marked_in_one_act(client, source, two, checker):
    client.force_login(checker)
    page = text(client.get(of_source(source)))
    assert "Qwen2" in page and "Token" in page and "2 cards" in page
    assert "The watch has not visited it yet." in page
    answer = client.post(of_source(source), {"kind": "outdated", "reason": "<b>Newer</b> one."}, follow=True)
    assert "Every card that rests on it went to the checkers." in text(answer)
    assert "&lt;b&gt;Newer&lt;/b&gt; one." in text(answer)
    queue = text(client.get(reverse("admin:glossary_edition_changelist")))
    assert queue.count("<small>outdated") == 2 and ">40<" in queue


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "Choose what is wrong."),
        ({"kind": "nonsense", "reason": "x"}, "Choose what is wrong."),
        ({"kind": "passage gone", "reason": "x"}, "Choose what is wrong with the source"),
        ({"kind": "outdated"}, "Say in a sentence why"),
        ({"kind": "outdated", "reason": "x" * 501}, "The reason has 501 characters"),
    ],
)
def test_a_refused_mark_says_why_and_keeps_what_was_typed(client, source, checker, form, says):
    client.force_login(checker)
    answer = client.post(of_source(source), form)
    assert answer.status_code == 422 and says in text(answer)
    assert not Doubt.objects.exists()


def test_what_the_watch_saw_stands_on_the_page_of_the_source(client, source, checker):
    SourceWatch.objects.create(source=source, seen_at=timezone.now(), says="It did not answer.", failures=2)
    client.force_login(checker)
    assert "It did not answer. Without an answer 2 times in a row." in text(client.get(of_source(source)))


def test_a_sentence_shows_every_card_that_says_the_same_and_is_marked_in_all_of_them(client, two, checker):
    claim = Claim.objects.get(edition_id=two[0].published_id, sentence__text="Five sizes exist.")
    client.force_login(checker)
    check = text(client.get(two[0].published.get_check_url(claim.place).split("#")[0]))
    assert "1 other card says the same" in check and of_sentence(claim.sentence) in check
    page = text(client.get(of_sentence(claim.sentence)))
    assert "Qwen2" in page and "Token" in page
    answer = client.post(of_sentence(claim.sentence), {"kind": "contradicted", "reason": "Six."}, follow=True)
    assert "Marked. 2 cards went to the checkers." in text(answer)
    check = text(client.get(two[0].published.get_check_url(claim.place).split("#")[0]))
    assert "Contradicted</b>" in check and "this sentence" in check


@pytest.mark.parametrize("role", [Role.EDITOR, Role.PUBLISHER, Role.SCHEDULER, Role.SUBSCRIBER_ADMIN])
def test_others_see_it_all_and_mark_and_settle_nothing(client, source, two, checker, role):
    doubt = doubt_source(source, DoubtKind.DEAD_LINK, "Gone.", by=checker)
    sentence = Claim.objects.filter(edition_id=two[0].published_id).first().sentence
    client.force_login(make_user(role))
    for address in (of_source(source), of_sentence(sentence), doubt.get_desk_url()):
        page = text(client.get(address))
        assert "<textarea" not in page and 'name="reason"' not in page
        for form in ({"kind": "outdated", "reason": "x"}, {"do": "settle", "reason": "x"}, {"do": "move", "url": "x"}):
            assert client.post(address, form).status_code == 403
    assert Doubt.objects.open().get() == doubt


def test_the_list_names_cards_and_decks_and_is_narrowed_by_kind(client, source, checker):
    doubt_source(source, DoubtKind.OUTDATED, "A newer report is out.", by=checker)
    raise_doubt(DoubtKind.REDIRECTED, "It moved.", source=source, now=timezone.now())
    client.force_login(checker)
    where = reverse("admin:glossary_doubt_changelist")
    page = text(client.get(where))
    assert "2 open" in page and "Qwen2" in page and "Token" in page and "the machine" in page
    page = text(client.get(where, {"kind": "redirected"}))
    assert "1 open" in page and "It moved." in page and "A newer report" not in page
    assert "2 open" in text(client.get(where, {"kind": "nonsense", "page": "x"}))
    assert "No doubt was settled yet." in text(client.get(where, {"settled": "yes"}))


def test_a_doubt_is_settled_with_a_reason_and_listed_as_such(client, source, checker):
    doubt = doubt_source(source, DoubtKind.OUTDATED, "A newer report is out.", by=checker)
    client.force_login(checker)
    assert client.post(doubt.get_desk_url(), {"do": "settle"}).status_code == 422
    assert client.post(doubt.get_desk_url(), {"do": "nonsense"}).status_code == 422
    answer = client.post(doubt.get_desk_url(), {"do": "settle", "reason": "It says the same."}, follow=True)
    assert "Settled. Its cards leave the queue" in text(answer)
    doubt.refresh_from_db()
    assert doubt.ending == Ending.STANDS
    page = text(client.get(reverse("admin:glossary_doubt_changelist"), {"settled": "yes"}))
    assert "looked at, it stands, ben" in page
    page = text(client.get(doubt.get_desk_url()))
    assert "It says the same." in page and 'name="reason"' not in page
    assert client.post(doubt.get_desk_url(), {"do": "settle", "reason": "Again."}).status_code == 422


def test_a_moved_source_takes_its_new_address_with_one_button(client, source, checker):
    SourceWatch.objects.create(source=source, moved_url="https://new.org/report")
    doubt = raise_doubt(DoubtKind.REDIRECTED, "It moved.", source=source, now=timezone.now())
    client.force_login(checker)
    assert 'value="https://new.org/report"' in text(client.get(doubt.get_desk_url()))
    refused = client.post(doubt.get_desk_url(), {"do": "move", "url": "javascript:x"})
    assert refused.status_code == 422 and 'value="javascript:x"' in text(refused)
    client.post(doubt.get_desk_url(), {"do": "move", "url": "https://new.org/report"})
    source.refresh_from_db()
    assert source.url == "https://new.org/report" and not Doubt.objects.open().exists()


def test_only_doubts_on_a_link_move_a_source(client, source, checker):
    doubt = doubt_source(source, DoubtKind.OUTDATED, "Old.", by=checker)
    client.force_login(checker)
    assert 'name="url"' not in text(client.get(doubt.get_desk_url()))
    assert client.post(doubt.get_desk_url(), {"do": "move", "url": "https://new.org/"}).status_code == 422


@pytest.mark.parametrize("name", ["glossary_doubt_change", "glossary_source_change", "glossary_doubt_sentence"])
def test_what_is_not_there_is_not_found(client, checker, name):
    client.force_login(checker)
    assert client.get(reverse(f"admin:{name}", args=[999_999])).status_code == 404


def test_the_content_report_is_narrowed_paged_and_handed_over_as_a_table(client, source, checker):
    doubt_source(source, DoubtKind.DEAD_LINK, "=gone()", by=checker)
    client.force_login(checker)
    where = reverse("admin:glossary_doubt_content")
    page = text(client.get(where))
    assert "3 loose ends" in page and "Broken link 1" in page and "Unlinked term 2" in page
    page = text(client.get(where, {"kind": "broken link"}))
    assert "=gone()" in page and "No other card mentions it" not in page
    answer = client.get(where, {"kind": "broken link", "format": "csv"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8" and "attachment" in answer["Content-Disposition"]
    table = list(csv.reader(io.StringIO(answer.content.decode())))
    assert table[0] == ["kind", "subject", "what", "fix"] and table[1][2] == "'=gone()" and len(table) == 2
    assert "No loose end of this kind" in text(client.get(where, {"kind": "overdue"}))


def test_a_long_report_has_pages_that_keep_the_kind(client, checker, monkeypatch):
    monkeypatch.setattr("glossary.admin.doubt.PAGE", 1)
    for name in ("Qwen2", "Token", "Text"):
        make_published_term(name, checker=checker)
    client.force_login(checker)
    page = text(client.get(reverse("admin:glossary_doubt_content"), {"kind": "unlinked term", "page": "2"}))
    assert "Page 2 of 3" in page and "?kind=unlinked+term&amp;page=3" in page

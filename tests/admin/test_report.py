"""Reports of readers at the desk: one claim is one thing to look at."""

from dataclasses import replace

import pytest
from django.urls import reverse

from glossary.domain.report import ReportVerdict
from glossary.domain.roles import Role
from glossary.models import Report, Term
from glossary.services.term import save_term
from tests.factories import check_term, details_of, make_published_term, make_report, make_user

pytestmark = pytest.mark.django_db
LIST = "/admin/glossary/report/"


@pytest.fixture
def people():
    return {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}


@pytest.fixture
def term(people):
    return make_published_term("Qwen2", **people)


def text(response):
    return " ".join(response.content.decode().split())


def where(report):
    return reverse("admin:glossary_report_change", args=[report.pk])


def test_the_list_has_one_row_for_each_claim_with_how_many_said_so(client, people, term):
    for said in ("Six!", "There are <six>."):
        report = make_report(term, said, text="Five sizes exist.")
    make_report(term, "The name is wrong.")
    client.force_login(people["checker"])
    page = text(client.get(LIST))
    assert page.count("<tr>") == 3 and "2 to look at" in page
    assert '<td class="dk-num">2</td>' in page and "There are &lt;six&gt;." in page and "<six>" not in page
    assert where(report) in page and "the card as a whole" in page


def test_the_list_is_empty_with_a_sentence_and_shows_settled_ones_when_asked(client, people, term):
    client.force_login(people["checker"])
    assert "No report waits." in text(client.get(LIST))
    report = make_report(term, text="Five sizes exist.")
    client.post(where(report), {"verdict": "spam"})
    assert "No report waits." in text(client.get(LIST))
    assert "<td>spam</td>" in text(client.get(f"{LIST}?show=all&term={term.pk}"))
    assert "No report" in text(client.get(f"{LIST}?show=all&term=999"))


def test_a_claims_page_has_the_words_then_and_now_and_all_that_was_said(client, people, term):
    report = make_report(term, "There are <six>.", text="Five sizes exist.", email="ada@example.org")
    make_report(term, "Count again.", text="Five sizes exist.")
    client.force_login(people["checker"])
    page = text(client.get(where(report)))
    assert "Five sizes exist." in page and "The same; readers see them." in page
    assert "There are &lt;six&gt;." in page and "Count again." in page and "wants to hear the outcome" in page
    assert "ada@example.org" not in page
    draft = replace(term.draft(), body="It was released in June 2024. Six sizes exist.")
    save_term(Term.objects.get(pk=term.pk), draft, details=details_of(term), by=people["author"])
    check_term(Term.objects.get(pk=term.pk), **people)
    page = text(client.get(where(report)))
    assert "<del>Five</del><ins>Six</ins> sizes exist." in page


def test_a_verdict_settles_the_group_and_puts_the_card_into_the_queue(client, people, term):
    report = make_report(term, text="Five sizes exist.")
    make_report(term, text="Five sizes exist.")
    client.force_login(people["checker"])
    response = client.post(where(report), {"verdict": "was wrong"}, follow=True)
    assert "2 reports are settled." in text(response)
    assert set(Report.objects.values_list("verdict", flat=True)) == {ReportVerdict.REOPENED}
    queue = text(client.get("/admin/glossary/edition/"))
    assert "reported by readers" in queue and f"?show=all&amp;term={term.pk}" in queue


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"verdict": "nothing wrong", "reason": ""}, "Say why nothing is wrong"),
        ({"verdict": ""}, "Choose what you found."),
        ({"verdict": "published"}, "Choose what you found."),
        ({"verdict": "nothing wrong", "reason": "a\u202eb"}, "The reason contains"),
        ({"verdict": "nothing wrong", "reason": "x" * 501}, "at most 500"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_settled(client, people, term, form, says):
    report = make_report(term)
    client.force_login(people["checker"])
    response = client.post(where(report), form)
    assert response.status_code == 422 and says in text(response)
    assert Report.objects.waiting().count() == 1


def test_the_second_of_two_is_told_that_somebody_was_quicker(client, people, term):
    report = make_report(term)
    client.force_login(people["checker"])
    client.post(where(report), {"verdict": "spam"})
    response = client.post(where(report), {"verdict": "was wrong"})
    assert response.status_code == 422 and "settled these reports already" in text(response)
    assert Report.objects.get().verdict == ReportVerdict.SPAM


def test_an_editor_reads_reports_and_settles_none(client, term):
    report = make_report(term)
    client.force_login(make_user(Role.EDITOR))
    page = text(client.get(where(report)))
    assert "Checkers and publishers settle reports." in page and 'name="verdict"' not in page
    assert client.post(where(report), {"verdict": "spam"}).status_code == 403


@pytest.mark.parametrize("path", ["0", "999999", "x", "9" * 30])
def test_a_report_that_is_not_there_is_not_found(client, people, path):
    client.force_login(people["checker"])
    assert client.get(f"{LIST}{path}/change/").status_code == 404


def test_the_first_page_says_how_many_wait_to_those_who_settle_them(client, people, term):
    make_report(term)
    client.force_login(people["checker"])
    assert "Reports of readers" in text(client.get("/admin/"))
    client.force_login(make_user(Role.SCHEDULER))
    assert "nobody has looked at them yet" not in text(client.get("/admin/"))

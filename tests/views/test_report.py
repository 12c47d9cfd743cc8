"""Reporting an error: no account, no cookie, the same answer always."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.test import Client
from django.utils import timezone

from glossary.domain.report import NETWORK_AN_HOUR, TERM_AN_HOUR
from glossary.domain.roles import Role
from glossary.models import Claim, Report, Term
from glossary.services.fact_check import withdraw_check
from glossary.services.report import form_stamp
from glossary.services.term import change_slug, save_term
from tests.factories import check_term, details_of, make_published_term, make_term, make_user

pytestmark = pytest.mark.django_db
WHERE = "/terms/qwen2/report/"
THANKS = "/terms/qwen2/report/thanks/"


@pytest.fixture
def people():
    return {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}


@pytest.fixture
def term(people):
    return make_published_term("Qwen2", **people)


def typed(term, **over):
    """Return a form as a reader sends it, half a minute after opening it."""
    given = {
        "said": "There are six sizes.",
        "v": term.published.digest,
        "opened": form_stamp(now=timezone.now() - timedelta(seconds=30)),
        "website": "",
    }
    return given | over


def claim_of(term):
    return Claim.objects.get(edition=term.published, sentence__text="Five sizes exist.")


def answer(response):
    return response.status_code, response.get("Location")


def test_the_form_lists_the_sentences_and_sets_no_cookie(client, term):
    response = client.get(f"{WHERE}?v={term.published.digest}")
    html = response.content.decode()
    assert html.count('type="radio"') == Claim.objects.filter(edition=term.published).count() + 1
    assert f'name="v" value="{term.published.digest}"' in html and "csrfmiddlewaretoken" not in html
    assert not response.cookies and "no-store" in response["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in html


def test_words_that_were_selected_choose_their_sentence(client, term):
    html = client.get(WHERE, query_params={"quote": "Five sizes"}).content.decode()
    assert f'value="{claim_of(term).pk}" checked' in html and ">Five sizes</textarea>" in html


def test_a_report_is_kept_with_its_words_from_a_stranger_without_cookies(term):
    stranger = Client(enforce_csrf_checks=True)
    response = stranger.post(WHERE, typed(term, claim=claim_of(term).pk, email="ada@example.org"))
    assert answer(response) == (303, THANKS) and not response.cookies
    report = Report.objects.get()
    assert (report.sentence, report.edition) == (claim_of(term).sentence, term.published)
    assert (report.said, report.email) == ("There are six sizes.", "ada@example.org")
    assert "A checker looks at the words" in stranger.get(THANKS).content.decode()


def test_a_machine_in_a_trap_gets_the_answer_that_readers_get(client, term):
    fine = answer(client.post(WHERE, typed(term)))
    trapped = answer(client.post(WHERE, typed(term, website="https://spam.example")))
    hasty = answer(client.post(WHERE, typed(term, opened=form_stamp())))
    assert fine == trapped == hasty == (303, THANKS) and Report.objects.count() == 1


def test_in_a_flood_nobody_is_thanked_for_what_is_not_kept_and_what_was_typed_stays(client, term, settings):
    settings.CONTACT_EMAIL = "desk@dailydeck.example"
    sent = typed(term, claim=claim_of(term).pk, email="ada@example.org")
    answers = [client.post(WHERE, sent, REMOTE_ADDR="8.8.8.8") for _ in range(NETWORK_AN_HOUR + 2)]
    assert [response.status_code for response in answers] == [303] * NETWORK_AN_HOUR + [429] * 2
    html = answers[-1].content.decode()
    assert "Your report was not kept" in html and "or write to desk@dailydeck.example." in html
    assert ">There are six sizes.</textarea>" in html and 'value="ada@example.org"' in html
    assert f'value="{claim_of(term).pk}" checked' in html and f'name="opened" value="{sent["opened"]}"' in html
    assert 0 < int(answers[-1]["Retry-After"]) <= 3600 and "no-store" in answers[-1]["Cache-Control"]
    assert Report.objects.count() == NETWORK_AN_HOUR


def test_a_flood_on_one_card_through_a_proxy_that_nobody_named_leaves_the_others_open(client, term, people):
    other = make_published_term("Token", **people)
    codes = [client.post(WHERE, typed(term), REMOTE_ADDR="10.0.0.2").status_code for _ in range(TERM_AN_HOUR + 2)]
    assert codes == [303] * TERM_AN_HOUR + [429] * 2
    real = client.post("/terms/token/report/", typed(other, said="A real error."), REMOTE_ADDR="10.0.0.2")
    assert answer(real) == (303, "/terms/token/report/thanks/")
    assert Report.objects.filter(term=other).get().said == "A real error."


def test_a_header_that_anybody_can_write_does_not_get_around_the_brake(client, term):
    for n in range(NETWORK_AN_HOUR + 4):
        client.post(WHERE, typed(term), REMOTE_ADDR="8.8.8.8", headers={"X-Forwarded-For": f"9.9.9.{n}"})
    assert Report.objects.count() == NETWORK_AN_HOUR


def test_behind_a_named_proxy_each_reader_has_a_brake_of_their_own(client, term, settings):
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]
    for n in range(NETWORK_AN_HOUR + 4):
        client.post(WHERE, typed(term), REMOTE_ADDR="10.0.0.5", headers={"X-Forwarded-For": f"9.9.9.{n}"})
    assert Report.objects.count() == NETWORK_AN_HOUR + 4


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("said", "", "Say in a sentence what is wrong."),
        ("said", "no", "Say in a sentence what is wrong."),
        ("said", "x" * 2001, "Say it in 2000 characters or fewer."),
        ("said", "There are \u202e six sizes.", "What you wrote contains"),
        ("said", "There are \x00 six sizes.", "Null characters"),
        ("quote", "x" * 601, "at most 600"),
        ("email", "ada", "This is not an address"),
        ("email", "ada@example.org\r\nBcc: all@example.org", "This is not an address"),
        ("email", "=?utf-8?q?victim?=@example.org", "This is not an address"),
        ("email", "a" * 300 + "@example.org", "at most 254"),
        ("opened", "nonsense", "send it once more"),
        ("opened", "", "send it once more"),
        ("claim", "999999", "Choose the words once more."),
        ("claim", "\x00", "Null characters are not allowed."),
        ("claim", "9" * 40, "Choose the words once more."),
    ],
)
def test_what_cannot_be_kept_is_said_and_what_was_typed_stays(client, term, field, value, says):
    response = client.post(WHERE, typed(term, **{"email": "ben@example.org", field: value}))
    html = response.content.decode()
    assert response.status_code == 422 and says in html
    assert not Report.objects.exists()
    if field != "said":
        assert ">There are six sizes.</textarea>" in html


def test_a_form_that_was_opened_too_long_ago_gets_a_new_stamp(client, term):
    html = client.post(WHERE, typed(term, opened="old")).content.decode()
    stamp = html.partition('name="opened" value="')[2].partition('"')[0]
    assert stamp and stamp != "old"


@pytest.mark.parametrize("name", ["said", "quote", "email", "v", "opened", "website", "claim"])
def test_hostile_bytes_are_no_fault_of_ours(client, term, name):
    fields = typed(term, claim="")
    hostile = [b"%ED%A0%80", b"%00%FF%FE", b"%F0%9F%98%80" * 9, b"%3Cscript%3Ealert(1)%3C/script%3E", b"%0D%0ABcc:%20x"]
    for value in hostile:
        body = b"&".join(
            key.encode() + b"=" + (value if key == name else text.replace(" ", "+").encode())
            for key, text in fields.items()
        )
        response = client.post(WHERE, body, content_type="application/x-www-form-urlencoded")
        assert response.status_code in {303, 422}, value
        assert b"<script>alert" not in response.content
    large = client.post(WHERE, fields | {name: "x" * 1_000_001})
    assert large.status_code in {400, 422} and not Report.objects.filter(said__contains="xxx").exists()


def test_the_line_of_another_card_cannot_be_chosen(client, term, people):
    other = make_published_term("Token", **people)
    stranger = Claim.objects.filter(edition=other.published).first()
    assert client.post(WHERE, typed(term, claim=stranger.pk)).status_code == 422


def test_words_that_wait_for_a_check_can_neither_be_seen_nor_chosen(client, term, people):
    saved = save_term(term, replace(term.draft(), body="Canary."), details=details_of(term), by=people["author"])
    secret = Claim.objects.get(edition=saved.working, sentence__text="Canary.")
    assert "Canary" not in client.get(WHERE, query_params={"v": saved.working.digest}).content.decode()
    assert client.post(WHERE, typed(term, claim=secret.pk)).status_code == 422
    assert answer(client.post(WHERE, typed(term, v=saved.working.digest))) == (303, THANKS)
    assert Report.objects.get().edition == term.published


def test_a_version_that_is_gone_meanwhile_is_said_and_the_report_is_kept_with_it(client, term, people):
    old = term.published
    saved = save_term(
        term, replace(term.draft(), body="Six sizes exist."), details=details_of(term), by=people["author"]
    )
    changed = check_term(saved, **people)
    html = client.get(f"{WHERE}?v={old.digest}").content.decode()
    assert "The card has changed since the version you read" in html and f"/v/{old.digest}/" in html
    sent = typed(changed, v=old.digest, quote="Five sizes exist.")
    assert answer(client.post(WHERE, sent)) == (303, f"{THANKS}?changed")
    assert "has changed since the version you read" in client.get(f"{THANKS}?changed").content.decode()
    report = Report.objects.get()
    assert report.edition == old and report.sentence.text == "Five sizes exist."


def changed_to(term, people, body):
    saved = save_term(
        Term.objects.get(pk=term.pk), replace(term.draft(), body=body), details=details_of(term), by=people["author"]
    )
    return check_term(saved, **people)


def test_whoever_read_an_earlier_version_picks_from_the_words_they_had(client, term, people):
    old, line = term.published, claim_of(term)
    changed = changed_to(term, people, "Six sizes exist.")
    html = client.get(WHERE, query_params={"v": old.digest, "quote": "five sizes"}).content.decode()
    assert f'value="{line.pk}" checked' in html and "<span>Five sizes exist.</span>" in html
    assert "Six sizes" not in html and f'name="v" value="{old.digest}"' in html
    assert "The words to pick from are those that you had" in html
    assert f'href="/terms/qwen2/v/{old.digest}/"' in html and 'href="/terms/qwen2/v/"' in html
    refused = client.post(WHERE, typed(changed, v=old.digest, said="", claim=line.pk)).content.decode()
    assert f'value="{line.pk}" checked' in refused and "Six sizes" not in refused
    for claim in (line.pk, ""):
        client.post(WHERE, typed(changed, v=old.digest, claim=claim))
    assert {report.edition for report in Report.objects.all()} == {old}


def test_words_that_were_taken_back_are_not_offered_to_those_who_read_them(client, term, people):
    first = term.published
    second = changed_to(term, people, "Six sizes exist.").published
    withdraw_check(Term.objects.get(pk=term.pk), by=people["checker"], reason="Six is wrong.")
    assert Term.objects.get(pk=term.pk).published == first
    html = client.get(f"{WHERE}?v={second.digest}").content.decode()
    assert "Six sizes" not in html and "Five sizes" not in html and 'type="radio"' not in html
    assert "The words that you had were taken back" in html and 'name="quote"' in html
    client.post(WHERE, typed(term, v=second.digest, quote="Six sizes exist."))
    assert Report.objects.get().edition == second and Report.objects.get().sentence.text == "Six sizes exist."


def test_an_earlier_version_takes_as_many_queries_as_the_present_one(client, term, people, django_assert_num_queries):
    old = term.published
    changed_to(term, people, "Six sizes exist.")
    client.get(WHERE)  # what is read once a process
    with django_assert_num_queries(6):
        client.get(f"{WHERE}?v={old.digest}")


def test_a_line_chosen_just_before_it_went_is_kept_too(client, term, people):
    claim, opened = claim_of(term), typed(term)
    saved = save_term(
        term, replace(term.draft(), body="Six sizes exist."), details=details_of(term), by=people["author"]
    )
    check_term(saved, **people)
    assert answer(client.post(WHERE, opened | {"claim": claim.pk})) == (303, f"{THANKS}?changed")
    assert Report.objects.get().sentence == claim.sentence


def test_a_card_that_readers_do_not_see_still_takes_reports_and_shows_no_words(client, term, people):
    withdraw_check(term, by=people["checker"], reason="Made up.")
    html = client.get(WHERE).content.decode()
    assert "Readers do not see this card at the moment" in html and "Five sizes" not in html
    assert client.post(WHERE, typed(term, v="")).status_code == 303
    assert Report.objects.get().edition == term.published
    assert client.get(THANKS).status_code == 200


def test_cards_that_readers_never_saw_have_no_form(client):
    make_term("Secret")
    for path in ("/terms/secret/report/", "/terms/nothing/report/", "/terms/secret/report/thanks/"):
        assert client.get(path).status_code == 404
    assert client.post("/terms/secret/report/", {"said": "There are six."}).status_code == 404


def test_an_old_address_keeps_the_query_and_takes_reports(client, term, people):
    change_slug(term, "qwen-two", by=people["checker"])
    response = client.get(f"{WHERE}?v=1&quote=a%26b")
    assert answer(response) == (301, "/terms/qwen-two/report/?v=1&quote=a%26b")
    posted = client.post(WHERE, typed(term))
    assert answer(posted) == (308, "/terms/qwen-two/report/")  # the browser posts it again there
    assert client.post(posted["Location"], typed(term)).status_code == 303


def test_without_a_mail_server_no_address_is_asked_for_nor_kept(client, term, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert 'name="email"' not in client.get(WHERE).content.decode()
    client.post(WHERE, typed(term, email="ada@example.org"))
    assert Report.objects.get().email == ""


def test_the_form_and_the_post_take_the_same_queries_however_many_reports(client, term, django_assert_num_queries):
    client.get(f"{WHERE}?v={term.published.digest}")  # what is read once a process
    with django_assert_num_queries(6):
        client.get(f"{WHERE}?v={term.published.digest}")
    sent = typed(term, claim=claim_of(term).pk)
    with django_assert_num_queries(23):
        assert client.post(WHERE, sent, REMOTE_ADDR="8.8.8.8").status_code == 303
    for n in range(20):
        client.post(WHERE, sent, REMOTE_ADDR=f"8.8.8.{n}")
    with django_assert_num_queries(6):
        client.get(f"{WHERE}?v={term.published.digest}")
    assert Term.objects.count() == 1

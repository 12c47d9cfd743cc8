"""What the rules say, on the pages of the desk."""

import pytest
from django.urls import reverse

from glossary.domain.roles import Role
from glossary.models import Edition, Term, Waiver
from glossary.services.clock import today
from glossary.services.term import submit_term
from tests.factories import make_source, make_term, make_user, settle_all

pytestmark = pytest.mark.django_db
BODY = "First words.\r\n\r\nIt currently runs on a phone. It is easy to use."


def typed(**over):
    given = {"headword": "Qwen2", "definition": "Qwen2 is a family of models.", "body": BODY, "example": "", "slug": ""}
    rows = {"alias-TOTAL_FORMS": "0", "alias-INITIAL_FORMS": "0", "volatility": "B", "level": ""}
    return given | rows | over


def text(answer):
    return " ".join(answer.content.decode().split())


def test_the_form_shows_findings_with_their_fix_and_saves_all_the_same(client, editor):
    client.force_login(editor)
    assert client.post(reverse("admin:glossary_term_add"), typed(_save="1")).status_code == 302
    page = text(client.get(Term.objects.get().get_desk_url()))
    assert "1 will stop a pass, none stops a save" in page and "“currently”" in page and "Cut it" in page
    assert "Definition: 28 of 200 characters" in page and "Suggested level: <b>easy</b>" in page
    assert "Card: 7 of 60 words" in page and "Page: 20 of 400 words" in page and "Example: none yet" in page
    assert "The card has no example." in page


def test_a_look_while_typing_saves_nothing(client, editor):
    client.force_login(editor)
    answer = client.post(reverse("admin:glossary_term_add"), typed(_look="1"))
    assert answer.status_code == 200 and "“currently”" in text(answer) and "<html" not in text(answer)
    assert not Term.objects.exists()


def test_a_fix_changes_the_typed_words_and_saves_nothing(client, editor):
    client.force_login(editor)
    answer = client.post(reverse("admin:glossary_term_add"), typed(fix="1"))
    assert answer.status_code == 200 and not Term.objects.exists()
    body = answer.context["form"]["body"].value()
    assert body == "First words.\n\nIt runs on a phone. It is easy to use."
    assert client.post(reverse("admin:glossary_term_add"), typed(fix="99")).status_code == 422


@pytest.mark.parametrize(
    ("body", "fixed"),
    [
        ("Currently, it runs.", "It runs."),
        ("It runs currently.", "It runs."),
        ("It is currently the one.", "It is the one."),
        ("It utilizes a list.", "It uses a list."),
    ],
)
def test_a_fix_leaves_a_sentence(client, editor, body, fixed):
    client.force_login(editor)
    answer = client.post(reverse("admin:glossary_term_add"), typed(body=body, fix="1"))
    assert answer.context["form"]["body"].value() == fixed


def test_the_check_page_names_what_stops_the_pass_and_takes_an_answer(client, editor):
    checker = make_user(Role.CHECKER)
    edition = submit_term(make_term("Qwen2", by=editor, body="It <b> currently runs on a phone."), by=editor)
    settle_all(edition, by=checker, source=make_source("https://example.org/new", by=checker, published_on=today()))
    client.force_login(checker)
    where = edition.get_check_url(3).split("#")[0]
    page = text(client.get(where))
    assert "“currently” goes stale: date it, reword it, or say why it may stay." in page
    assert "Stops a pass:" in page and "Ignore, because…" in page
    assert client.post(where, {"do": "waive", "rule": "T1.now", "why": ""}).status_code == 422
    client.post(where, {"do": "waive", "rule": "T1.now", "why": "<i>Run time</i>."})
    page = text(client.get(where))
    assert "T1.now answered by" in page and "&lt;i&gt;Run time&lt;/i&gt;." in page and "goes stale: date it" not in page
    client.post(where, {"do": "unwaive", "waiver": Waiver.objects.get().pk})
    assert not Waiver.objects.exists() and Edition.objects.get().submitted_at


def test_the_check_page_shows_the_lengths_and_underlines_the_words_that_findings_speak_of(client, editor):
    body = "It is the latest <b>one</b>, and robust. It has a list. " + "It is so. " * 140
    edition = submit_term(make_term("Qwen2", by=editor, body=body, example=""), by=editor)
    client.force_login(make_user(Role.CHECKER))
    page = text(client.get(edition.get_check_url(3).split("#")[0]))
    assert "Definition: 37 of 200 characters" in page and "Card: 8 of 60 words" in page
    assert "too long" in page and "The page has" in page and "The card has no example." in page
    assert 'class="dk-u-stop" title="“latest” holds until the next one comes.' in page
    assert '">latest</span> &lt;b&gt;one&lt;/b&gt;, and <span class="dk-u"' in page


def test_an_old_source_is_refused_on_the_page_with_its_date_and_the_way_out_typed_in(client, editor):
    edition = submit_term(make_term("Qwen2", by=editor, body="It is increasingly used."), by=editor)
    source = make_source(by=editor, for_term=edition.term)
    client.force_login(make_user(Role.CHECKER))
    where = edition.get_check_url(3).split("#")[0]
    assert "Only a source of the last 6 months supports it." in text(client.get(where))
    given = {"do": "settle", "verdict": "supported", "source": source.pk, "passage": "So.", "passage_kind": "verbatim"}
    answer = client.post(where, given)
    assert answer.status_code == 422 and "The source is from July 2024." in text(answer)
    assert ">As of July 2024, it is increasingly used.</textarea>" in text(answer)


def test_the_style_guide_shows_every_rule_and_superusers_turn_them(client, editor):
    client.force_login(editor)
    guide = reverse("admin:glossary_rulesetting_changelist")
    page = text(client.get(guide))
    assert "Words that go stale" in page and "No fluff" in page and "Plain words" in page and 'id="T1.now"' in page
    assert "<select" not in page
    assert client.post(guide, {"rule": "T1.now", "level": "off"}).status_code == 403
    client.force_login(make_user(superuser=True, username="chief"))
    client.post(guide, {"rule": "F2.hype", "level": "off"})
    assert "set by chief" in text(client.get(guide))
    client.post(guide, {"rule": "F2.hype", "level": "dated"})
    client.post(guide, {"rule": "F2.hype", "level": ""})
    assert "set by chief" not in text(client.get(guide))


def test_the_check_page_says_how_soon_a_line_is_looked_at_again_and_why(client, editor):
    checker = make_user(Role.CHECKER)
    body = "As of May 2026, it runs on most phones today. It has a screen."
    edition = submit_term(make_term("Qwen2", by=editor, body=body), by=editor)
    settle_all(edition, by=checker, source=make_source("https://example.org/new", by=checker, published_on=today()))
    client.force_login(checker)
    assert "Class C, as it says “As of May 2026”: every 6 months." in text(
        client.get(edition.get_check_url(3).split("#")[0])
    )
    page = text(client.get(edition.get_check_url(4).split("#")[0]))
    assert "Class B, as an editor chose it for the card: every 18 months." in page

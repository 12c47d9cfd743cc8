"""Links on a term's page, and the preview of where they lead."""

import re

import pytest

from glossary.domain.roles import Role
from glossary.models import Term
from glossary.services.fact_check import withdraw_check
from glossary.services.term import save_term
from tests.factories import details_of, make_draft, make_published_term, make_term, make_user

pytestmark = pytest.mark.django_db
MARKS = re.compile(r'<span class="s"[^>]*>|</span>|<sup class="fn".*?</sup>')


def page_of(client, term):
    """Return the page without the marks of its statements, which stand around the words."""
    html = client.get(term.get_absolute_url()).content.decode()
    return MARKS.sub("", html)


def test_a_page_links_the_first_mention_of_other_terms_in_its_running_text_only(client):
    make_published_term("Beam search", aliases=["Beam decoding"])
    make_published_term("Softmax")
    term = make_published_term(
        "Decoder",
        definition="A decoder runs a beam search.",
        body="A **decoder** runs `beam search` and “beam search”.\n\nBeam searches & <i>beam decoding</i> run.",
        example="A softmax <b>, and beam search.",
    )
    html = page_of(client, term)
    assert '<p class="definition">A decoder runs a beam search.</p>' in html
    assert html.count('href="/terms/beam-search/"') == 1
    assert '<a href="/terms/beam-search/" data-peek="" rel="noopener">Beam searches</a> &amp; &lt;i&gt;beam' in html
    assert '<p>A <a href="/terms/softmax/" data-peek>softmax</a> &lt;b&gt;, and beam search.</p>' in html
    assert (
        'href="/terms/decoder/"'
        not in html.partition("<article")[2].partition("</article>")[0].partition('class="addr')[0]
    )
    assert "glossary/peek.js" in html


def test_a_page_without_links_asks_for_no_script(client):
    assert "peek.js" not in page_of(client, make_published_term("Decoder"))


def test_the_preview_has_the_published_definition_and_date(client, time_machine):
    time_machine.move_to("2026-05-29 12:00:00Z", tick=False)
    editor = make_user(Role.EDITOR)
    term = make_published_term("Beam search", author=editor, definition="It keeps the best few.")
    save_term(term, make_draft("Beam search", definition="Secret words."), details=details_of(term), by=editor)
    response = client.get("/terms/beam-search/preview/")
    html = response.content.decode()
    assert "It keeps the best few." in html and "May 29, 2026" in html and "Secret" not in html
    assert '<a href="/terms/beam-search/">Read more' in html and "<html" not in html
    assert response["X-Robots-Tag"] == "noindex" and "s-maxage=30" in response["Cache-Control"]
    assert not response.cookies and client.post("/terms/beam-search/preview/").status_code == 405
    Term.objects.filter(pk=term.pk).update(due_on="2026-01-01", overdue_on="2026-02-01")
    assert "Re-check due." in client.get("/terms/beam-search/preview/").content.decode()


def test_what_readers_cannot_find_has_no_preview(client):
    make_term("Draft")
    term = make_published_term("Gone")
    withdraw_check(term, by=make_user(Role.PUBLISHER), reason="It was wrong.")
    for slug in ("draft", "gone", "nothing"):
        assert client.get(f"/terms/{slug}/preview/").status_code == 404


def test_a_term_with_preview_for_its_name_keeps_its_page(client):
    term = make_published_term("Preview")
    assert client.get(term.get_absolute_url()).status_code == 200


def test_the_preview_of_a_draft_shows_its_links(client):
    make_published_term("Beam search")
    draft = make_term("Decoder", body="It runs a beam search.")
    client.force_login(make_user(Role.EDITOR))
    html = client.get(f"/admin/glossary/term/{draft.pk}/preview/").content.decode()
    assert '<a href="/terms/beam-search/" data-peek="" rel="noopener">beam search</a>' in html

"""What readers are told of the terms near a term."""

import pytest

from glossary.domain.relations import Relations
from glossary.services.relations import relate_term
from tests.factories import make_deck, make_published_term, make_term

pytestmark = pytest.mark.django_db


def text(response):
    return " ".join(response.content.decode().split())


def test_a_term_says_what_to_read_first_and_what_is_near(client, editor):
    names = ("Qwen2", "Token", "Language model", "Llama", "Qwen")
    term, first, broader, related, contrast = (make_published_term(name, author=editor) for name in names)
    relate_term(term, Relations("", 0, (first.pk,), (broader.pk,), (related.pk,), contrast.pk), by=editor)
    page = text(client.get("/terms/qwen2/"))
    for title, other in (
        ("Read first", first),
        ("Often confused with", contrast),
        ("A kind of", broader),
        ("Related", related),
    ):
        section = page.split(f">{title}</h2>")[1].split("</section>")[0]
        assert f'href="{other.get_absolute_url()}"' in section and f"{other} is a family of language models." in section
    assert "Often confused with" in text(client.get(contrast.get_absolute_url()))
    assert "Related" in text(client.get(related.get_absolute_url()))
    assert "Read first" not in text(client.get(first.get_absolute_url()))


def test_drafts_are_not_named(client, editor):
    term, draft = make_published_term("Qwen2", author=editor), make_term("Secret plan", by=editor)
    relate_term(term, Relations(prerequisites=(draft.pk,), related=(draft.pk,), contrast=draft.pk), by=editor)
    assert "Secret" not in text(client.get("/terms/qwen2/"))


def test_a_dealt_card_says_what_to_read_first_unless_it_stands_before_it(client, editor):
    terms = [make_published_term(f"Word {n}", author=editor, tag=f"Topic {n}") for n in range(1, 8)]
    outside = make_published_term("Token", author=editor)
    relate_term(terms[3], Relations(prerequisites=(outside.pk, terms[0].pk)), by=editor)
    make_deck(terms=terms)
    page = text(client.get("/"))
    card = page.split('id="card-4"')[1].split('id="card-5"')[0]
    assert 'Read first: <a href="/terms/token/">Token</a></p>' in card
    assert page.count("Read first") == 1

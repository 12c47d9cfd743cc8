"""Links in the writing form: the policy of each name, and what comes of it."""

import pytest
from django.urls import reverse

from glossary.domain.roles import Role
from glossary.domain.term import AliasDraft
from glossary.models import LinkKey, Term
from tests.factories import make_published_term, make_user

pytestmark = pytest.mark.django_db


def typed(term, *aliases, **over):
    """Return what the writing form posts; an alias is its text and its policy."""
    data = {"headword": term.headword, "definition": term.definition, "body": term.body, "example": term.example}
    data |= {"volatility": term.volatility, "version": term.version, "link_policy": term.link_policy}
    data |= {"alias-TOTAL_FORMS": len(aliases), "alias-INITIAL_FORMS": 0}
    for number, (text, policy) in enumerate(aliases):
        row = {"text": text, "kind": "spelling", "shown": "on", "link_policy": policy}
        data |= {f"alias-{number}-{field}": value for field, value in row.items()}
    return data | over


@pytest.fixture
def editor(client):
    person = make_user(Role.EDITOR)
    client.force_login(person)
    return person


def section(response):
    return response.content.decode().partition('id="links"')[2].partition("</section>")[0]


def test_the_policy_of_each_name_is_saved_and_shown(client, editor):
    term = make_published_term("Memory", author=editor, aliases=[AliasDraft("Beaming", shown=False)])
    address = reverse("admin:glossary_term_change", args=[term.pk])
    page = client.get(address).content.decode()
    assert '<option value="suggest" selected>' in page and '<option value="auto" selected>' in page
    client.post(address, typed(term, ("Beaming", "never"), ("Context", ""), link_policy="exact case"))
    after = Term.objects.get(pk=term.pk)
    assert after.link_policy == "exact case"
    assert dict(after.aliases.values_list("text", "link_policy")) == {"Beaming": "never", "Context": "suggest"}
    assert LinkKey.objects.get(text="Memory").policy == "exact case"
    assert client.post(address, typed(after, link_policy="always")).status_code == 422


def test_the_form_tells_the_links_of_the_card_and_what_is_not_linked(client, editor):
    make_published_term("Beam search")
    make_published_term("Memory")
    term = make_published_term("Decoder", author=editor, body="A beam search needs memory.")
    told = section(client.get(reverse("admin:glossary_term_change", args=[term.pk])))
    assert 'beam search → <a href="/terms/beam-search/">' in told
    assert "1 waits for your word" in told and "A beam search needs <mark>memory</mark>." in told
    assert '<a href="/terms/memory/">Memory</a> <span class="dk-quiet">Memory is a family' in told


def test_while_typing_the_form_tells_the_pages_that_would_begin_to_link(client, editor):
    page = make_published_term("Decoder", body="It runs a beam search.")
    term = make_published_term("Best-first search", author=editor)
    address = reverse("admin:glossary_term_change", args=[term.pk])
    told = section(client.post(address, typed(term, ("Beam search", "")) | {"_look": "1"}))
    assert "Pages that would begin to link here" in told and page.get_absolute_url() in told
    for policy in ("never", "suggest"):
        told = section(client.post(address, typed(term, ("Beam search", policy)) | {"_look": "1"}))
        assert page.get_absolute_url() not in told
    assert not LinkKey.objects.filter(text="Beam search").exists()


def test_a_new_card_and_one_that_cannot_be_stored_are_told_as_well(client, editor):
    make_published_term("Decoder", body="It runs a beam search.")
    add = reverse("admin:glossary_term_add")
    assert "appear once there are words" in section(client.get(add))
    term = Term(headword="Beam search", definition="It is one.", body="It is in a decoder.")
    told = section(client.post(add, typed(term) | {"_look": "1"}))
    assert 'decoder → <a href="/terms/decoder/">' in told and "begin to link here" in told
    wrong = typed(term, body="[x](mailto:a@b.example)") | {"_look": "1"}
    assert "appear once there are words" in section(client.post(add, wrong))

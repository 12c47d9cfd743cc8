"""Links in the writing form: the policy of each name, and what comes of it."""

import re
from html import unescape

import pytest
from django.urls import reverse

from glossary.domain.roles import Role
from glossary.domain.term import AliasDraft
from glossary.models import LinkChoice, LinkKey, Term
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


def test_letting_a_known_name_be_linked_tells_the_pages_as_a_new_one_does(client, editor):
    page = make_published_term("Decoder", body="It has a memory.")
    term = make_published_term("Memory", author=editor)
    address = reverse("admin:glossary_term_change", args=[term.pk])
    assert "begin to link here" not in section(client.post(address, typed(term, _look="1")))
    told = section(client.post(address, typed(term, _look="1", link_policy="auto")))
    assert "Pages that would begin to link here" in told and page.get_absolute_url() in told


def test_a_new_card_and_one_that_cannot_be_stored_are_told_as_well(client, editor):
    make_published_term("Decoder", body="It runs a beam search.")
    add = reverse("admin:glossary_term_add")
    assert "appear once there are words" in section(client.get(add))
    term = Term(headword="Beam search", definition="It is one.", body="It is in a decoder.")
    told = section(client.post(add, typed(term) | {"_look": "1"}))
    assert 'decoder → <a href="/terms/decoder/">' in told and "begin to link here" in told
    wrong = typed(term, body="[x](mailto:a@b.example)") | {"_look": "1"}
    assert "appear once there are words" in section(client.post(add, wrong))


def buttons(page):
    """Return the values of the buttons beside links: what a click would say."""
    return [unescape(value) for value in re.findall(r'name="say" value="([^"]*)"', page)]


def posted(term, *aliases, **over):
    return typed(Term.objects.get(pk=term.pk), *aliases, **over)


@pytest.fixture
def asked(editor):
    """A page that names a term whose name is suggested."""
    memory = make_published_term("Memory", author=editor)
    return memory, make_published_term("Decoder", author=editor, body="A decoder needs memory. It runs.")


def test_one_click_accepts_a_suggested_link_and_the_next_takes_it_back(client, editor, asked):
    memory, page = asked
    address = reverse("admin:glossary_term_change", args=[page.pk])
    yes, no = buttons(client.get(address).content.decode())
    assert yes.startswith(f"{memory.pk}:") and no.startswith("0:")
    told = section(client.post(address, posted(page, _look="1", say=yes)))
    assert 'memory → <a href="/terms/memory/">' in told and "wait" not in told
    assert 'href="/terms/memory/"' in client.get(page.get_absolute_url()).content.decode()
    (refuse,) = buttons(told)
    told = section(client.post(address, posted(page, _look="1", say=refuse)))
    assert "No link, by an editor" in told and "memory → <a" not in told
    (back,) = buttons(told)
    assert back.startswith("back:")
    assert "1 waits for your word" in section(client.post(address, posted(page, _look="1", say=back)))
    assert not LinkChoice.objects.exists()


def test_without_script_the_click_keeps_what_is_typed_and_saves_none_of_it(client, editor, asked):
    _, page = asked
    address = reverse("admin:glossary_term_change", args=[page.pk])
    yes = buttons(client.get(address).content.decode())[0]
    response = client.post(address, posted(page, say=yes, definition="Typed and not saved."))
    html = response.content.decode()
    assert response.status_code == 200 and "Typed and not saved." in html and "data-unsaved" in html
    assert "Kept. The words are as you typed them" in html
    assert Term.objects.get(pk=page.pk).definition == page.definition and LinkChoice.objects.get().accepted


def test_a_sentence_that_is_only_typed_has_no_buttons_yet(client, editor, asked):
    _, page = asked
    address = reverse("admin:glossary_term_change", args=[page.pk])
    told = section(client.post(address, posted(page, _look="1", body="It has a big memory.")))
    assert "Save the card first" in told and buttons(told) == []
    add = client.post(reverse("admin:glossary_term_add"), posted(page, headword="New", _look="1"))
    assert "Save the card first" in section(add) and buttons(section(add)) == []


def test_what_cannot_be_said_is_told_and_changes_nothing(client, editor, asked):
    memory, page = asked
    address = reverse("admin:glossary_term_change", args=[page.pk])
    for wrong in ("", "x", f"{memory.pk}:{'0' * 64}:Memory", "back:y:Memory", f"{10**30}:y:Memory"):
        told = section(client.post(address, posted(page, _look="1", say=wrong)))
        assert "has changed since you opened the page" in told
        assert client.post(address, posted(page, say=wrong)).status_code == 422
    new = client.post(reverse("admin:glossary_term_add"), posted(page, headword="New", say="1:x:Memory"))
    assert new.status_code == 422 and "Save the card first" in new.content.decode()
    assert not LinkChoice.objects.exists()


def test_the_candidates_of_an_ambiguous_name_are_shown_with_their_definitions(client, editor):
    for kind in ("model", "coil"):
        make_published_term(
            "Transformer", author=editor, slug=f"transformer-{kind}", ambiguous=True, definition=f"It is the {kind}."
        )
    page = make_published_term("Decoder", author=editor, body="A transformer hums.")
    html = client.get(reverse("admin:glossary_term_change", args=[page.pk])).content.decode()
    assert "It is the model." in html and "It is the coil." in html
    assert len(buttons(html)) == 3 and 'data-say="1"' in html and 'data-say="2"' in html and 'data-say="n"' in html


def test_who_may_not_write_sees_links_and_no_buttons(client, editor, asked):
    _, page = asked
    address = reverse("admin:glossary_term_change", args=[page.pk])
    yes = buttons(client.get(address).content.decode())[0]
    client.force_login(make_user(Role.CHECKER))
    html = client.get(address).content.decode()
    assert "<mark>memory</mark>" in html and buttons(html) == [] and 'name="take"' not in html
    assert client.post(address, posted(page, say=yes)).status_code == 403 and not LinkChoice.objects.exists()


def test_a_name_shows_what_was_said_of_it_and_one_click_takes_the_policy_it_earned(client, editor):
    memory = make_published_term("Memory", author=editor, aliases=[AliasDraft("Beaming", shown=False)])
    for number in range(3):
        page = make_published_term(f"Page {number}", author=editor, body=f"Card {number} has a memory.")
        address = reverse("admin:glossary_term_change", args=[page.pk])
        client.post(address, posted(page, _look="1", say=buttons(client.get(address).content.decode())[0]))
    address = reverse("admin:glossary_term_change", args=[memory.pk])
    html = client.get(address).content.decode()
    row = html.partition('<th scope="row">Memory</th>')[2].partition("</tr>")[0]
    assert re.findall(r"<td>(\w+)", row) == ["suggest", "3", "3", "0"] and "Make it “auto”" in row
    (take,) = re.findall(r'name="take" value="([^"]*)"', html)
    html = client.post(address, posted(memory, ("Beaming", "auto"), take=take, body="Typed.")).content.decode()
    after = Term.objects.get(pk=memory.pk)
    assert after.link_policy == "auto" and after.body == memory.body and "Typed." in html
    assert f'name="version" value="{after.version}"' in html and '<option value="auto" selected>' in html
    client.post(address, posted(after, ("Beaming", "auto"), _save="1"))
    assert Term.objects.get(pk=memory.pk).link_policy == "auto"
    for wrong in ("auto:Gone", "always:Memory", "auto:Memory"):
        assert client.post(address, posted(memory, take=wrong)).status_code == 422


def test_an_alias_takes_its_policy_in_its_own_row(client, editor):
    term = make_published_term("Beam search", author=editor, aliases=[AliasDraft("Context")])
    address = reverse("admin:glossary_term_change", args=[term.pk])
    html = client.post(address, posted(term, ("Context", "suggest"), take="auto:Context")).content.decode()
    assert term.aliases.get().link_policy == "auto"
    assert re.search(r'name="alias-0-link_policy".*?<option value="auto" selected>', html, re.DOTALL)

"""The check page by keyboard: fifteen sentences and four sources in forty-five keys, and no fault for axe."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from glossary.domain.roles import Role
from glossary.models import Claim, Source, Term
from glossary.services.source import keep_source, keep_text
from glossary.services.term import save_term, submit_term
from tests.factories import check_term, details_of, make_draft, make_published_term, make_tag, make_term, make_user

pytestmark = pytest.mark.django_db(transaction=True)
BODY = (
    "A language model guesses the next piece of text. Parameters are the numbers inside it. The report came out in "
    "July 2024. It names five sizes, from 0.5 to 72 billion parameters.\n\n"
    "The text for training held about 7 trillion tokens. It covers 27 languages besides English and Chinese. A "
    "tokenizer cuts text into pieces. This one knows 151,646 of them.\n\n"
    "The larger models read 131,072 tokens at once. Most sizes are under the Apache 2.0 licence. A licence says what "
    "you may do. The blog announced it on June 7, 2024.\n\n"
    "A mixture of experts uses a part of its numbers for each piece. Of 57 billion numbers, 14 billion work at a time."
)
SOURCES = {
    "The report": "The technical report of July 2024 names five sizes from 0.5 billion to 72 billion parameters. "
    "The text for training held 7 trillion tokens. It covers 27 languages besides English and Chinese.",
    "The tokenizer page": "The tokenizer of the family knows 151,646 pieces of text.",
    "The model card": "The larger models read up to 131,072 tokens at once. Most sizes are under the Apache 2.0 "
    "licence. Of 57 billion numbers in the mixture of experts, 14 billion work at a time.",
    "The blog": "The blog announced the family on June 7, 2024.",
}
BEST = ["7 trillion", "27 languages", "five sizes", "July", "151,646", "131,072", "Apache", "57 billion", "June 7"]


@pytest.fixture
def checker():
    return make_user(Role.CHECKER, Role.PUBLISHER)


@pytest.fixture
def card(checker):
    """A card of fifteen sentences, with the texts of four sources at hand."""
    make_tag("Model families")
    editor = make_user(Role.EDITOR)
    definition = "Qwen2 is a family of language models in five sizes."
    term = make_term("Qwen2", by=editor, definition=definition, body=BODY, example="")
    for title, text in SOURCES.items():
        source = keep_source(
            f"https://example.org/{len(title)}", title=title, publisher="Example", by=checker, for_term=term
        )
        keep_text(source, text, by=checker)
    return submit_term(term, by=editor)


class Keys:
    """Presses keys and counts them; counts page loads too."""

    def __init__(self, page):
        self.page, self.pressed, self.loads = page, 0, 0
        page.on("load", lambda _page: setattr(self, "loads", self.loads + 1))

    def press(self, key):
        self.pressed += 1
        self.page.keyboard.press(key)

    def settled(self):
        return self.page.locator(".dk-prog b").inner_text()


def test_fifteen_sentences_with_four_sources_take_at_most_forty_five_keys(as_person, checker, card):
    page = as_person(checker)
    keys = Keys(page)
    page.goto(card.get_check_url())
    page.locator(".dk-check[data-keys]").wait_for()
    sentences = card.claims.exclude(sentence__part="headword").count()
    assert sentences == 15

    keys.press("x")
    page.get_by_text("accepted. Look them over").wait_for()
    titles = list(SOURCES)
    while page.locator("li[aria-current] strong.dk-word").count():
        words = page.locator("li[aria-current] .dk-line").inner_text()
        wanted = next((title for title in titles if any(b in SOURCES[title] and b in words for b in BEST)), None)
        if wanted and page.locator("[data-source]").count():
            while (
                page.locator(".dk-pick:has([data-source]:checked) > span").first.inner_text().split("\n")[0] != wanted
            ):
                before = page.url
                keys.press("g")
                page.wait_for_url(lambda url, old=before: url != old)
        done = keys.settled()
        keys.press("Enter")
        page.wait_for_function("old => document.querySelector('.dk-prog b').innerText !== old", arg=done)
    keys.press("t")
    keys.press("Control+Enter")
    page.get_by_text("Readers see it now").wait_for()
    print(f"\n{keys.pressed} keys, {keys.loads} page loads for {sentences} sentences")
    assert keys.pressed <= 45 and keys.loads <= 5
    term = Term.objects.get(slug="qwen2")
    assert term.published_id == card.pk
    facts = [line for line in Claim.objects.lines(card.pk) if line.check.kind == "fact"]
    assert {line.check.evidence.get().source for line in facts} == set(Source.objects.all())
    assert all(line.check.evidence.get().passage_kind == "verbatim" for line in facts)


def test_a_changed_sentence_takes_three_keys(as_person, checker):
    editor = make_user(Role.EDITOR)
    term = check_term(make_term(by=editor, body="Five sizes exist.", example=""), author=editor, checker=checker)
    source = Source.objects.get()
    keep_text(source, "The report says that six sizes exist in this family of models.", by=checker)
    changed = make_draft(body="Six sizes exist.", example="")
    term = save_term(term, changed, details=details_of(term, sources=[source]), by=editor)
    edition = submit_term(term, by=editor)
    page = as_person(checker)
    keys = Keys(page)
    page.goto(edition.get_check_url())
    page.locator("input[name=pick]").first.wait_for()
    keys.press("Enter")
    page.get_by_text("3 of 3 settled").wait_for()
    keys.press("t")
    keys.press("Control+Enter")
    page.get_by_text("Readers see it now").wait_for()
    assert keys.pressed <= 3


def test_keys_can_be_turned_off_and_never_act_while_one_types(as_person, checker, card):
    page = as_person(checker)
    page.goto(card.get_check_url(2))
    page.locator("input[name=note]").focus()
    page.keyboard.type("sexy cute text")
    assert page.input_value("input[name=note]") == "sexy cute text"
    assert "0 of" in page.locator(".dk-prog b").inner_text()
    page.get_by_role("button", name="turn keys off").click()
    page.get_by_text("Single keys are off").wait_for()
    page.keyboard.press("x")
    assert "0 of" in page.locator(".dk-prog b").inner_text()


def test_it_works_without_script(browser, live_server, checker, card):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/admin/login/")
    page.fill("#id_username", checker.username)
    page.fill("#id_password", "correct horse battery")
    page.click("input[type=submit]")
    page.goto(card.get_check_url(1))
    page.locator("button[value=settle]").click()
    page.goto(card.get_check_url(2))
    page.locator("button[value=settle]").click()
    assert "2 of 16 settled" in page.locator(".dk-prog b").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_on_the_desk(as_person, browser, live_server, checker, card, scheme):
    make_published_term("Token")
    page = as_person(make_user(superuser=True))
    page.emulate_media(color_scheme=scheme)
    term = card.term
    for address in (
        reverse("admin:index"),
        reverse("admin:glossary_edition_changelist"),
        card.get_check_url(4),
        reverse("admin:glossary_term_compare", args=[term.pk]),
        reverse("admin:glossary_term_change", args=[term.pk]),
        reverse("admin:glossary_term_history", args=[term.pk]),
        reverse("admin:glossary_term_preview", args=[term.pk]),
    ):
        page.goto(address)
        found = Axe().run(page, options={"preload": False})  # it would fetch style sheets past the policy
        assert found.violations_count == 0, f"{address}: {found.generate_report()}"

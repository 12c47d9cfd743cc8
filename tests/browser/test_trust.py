"""Evidence, versions and reports in a real browser: with script and without it."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from glossary.domain.roles import Role
from glossary.models import Report, Term
from glossary.services import report as reports
from tests.factories import make_published_term, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def term(monkeypatch):
    monkeypatch.setattr(reports, "MIN_AGE", 0)  # the browser types faster than people do
    people = {"author": make_user(Role.EDITOR), "checker": make_user(Role.CHECKER, Role.PUBLISHER)}
    return make_published_term("Qwen2", aliases=["Qwen 2"], **people)


@pytest.fixture
def open_page(browser, live_server):
    """Return a function that opens a page in a fresh browser; it notes what the page complains of."""
    complaints: list[str] = []

    def visit(path, **context):
        page = browser.new_context(base_url=live_server.url, **context).new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(path)
        return page

    yield visit
    assert not [text for text in complaints if "Content Security Policy" in text]


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_mark_in_the_text_opens_its_evidence_and_the_statement_leads_back(open_page, term, script):
    page = open_page("/terms/qwen2/", java_script_enabled=script)
    assert not page.locator("#c3").is_visible()
    page.get_by_label("Statement 3: what we checked").click()
    page.locator("#c3").wait_for(state="visible")
    assert "It was released in June 2024." in page.locator("#c3").inner_text()
    page.locator("#c3 .said a").click()
    assert page.url.endswith("#s3")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_reader_reports_a_sentence(open_page, term, script):
    page = open_page("/terms/qwen2/", java_script_enabled=script)
    page.get_by_role("link", name="Report an error").click()
    page.get_by_label("Five sizes exist.").check()
    page.get_by_label("What is wrong?").fill("There are six sizes.")
    page.get_by_role("button", name="Send the report").click()
    page.get_by_role("heading", name="Thank you.").wait_for()
    report = Report.objects.get()
    assert (report.sentence.text, report.said) == ("Five sizes exist.", "There are six sizes.")
    assert not page.context.cookies()


def test_words_that_are_selected_can_be_reported_with_one_click(open_page, term):
    page = open_page("/terms/qwen2/")
    page.evaluate(
        """() => {
            const words = [...document.querySelectorAll(".words .s")].find(s => s.textContent.startsWith("Five"));
            const range = document.createRange();
            range.setStart(words.firstChild, 0);
            range.setEnd(words.firstChild, "Five sizes".length);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }"""
    )
    page.get_by_role("link", name="Report these words").click()
    assert page.get_by_label("The exact words").input_value() == "Five sizes"
    assert page.get_by_label("Five sizes exist.").is_checked()
    page.get_by_label("What is wrong?").fill("There are six sizes.")
    page.get_by_role("button", name="Send the report").click()
    page.get_by_role("heading", name="Thank you.").wait_for()
    report = Report.objects.get()
    assert (report.quote, report.sentence.text) == ("Five sizes", "Five sizes exist.")
    assert report.edition == Term.objects.get().published


def test_what_is_wrong_with_a_form_is_said_beside_the_field(open_page, term):
    page = open_page("/terms/qwen2/report/", viewport={"width": 390, "height": 800})
    page.get_by_label("Your e-mail address").fill("ada")
    page.get_by_role("button", name="Send the report").click()
    page.get_by_role("alert").wait_for()
    assert "Say in a sentence what is wrong." in page.inner_text("#said-error")
    assert "not an address" in page.inner_text("#email-error")
    assert page.get_by_label("Your e-mail address").input_value() == "ada"
    for name in ("What is wrong?", "Your e-mail address"):  # past all the sentences to pick from
        page.get_by_role("alert").get_by_role("link", name=name).click()
        assert page.get_by_label(name).evaluate("one => one === document.activeElement")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not Axe().run(page).response["violations"]


def test_axe_finds_no_fault_with_reports_at_the_desk(as_person, term):
    report = Report.objects.create(term=term, edition=term.published, said="It is <wrong>.", at=term.published_at)
    page = as_person(make_user(Role.CHECKER, Role.PUBLISHER))
    for path in ("/admin/", "/admin/glossary/report/", f"/admin/glossary/report/{report.pk}/change/"):
        page.goto(path)
        found = Axe().run(page).response["violations"]
        assert not [(one["id"], one["nodes"][0]["html"]) for one in found], path
    page.get_by_label("Why").fill("The report counts five.")
    page.get_by_role("button", name="Nothing is wrong").click()
    page.get_by_text("1 report is settled.").wait_for()

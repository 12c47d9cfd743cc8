"""The pages of what is in doubt: no fault for axe, light and dark, and nothing that runs out of a narrow window."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone

from glossary.domain.doubt import DoubtKind
from glossary.domain.roles import Role
from glossary.models import Claim, Doubt, SourceWatch
from glossary.services.doubt import doubt_sentence, doubt_source, raise_doubt
from tests.factories import make_deck, make_source, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def addresses():
    """A desk with doubts of several kinds, and the address of each page."""
    checker = make_user(Role.CHECKER)
    make_deck()
    source = make_source(by=checker)
    moved = f"https://example.org/{'long/' * 30}"
    SourceWatch.objects.create(
        source=source, seen_at=timezone.now(), says="The page is there.", moved_url=moved, status=200
    )
    doubt_source(source, DoubtKind.OUTDATED, "A newer report with other numbers is out.", by=checker)
    raise_doubt(DoubtKind.REDIRECTED, f"The server says it moved for good: {moved}", source=source, now=timezone.now())
    claim = Claim.objects.filter(sentence__text="Five sizes exist.").first()
    doubt_sentence(claim.sentence, DoubtKind.CONTRADICTED, "The maker names six.", by=checker)
    return {
        "queue": reverse("admin:glossary_edition_changelist"),
        "check": claim.edition.get_check_url(claim.place),
        "list": reverse("admin:glossary_doubt_changelist"),
        "doubt": Doubt.objects.get(kind=DoubtKind.REDIRECTED).get_desk_url(),
        "source": reverse("admin:glossary_source_change", args=[source.pk]),
        "sentence": reverse("admin:glossary_doubt_sentence", args=[claim.sentence_id]),
        "content": reverse("admin:glossary_doubt_content"),
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_and_nothing_runs_out_of_a_narrow_window(as_person, addresses, scheme):
    page = as_person(make_user(Role.CHECKER))
    page.emulate_media(color_scheme=scheme)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for name, address in addresses.items():
            page.goto(address)
            found = Axe().run(page, options={"preload": False}).response["violations"]
            assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == [], name
            if name not in {"queue", "check"}:
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} at {width}"


def test_a_source_is_marked_with_the_keyboard_alone(as_person, addresses):
    page = as_person(make_user(Role.CHECKER))
    page.goto(addresses["source"])
    page.get_by_label("dead link").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("It does not open.")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_text("Every card that rests on it went to the checkers.").wait_for()
    assert Doubt.objects.open().filter(kind=DoubtKind.DEAD_LINK).count() == 1

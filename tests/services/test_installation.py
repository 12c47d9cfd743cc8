"""How a site began is written down once."""

from datetime import UTC, date, datetime

import pytest

from glossary.domain.origin import Origin
from glossary.models import Installation
from glossary.services.arming import arm
from glossary.services.installation import origin
from tests.factories import make_published_term, make_term

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 29, 12, tzinfo=UTC)
JUNE = datetime(2026, 6, 3, 12, tzinfo=UTC)


def test_the_first_published_term_writes_it_down_and_nothing_changes_it_after(settings):
    make_term("Draft")
    assert not Installation.objects.exists()
    assert origin() == Origin("http://testserver", "Daily Deck", date(2026, 1, 1))
    make_published_term("Qwen2", now=MAY)
    settings.SITE_URL, settings.SITE_NAME = "https://elsewhere.example", "Daily Hand"
    make_published_term("Another", now=JUNE)
    assert origin() == Origin("http://testserver", "Daily Deck", date(2026, 5, 29))
    assert Installation.objects.count() == 1


def test_a_site_that_was_armed_before_it_published_has_one_row_all_the_same(settings):
    settings.EMAIL_HOST = "mail.example"
    arm(now=MAY)
    make_published_term("Qwen2", now=JUNE)
    row = Installation.objects.get()
    assert (row.first_url, row.first_on, row.made_at) == ("http://testserver", date(2026, 6, 3), MAY)
    assert row.armed_host

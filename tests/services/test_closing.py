"""Retiring and merging terms."""

from datetime import UTC, datetime

import pytest

from glossary.domain.errors import IllegalMove
from glossary.domain.roles import Role
from glossary.domain.term import Stage
from glossary.models import Term
from glossary.services.closing import merge_term, retire_term
from tests.factories import make_published_term, make_term, make_user

pytestmark = pytest.mark.django_db
JUNE = datetime(2026, 6, 3, 12, tzinfo=UTC)
JULY = datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_merging_twice_leads_straight_to_the_last_target():
    publisher = make_user(Role.PUBLISHER)
    a, b, c = (make_published_term(name) for name in ("Aa", "Bb", "Cc"))
    merge_term(a, into=b, by=publisher)
    merge_term(b, into=c, by=publisher)
    a.refresh_from_db()
    assert (a.stage, a.merged_into) == (Stage.MERGED, c)
    with pytest.raises(IllegalMove):
        merge_term(c, into=a, by=publisher)


def test_retiring_needs_a_reason():
    with pytest.raises(IllegalMove):
        retire_term(make_published_term(), by=make_user(Role.PUBLISHER), reason=" ")


def test_closing_a_card_that_readers_had_moves_the_moment_of_its_last_change():
    publisher = make_user(Role.PUBLISHER)
    retired, merged, other = (make_published_term(name, now=JUNE) for name in ("Retired", "Merged", "Other"))
    retire_term(retired, by=publisher, reason="Nobody says it.", now=JULY)
    merge_term(merged, into=other, by=publisher, now=JULY)
    draft = make_term("Draft")
    retire_term(draft, by=publisher, reason="Nobody says it.", now=JULY)
    found = dict(Term.objects.values_list("slug", "changed_at"))
    assert found == {"retired": JULY, "merged": JULY, "other": JUNE, "draft": None}

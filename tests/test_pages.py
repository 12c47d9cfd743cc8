"""The list of pages is whole, and what every page has to keep: weight, markup, a way back."""

import pytest

from tests.pages import PROGRAMS
from tests.site import public_names

pytestmark = pytest.mark.django_db  # the pages need a database, which pytest-django makes for marked tests only


def test_every_public_address_has_a_page_in_the_list_or_answers_programs(pages):
    shown = {page.address for page in pages} - {""}
    assert shown | set(PROGRAMS) == set(public_names())
    assert not shown & set(PROGRAMS)

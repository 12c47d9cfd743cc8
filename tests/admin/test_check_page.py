"""What the check page shows, however many lines it has."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from glossary.domain.roles import Role
from glossary.services.term import submit_term
from tests.admin.test_fact_check import url
from tests.factories import make_term, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(editor):
    return submit_term(make_term(by=editor), by=editor)


def test_the_check_page_takes_the_same_queries_for_more_lines(client, editor):
    client.force_login(make_user(Role.CHECKER))
    terms = [make_term(f"Card {times}", by=editor, body="One is so. Two is so. " * times) for times in (2, 4, 12)]
    numbers = []
    for edition in [submit_term(term, by=editor) for term in terms]:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url(edition, 3)).status_code == 200
        numbers.append(len(queries))
    assert len(set(numbers)) == 1, numbers


@pytest.mark.parametrize("line", ["0", "999", "x", "٣", "9" * 30])
def test_a_line_that_is_not_there_is_no_fault(client, edition, line):
    client.force_login(make_user(Role.CHECKER))
    assert client.get(url(edition, line)).status_code == 200

"""What tests of sending get: a brief that is due, and a clock for its workers."""

import pytest

from tests.factories import make_brief_of
from tests.sending import HIRED, READERS, Clock, hang_up


@pytest.fixture
def brief(settings):
    settings.EMAIL_HOST = "127.0.0.1"
    return make_brief_of(READERS)


@pytest.fixture
def clock(brief):
    return Clock()


@pytest.fixture(autouse=True)
def lines_are_closed():
    """Close what workers left open, as the end of their process would."""
    yield
    for transport in HIRED:
        hang_up(transport)
    HIRED.clear()

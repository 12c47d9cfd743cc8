"""`manage.py check_mail`."""

import pytest
from django.core.management import CommandError, call_command

from tests.sink import Sink

pytestmark = pytest.mark.django_db


def test_check_mail_shows_the_dialogue_and_fails_where_something_is_wrong(settings, capsys):
    with Sink() as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        settings.DEFAULT_FROM_EMAIL = "desk@localhost"
        with pytest.raises(SystemExit):
            call_command("check_mail", "you@example.org")
    told = capsys.readouterr()
    assert "> EHLO" in told.out and "took the mail" in told.out and "DEFAULT_FROM_EMAIL" in told.err


def test_check_mail_refuses_what_is_no_address():
    with pytest.raises(CommandError, match="not a mail address"):
        call_command("check_mail", "you")

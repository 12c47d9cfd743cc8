"""`manage.py arm_sending`."""

import pytest
from django.core.management import CommandError, call_command

from glossary.models import Installation
from glossary.services.arming import host_name

pytestmark = pytest.mark.django_db


def test_a_machine_is_armed_and_disarmed(capsys):
    call_command("arm_sending", "--dry-run")
    assert not Installation.objects.exists()
    call_command("arm_sending")
    assert Installation.objects.get().armed_host == host_name()
    call_command("arm_sending", "--disarm")
    assert Installation.objects.get().armed_host == ""
    assert "disarmed: no brief leaves" in capsys.readouterr().out


def test_arming_without_a_key_says_what_to_do(settings):
    settings.LINK_KEY = ""
    with pytest.raises(CommandError, match="LINK_KEY"):
        call_command("arm_sending")


def test_arming_without_a_sender_of_ones_own_says_what_to_do(settings):
    settings.DEFAULT_FROM_EMAIL = "desk@localhost"
    with pytest.raises(CommandError, match="DEFAULT_FROM_EMAIL is “desk@localhost”"):
        call_command("arm_sending")
    assert not Installation.objects.exclude(armed_host="").exists()

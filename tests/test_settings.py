"""Settings that are read from the environment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deckproject.settings import parse_sender, parse_weekdays


@pytest.mark.parametrize(
    ("value", "days"),
    [
        ("all", range(7)),
        (" ALL ", range(7)),
        ("mon,tue,wed,thu,fri", range(5)),
        ("Saturday, sunday", (5, 6)),
    ],
)
def test_days_of_the_week_are_read_by_name(value, days):
    assert parse_weekdays(value) == frozenset(days)


@pytest.mark.parametrize("value", ["", "never", "mon;tue", "1,2", "mon,funday"])
def test_other_days_are_refused_with_a_sentence(value):
    with pytest.raises(ValueError, match="neither “all” nor days"):
        parse_weekdays(value)


def settings_with(*, code="import deckproject.settings as s; print(s.EMAIL_BACKEND, sorted(s.ANYMAIL))", **over):
    """Return what a fresh process says about mail under these variables, and its last words where it does not start."""
    told = {"SECRET_KEY": "k" * 40, "PATH": os.environ["PATH"]} | over
    asked = subprocess.run(
        [sys.executable, "-c", code], env=told, cwd=Path(__file__).parent.parent, capture_output=True, text=True
    )
    return asked.stdout + asked.stderr.strip().rpartition("\n")[2]


def test_all_bad_settings_are_named_at_once_each_with_what_is_wrong():
    bad = {
        "EDITORIAL_TIME_ZONE": "Mars/Base",
        "SITE_URL": "dailydeck",
        "DECK_DAYS": "never",
        "TRUSTED_PROXIES": "a proxy",
        "CONTACT_EMAIL": "nobody",
        "DEFAULT_FROM_EMAIL": "nobody",
        "EMAIL_PORT": "smtp",
    }
    said = settings_with(**bad)
    assert said.startswith("environs.exceptions.EnvValidationError")
    assert all(f"'{name}': [" in said for name in bad), said
    assert "“Mars/Base” is not a time zone such as Europe/London" in said


def test_a_server_needs_to_be_told_only_what_the_readme_names():
    code = "from deckproject.wsgi import application; print(type(application).__name__)"
    over = {"ALLOWED_HOSTS": "localhost", "SITE_URL": "http://localhost"}
    assert settings_with(code=code, **over) == "ReadyPages\n"


def test_a_mail_provider_is_set_by_the_environment_alone():
    said = settings_with(
        EMAIL_PROVIDER="Mailgun",
        EMAIL_PROVIDER_KEY="k",
        EMAIL_PROVIDER_SECRET="s" * 16,
        EMAIL_PROVIDER_OPTIONS="MAILGUN_SENDER_DOMAIN=mg.example.org,MAILGUN_API_URL=https://api.eu.mailgun.net/v3",
    )
    names = "['MAILGUN_API_KEY', 'MAILGUN_API_URL', 'MAILGUN_SENDER_DOMAIN', 'MAILGUN_WEBHOOK_SIGNING_KEY',"
    assert said.startswith(f"glossary.services.provider.EmailBackend {names}")
    by_smtp = settings_with(EMAIL_PROVIDER="postmark", EMAIL_HOST="smtp.example.org", EMAIL_PROVIDER_SECRET="s" * 16)
    assert by_smtp.startswith("django.core.mail.backends.smtp.EmailBackend") and "WEBHOOK_SECRET" in by_smtp
    assert settings_with().strip() == "django.core.mail.backends.smtp.EmailBackend []"


def test_a_provider_that_cannot_be_used_stops_the_start_with_a_sentence():
    assert "none of mailgun, postmark, brevo, sparkpost" in settings_with(EMAIL_PROVIDER="pigeon")
    assert "needs EMAIL_PROVIDER_KEY" in settings_with(EMAIL_PROVIDER="mailgun")
    said = settings_with(EMAIL_PROVIDER="mailgun", EMAIL_PROVIDER_KEY="k", EMAIL_PROVIDER_SECRET="short")
    assert "EMAIL_PROVIDER_SECRET" in said and "16" in said


@pytest.mark.parametrize(
    ("value", "header"),
    [
        ("desk@localhost", "desk@localhost"),
        ("Acme, Inc. <Brief@Bücher.example>", '"Acme, Inc." <Brief@xn--bcher-kva.example>'),
    ],
)
def test_a_sender_is_kept_as_a_header_has_it(value, header):
    assert parse_sender(value) == header and parse_sender(header) == header


@pytest.mark.parametrize("value", ["Daily Deck", "brief@dailydeck", "Deck <ü@dailydeck.example>", "a@b@c.example"])
def test_a_sender_that_mail_cannot_come_from_is_refused_at_start(value):
    with pytest.raises(ValueError, match="sender|mail"):
        parse_sender(value)

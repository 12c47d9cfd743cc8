"""Settings: what differs between two machines is read from the environment (or `.env`), typed and checked at start."""

from collections.abc import Callable
from datetime import time
from email.utils import quote
from functools import wraps
from hashlib import sha256
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import dj_database_url
from csp.constants import NONE, SELF
from environs import Env
from marshmallow import ValidationError
from marshmallow.validate import Email, Length, NoneOf, Range

from deckproject.static_files import weak_validator
from glossary.domain.address import mail_address, read_sender
from glossary.domain.mail_event import PROVIDERS, anymail_settings

BASE_DIR = Path(__file__).resolve().parent.parent
Parser = TypeVar("Parser", bound=Callable[[str], Any])

env = Env(eager=False)  # collect every bad variable, then name them all at once in seal()
env.read_env(str(BASE_DIR / ".env"), recurse=False)


def setting_read_as(name: str) -> Callable[[Parser], Parser]:
    """Mark the function that reads settings of a kind of ours, as `env.name(…)`.

    The ValueError of a bad value becomes the kind of error that is collected: any other would stop at the first one,
    without the name of its variable.
    """

    def marked(parse: Parser) -> Parser:
        @wraps(parse)
        def collected(value: str) -> Any:
            try:
                return parse(value)
            except ValueError as refusal:
                raise ValidationError(str(refusal)) from refusal

        env.add_parser(name, collected)
        return parse

    return marked


@setting_read_as("zone")
def parse_zone(value: str) -> ZoneInfo:
    """Return the time zone named `value`; raises ValueError for an unknown name."""
    try:
        return ZoneInfo(value)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"“{value}” is not a time zone such as Europe/London") from error


@setting_read_as("site_url")
def parse_site_url(value: str) -> str:
    """Return an http(s) address without its closing slash; raises ValueError for anything else."""
    if not value.startswith(("http://", "https://")) or " " in value:
        raise ValueError(f"“{value}” is not an address such as https://dailydeck.example")
    return value.rstrip("/")


def link_key_is_its_own(value: str) -> None:
    """Raise ValidationError for a key that is short or that SECRET_KEY has too: the two are changed apart."""
    if value and (len(value) < 32 or value == SECRET_KEY):
        raise ValidationError("It has to be 32 characters or longer, and another than SECRET_KEY.")


WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


@setting_read_as("weekdays")
def parse_weekdays(value: str) -> frozenset[int]:
    """Return days of the week, Monday 0, from `all` or names such as `mon,tue`; raises ValueError for others."""
    if value.strip().lower() == "all":
        return frozenset(range(7))
    known = {written: number for number, day in enumerate(WEEKDAYS) for written in (day, day[:3])}
    names = [name.strip().lower() for name in value.split(",") if name.strip()]
    if not names or not set(names) <= set(known):
        raise ValueError(f"“{value}” is neither “all” nor days such as mon,tue,wed,thu,fri")
    return frozenset(known[name] for name in names)


@setting_read_as("networks")
def parse_networks(value: str) -> list[IPv4Network | IPv6Network]:
    """Return the networks of `10.0.0.5, 10.1.0.0/16`; raises ValueError for anything else."""
    try:
        return [ip_network(part.strip()) for part in value.split(",") if part.strip()]
    except ValueError as error:
        raise ValueError(f"“{value}” is not a list of addresses such as 10.0.0.5, 10.1.0.0/16") from error


@setting_read_as("address")
def parse_address(value: str) -> str:
    """Return an e-mail address, or nothing; raises ValidationError for anything else."""
    return str(Email()(value)) if value else ""


@setting_read_as("provider")
def parse_provider(value: str) -> str:
    """Return a mail provider's name, or nothing; raises ValidationError for one that cannot be used as it stands."""
    name = value.strip().lower()
    if name and name not in PROVIDERS:
        raise ValidationError(f"“{value}” is none of {', '.join(PROVIDERS)}.")
    if name and find_spec("anymail") is None:
        raise ValidationError("It needs django-anymail: uv sync --extra anymail")
    if name and not EMAIL_HOST and not EMAIL_PROVIDER_KEY:
        raise ValidationError("Without EMAIL_HOST mails go by its interface, which needs EMAIL_PROVIDER_KEY.")
    return name


def secret_is_long(value: str) -> None:
    """Raise ValidationError for a secret that could be guessed."""
    if value and len(value) < 16:
        raise ValidationError("It has to be 16 characters or longer.")


@setting_read_as("sender")
def parse_sender(value: str) -> str:
    """Return whom mails come from, as a header has it; raises ValueError for what is no address, with or without name.

    A domain of one label, as in the default, is let through: sign-up and sending stay closed with it.
    """
    name, address = read_sender(value)
    if not address.endswith("@localhost"):
        address = mail_address(address)
    return f'"{quote(name)}" <{address}>' if name else address


SECRET_KEY = env.str("SECRET_KEY", validate=Length(min=32))
LINK_KEY = env.str("LINK_KEY", "", validate=link_key_is_its_own)  # signs links in mails; empty: no brief is sent
DEBUG = env.bool("DEBUG", False)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
SITE_URL = env.site_url("SITE_URL", "http://127.0.0.1:8000")
SITE_NAME = env.str("SITE_NAME", "Daily Deck")
EDITORIAL_TIME_ZONE = env.zone("EDITORIAL_TIME_ZONE", "UTC")
PUBLISH_AT = env.time("PUBLISH_AT", time(7))
DECK_DAYS: frozenset[int] = env.weekdays("DECK_DAYS", "all")
PUBLISHER = env.str("PUBLISHER", "")  # who answers for the site; its pages name nobody where this is empty
POSTAL_ADDRESS = env.str("POSTAL_ADDRESS", "")
CONTACT_EMAIL = env.address("CONTACT_EMAIL", "")
TRUSTED_PROXIES: list[IPv4Network | IPv6Network] = env.networks("TRUSTED_PROXIES", "")
SINGLE_PERSON_DESK = env.bool("SINGLE_PERSON_DESK", False)
LOG_LEVEL = env.log_level("LOG_LEVEL", "INFO")  # type: ignore[call-overload]  # the stubs know numbers only
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("SECURE_PROXY_SSL_HEADER", False) else None
HEARTBEAT_URL = env.str("HEARTBEAT_URL", "")  # asked for after each good tick
EMAIL_HOST = env.str("EMAIL_HOST", "")  # empty: no mail is sent, and nothing waits for it
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = env.bool(
    "EMAIL_USE_SSL", False, validate=NoneOf([EMAIL_USE_TLS or None], error="EMAIL_USE_TLS is on: choose one of the two")
)
EMAIL_FILE_PATH = env.str("EMAIL_FILE_PATH", "") or None  # mails become files here, as on a demonstration site
EMAIL_PROVIDER_KEY = env.str("EMAIL_PROVIDER_KEY", "")
EMAIL_PROVIDER: str = env.provider("EMAIL_PROVIDER", "")  # takes mails by its interface where there is no EMAIL_HOST
# Proves that what comes to /mail/events/ comes from the provider; empty: nothing may
EMAIL_PROVIDER_SECRET = env.str("EMAIL_PROVIDER_SECRET", "", validate=secret_is_long)
EMAIL_PROVIDER_OPTIONS: dict[str, str] = env.dict("EMAIL_PROVIDER_OPTIONS", {})
EMAIL_BACKEND = f"django.core.mail.backends.{'filebased' if EMAIL_FILE_PATH else 'smtp'}.EmailBackend"
if EMAIL_PROVIDER and not EMAIL_HOST and not EMAIL_FILE_PATH:
    EMAIL_BACKEND = "glossary.services.provider.EmailBackend"
EMAIL_TIMEOUT = 10  # seconds
EMAIL_MAX_PER_HOUR = env.int("EMAIL_MAX_PER_HOUR", 0, validate=Range(min=0))  # of briefs; 0: no cap
EMAIL_WORKERS = env.int("EMAIL_WORKERS", 1, validate=Range(min=1, max=64))  # processes that send; SQLite uses one
DEFAULT_FROM_EMAIL = env.sender("DEFAULT_FROM_EMAIL", "desk@localhost")
database_url = env.str("DATABASE_URL", f"sqlite:///{BASE_DIR / 'var' / 'dailydeck.sqlite3'}")
env.seal()

ANYMAIL = anymail_settings(
    EMAIL_PROVIDER, key=EMAIL_PROVIDER_KEY, secret=EMAIL_PROVIDER_SECRET, options=EMAIL_PROVIDER_OPTIONS
)

# Applications and the way of a request

INSTALLED_APPS = [
    "glossary.apps.GlossaryConfig",
    "glossary.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "taggit",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "deckproject.urls"
WSGI_APPLICATION = "deckproject.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "glossary.views.context.site",
            ],
        },
    },
]

# Data

# To connect anew for each page costs more than its questions; a line that was cut meanwhile is seen before it is used
DATABASES = {"default": dj_database_url.parse(database_url, conn_max_age=60, conn_health_checks=True)}  # seconds
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 5,
        "transaction_mode": "IMMEDIATE",  # a writer waits its turn instead of failing half-way
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
# Ready pages for as long as the database cannot be reached: a file on this machine for each database
READY_PAGES_COPY = BASE_DIR / "var" / f"pages-{sha256(database_url.encode()).hexdigest()[:12]}.sqlite3"
# The mark of a machine that may send the brief; it stays here when the database is copied or put back from a backup
_where = "\0".join(str(DATABASES["default"][part]) for part in ("HOST", "PORT", "NAME"))
SENDING_MARK = BASE_DIR / "var" / f"sending-{sha256(_where.encode()).hexdigest()[:12]}.txt"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TAGGIT_CASE_INSENSITIVE = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000  # bytes; a card is a few thousand

# Language and time: stored in UTC, shown in the editorial zone

LANGUAGE_CODE = "en-us"
USE_I18N = False  # so that DATE_FORMAT below holds everywhere: "May 29, 2026", never "Sept. 3"
USE_TZ = True
TIME_ZONE = EDITORIAL_TIME_ZONE.key
DATE_FORMAT = "F j, Y"

# Static files: hashed names, compressed once, served by whitenoise

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns where it is missing; var/ holds the database too
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ADD_HEADERS_FUNCTION = weak_validator
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Staff

LOGIN_URL = "admin:login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Safety

https = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = https
SECURE_HSTS_SECONDS = 31_536_000 if https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = https
SECURE_HSTS_PRELOAD = https
SESSION_COOKIE_SECURE = https
CSRF_COOKIE_SECURE = https
CSRF_COOKIE_HTTPONLY = True
if https:  # browsers accept the __Host- prefix over https only
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "base-uri": [NONE],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "img-src": [SELF, "data:"],
        "manifest-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}

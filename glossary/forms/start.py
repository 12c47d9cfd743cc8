"""The form of the free brief: an address and nothing else, without a cookie."""

from datetime import date, timedelta

from django.core import signing

from glossary.domain.errors import BadText

SALT = "start"
KEEPS = timedelta(days=3)  # a page that lies open, or in a cache, for a weekend
TRAP = "website"  # a field that people do not see and programs fill in


def make_stamp(day: date) -> str:
    """Return the mark of a page that was fetched on `day`; the same all day, so that such a page can be kept ready."""
    return signing.Signer(salt=SALT).sign(day.isoformat())


def is_stamped(stamp: str, *, today: date) -> bool:
    """Return whether a form comes from a page that was fetched within three days."""
    try:
        fetched = date.fromisoformat(signing.Signer(salt=SALT).unsign(stamp[:200]))
    except (signing.BadSignature, ValueError):
        return False
    return timedelta(0) <= today - fetched <= KEEPS


def clean_address(typed: str) -> str:
    """Return the address that was typed; raises BadText for none."""
    if not typed.strip():
        raise BadText("Type your e-mail address.")
    return typed

"""The form of the free brief: an address and nothing else, without a cookie."""

from django.core import signing

from glossary.domain.errors import BadText

SALT = "start"
KEEPS = 3 * 24 * 3600  # seconds: a page that lies open, or in a cache, for a weekend
TRAP = "website"  # a field that people do not see and programs fill in


def make_stamp() -> str:
    """Return the mark of a page that was fetched before its form was sent."""
    return signing.TimestampSigner(salt=SALT).sign("form")


def is_stamped(stamp: str) -> bool:
    """Return whether a form comes from a page that was fetched within three days."""
    try:
        signing.TimestampSigner(salt=SALT).unsign(stamp[:200], max_age=KEEPS)
    except signing.BadSignature:
        return False
    return True


def clean_address(typed: str) -> str:
    """Return the address that was typed; raises BadText for none."""
    if not typed.strip():
        raise BadText("Type your e-mail address.")
    return typed

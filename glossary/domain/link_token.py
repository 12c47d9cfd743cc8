"""Links in mails: tokens that name one reader and one purpose, and the keyed hash under which an erased one is known.

A token is the reader's handle and a tag: the first 16 bytes of HMAC-SHA256 under LINK_KEY over the purpose and the
handle (RFC 2104 allows cutting to half of the hash). A copy of the database alone makes no token, and a token for one
purpose is none for another. Tokens of links do not expire; what must expire keeps its date in its row.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from enum import StrEnum

HANDLE_LENGTH = 22  # characters: 16 random bytes in base64url
TAG_BYTES = 16


class Purpose(StrEnum):
    """What a token opens, and nothing else."""

    CONFIRM = "confirm"
    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"


def new_handle() -> str:
    """Return a random name for a reader: 128 bits, fit for a link."""
    return secrets.token_urlsafe(16)


def tag_of(key: bytes, purpose: str, said: str) -> str:
    """Return the keyed tag of `said` for `purpose`, 22 characters of base64url."""
    digest = hmac.digest(key, f"{purpose}:{said}".encode(), "sha256")
    return urlsafe_b64encode(digest[:TAG_BYTES]).decode().rstrip("=")


def make_token(key: bytes, purpose: Purpose, handle: str) -> str:
    """Return the token with which the reader of this handle does what the purpose says."""
    return handle + tag_of(key, purpose.value, handle)


def read_token(key: bytes, purpose: Purpose, token: str) -> str | None:
    """Return the handle that a token names; None where the token is not one of ours for this purpose."""
    handle, tag = token[:HANDLE_LENGTH], token[HANDLE_LENGTH:]
    if (
        not token.isascii()
        or len(handle) != HANDLE_LENGTH
        or not hmac.compare_digest(tag_of(key, purpose.value, handle), tag)
    ):
        return None
    return handle


def suppression_key(key: bytes, address_key: str) -> str:
    """Return the keyed hash, in hex, under which an address is known when the address itself must not be kept."""
    return hmac.digest(key, f"suppressed:{address_key}".encode(), "sha256").hex()


def mailbox_hash(key: bytes, mailbox: str) -> str:
    """Return the keyed hash, in hex, under which the confirmation mails to a mailbox are counted."""
    return hmac.digest(key, f"mailbox:{mailbox}".encode(), "sha256").hex()


def event_key(key: bytes, provider: str, event: str) -> str:
    """Return the keyed hash, in hex, under which something that a mail provider told is known; it holds an address."""
    return hmac.digest(key, f"event:{provider}:{event}".encode("utf-8", "backslashreplace"), "sha256").hex()

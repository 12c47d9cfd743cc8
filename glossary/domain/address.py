"""Mail addresses: the key under which one is found again, and the mailbox that several spellings lead to."""

import re

ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f<>\",;:\\()\[\]]+@[^@\s\x00-\x1f\x7f<>\",;:\\()\[\]]+\.[^@\s.]+")


READER = "<reader>"
LOOKS_LIKE_ONE = re.compile(r"<?[^@\s<>\"',;:()\[\]]+@[^@\s<>\"',;:()\[\]]+>?")


def without_addresses(text: str, *known: str) -> str:
    """Return a text with “<reader>” for all in it that looks like a mail address, and for the local parts of `known`.

    A local part of one or two letters is left, as it may be any word.
    """
    text = LOOKS_LIKE_ONE.sub(READER, text)
    for address in known:
        local = address.rpartition("@")[0]
        if len(local) > 2:
            text = re.sub(rf"(?<!\w){re.escape(local)}(?!\w)", READER, text, flags=re.IGNORECASE)
    return text


def address_key(address: str) -> str:
    """Return the form in which two addresses are compared: small letters, the domain as in the DNS.

    Raises ValueError for what is no address, or one whose domain the DNS could not hold.
    """
    address = address.strip()
    if not ADDRESS.fullmatch(address):
        raise ValueError(f"“{address}” is not a mail address such as name@example.org")
    local, _, domain = address.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError(f"“{domain}” is not the name of a mail domain") from error
    return f"{local.lower()}@{ascii_domain.lower()}"


def mailbox_key(key: str) -> str:
    """Return one key for the spellings that reach one mailbox at many providers: without +tag and without dots.

    It is only for caps; two people at a provider that minds dots share a cap, not a subscription.
    """
    local, _, domain = key.rpartition("@")
    bare = local.partition("+")[0].replace(".", "")
    return f"{bare or local}@{domain}"

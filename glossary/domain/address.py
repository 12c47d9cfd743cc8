"""Mail addresses: where mail goes, the key by which one is found again, and the mailbox that several spellings share.

The local part is a dot-atom (RFC 5322 3.2.3) in ASCII and nothing else: what is quoted, encoded (RFC 2047) or in other
letters (RFC 6531) reaches no mailbox that another spelling does not reach too, or none at all through most servers.
The domain may be in any letters; it is brought to its name in the DNS by IDNA 2008 with the mappings of UTS 46,
non-transitional, as browsers do.
"""

import re

import idna

MAX_LOCAL = 64  # characters, RFC 5321 4.5.3.1.1
MAX_DOMAIN = 253  # characters of a name in the DNS
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LOCAL = re.compile(rf"{ATOM}(?:\.{ATOM})*")
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"(?:{LABEL}\.)+(?=[a-z]){LABEL}")  # no top-level domain begins with a digit
SENDER = re.compile(r"(?P<name>[^\r\n]*)<(?P<address>[^<>\s@]+@[^<>\s@]+)>|(?P<bare>[^<>\s@]+@[^<>\s@]+)")
ENCODED = "=?"  # begins an encoded word, which mail programs decode to another address


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

    Raises ValueError, with a sentence, for what is no address, or one that not every mail server takes.
    """
    local, domain = _parts(address)
    return f"{local.lower()}@{domain}"


def mail_address(address: str) -> str:
    """Return the form to which mail goes: the local part as typed, the domain as in the DNS; ASCII only.

    Raises ValueError as `address_key` does.
    """
    local, domain = _parts(address)
    return f"{local}@{domain}"


def shown_address(address: str) -> str:
    """Return an address as people read it: a domain in its own letters. What is none stays as it is."""
    local, at, domain = address.rpartition("@")
    if "xn--" not in domain:
        return address
    try:
        return f"{local}{at}{idna.decode(domain)}"
    except (idna.IDNAError, UnicodeError):
        return address


def read_sender(written: str) -> tuple[str, str]:
    """Return name and address of `Daily Deck <brief@dailydeck.example>` or of an address alone.

    The name may have commas, colons and anything else but line breaks; quotes around it are no part of it. The address
    is as typed. Raises ValueError where there is none, or a line break.
    """
    found = SENDER.fullmatch(written.strip())
    if not found:
        raise ValueError(f"“{written}” is not a sender such as Daily Deck <brief@dailydeck.example>")
    name, address = (found["name"] or "").strip(), found["address"] or found["bare"]
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return name, address


def mailbox_key(key: str) -> str:
    """Return one key for the spellings that reach one mailbox at many providers: without +tag and without dots.

    It is only for caps; two people at a provider that minds dots share a cap, not a subscription.
    """
    local, _, domain = key.rpartition("@")
    bare = local.partition("+")[0].replace(".", "")
    return f"{bare or local}@{domain}"


def _parts(address: str) -> tuple[str, str]:
    """Return the local part as typed and the domain as in the DNS."""
    address = address.strip()
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain or "@" in local:
        raise ValueError(f"“{address}” is not a mail address such as name@example.org")
    if len(local) > MAX_LOCAL or not LOCAL.fullmatch(local) or ENCODED in local:
        raise ValueError(
            f"“{local}” is no mail name that all mail servers take: up to {MAX_LOCAL} plain letters, digits and signs,"
            " without blanks, quotes or a dot at an end"
        )
    return local, _dns_name(domain)


def _dns_name(domain: str) -> str:
    """Return a domain as it stands in the DNS; raises ValueError for none."""
    name = domain.lower()
    if len(domain) <= MAX_DOMAIN and (not domain.isascii() or "xn--" in name):
        try:
            name = idna.encode(domain, uts46=True).decode("ascii").lower()
        except (idna.IDNAError, UnicodeError) as error:
            raise ValueError(f"“{domain}” is not the name of a mail domain") from error
    if len(name) > MAX_DOMAIN or not DOMAIN.fullmatch(name):
        raise ValueError(f"“{domain}” is not the name of a mail domain")
    return name

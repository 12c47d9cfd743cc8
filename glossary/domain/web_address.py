"""Which web addresses may be asked: plain names of hosts, and IP addresses of the public internet."""

import ipaddress
import re

import idna

PORTS = {"http": 80, "https": 443}

HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
NUMBERED = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")  # never a name: no top-level domain is a number

# IANA's special-purpose registries as of 2025, where the standard library of Python 3.11 does not know them yet
GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
REFUSED = [
    ipaddress.ip_network(network)
    for network in [
        "100.64.0.0/10",  # shared by customers of one provider
        "168.63.129.16/32",  # answers inside of every Azure machine
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # relays from IPv6 to IPv4
        "2001::/23",  # protocol assignments, among them Teredo
        "2002::/16",  # IPv6 wrapped around any IPv4 address
        "3fff::/20",  # documentation
    ]
]


def host_in_dns(host: str) -> str:
    """Return the name of a host as the DNS has it, by IDNA 2008; an IP address as it is. Raises ValueError for none."""
    host = host.lower()
    if not host.isascii():
        host = idna.encode(host, uts46=True).decode("ascii")
    return host.removesuffix(".")


def is_plain_host(host: str) -> bool:
    """Return whether `host` is a name in lower-case ASCII, or an IP address spelled as people spell it.

    The C library also reads 2130706433, 0x7f.1 and 127.1 as addresses; nobody writes a source like that.
    """
    try:
        if ":" in host:
            return ipaddress.IPv6Address(host).scope_id is None
        return HOST.fullmatch(host) is not None and (
            NUMBERED.fullmatch(host) is None or str(ipaddress.IPv4Address(host)) == host
        )
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public internet, also where it is wrapped in an IPv6 one."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.scope_id is not None:
            return False
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip in NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)))
        if ip not in GLOBAL_IPV6:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved) and not any(ip in network for network in REFUSED)


def is_fetchable(address: str, port: int) -> bool:
    """Return whether a source may be fetched from there: a public address, and a port on which pages are served."""
    return port in PORTS.values() and is_public(address)

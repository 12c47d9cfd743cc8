"""Where a request comes from, as far as that may be believed: used to slow down floods, never kept."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
PREFIX = {4: 32, 6: 64}  # one line of a household; an IPv6 line has a whole /64


def network_of(remote: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """Return the network that a request comes from, such as `203.0.113.7/32`; empty if that cannot be told.

    `remote` is the address of the peer and `forwarded_for` the header X-Forwarded-For, which anybody can write: it is
    read from its end, and only as far as each next peer is one of the `trusted` proxies. A peer within the house is
    most likely a proxy that nobody named, so that it says nothing about who asks.
    """
    found = None
    for peer in [remote, *reversed(forwarded_for.split(","))] if trusted else [remote]:
        try:
            address = ip_address(peer.strip())
        except ValueError:
            break
        found = getattr(address, "ipv4_mapped", None) or address
        if not any(found.version == proxy.version and found in proxy for proxy in trusted):
            break
    if found is None or found.is_private:
        return ""
    return str(ip_network(f"{found}/{PREFIX[found.version]}", strict=False))

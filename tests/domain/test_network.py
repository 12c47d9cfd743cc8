"""Whence a request comes: the header is believed only as far as a proxy of ours has written it."""

from ipaddress import ip_network

import pytest

from glossary.domain.network import network_of

PROXY = [ip_network("10.0.0.0/8")]


@pytest.mark.parametrize(
    ("remote", "forwarded", "trusted", "network"),
    [
        ("198.51.100.7", "", [], ""),  # a block for documentation is no public address
        ("8.8.8.8", "", [], "8.8.8.8/32"),
        ("8.8.8.8", "1.1.1.1", [], "8.8.8.8/32"),
        ("8.8.8.8", "1.1.1.1", PROXY, "8.8.8.8/32"),
        ("10.0.0.5", "1.1.1.1", PROXY, "1.1.1.1/32"),
        ("10.0.0.5", "9.9.9.9, 1.1.1.1", PROXY, "1.1.1.1/32"),
        ("10.0.0.5", "9.9.9.9, 1.1.1.1, 10.0.0.9", PROXY, "1.1.1.1/32"),
        ("10.0.0.5", "1.1.1.1", [], ""),
        ("10.0.0.5", "nonsense", PROXY, ""),
        ("2a00:1450:4001:81b::200e", "", [], "2a00:1450:4001:81b::/64"),
        ("::ffff:8.8.8.8", "", [], "8.8.8.8/32"),
        ("", "", [], ""),
        ("unix:", "8.8.8.8", PROXY, ""),
    ],
)
def test_the_network_is_that_of_the_first_peer_that_is_no_proxy_of_ours(remote, forwarded, trusted, network):
    assert network_of(remote, forwarded, trusted) == network

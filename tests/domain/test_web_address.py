"""Which addresses lead to the public internet, and which hosts are spelled as people spell them."""

import pytest

from glossary.domain.web_address import host_in_dns, is_fetchable, is_plain_host, is_public


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]
)
def test_an_address_of_the_public_internet_may_be_asked(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",  # metadata of a provider
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",  # metadata of most providers
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:a9fe:a9fe",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1111%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "page.example",
        "",
    ],
)
def test_any_other_address_may_not(address):
    assert not is_public(address)
    assert not is_fetchable(address, 80)


@pytest.mark.parametrize(("port", "fetched"), [(80, True), (443, True), (0, False), (22, False), (8080, False)])
def test_pages_come_from_the_two_ports_of_the_web(port, fetched):
    assert is_fetchable("8.8.8.8", port) is fetched


@pytest.mark.parametrize(
    "host", ["page.example", "a-b.c_d.example", "xn--bcher-kva.example", "127.0.0.1", "::1", "3.com"]
)
def test_a_host_is_a_name_or_an_address_as_people_write_it(host):
    assert is_plain_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "017700000001",
        "0177.0.0.1",
        "0x7f.1",
        "0x7f000001",
        "0x",
        "127.1",
        "127.0.1",
        "127.0.0.01",
        "1.2.3.4.5",
        "256.1.1.1",
        "page.1",
        "fe80::1%eth0",
        ":",
        "",
        "a..b",
        ".a",
        "-a",
        "a b",
        "a\nb",
        "page.example\n",
        "PAGE.example",
        "bücher.example",
        "a" * 64,
    ],
)
def test_nothing_else_is_a_host(host):
    assert not is_plain_host(host)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("straße.example", "xn--strae-oqa.example"),  # in IDNA 2003 another server's name: strasse.example
        ("FASS.example", "fass.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("βόλος.example", "xn--nxasmm1c.example"),  # the last letter keeps its form
        ("BÜCHER.example.", "xn--bcher-kva.example"),
        ("bücher。example", "xn--bcher-kva.example"),
        ("xn--strae-oqa.example", "xn--strae-oqa.example"),
        ("a_b.example", "a_b.example"),
        ("１２７.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
    ],
)
def test_a_name_in_other_letters_is_the_one_that_its_owner_registered(host, name):
    assert host_in_dns(host) == name and is_plain_host(name)


@pytest.mark.parametrize("host", ["a☃b.example", "ü..example", "-ü.example", "ü" * 64, "ü\u202eb.example"])
def test_what_nobody_can_register_is_no_name(host):
    with pytest.raises(ValueError):
        host_in_dns(host)

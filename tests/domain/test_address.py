"""Mail addresses: what is compared, and which spellings share a mailbox."""

import pytest

from glossary.domain.address import (
    address_key,
    mail_address,
    mailbox_key,
    read_sender,
    shown_address,
    without_addresses,
)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        (" Reader@Example.ORG ", "reader@example.org"),
        ("A.B+c@example.org", "a.b+c@example.org"),
        ("reader@bücher.example", "reader@xn--bcher-kva.example"),
        ("reader@BÜCHER.example", "reader@xn--bcher-kva.example"),
        ("reader@xn--bcher-kva.EXAMPLE", "reader@xn--bcher-kva.example"),
        ("reader@straße.de", "reader@xn--strae-oqa.de"),  # strasse.de is somebody else
        ("reader@example。org", "reader@example.org"),
        ("a!#$%&'*+/?=^_`{|}~-b@example.org", "a!#$%&'*+/?=^_`{|}~-b@example.org"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
        ("reader@" + "x" * 63 + ".example", "reader@" + "x" * 63 + ".example"),
    ],
)
def test_case_and_the_spelling_of_the_domain_do_not_tell_addresses_apart(typed, key):
    assert address_key(typed) == key


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "reader",
        "reader@",
        "@example.org",
        "a b@example.org",
        "a@example",
        "a@b@",
        "a\n@example.org",
        "a@ex..org",
        "<a@example.org>",
        "a@example.org\r\nBcc: b@example.org",
        "a@example\n.org",
        '"a b"@example.org',
        "=?utf-8?q?victim?=@example.org",
        "=?UTF-8?B?dmljdGlt?=@example.org",
        "x=?utf-8?q?victim?=@example.org",
        "ü@example.org",
        "ａ@example.org",
        "a\u200b@example.org",
        "\u0301a@example.org",
        ".a@example.org",
        "a.@example.org",
        "a..b@example.org",
        "a" * 65 + "@example.org",
        "a,b@example.org",
        "a@b.c#d",
        "a@b.c/d",
        "a@ex%ample.org",
        "a@exa!mple.org",
        "a@b_c.example",
        "a@-x.example",
        "a@x-.example",
        "a@x.y'",
        "a@example.org.",
        "a@1.1",
        "a@[127.0.0.1]",
        "a@xn--a.example",
        "a@exam\u200bple.org\u202e",
        "a@" + "x" * 64 + ".org",
        "a@" + "x." * 130 + "org",
        "a@" + "ü" * 4_000 + ".org",
    ],
)
def test_what_is_no_address_is_refused(typed):
    for reads in (address_key, mail_address):
        with pytest.raises(ValueError, match="mail"):
            reads(typed)


def test_mail_goes_to_the_local_part_as_typed_at_the_name_in_the_dns_and_people_read_their_own_letters():
    assert mail_address(" Ada.Love@Bücher.Example ") == "Ada.Love@xn--bcher-kva.example"
    assert shown_address("Ada.Love@xn--bcher-kva.example") == "Ada.Love@bücher.example"
    assert shown_address("ada@example.org") == "ada@example.org"
    assert shown_address("ada@xn--a.example") == "ada@xn--a.example"


@pytest.mark.parametrize("key", ["ab@example.org", "a.b@example.org", "ab+news@example.org", "a.b+x+y@example.org"])
def test_dots_and_tags_share_one_mailbox(key):
    assert mailbox_key(key) == "ab@example.org"


def test_a_local_part_of_nothing_but_a_tag_is_a_mailbox_of_its_own():
    assert mailbox_key("+x@example.org") == "+x@example.org"


@pytest.mark.parametrize(
    ("written", "pair"),
    [
        ("brief@example.org", ("", "brief@example.org")),
        ("<brief@example.org>", ("", "brief@example.org")),
        ("Daily Deck <brief@example.org>", ("Daily Deck", "brief@example.org")),
        ("Acme, Inc. <brief@example.org>", ("Acme, Inc.", "brief@example.org")),
        ('"Acme, Inc." <brief@example.org>', ("Acme, Inc.", "brief@example.org")),
        (r'"The \"Deck\" \\o/" <brief@example.org>', (r'The "Deck" \o/', "brief@example.org")),
        ("A <b> c: d@e <brief@example.org>", ("A <b> c: d@e", "brief@example.org")),
        ("Ünï <brief@bücher.example>", ("Ünï", "brief@bücher.example")),
    ],
)
def test_a_sender_is_a_name_of_any_signs_and_an_address(written, pair):
    assert read_sender(written) == pair


@pytest.mark.parametrize(
    "written", ["", "Daily Deck", "Daily Deck <brief>", "a@b@c", "x\ny <a@example.org>", "a b@c.d"]
)
def test_what_names_no_sender_is_refused(written):
    with pytest.raises(ValueError, match="not a sender"):
        read_sender(written)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("5.1.1 <Ada@example.org>: unknown", "5.1.1 <reader>: unknown"),
        ("ada@example.org, (b.c+d@x.example) gone", "<reader>, (<reader>) gone"),
        ("no user ADA here", "no user <reader> here"),
        ("adamant", "adamant"),
        ("", ""),
    ],
)
def test_what_looks_like_an_address_is_taken_out(said, kept):
    assert without_addresses(said, "ada@example.org") == kept


def test_a_short_name_may_be_any_word():
    assert without_addresses("no", "no@example.org") == "no"

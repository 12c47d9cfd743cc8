"""Mail addresses: what is compared, and which spellings share a mailbox."""

import pytest

from glossary.domain.address import address_key, mailbox_key, without_addresses


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        (" Reader@Example.ORG ", "reader@example.org"),
        ("A.B+c@example.org", "a.b+c@example.org"),
        ("reader@bücher.example", "reader@xn--bcher-kva.example"),
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
    ],
)
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(ValueError, match="mail"):
        address_key(typed)


@pytest.mark.parametrize("key", ["ab@example.org", "a.b@example.org", "ab+news@example.org", "a.b+x+y@example.org"])
def test_dots_and_tags_share_one_mailbox(key):
    assert mailbox_key(key) == "ab@example.org"


def test_a_local_part_of_nothing_but_a_tag_is_a_mailbox_of_its_own():
    assert mailbox_key("+x@example.org") == "+x@example.org"


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

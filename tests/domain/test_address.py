"""Mail addresses: what is compared, and which spellings share a mailbox."""

import pytest

from glossary.domain.address import address_key, mailbox_key


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

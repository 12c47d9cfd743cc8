"""Links in mails: one reader, one purpose, one key."""

import pytest

from glossary.domain.link_token import (
    HANDLE_LENGTH,
    Purpose,
    mailbox_hash,
    make_token,
    new_handle,
    read_token,
    suppression_key,
)

KEY, OTHER = b"k" * 32, b"o" * 32
HANDLE = new_handle()


def test_a_token_names_its_reader():
    assert read_token(KEY, Purpose.UNSUBSCRIBE, make_token(KEY, Purpose.UNSUBSCRIBE, HANDLE)) == HANDLE


def test_a_token_for_one_purpose_is_none_for_another():
    tokens = {purpose: make_token(KEY, purpose, HANDLE) for purpose in Purpose}
    opened = {(made, read) for made, token in tokens.items() for read in Purpose if read_token(KEY, read, token)}
    assert opened == {(purpose, purpose) for purpose in Purpose}


def test_another_key_opens_nothing():
    assert read_token(OTHER, Purpose.UNSUBSCRIBE, make_token(KEY, Purpose.UNSUBSCRIBE, HANDLE)) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t[:-1],
        lambda t: t + "A",
        lambda t: "",
        lambda t: "é" + t[1:],
        lambda t: ("A" if t[0] != "A" else "B") + t[1:],
        lambda t: t[:HANDLE_LENGTH],
    ],
)
def test_a_token_with_any_other_letter_is_none(change):
    assert read_token(KEY, Purpose.UNSUBSCRIBE, change(make_token(KEY, Purpose.UNSUBSCRIBE, HANDLE))) is None


def test_handles_are_long_and_their_own():
    assert {len(new_handle()) for _ in range(50)} == {HANDLE_LENGTH}
    assert len({new_handle() for _ in range(50)}) == 50


def test_the_hash_of_an_erased_address_hangs_on_the_key_and_tells_nothing_of_the_address():
    kept = suppression_key(KEY, "reader@example.org")
    assert kept == suppression_key(KEY, "reader@example.org")
    assert kept not in {suppression_key(OTHER, "reader@example.org"), mailbox_hash(KEY, "reader@example.org")}
    assert "reader" not in kept

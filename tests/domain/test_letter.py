"""A letter: one message for many, the same bytes for the same values, whole for every mail program."""

from datetime import date
from email import message_from_bytes, policy

import pytest

from glossary.domain.letter import (
    Envelope,
    Form,
    address_header,
    check_recipient,
    compose,
    header,
    message_id,
    quoted,
    quoted_with_slots,
    slot,
)

ENVELOPE = Envelope(
    sender=("Dätlı Deck", "brief@dailydeck.example"),
    reply_to=("", "hello@dailydeck.example"),
    subject="Ein sehr langer Betreff über Wörter, die Wörter zählen und noch mehr",
    list_name="Daily Deck",
    domain="dailydeck.example",
    unsubscribe_url=f"https://dailydeck.example/unsubscribe/{slot('unsubscribe')}/",
)
TEXT = f"Wörter — “{'long ' * 60}”\n.a dot\n..two\n{slot('corrections')}Leave: {slot('unsubscribe')} .\n"
HTML = f"<p>•••</p>\n.dot\n<a href='https://x/{slot('unsubscribe')}/'>Leave</a>{slot('corrections')}\n"
VALUES = {
    "date": b"Fri, 29 May 2026 07:00:00 +0000",
    "to": b"reader@example.org",
    "message_id": b"<1@dailydeck.example>",
    "unsubscribe": b"T" * 44,
    "corrections": quoted("We were wrong: “x”.\n") + b"=\r\n",
}


def read(values=VALUES, envelope=ENVELOPE):
    return message_from_bytes(compose(envelope, text=TEXT, html=HTML).fill(values), policy=policy.default)


def test_text_and_html_come_out_as_they_went_in():
    message = read()
    for kind, content in (("plain", TEXT), ("html", HTML)):
        wanted = content.replace(slot("unsubscribe"), "T" * 44).replace(slot("corrections"), "We were wrong: “x”.\n")
        assert message.get_body((kind,)).get_content().replace("\r\n", "\n").rstrip("\n") == wanted.rstrip("\n")


def test_the_headers_are_what_mail_programs_look_for():
    message = read()
    assert message["From"] == "Dätlı Deck <brief@dailydeck.example>" and message["Subject"] == ENVELOPE.subject
    assert (message["To"], message["Message-ID"]) == ("reader@example.org", "<1@dailydeck.example>")
    assert message["List-Unsubscribe"] == f"<https://dailydeck.example/unsubscribe/{'T' * 44}/>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "Daily Deck <brief.dailydeck.example>"
    assert message["Auto-Submitted"] == "auto-generated" and message["Reply-To"] == "hello@dailydeck.example"
    assert message["Date"] == "Fri, 29 May 2026 07:00:00 +0000" and not message.defects


def test_no_line_is_too_long_or_begins_with_a_dot_and_all_is_ascii():
    message = compose(ENVELOPE, text=TEXT, html=HTML).fill(VALUES)
    lines = message.split(b"\r\n")
    assert message.isascii() and b"\n" not in message.replace(b"\r\n", b"")
    assert not [line for line in lines if line.startswith(b".") or len(line) > 998]
    body = message.partition(b"\r\n\r\n")[2].split(b"\r\n")
    assert max(len(line) for line in body) <= 76


def test_without_https_there_is_no_one_click():
    envelope = Envelope(**{**ENVELOPE.__dict__, "unsubscribe_url": ""})
    message = read(envelope=envelope)
    assert message["List-Unsubscribe"] is None and message["List-Unsubscribe-Post"] is None


def test_the_same_words_and_values_give_the_same_bytes():
    assert compose(ENVELOPE, text=TEXT, html=HTML).fill(VALUES) == compose(ENVELOPE, text=TEXT, html=HTML).fill(VALUES)


def test_a_value_that_is_missing_is_an_error_and_no_empty_place():
    with pytest.raises(KeyError):
        compose(ENVELOPE, text=TEXT, html=HTML).fill({"to": b"reader@example.org"})


def test_a_form_keeps_pieces_and_slots_in_turn():
    form = Form.cut(["a", "b", b"c", b"d", "a"])
    assert form.fill({"a": b"1", "b": b"2"}) == b"12cd1"


def test_slots_stand_alone_between_soft_breaks():
    assert quoted_with_slots(f"a{slot('x')}b") == [b"a=\r\n", "x", b"=\r\nb"]


@pytest.mark.parametrize("value", ["a\r\nBcc: b@example.org", "a\nb", "a\rb"])
def test_a_header_with_a_line_break_is_refused(value):
    with pytest.raises(ValueError, match="line break"):
        header("Subject", value)


NAMES = ["Acme, Inc.", "Deck @ home", "A;B", "Cards: daily", "<b>", 'The "Deck"', "Deck (daily)", "Ünï, Deck", "C\\O"]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_comes_out_as_it_went_in_beside_its_address(name):
    named = (name, "brief@dailydeck.example")
    message = read(envelope=Envelope(**{**ENVELOPE.__dict__, "sender": named, "reply_to": named, "list_name": name}))
    for field in ("From", "Reply-To"):
        (one,) = message[field].addresses
        assert (one.display_name, one.addr_spec) == named
    assert str(message["List-Id"]).endswith("<brief.dailydeck.example>") and not message.defects


def test_a_name_is_encoded_where_it_needs_it():
    assert address_header(("Ünal", "a@b.example")).startswith("=?utf-8?")
    assert address_header(("", "a@b.example")) == "a@b.example"


def test_a_message_id_names_the_day():
    assert message_id(date(2026, 5, 29), "tag", "x.example") == "<2026-05-29.tag@x.example>"


@pytest.mark.parametrize(
    "address", ["a@b>\r\nRCPT TO:<c@d.example", "jö@b.example", "a b@c.example", "a@b@c", "a<@b.example", ""]
)
def test_an_address_that_could_break_out_is_refused(address):
    with pytest.raises(ValueError, match="cannot stand in a mail"):
        check_recipient(address)

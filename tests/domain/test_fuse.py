"""When so much is refused that it must be the sender's own fault."""

import pytest

from glossary.domain.fuse import ALIKE, FIRST, IN_A_ROW, Fuse, in_short


def fuse(*answers):
    made = Fuse()
    for number, said in answers:
        for place in range(number):
            made.refuse(f"{said} <r{place}@a.example>") if said else made.take()
    return made


@pytest.mark.parametrize(
    ("answers", "over", "says"),
    [
        ([(FIRST, "550 go away")], False, "all of the first 10 mails: “go away”"),
        ([(FIRST - 1, "550 go away")], False, ""),
        ([(3, "550 go away")], True, "all of the first 3 mails"),
        ([(2, "550 go away")], True, ""),
        ([(1, ""), (FIRST, "550 go away")], True, ""),
        (
            [(ALIKE, "550 no such user"), (ALIKE * 9 - 1, "")],
            False,
            "20 of 199 mails in the same words: “no such user”",
        ),
        ([(ALIKE, "550 no such user"), (ALIKE * 9, "")], False, ""),
        ([(1, ""), (ALIKE - 1, "550 no such user")], False, ""),
        ([(1000, ""), (IN_A_ROW, "550 limit")], False, "50 mails in a row"),
        ([(1000, ""), (IN_A_ROW - 1, "550 limit"), (1, ""), (1, "550 limit")], False, ""),
        ([(5000, "")], True, ""),
        ([(FIRST, "550")], False, "a code and no words"),
    ],
)
def test_the_fuse_blows_where_it_is_not_the_readers(answers, over, says):
    why = fuse(*answers).blown(over=over)
    assert says in why if says else why == ""


def test_refusals_are_alike_whatever_address_and_number_they_name():
    assert in_short("5.1.1 <Ada@example.org>: User unknown d2e1a72-7b") == in_short(
        "5.1.1 <Bo@b.example>: user unknown 9z"
    )

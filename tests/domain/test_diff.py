"""Differences, word by word and line by line."""

from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.claim import lines_of
from glossary.domain.diff import Change, compare_lines, sentence_diff, word_diff
from glossary.domain.term import Words

WORDS = st.lists(st.sampled_from(["five", "six", "sizes", "exist", ".", " ", "—"]), max_size=30).map("".join)


def texts(pieces, *, without):
    return "".join(piece.text for piece in pieces if piece.change != without)


@given(WORDS, WORDS)
def test_the_pieces_give_both_texts_back(before, after):
    pieces = word_diff(before, after)
    assert texts(pieces, without=Change.NEW) == before
    assert texts(pieces, without=Change.GONE) == after


def test_a_changed_word_is_shown_by_itself():
    pieces = word_diff("Five sizes exist.", "Six sizes exist.")
    assert [(p.change, p.text) for p in pieces][:2] == [(Change.GONE, "Five"), (Change.NEW, "Six")]


def test_a_sentence_too_long_to_compare_is_replaced_whole():
    pieces = word_diff("a " * 2_000, "b " * 2_000)
    assert [p.change for p in pieces] == [Change.GONE, Change.NEW]


def test_lines_are_the_same_changed_new_or_gone():
    before = Words("Qwen2", "It is a family.", "Five sizes exist. People can download it. It is free.")
    after = Words("Qwen2", "It is a family.", "Six sizes exist. People can download it. A new team made it.")
    changes = compare_lines(lines_of(before), lines_of(after))
    assert [(c.change, c.before, c.after) for c in changes] == [
        (Change.SAME, 1, 1),
        (Change.SAME, 2, 2),
        (Change.CHANGED, 3, 3),
        (Change.SAME, 4, 4),
        (Change.NEW, None, 5),
        (Change.GONE, 5, None),
    ]


@given(st.lists(WORDS, max_size=6), st.lists(WORDS, max_size=6))
def test_every_line_of_both_texts_is_shown_once(before, after):
    old = lines_of(Words("Q", "It is one.", "\n\n".join(before)))
    new = lines_of(Words("Q", "It is one.", "\n\n".join(after)))
    changes = compare_lines(old, new)
    assert [c.before for c in changes if c.before] == list(range(1, len(old) + 1))
    assert [c.after for c in changes if c.after] == list(range(1, len(new) + 1))


def test_a_sentence_has_two_sides_and_one_with_little_in_common_is_marked_whole():
    one = sentence_diff("Five sizes exist.", "Six sizes exist.")
    assert [piece.text for piece in one.was] == ["Five", " sizes exist."]
    assert [piece.text for piece in one.now] == ["Six", " sizes exist."]
    other = sentence_diff("Five sizes exist.", "Nobody counts them.")
    assert [(piece.change, piece.text) for piece in other.was] == [(Change.GONE, "Five sizes exist.")]
    assert sentence_diff("Five sizes exist.", "").now == ()

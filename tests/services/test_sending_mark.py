"""The mark on the machine that may send."""

from glossary.services.sending_mark import Mark, drop_mark, mark_path, read_mark, write_mark


def test_a_mark_is_read_as_it_was_written_by_its_owner_alone():
    write_mark(Mark("ab" * 16, 3, 4))
    assert read_mark() == Mark("ab" * 16, 3, 4)
    assert mark_path().stat().st_mode & 0o777 == 0o600
    write_mark(Mark("cd" * 16, 5, 5))
    assert read_mark() == Mark("cd" * 16, 5, 5)


def test_what_is_missing_or_cannot_be_understood_is_no_mark():
    assert read_mark() is None
    for text in ("", "one", "ab one two", "ab 1 2 3"):
        mark_path().write_text(text)
        assert read_mark() is None


def test_a_mark_is_taken_away_and_taking_none_away_is_no_error():
    write_mark(Mark("ab" * 16, 0, 0))
    drop_mark()
    drop_mark()
    assert read_mark() is None

"""The copy of ready pages on this machine."""

import sqlite3

import pytest

from glossary.domain.ready_page import pack
from glossary.services import page_copy
from glossary.services.page_copy import PageCopy

ROW = (2_000_000_000, 200, '"e"', '[["Content-Type", "text/html"]]', ",1,12,", False, False, pack(b"Words"), b"")


@pytest.fixture
def copy(tmp_path):
    return PageCopy(tmp_path / "copy.sqlite3", build="b")


def test_a_page_comes_back_as_it_was_with_the_moment_since_when_it_lies_there(copy):
    copy.put(("/a/", *ROW), now=7)
    found = copy.get("/a/", now=9)
    assert (found.page.body, found.page.status, found.page.etag, found.kept_at) == (b"Words", 200, '"e"', 7)
    assert copy.get("/b/", now=9) is None


def test_pages_of_a_term_of_all_terms_and_of_decks_are_let_go_each_by_itself(copy):
    for path, terms, any_term, any_deck in [
        ("/1/", ",1,", False, False),
        ("/12/", ",12,", False, False),
        ("/all/", "", True, False),
        ("/deck/", "", False, True),
    ]:
        copy.put((path, *ROW[:4], terms, any_term, any_deck, *ROW[7:]), now=7)
    copy.drop(terms=[1])
    assert copy.get("/1/", now=9) is None and copy.get("/12/", now=9) and copy.get("/all/", now=9)
    copy.drop(any_term=True, any_deck=True)
    assert copy.get("/all/", now=9) is None and copy.get("/deck/", now=9) is None and copy.get("/12/", now=9)
    copy.forget("/12/")
    assert copy.get("/12/", now=9) is None


def test_the_oldest_pages_are_let_go_when_there_are_too_many(copy, monkeypatch):
    monkeypatch.setattr(page_copy, "MOST_PAGES", 3)
    monkeypatch.setattr(page_copy, "TRIM_EVERY", 2)
    for n in range(9):
        copy.put((f"/{n}/", *ROW), now=n)
    assert [n for n in range(9) if copy.get(f"/{n}/", now=9)] == [6, 7, 8]


def test_pages_of_another_build_are_not_served_and_are_let_go(copy):
    copy.put(("/a/", *ROW), now=7)
    newer = PageCopy(copy.path, build="c")
    assert newer.get("/a/", now=9) is None
    newer.put(("/b/", *ROW), now=8)
    assert copy.get("/a/", now=9) is None and newer.get("/b/", now=9)


def test_a_file_that_cannot_be_read_is_as_good_as_none(tmp_path):
    broken = tmp_path / "copy.sqlite3"
    broken.write_bytes(b"This is no database, and it is long enough to be taken for none. " * 50)
    copy = PageCopy(broken, build="b")
    copy.put(("/a/", *ROW), now=7)
    assert copy.get("/a/", now=9) is None
    copy.drop(terms=[1]), copy.forget("/a/"), copy.clear()
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(broken).execute("SELECT * FROM page")

"""What a visit to a source comes to."""

import pytest

from glossary.domain.doubt import DoubtKind
from glossary.domain.watch import (
    PATIENCE,
    Passage,
    Seen,
    Validators,
    holds_passage,
    is_validator,
    look_at,
    same_page,
    seconds_to_wait,
)

URL = "https://example.org/report"
PAGE = "The report. “Five sizes exist”, it says — from 0.5 to 72 billion.\n\nThe licence is open."
FIVE = Passage(1, "five sizes exist", verbatim=True)


def looked(seen, *, passages=(FIVE,), failures=0, was_read=True, network_is_up=True):
    return look_at(seen, url=URL, passages=passages, failures=failures, was_read=was_read, network_is_up=network_is_up)


def kinds(found):
    return [(flag.kind, flag.sentence) for flag in found.flags]


def read(text=PAGE, **over):
    return Seen(**({"status": 200, "url": URL, "text": text} | over))


def test_a_page_that_says_what_it_said_raises_nothing_and_answers_what_was_in_doubt():
    found = looked(read())
    assert found.flags == () and found.failures == 0 and found.found_again == {1}
    assert found.answered == {DoubtKind.DEAD_LINK, DoubtKind.REDIRECTED, DoubtKind.PAGE_CHANGED}
    assert found.says == "The passages of 1 of 1 sentences stand there."


def test_a_passage_that_is_gone_is_in_doubt_and_named():
    found = looked(read("Six sizes exist."))
    assert kinds(found) == [(DoubtKind.PASSAGE_GONE, 1)]
    assert found.flags[0].reason == "The page no longer says: “five sizes exist”"
    assert found.found_again == set()


def test_one_lost_passage_of_two_is_enough_and_is_told_once():
    other = Passage(1, "The licence is shut.", verbatim=True)
    found = looked(read(), passages=[FIVE, other])
    assert kinds(found) == [(DoubtKind.PASSAGE_GONE, 1)] and found.found_again == set()


def test_a_paraphrase_is_not_looked_for():
    found = looked(read("Six sizes exist."), passages=[Passage(1, "five sizes exist", verbatim=False)])
    assert found.flags == () and found.says == "The page is there."


@pytest.mark.parametrize("status", [404, 410])
def test_a_missing_page_counts_at_once(status):
    found = looked(Seen(status=status, url=URL))
    assert kinds(found) == [(DoubtKind.DEAD_LINK, None)]
    assert found.flags[0].reason == f"The server has no such page any more ({status})."


@pytest.mark.parametrize("seen", [Seen(says="No server."), Seen(status=503), Seen(status=500)])
def test_a_silent_server_counts_when_it_was_silent_three_times(seen):
    assert PATIENCE == 3
    first = looked(seen)
    assert (first.flags, first.failures) == ((), 1)
    third = looked(seen, failures=2)
    assert kinds(third) == [(DoubtKind.DEAD_LINK, None)] and third.failures == 3


def test_nothing_counts_while_no_server_can_be_reached():
    found = looked(Seen(says="No server."), failures=2, network_is_up=False)
    assert (found.flags, found.failures) == ((), 2)


@pytest.mark.parametrize("status", [401, 403, 429, 451])
def test_a_server_that_lets_no_machine_in_says_nothing_about_its_page(status):
    found = looked(Seen(status=status, url=URL), failures=2)
    assert (found.flags, found.answered, found.failures) == ((), frozenset(), 0)
    assert "Look at the page yourself" in found.says


@pytest.mark.parametrize("status", [206, 302, 400, 418])
def test_an_odd_answer_raises_nothing_either(status):
    assert looked(Seen(status=status, url=URL)).flags == ()


def test_unchanged_since_it_was_read_is_as_good_as_read():
    found = looked(Seen(status=304, url=URL))
    assert found.flags == () and DoubtKind.DEAD_LINK in found.answered and found.found_again == set()


@pytest.mark.parametrize(
    ("moved", "url", "raised"),
    [
        (True, "https://example.org/other", True),
        (True, "https://example.org/", True),
        (True, "https://elsewhere.org/report", True),
        (True, "https://example.org/report?lang=en", True),
        (False, "https://example.org/other", False),
        (True, "http://www.example.org/report/#top", False),
    ],
)
def test_a_move_for_good_is_in_doubt_unless_servers_only_tidy_up(moved, url, raised):
    found = looked(read(url=url, moved=moved))
    assert kinds(found) == ([(DoubtKind.REDIRECTED, None)] if raised else [])
    assert (DoubtKind.REDIRECTED in found.answered) != raised


def test_a_page_that_could_be_read_once_and_no_longer_is_in_doubt():
    pdf = read(None, says="The address gives a PDF.")
    assert kinds(looked(pdf)) == [(DoubtKind.PAGE_CHANGED, None)]
    assert looked(pdf, was_read=False).flags == ()
    assert looked(pdf, passages=[]).flags == ()


@pytest.mark.parametrize(
    ("passage", "there"),
    [
        ("Five sizes exist", True),
        ('"Five sizes exist", it says - from 0.5', True),
        ("five\n sizes  exist", True),
        ("The report. … 72 billion", True),
        ("72 billion … The report.", False),
        ("The report. [...] The licence is open.", True),
        ("from 0.5 to 72 billion.", True),
        ("from 0.5 to 72 million", False),
        ("‘The licence is open’", True),
        ("…", False),
        ("", False),
    ],
)
def test_a_passage_stands_there_word_for_word(passage, there):
    assert holds_passage(PAGE, passage) == there


def test_only_the_marks_that_were_given_are_asked_with():
    assert Validators(URL, '"a"', "").headers() == {"If-None-Match": '"a"'}
    assert Validators(URL, "", "Mon, 01 Jun 2026 00:00:00 GMT").headers() == {
        "If-Modified-Since": "Mon, 01 Jun 2026 00:00:00 GMT"
    }
    assert Validators(URL).headers() == {}


@pytest.mark.parametrize(
    ("text", "fit"),
    [('"abc"', True), ('W/"a b"', True), ("", False), ("a\r\nX: y", False), ("é", False), ("x" * 200, False)],
)
def test_a_mark_that_could_break_a_header_is_not_kept(text, fit):
    assert is_validator(text) == fit


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120), (" 7 ", 7), ("99999999", 604800), ("-5", 0), ("soon", 0), ("٣", 0), ("1" * 40, 0)],
)
def test_a_server_may_ask_for_a_rest_of_a_week_at_most(header, seconds):
    assert seconds_to_wait(header) == seconds


def test_addresses_that_cannot_be_taken_apart_are_compared_as_they_stand():
    assert same_page("http://[", "http://[") and not same_page("http://[", URL)

"""The labelled sentences are well-formed, enough, and as many traps as finds."""

from collections import Counter

import pytest

from tests.quality.labelled_wording import (
    HINT,
    LEVELS,
    WARN,
    Labelled,
    read_fresh,
    read_held_out,
    read_labelled,
    read_marks,
)


def words_of_longest_sentence(text):
    return max(len(part.split()) for part in text.replace("? ", ". ").replace("! ", ". ").split(". "))


def test_a_mark_becomes_a_span_of_the_plain_text():
    sentence = read_marks("It is [[T1|currently]] a [[T2?|modern]] toy.", section="T1")
    assert sentence.text == "It is currently a modern toy."
    assert [(sentence.text[a.start : a.end], a.group, a.level) for a in sentence.labels] == [
        ("currently", "T1", WARN),
        ("modern", "T2", HINT),
    ]
    with pytest.raises(KeyError):
        read_marks("[[T99|words]]", section="T1")


@pytest.mark.parametrize(("read", "least"), [(read_labelled, 600), (read_held_out, 150), (read_fresh, 220)])
def test_the_sets_are_large_without_doubles_and_without_marks_left_over(read, least):
    sentences = read()
    texts = [sentence.text for sentence in sentences]
    assert len(texts) >= least
    assert len(set(texts)) == len(texts)
    assert not [text for text in texts if "[[" in text or "]]" in text or text != text.strip()]
    assert all(s.text[a.start : a.end].strip() for s in sentences for a in s.labels)


def test_every_warning_group_has_fifteen_finds_and_fifteen_traps_and_half_of_all_are_traps():
    sentences = read_labelled()
    finds = Counter(s.section for s in sentences if not s.trap)
    traps = Counter(s.section for s in sentences if s.trap)
    judged = set(LEVELS) - {"T8"}  # a date that grows old had no rule when these were judged
    assert {group for group in judged if LEVELS[group] == WARN and min(finds[group], traps[group]) < 15} == set()
    assert set(finds) == set(traps) == judged
    assert 0.47 <= traps.total() / len(sentences) <= 0.53


def test_a_find_is_marked_for_its_group_and_a_trap_is_not():
    for sentence in read_labelled():
        assert (sentence.section in {label.group for label in sentence.labels}) is not sentence.trap, sentence.text


def test_the_sets_do_not_share_a_sentence():
    texts = [sentence.text for read in (read_labelled, read_held_out, read_fresh) for sentence in read()]
    assert len(set(texts)) == len(texts)


def test_of_the_fresh_set_half_warns_and_a_trap_says_nothing_loud():
    sentences = read_fresh()
    warned = sum(any(label.level == WARN for label in sentence.labels) for sentence in sentences)
    traps = [sentence for sentence in sentences if sentence.trap]
    assert len(traps) == 110 and warned >= 110 and not any(sentence.labels for sentence in traps)


def test_sentences_are_marked_as_long_exactly_when_they_are():
    def level(sentence: Labelled):
        return next((label.level for label in sentence.labels if label.group == "LONG"), None)

    for sentence in [*read_labelled(), *read_held_out(), *read_fresh()]:
        if "\n" in sentence.text:
            continue
        count = words_of_longest_sentence(sentence.text)
        expected = WARN if count > 25 else HINT if count > 20 else None
        assert level(sentence) == expected, (count, sentence.text)

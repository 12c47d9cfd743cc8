"""Doubts: their weight in the queue, and which sentences call a thing the latest."""

import pytest

from glossary.domain.doubt import POINTS, DoubtKind, Said, calls_latest, names_pattern, points_for


def card(*sentences):
    return [Said(place, 1, text) for place, text in enumerate(sentences)]


def found(names, *sentences, own=False):
    return [said.text for said in calls_latest(card(*sentences), names, own=own)]


def test_every_kind_has_its_points_and_counts_once():
    assert set(POINTS) == set(DoubtKind)
    assert points_for([DoubtKind.OUTDATED, DoubtKind.OUTDATED, DoubtKind.REDIRECTED]) == 45
    assert points_for([]) == 0


@pytest.mark.parametrize(
    "sentence",
    [
        "Qwen2 is the latest of them.",
        "As of July 2024, Qwen2 is the newest family.",
        "The current version is Qwen 2.",
        "Most people currently use qwen-2.",
        "Qwen2’s most recent report names five sizes.",
        "Qwen2 is today’s flagship model.",
        "The list (Qwen2) is up to date.",
    ],
)
def test_a_sentence_that_names_it_and_calls_it_the_latest_is_found(sentence):
    assert found(["Qwen2", "Qwen 2"], sentence) == [sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "Qwen2 was released in June 2024.",
        "Qwen2.5 is the latest of them.",
        "CodeQwen2 is the latest of them.",
        "The latest of them is another.",
        "Qwen2-VL is the latest of them.",
        "Qwen2 measures how the current flows.",
        "Qwen2 is easy now that phones are fast.",
    ],
)
def test_other_sentences_are_not(sentence):
    assert found(["Qwen2"], sentence) == []


def test_a_pronoun_right_after_the_name_speaks_of_it():
    text = ["It is slow.", "Qwen2 came next.", "It is the latest.", "It is still the newest.", "BERT is older."]
    assert found(["Qwen2"], *text, "It is the latest encoder.") == ["It is the latest.", "It is still the newest."]


def test_on_its_own_card_every_sentence_speaks_of_it():
    assert found(["Qwen2"], "Five sizes exist.", "The latest can read.", own=True) == ["The latest can read."]


@pytest.mark.parametrize(
    ("name", "text", "there"),
    [
        ("C++", "Write C++ today.", True),
        ("C", "Write C++ today.", False),
        ("GPT-4", "GPT-4-turbo is fast.", False),
        ("RAG", "A RAG-based tool.", True),
        ("RAG", "A rag on the floor.", False),
        ("LoRA", "a lora adapter", True),
        ("Context window", "The context\u00a0window grew.", True),
        ("Token", "Tokens are cut.", False),
    ],
)
def test_names_are_found_as_whole_words(name, text, there):
    assert (names_pattern([name]).search(text) is not None) == there


def test_no_name_is_found_where_none_is_given():
    assert names_pattern(["", "  "]).search("Any words at all.") is None

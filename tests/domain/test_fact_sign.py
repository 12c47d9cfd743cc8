"""Which lines state a fact, and which explain."""

from pathlib import Path

import pytest

from glossary.domain.claim import Line, Part, lines_of
from glossary.domain.fact_sign import fact_sign, is_likely_explanation
from glossary.domain.starter import parse_starter


@pytest.mark.parametrize(
    "text",
    [
        "It has 72 billion parameters.",
        "It costs half of what others cost.",
        "It was released in summer.",
        "The licence allows any use.",
        "It was trained on code.",
        "It is faster than a dense model.",
        "A team at Alibaba wrote it.",
        "It is the best known of its kind.",
        "It is the latest one.",
    ],
)
def test_a_line_that_states_a_fact_is_no_likely_explanation(text):
    assert not is_likely_explanation(Line(Part.BODY, text), names=["Qwen2"])


@pytest.mark.parametrize(
    "text",
    [
        "A language model predicts the next piece of text.",
        "Parameters are the numbers a model adjusts while it learns.",
        "Think of Qwen2 as a shelf with several books.",
    ],
)
def test_a_line_without_such_a_sign_is_one(text):
    assert is_likely_explanation(Line(Part.BODY, text), names=["Qwen2"])
    assert fact_sign(Line(Part.BODY, text), names=["Qwen2"]) == ""


def test_the_definition_is_never_one():
    assert not is_likely_explanation(Line(Part.DEFINITION, "A prompt is the text you give to a model."))


def test_on_the_qwen2_card_one_checkable_sentence_at_most_goes_unmarked():
    path = Path(__file__).resolve().parents[2] / "glossary" / "starter" / "qwen2.md"
    words = parse_starter(path.read_text(encoding="utf-8")).draft.words()
    says_what_a_word_means = ("A language model is a program", "A model’s size is given as")
    lines = [line for line in lines_of(words) if line.part in {Part.DEFINITION, Part.BODY}]
    checkable = [line for line in lines if not line.text.startswith(says_what_a_word_means)]
    unmarked = [line.text for line in checkable if not fact_sign(line, ["Qwen2", "Qwen 2", "Qwen-2"])]
    assert len(checkable) == len(lines) - 2 and len(unmarked) <= 1, unmarked

"""Which lines state a fact, and which explain."""

import pytest

from glossary.domain.claim import Line, Part
from glossary.domain.fact_sign import fact_sign, is_likely_explanation


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

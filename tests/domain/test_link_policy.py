"""What a name starts with in running text."""

import pytest

from glossary.domain.link_policy import LinkPolicy, starting_policy


@pytest.mark.parametrize("name", ["Model", "memory", "Training", "sets", "Weight", "it"])
def test_a_single_everyday_word_is_suggested_before_it_is_linked(name):
    assert starting_policy(name) == LinkPolicy.SUGGEST


@pytest.mark.parametrize("name", ["Transformer", "Language model", "IT", "AI", "C++", "GPT-4", "Memory bandwidth"])
def test_any_other_name_is_linked_by_itself(name):
    assert starting_policy(name) == LinkPolicy.AUTO

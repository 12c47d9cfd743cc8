"""What a name has earned by what editors decided where it stood."""

import pytest

from glossary.domain.keyphrase import (
    HOPELESS_AFTER,
    KIND_WEIGHT,
    Kind,
    Record,
    Tally,
    is_as_written,
    kind_of,
    proposed_policy,
    shares_by_kind,
)
from glossary.domain.link_policy import LinkPolicy, starting_policy


@pytest.mark.parametrize("name", ["memory", "Memory", "tokenizer", "beam search", "Beam search", "LoRA", "IT", "C++"])
def test_a_name_of_which_nothing_is_known_keeps_the_policy_it_starts_with(name):
    assert proposed_policy(Record(name), {}) == starting_policy(name)


@pytest.mark.parametrize(
    ("name", "accepted", "refused", "earned"),
    [
        ("memory", 1, 0, LinkPolicy.SUGGEST),  # one word is not enough against what is known of everyday words
        ("memory", 3, 0, LinkPolicy.AUTO),
        ("memory", 5, 5, LinkPolicy.SUGGEST),
        ("memory", 7, 5, LinkPolicy.AUTO),
        ("beam search", 0, 1, LinkPolicy.SUGGEST),
        ("beam search", 1, 1, LinkPolicy.AUTO),
        ("beam search", 0, HOPELESS_AFTER - 1, LinkPolicy.SUGGEST),
        ("beam search", 0, HOPELESS_AFTER, LinkPolicy.NEVER),
        ("beam search", 1, HOPELESS_AFTER, LinkPolicy.SUGGEST),
    ],
)
def test_the_share_that_editors_accepted_replaces_the_start(name, accepted, refused, earned):
    assert proposed_policy(Record(name, Tally(accepted, refused)), {}) == earned


def test_a_name_that_is_refused_in_other_capitals_is_linked_in_its_own():
    views = Record("Views", Tally(6, 1), Tally(0, 5))
    assert proposed_policy(views, {}) == LinkPolicy.EXACT
    assert proposed_policy(Record("Views", Tally(6, 1), Tally(5, 0)), {}) == LinkPolicy.AUTO


def test_what_is_known_of_other_capitals_counts_where_nothing_else_is():
    assert proposed_policy(Record("Memory", otherwise=Tally(3, 0)), {}) == LinkPolicy.AUTO
    assert proposed_policy(Record("Beam search", otherwise=Tally(0, 3)), {}) == LinkPolicy.SUGGEST
    assert proposed_policy(Record("Memory", Tally(0, 1), Tally(6, 0)), {}) == LinkPolicy.AUTO


@pytest.mark.parametrize(
    ("name", "words", "same"),
    [
        ("Views", "views", False),
        ("Views", "Views", True),
        ("Query", "Queries", True),
        ("compiler", "Compiler", True),
        ("C", "c", False),
    ],
)
def test_capitals_are_compared_and_a_name_without_any_is_as_written_everywhere(name, words, same):
    assert is_as_written(name, words) == same


def test_names_fall_into_kinds():
    kinds = {name: kind_of(name).sort for name in ("Ada", "memory", "B-tree", "beam search", "C", "LoRA", "tokenizer")}
    assert kinds == {
        "Ada": "common",
        "memory": "everyday",
        "B-tree": "words",
        "beam search": "words",
        "C": "letter",
        "LoRA": "letters",
        "tokenizer": "rare",
    }
    assert kind_of("Beam search", as_written=False) == Kind("words", True, False)


def test_what_is_known_of_a_kind_moves_names_that_were_never_seen():
    refused = [Record(f"beam search {n}", Tally(0, 3)) for n in range(2 * KIND_WEIGHT)]
    shares = shares_by_kind(refused)
    assert shares[kind_of("beam search")] == pytest.approx(0.2)
    assert proposed_policy(Record("neural network"), shares) == LinkPolicy.SUGGEST
    assert proposed_policy(Record("tokenizer"), shares) == LinkPolicy.AUTO, "another kind"


def test_each_name_counts_as_one_in_its_kind_and_one_that_was_never_decided_on_as_none():
    records = [Record("beam search", Tally(1_000, 0)), Record("neural network", Tally(0, 1)), Record("hash table")]
    assert shares_by_kind(records) == {
        kind_of("beam search"): pytest.approx((0.6 * KIND_WEIGHT + 1) / (KIND_WEIGHT + 2))
    }

"""Circles among terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.errors import IllegalMove
from glossary.domain.relations import MOST_STEPS, circle

EDGES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=14)


def further_in(edges):
    return lambda terms: {term: [b for a, b in edges if a == term] for term in terms}


def test_the_way_round_is_named():
    assert circle(1, [2], further_in([(2, 3), (3, 1)])) == [1, 2, 3, 1]
    assert circle(1, [1], further_in([])) == [1, 1]
    assert circle(1, [2], further_in([(2, 3)])) == []
    assert circle(1, [], further_in([(2, 1)])) == []


@given(EDGES, st.sets(st.integers(1, 7), max_size=3))
def test_a_circle_is_found_exactly_where_there_is_one(edges, targets):
    reach, grown = set(targets), True
    while grown:
        more = {b for a, b in edges if a in reach} - reach
        grown = bool(more)
        reach |= more
    way = circle(0, targets, further_in(edges))
    assert bool(way) == (0 in reach)
    if way:
        steps = list(zip(way, way[1:], strict=False))
        assert way[0] == way[-1] == 0 and steps[0][1] in targets and all(step in edges for step in steps[1:])


def test_a_way_without_end_is_refused():
    with pytest.raises(IllegalMove, match="longer than 200"):
        circle(0, [1], lambda terms: {term: [term + 1] for term in terms})
    assert MOST_STEPS == 200

"""Examples that are spread over the inputs of a law."""

from __future__ import annotations

from hypothesis import strategies as st

from nnxspec.properties.strategies import graphs
from nnxspec.properties.strategies.options import some
from nnxspec.properties.strategies.spread import spread
from nnxspec.spec.script import elaborate

KINDS = ("a", "b", "c", "d")
INPUTS = {
    "kind": st.sampled_from(KINDS),
    "flag": st.booleans(),
    "options": some(length=st.integers(0, 2), reverse=st.booleans()),
}


def test_every_value_is_tried_beside_every_value_of_another_input() -> None:
    found = spread("a law of the test", 16, INPUTS)
    assert {(one["kind"], one["flag"]) for one in found} == {(kind, flag) for kind in KINDS for flag in (True, False)}
    options = [dict(one["options"]) for one in found]
    pairs = {(one.get("length"), one.get("reverse")) for one in options}
    assert pairs >= {(length, reverse) for length in range(3) for reverse in (True, False)}


def test_the_examples_are_always_the_same() -> None:
    first = spread("another law", 6, INPUTS)
    assert spread("another law", 6, INPUTS) == first
    assert len(first) == 6


def test_where_nothing_new_can_be_tried_there_are_fewer() -> None:
    assert len(spread("a third law", 9, {"flag": st.booleans()})) == 2


def test_graphs_count_by_what_is_in_them() -> None:
    found = spread("a law on graphs", 5, {"make": graphs(max_chunks=1), "flag": st.booleans()})
    assert len({elaborate(one["make"]).lines for one in found}) == 5

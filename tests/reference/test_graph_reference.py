"""What the laws cannot see of the reference implementation: costs, depth, and how often a structure is looked at."""

import gc
import itertools
import sys
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import pytest

import nnxspec.reference_impl as nnx
from nnxspec.reference_impl.graphdef import GraphDef, _Structure, structure_key

DEPTH = 100_000


class Link(nnx.Module):
    """One link of a chain."""

    def __init__(self, **attributes: Any) -> None:
        for name, value in attributes.items():
            setattr(self, name, value)


def chain(depth: int) -> Link:
    """A chain of Modules with one Param at its end."""
    node = Link(weight=nnx.Param(jnp.ones(2)))
    for _ in range(depth):
        node = Link(next=node)
    return node


def end_of(node: Link) -> Link:
    """The last link."""
    while hasattr(node, "next"):
        node = node.next
    return node


@pytest.fixture(autouse=True)
def no_gc() -> Iterator[None]:
    """The collector would go over the deep graphs again and again, which takes longer than the tests."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(scope="module")
def deep() -> Link:
    """A chain far deeper than the interpreter's stack."""
    return chain(DEPTH)


def test_deep_split_merge(deep: Link) -> None:
    graphdef, state = nnx.split(deep)
    merged = nnx.merge(graphdef, state)
    assert end_of(merged).weight is end_of(deep).weight
    assert nnx.graphdef(merged) == graphdef
    assert hash(nnx.graphdef(merged)) == hash(graphdef)


def test_deep_split_with_filters(deep: Link) -> None:
    graphdef, params, rest = nnx.split(deep, nnx.Param, ...)
    assert len(rest) == 0
    ((path, leaf),) = nnx.to_flat_state(params)
    assert len(path) == DEPTH + 1 and leaf is end_of(deep).weight
    assert end_of(nnx.merge(graphdef, rest, params)).weight is leaf


def test_deep_clone_update_pop() -> None:
    deep = chain(DEPTH)
    copied = nnx.clone(deep)
    end_of(copied).weight[...] = 7.0
    weight = end_of(deep).weight
    nnx.update(deep, nnx.state(copied))
    assert end_of(deep).weight is weight and weight[0] == 7.0
    popped = nnx.pop(deep, nnx.Param)
    assert len(nnx.to_flat_state(popped)) == 1 and not hasattr(end_of(deep), "weight")


def test_deep_walks(deep: Link) -> None:
    assert nnx.find_duplicates(deep) == []
    (first, *_) = itertools.islice(nnx.iter_graph(deep), 1)
    assert len(first[0]) == DEPTH + 1
    end_of(deep).training = True
    deep.set_attributes(training=False)
    assert end_of(deep).training is False
    assert "..." in repr(deep)


def test_deep_merge_refuses_without_recursion(deep: Link) -> None:
    graphdef, state = nnx.split(deep)
    with pytest.raises(ValueError, match="more than once"):
        nnx.merge(graphdef, state, state)


@pytest.mark.parametrize(
    "action",
    [
        nnx.split,
        lambda m: nnx.merge(*nnx.split(m)),
        nnx.clone,
        lambda m: nnx.update(m, nnx.state(m)),
        lambda m: hash(nnx.graphdef(m)),
        nnx.find_duplicates,
        lambda m: m.set_attributes(absent=1, raise_if_not_found=False),
    ],
    ids=["split", "merge", "clone", "update", "hash", "find_duplicates", "set_attributes"],
)
def test_cost_is_linear_in_depth(action: Callable[[Link], Any]) -> None:
    """Ten times the nodes take ten times the calls; a quadratic algorithm takes a hundred times."""

    def cost(depth: int) -> int:
        model = chain(depth)
        action(model)  # what is cached per class is cached now
        return _calls(action, model)

    assert cost(2_000) < 12 * cost(200)


def _calls(action: Callable[[Link], Any], model: Link) -> int:
    """How many calls of Python and C functions an action makes: a cost that no busy machine changes."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        action(model)
    finally:
        sys.setprofile(None)
    return calls


class Counted:
    """A static value that counts how often it is hashed and compared."""

    hashed = compared = 0

    def __hash__(self) -> int:
        type(self).hashed += 1
        return 1

    def __eq__(self, other: object) -> bool:
        type(self).compared += 1
        return isinstance(other, Counted)


def test_graphdef_is_hashed_once_and_then_compared_by_token() -> None:
    left, right = nnx.graphdef(Link(a=Counted())), nnx.graphdef(Link(a=Counted()))
    assert left == right and hash(left) == hash(right)
    Counted.hashed = Counted.compared = 0
    for _ in range(10):
        assert left == right and hash(left) == hash(right) and not left != right
    assert (Counted.hashed, Counted.compared) == (0, 0)


def test_equal_structures_are_interned_while_alive() -> None:
    model = Link(layers=nnx.List([Link(w=nnx.Param(1.0)), max]))
    kept = nnx.graphdef(model).structure
    assert nnx.graphdef(nnx.clone(model)).structure is kept
    assert nnx.graphdef(Link()).structure is not kept


def test_interning_keeps_each_graphs_own_statics() -> None:
    first, second = Counted(), Counted()
    one, other = nnx.graphdef(Link(a=first)), nnx.graphdef(Link(a=second))
    assert one == other
    assert nnx.merge(one, nnx.State()).a is first and nnx.merge(other, nnx.State()).a is second


def test_unhashable_structures_are_compared_but_not_interned() -> None:
    left, right = nnx.graphdef(Link(a=[1])), nnx.graphdef(Link(a=[1]))
    assert left == right and left.structure is not right.structure
    assert left != nnx.graphdef(Link(a=[True]))
    with pytest.raises(TypeError, match="list"):
        hash(left)


def test_structure_is_looked_at_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    """split and merge alone never compute what only a comparison needs."""

    def refuse(self: GraphDef[Any]) -> _Structure:
        raise AssertionError("computed a structure")

    monkeypatch.setattr(GraphDef, "structure", property(refuse))
    nnx.merge(*nnx.split(Link(a=1, w=jnp.ones(1))))


def test_structure_key_is_flat(deep: Link) -> None:
    key = structure_key(nnx.graphdef(deep).defs)
    assert all(not isinstance(part, tuple) or len(part) <= 4 for part in key)


def test_no_recompilation_for_the_same_structure() -> None:
    traces = []

    @jax.jit
    def total(graphdef: Any, state: Any) -> Any:
        traces.append(graphdef)
        return nnx.merge(graphdef, state).w.sum()

    for _ in range(3):
        total(*nnx.split(Link(w=nnx.Param(jnp.ones(2)), n=1)))
    assert len(traces) == 1
    total(*nnx.split(Link(w=nnx.Param(jnp.ones(2)), n=True)))
    assert len(traces) == 2

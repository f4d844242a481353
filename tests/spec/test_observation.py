"""Observation: what is told apart, what is not, and how the first difference reads."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nnxspec.backends import reference
from nnxspec.spec import Eq, Refused, first_difference, judge, observe, render
from nnxspec.spec.observation import leaves, nodes

nnx = reference.load()


def module(**attributes: Any) -> Any:
    m = nnx.Module()
    for name, value in attributes.items():
        setattr(m, name, value)
    return m


def difference(came: Any, expected: Any) -> str | None:
    found = first_difference(observe(nnx, came), observe(nnx, expected))
    return None if found is None else str(found)


def param(value: float = 1.0, **metadata: Any) -> Any:
    return nnx.Param(jnp.array([value, 2.0]), **metadata)


def test_isomorphic_graphs_are_observed_equal() -> None:
    def build(order: str) -> Any:
        w, m = param(note=1), module()
        for name in order:
            setattr(m, name, w if name in "ab" else m)
        return m

    assert difference(build("abc"), build("cba")) is None


@pytest.mark.parametrize(
    ("came", "expected", "says"),
    [
        (
            lambda: module(w=nnx.Param(jnp.zeros(2, "bfloat16"))),
            lambda: module(w=nnx.Param(jnp.zeros(2))),
            "at .w.value: float32[2] [0.0, 0.0] expected, bfloat16[2] [0.0, 0.0] came",
        ),
        (lambda: module(a=1), lambda: module(a=True), "at .a: bool True expected, int 1 came"),
        (lambda: module(a=-0.0), lambda: module(a=0.0), "at .a: float 0x0.0p+0 expected, float -0x0.0p+0 came"),
        (lambda: module(), lambda: module(a=param()), "at .a: Param variable expected, nothing came"),
        (lambda: module(a=param()), lambda: module(), "at .a: nothing expected, Param variable came"),
        (
            lambda: module(a=param(note=2)),
            lambda: module(a=param(note=1)),
            "at .a.metadata['note']: int 1 expected, int 2 came",
        ),
        (
            lambda: module(a=nnx.BatchStat(1.0)),
            lambda: module(a=nnx.Param(1.0)),
            "at .a: Param variable expected, BatchStat variable came",
        ),
        (
            lambda: module(a=nnx.data((1,))),
            lambda: module(a=(1,)),
            "at .a: static attribute tuple expected, data attribute came",
        ),
        (
            lambda: module(a=nnx.data([param()])),
            lambda: module(a=nnx.data((param(),))),
            "at .a: tuple expected, list came",
        ),
        (
            lambda: module(a=np.zeros(2, "float32")),
            lambda: module(a=jnp.zeros(2, "float32")),
            "at .a: float32[2] [0.0, 0.0] expected, numpy float32[2] [0.0, 0.0] came",
        ),
        (
            lambda: module(a=jnp.asarray(1.0)),
            lambda: module(a=jnp.array(1.0, "float32")),
            "at .a: float32[] 1.0 expected, float32[] weak 1.0 came",
        ),
        (lambda: nnx.List([param(3.0)]), lambda: nnx.List([param(4.0)]), "at [0].value"),
    ],
)
def test_the_first_difference_names_place_and_sides(came: Any, expected: Any, says: str) -> None:
    assert (difference(came(), expected()) or "").startswith(says)


def test_sharing_is_seen() -> None:
    w = param()
    shared, apart = module(a=w, b=w), module(a=param(), b=param())
    assert difference(apart, shared) == "at .b: the object already seen at .a expected, a new object came"
    assert difference(shared, apart) == "at .b: a new object expected, the object already seen at .a came"
    assert observe(nnx, shared, sharing=False) == observe(nnx, apart, sharing=False)


def test_identity_among_the_elements_of_a_tuple_is_seen() -> None:
    m, other = module(w=param()), module(w=param())
    assert difference((m, m.w), (other, other.w)) is None
    assert (
        difference((m, m.w), (other, param())) == "at [1]: a new object expected, the object already seen at [0].w came"
    )


def test_key_implementations_and_nan_bits_are_seen() -> None:
    assert difference(jax.random.key(1, impl="rbg"), jax.random.key(1, impl="unsafe_rbg")) is not None
    nan = np.array([np.nan], "float32")
    other = (nan.view("uint32") | 1).view("float32")
    assert difference(nan, nan.copy()) is None
    assert difference(nan, other) is not None


def test_an_observation_stays_what_it_was() -> None:
    m = module(w=param())
    before = observe(nnx, m)
    m.w.set_value(jnp.zeros(2))
    assert observe(nnx, m) != before


def test_dict_order_counts_for_ordered_dicts_only() -> None:
    import collections

    assert difference({"a": 1, "b": 2}, {"b": 2, "a": 1}) is None
    ordered = collections.OrderedDict
    assert (
        difference(ordered(a=1, b=2), ordered(b=2, a=1))
        == "at the root: keys in the order ['b', 'a'] expected, in the order ['a', 'b'] came"
    )


def test_a_refusal_that_changes_something_is_a_violation() -> None:
    m = module(w=param())

    def action() -> None:
        m.w.set_value(jnp.zeros(2))
        raise ValueError("too late")

    found = judge(nnx, Refused(ValueError, action, (m,)))
    assert found is not None
    assert found.difference.startswith("at .w.value")
    assert judge(nnx, Refused(ValueError, functools.partial(int, "x"), (m,))) is None


def test_a_claim_judges_what_is_there_now() -> None:
    m = module(w=param())
    claim = Eq(m, module(w=param()))
    assert judge(nnx, claim) is None
    m.w.set_value(jnp.ones(3))
    assert judge(nnx, claim) is not None


def test_render_marks_shared_objects() -> None:
    w = param()
    assert render(observe(nnx, module(a=w, b=w))).count("&") == 1


def chain(length: int) -> Any:
    root = last = nnx.Module()
    for _ in range(length):
        last.a = nnx.Module()
        last = last.a
    last.w = param()
    return root


def test_depth_is_not_bounded() -> None:
    seen = observe(nnx, chain(100_000))
    assert len(seen.entries) == 100_002, "every object once"


def test_the_walk_is_the_oracle_for_paths() -> None:
    w, inner = param(), module()
    inner.up = inner
    root = module(b=w, a=nnx.data([w, np.zeros(2)]), c=inner, s="static")
    assert set(leaves(nnx, root)) == {("a", 0), ("a", 1)}
    assert set(nodes(nnx, root)) == {(), ("c",)}

"""How the reference finds the leaves of a graph in States, and puts graphs together, in one call for each node."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import nnxspec.reference_impl as nnx
from nnxspec.reference_impl.flatten import collect_leaves
from nnxspec.reference_impl.names import MOST, names_of
from nnxspec.reference_impl.recipe import Lookup, unflatten


class Inner(nnx.Module):
    def __init__(self) -> None:
        self.one = nnx.Param(jnp.zeros(1))
        self.name = "inner"
        self.nothing = nnx.List([])


class Model(nnx.Module):
    def __init__(self) -> None:
        self.middle = nnx.List([Inner(), Inner()])
        self.before = nnx.Param(jnp.ones(1))
        self.raw = np.arange(2)
        self.zoo = nnx.BatchStat(jnp.ones(2), tag="z")
        self.again = self.middle[0]


def test_leaves_are_found_in_canonical_order() -> None:
    graphdef, state = nnx.split(Model())
    found = Lookup(graphdef.defs).find(state)
    assert found is not None
    expected = collect_leaves(graphdef.defs, [state])
    assert list(map(id, found)) == list(map(id, expected)) and len(expected) == 5


def _more(state: Any) -> None:
    state["more"] = jnp.zeros(1)


def _fewer(state: Any) -> None:
    del state["before"]


def _other(state: Any) -> None:
    del state["before"]
    state["elsewhere"] = nnx.Param(0)


def _deeper(state: Any) -> None:
    state["before"] = {"x": nnx.Param(0)}


def _shallower(state: Any) -> None:
    state["middle"] = nnx.Param(0)


@pytest.mark.parametrize("change", [_more, _fewer, _other, _deeper, _shallower])
def test_a_state_of_another_form_is_refused(change: Any) -> None:
    graphdef, state = nnx.split(Model())
    nnx.merge(graphdef, state)
    change(state)
    assert graphdef.lookup.find(state) is None
    with pytest.raises(ValueError, match="cannot merge"):
        nnx.merge(graphdef, state)


def test_unusual_states_are_looked_through() -> None:
    graphdef, state = nnx.split(Model())
    expected = list(map(id, collect_leaves(graphdef.defs, [state])))
    for unusual in (OrderedDict(state), {**state, "nothing": {}}, {**state, "raw": [1, 2]}):
        assert graphdef.lookup is None or graphdef.lookup.find(unusual) is None
        merged = nnx.merge(graphdef, unusual)
        assert [id(merged.before), id(merged.zoo)] == [expected[1], expected[-1]]


def test_a_recipe_is_made_once_for_a_graphdef() -> None:
    graphdef, state = nnx.split(Model())
    first = nnx.merge(graphdef, state)
    recipe = graphdef.recipe
    second = nnx.merge(graphdef, state)
    assert graphdef.recipe is recipe
    assert first is not second and first.zoo is second.zoo
    assert second.again is second.middle[0] is not first.middle[0]
    third = unflatten(graphdef.defs, collect_leaves(graphdef.defs, [state]))
    assert nnx.graphdef(third) == graphdef


def test_nodes_do_not_share_their_statuses() -> None:
    graphdef, state = nnx.split(Model())
    first, second = (nnx.merge(graphdef, state) for _ in range(2))
    first.middle[0].fresh = 3
    assert first.middle[1]._pytree__status == second.middle[0]._pytree__status != first.middle[0]._pytree__status


def test_names_of_wide_nodes_are_not_kept() -> None:
    class Wide(nnx.Module):
        pass

    narrow, wide = Wide(), Wide()
    for i in range(MOST + 1):
        setattr(wide, f"a{i}", i)
        if i < MOST:
            setattr(narrow, f"a{i}", i)
    assert names_of(narrow) is names_of(narrow)
    assert names_of(wide) is not names_of(wide)
    for node in (narrow, wide):
        assert vars(nnx.clone(node)) == vars(node)


def test_variables_without_metadata_get_their_own() -> None:
    first, second = nnx.Param(0), nnx.Param(0)
    first.set_metadata(a=1)
    first.set_metadata(b=2)
    assert first.get_metadata() == {"a": 1, "b": 2} and second.get_metadata() == {}
    nnx.clone(second).set_metadata("c", 3)
    assert second.get_metadata() == {}

"""Laws of Param as a type: what it selects, and what is differentiated."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq
from ...law import Law, law
from ...observation import leaves
from ...observation.nodes import variable_type
from ...terms import PARAMS


@law("params.filter-selects-subclasses", term=PARAMS, uses=("state", "variable-types"))
def filter_selects_subclasses(nnx: Any, make: Any, kind: Any) -> Claims:
    """Param is a Variable type, and as a filter it selects exactly the Params and instances of its subclasses.

    BatchStat, Cache, Intermediate and RNG state are not selected. Every other Variable type selects in the same way.
    """
    yield Eq(issubclass(nnx.Param, nnx.Variable), True, "Param is a Variable type")
    m = make()
    for selected in (nnx.Param, kind):
        expected = {path: leaf for path, leaf in leaves(nnx, m).items() if isinstance(leaf, selected)}
        came = leaves(nnx, nnx.state(m, selected))
        yield Eq(came, expected, f"state(m, {selected.__name__})")
        yield Eq(leaves(nnx, nnx.split(m, selected, ...)[1]), expected, f"split(m, {selected.__name__}, ...)")


@law(
    "params.grad-default",
    term=PARAMS,
    needs=("graph.build-observe", "split.round-trip"),
    uses=("split", "merge", "state"),
    reason="By jax.grad with respect to the Param state of a split graph; `grad.matches-jax` has the lifted grad.",
)
def grad_default(nnx: Any, make: Any) -> Claims:
    """The gradient with respect to the Param state of a graph is a State with exactly the Param paths.

    Its leaves are Params of the same type and metadata that hold the derivative of each value.
    """

    def loss(params: Any, graphdef: Any, rest: Any) -> Any:
        m = nnx.merge(graphdef, params, rest)
        return sum((squares(v.get_value()) for v in leaves(nnx, m).values() if isinstance(v, nnx.Param)), jnp.zeros(()))

    m = make()
    params = {path: leaf for path, leaf in leaves(nnx, m).items() if isinstance(leaf, nnx.Param)}
    graphdef, state, rest = nnx.split(m, nnx.Param, ...)
    grads = jax.grad(loss, allow_int=True)(state, graphdef, rest)
    yield Eq(isinstance(grads, nnx.State), True, "a State")
    found = leaves(nnx, grads)
    yield Eq(list(found), list(params), "exactly the Param paths")
    for path, param in params.items():
        yield Eq(variable_type(nnx, found[path]), type(param), "the type")
        yield Eq(nnx.metadata(found[path]), nnx.metadata(param), "the metadata")
        expected = jax.grad(squares, allow_int=True)(param.get_value())
        yield Eq(found[path].get_value(), expected, "the derivative")


def squares(x: Any) -> Any:
    """The sum of squares of a real array in float32; 0 for what cannot be differentiated."""
    if not jnp.issubdtype(x.dtype, jnp.floating):
        return jnp.zeros(())
    return jnp.sum(jnp.asarray(x, "float32") ** 2)


LAWS: tuple[Law, ...] = (filter_selects_subclasses, grad_default)

"""Laws of `make_jaxpr`."""

from __future__ import annotations

from typing import Any

import jax

from ...claims import Claims, Eq, EqOrRefused, attempt
from ...law import SHOULD, Law, law
from ...observation import leaves, observe
from ...observation.nodes import is_variable
from ...terms import TRANSFORMATION


@law(
    "make-jaxpr.inputs",
    term=TRANSFORMATION,
    level=SHOULD,
    uses=("transform.make-jaxpr", "tree-mode"),
    tags=("tree",),
    reason="Raw arrays are inputs as well: they are state.",
)
def inputs(nnx: Any, make: Any, number: int) -> Claims:
    """In tree mode the jaxpr has one input for each array of the arguments, with its shape and dtype, one output for
    each array of the result, and the arguments are unchanged; a mode that does not offer it refuses with ValueError.
    """

    def f(m: Any, x: Any) -> Any:
        arrays = [leaf.get_value() if is_variable(nnx, leaf) else leaf for leaf in leaves(nnx, m).values()]
        return [x * 2, [array for array in arrays if array.ndim == number]]

    m = make()
    x = jax.numpy.ones((number + 1,))
    before = observe(nnx, m)
    held = [leaf.get_value() if is_variable(nnx, leaf) else leaf for leaf in leaves(nnx, m).values()]
    seen: list[Any] = []

    def g(m: Any, x: Any, static: Any) -> Any:
        seen.append(static)
        return f(m, x)

    with nnx.set_graph_mode(False):
        jaxpr = nnx.make_jaxpr(f, graph_updates=False)(m, x)
        nnx.make_jaxpr(g, graph_updates=False, static_argnums=2)(m, x, number)
        nnx.make_jaxpr(graph_updates=False, static_argnums=(2,))(g)(m, x, "word")
    yield Eq(seen, [number, "word"], "static arguments")
    variables = getattr(jaxpr, "jaxpr", jaxpr)
    expected = sorted(str(jax.typeof(value)) for value in [*held, x])
    yield Eq(sorted(str(v.aval) for v in variables.invars), expected, "inputs")
    out = 1 + sum(value.ndim == number for value in held)
    yield Eq(len(variables.outvars), out, "outputs")
    yield Eq(observe(nnx, m), before, "the arguments")
    outcome = attempt(lambda: len(getattr(nnx.make_jaxpr(f)(m, x), "out_avals", (None,) * out)))
    yield EqOrRefused(outcome, out, ValueError, ((before, m),), "in the default mode")


LAWS: tuple[Law, ...] = (inputs,)

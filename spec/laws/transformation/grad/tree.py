"""Laws of gradients in tree mode."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ....claims import Claims, Eq, Refused
from ....law import Law, law
from ....observation import leaves
from ....terms import TRANSFORMATION
from .losses import pure, run, settled, value_of, weighted, with_value


@law(
    "grad.tree-result-type",
    term=TRANSFORMATION,
    uses=("tree-mode", "transform.grad", "mutation"),
    tags=("tree",),
    reason="That a shared Variable is reported at every alias binds only where tree mode allows sharing.",
)
def tree_result_type(nnx: Any, make: Any, loss: Any) -> Claims:
    """In tree mode the gradient has the type of the input, a leaf that is not inexact is refused with TypeError, and
    what the loss changes is changed once; gradients of gradients equal those of jax.
    """
    with nnx.set_graph_mode(False):
        args, eager, fresh = ((settled(nnx, make(), nnx.Variable), jnp.ones(2)) for _ in range(3))
        drawn: list[Any] = []
        run(nnx, loss, eager, drawn)
        oracle = pure(nnx, loss, args, drawn)
        values = {path: value_of(nnx, leaf) for path, leaf in leaves(nnx, args).items() if path != (1,)}
        value, gradients = jax.value_and_grad(oracle)(values)
        expected = {path: with_value(nnx, leaves(nnx, fresh)[path], gradients[path]) for path in values}
        came = nnx.value_and_grad(lambda *xs: run(nnx, loss, xs))(*args)
        yield Eq(came, (value, fresh[0]), "value and gradient")
        yield Eq(args, eager, "the arguments afterwards")
        again = (settled(nnx, make(), nnx.Variable), jnp.ones(2))
        once = nnx.grad(lambda *xs: run(nnx, loss, xs))
        twice = nnx.grad(lambda *xs: weighted(value_of(nnx, leaf) for leaf in leaves(nnx, once(*xs)).values()))
        inner = jax.grad(oracle)
        seconds = jax.grad(lambda chosen: weighted(inner(chosen)[path] for path in expected))(values)
        came = twice(*again)
        found = {(0, *path): value_of(nnx, leaf) for path, leaf in leaves(nnx, came).items()}
        yield Eq(found, seconds, "the second gradient")
        again[0].other = nnx.Variable(jnp.array(1))
        yield Refused(TypeError, lambda: once(*again), (again,), "an int leaf")


LAWS: tuple[Law, ...] = (tree_result_type,)

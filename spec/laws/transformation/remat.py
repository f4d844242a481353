"""Laws of `remat`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq
from ...law import Law, law
from ...terms import TRANSFORMATION
from .grad.losses import arguments, held, run, shown
from .grad.selection import agreeing

USES = ("transform.remat", "transform.grad", "mutation", "variable-types", "State", "rng.streams", "RngStream")

POLICIES = (None, "everything_saveable", "nothing_saveable", "dots_saveable")
"""Names of policies in `jax.checkpoint_policies`."""


@law("remat.transparent", term=TRANSFORMATION, uses=USES)
def transparent(nnx: Any, make: Any, plan: Any, picks: Any, loss: Any, policy: int, prevent_cse: bool) -> Claims:
    """Value, gradient and state effects are those without remat, whatever the policy, with each effect once per call
    and not once per recomputation.

    Numbers are small integers, so compiled and eager arithmetic agree by bits.
    """
    name = POLICIES[policy % len(POLICIES)]
    chosen = None if name is None else vars(jax.checkpoint_policies)[name]
    plan, _, order = agreeing(nnx, make, plan, picks)

    def function(*xs: Any) -> Any:
        return run(nnx, loss, xs)

    again = nnx.remat(function, policy=chosen, prevent_cse=prevent_cse)
    eager, args = arguments(nnx, make, plan), arguments(nnx, make, plan)
    before, mine = held(nnx, eager), held(nnx, args)
    yield Eq((again(*args), mine, args), (function(*eager), before, eager), "without a gradient")
    eager, args = arguments(nnx, make, plan), arguments(nnx, make, plan)
    before, mine = held(nnx, eager), held(nnx, args)
    value, gradient = nnx.value_and_grad(function, argnums=tuple(order))(*eager)
    came_value, came = nnx.value_and_grad(again, argnums=tuple(order))(*args)
    yield Eq((came_value, shown(nnx, came)), (value, shown(nnx, gradient)), "value and gradient")
    yield Eq((mine, args), (before, eager), "the arguments after the gradient")


@law(
    "remat.recomputes",
    term=TRANSFORMATION,
    uses=("transform.remat", "transform.grad", "mutation", "mutation.any-value"),
)
def recomputes(nnx: Any, make: Any, loss: Any) -> Claims:
    """remat keeps no intermediate values: the jaxpr of a gradient through it has the function's operations once more
    than without, in a checkpoint of its own.
    """

    def operations(f: Any) -> int:
        def gradient(x: Any) -> Any:
            (m,) = arguments(nnx, make, ((0, 0),))  # of this trace, so that it may be an argument
            return nnx.grad(lambda w, m: jnp.sum(f(w, m)))(nnx.Param(x), m)[...]

        return str(jax.make_jaxpr(gradient)(jnp.ones(2))).count("= sin ")

    def heavy(w: Any, m: Any) -> Any:
        return jnp.sin(jnp.sin(w.get_value())) * run(nnx, loss, (m,))

    plain, again = operations(heavy), operations(nnx.remat(heavy, policy=jax.checkpoint_policies.nothing_saveable))
    yield Eq((plain, again), (2, 3), "how often sin is computed, without and with remat")


@law("remat.static-arguments", term=TRANSFORMATION, uses=("transform.remat", "mutation", "RngStream", "rng.streams"))
def static_arguments(nnx: Any, make: Any, loss: Any, repeat: int, single: bool) -> Claims:
    """`static_argnums` are Python values inside, as in `jax.checkpoint`."""
    seen: list[Any] = []

    def function(m: Any, count: Any) -> Any:
        seen.append(type(count))
        return sum((run(nnx, loss, (m,)) for _ in range(count)), jnp.zeros(()))

    (eager,), (m,) = arguments(nnx, make, ((0, 0),)), arguments(nnx, make, ((0, 0),))
    expected = function(eager, repeat)
    came = nnx.remat(function, static_argnums=1 if single else (1,))(m, repeat)
    yield Eq((came, m), (expected, eager), "value and argument")
    yield Eq(set(seen), {int}, "the type inside")


LAWS: tuple[Law, ...] = (transparent, recomputes, static_arguments)

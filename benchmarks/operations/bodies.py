"""The functions that transforms are given: a forward pass, a loss and a training step, on graphs and on flat leaves.

A forward pass reads every Variable (the body of the subject's script), stacks what it read, and multiplies it with
ones: ``y = x + sum of all values``. All is small integers, so results are exact in float32, whatever the order of the
sum, and a result is right if it has the bits that numpy computes. The product keeps XLA from fusing the sum into each
of its uses, which would make compilation quadratic. The loss is ``sum(y * y) / 2``: the gradient of every Param is
``y``. A training step takes gradients, and moves each Param by `RATE` times its gradient, in the backend's own way
(`ways`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..subjects import Leaves, Subject
from .ways import RATE, Function, way_of


def total(values: Sequence[Any], x: Any) -> Any:
    """What a forward pass computes."""
    return x + jnp.ones(len(values)) @ jnp.stack(values)


def loss_of(y: Any) -> Any:
    """What a training step makes smaller."""
    return (y * y).sum() / 2


def start(name: str) -> Any:
    """The argument beside the graph: one number where the graph is sliced, so that a Variable is a number, too."""
    return jnp.ones(()) if name in ("vmap", "scan") else jnp.ones(2)


def live(subject: Subject, name: str) -> Function:
    """A function of graph and argument.

    Args:
        subject: whose body reads the Variables.
        name: ``empty``, ``forward``, ``train``, or the name of a transform: that transform of the forward pass or loss.
    """
    nnx, body = subject.nnx, subject.body

    def empty(graph: Any, x: Any) -> None:
        return None

    def forward(graph: Any, x: Any) -> Any:
        return total(body(0, graph), x)

    def loss(graph: Any, x: Any) -> Any:
        return loss_of(forward(graph, x))

    def after(x: Any, graph: Any) -> Any:
        return forward(graph, x), None

    def backward(graph: Any, x: Any) -> Any:
        return forward(graph, -x)

    def unfinished(carry: Any) -> Any:
        return carry[2] < 2

    def turn(carry: Any) -> Any:
        graph, y, i = carry
        return graph, forward(graph, y), i + 1

    # What is given to a transform is made once: jax remembers what it traced by function.
    match name:
        case "empty":
            return empty
        case "forward":
            return forward
        case "train":
            return way_of(nnx).train(subject, loss)
        case "grad":
            return way_of(nnx).grad(subject, loss)
        case "vmap":
            found: Function = nnx.vmap(forward, in_axes=(0, None))
        case "scan":
            scan = nnx.scan(after, in_axes=(nnx.Carry, 0), out_axes=(nnx.Carry, 0))
            found = lambda graph, x: scan(x, graph)[0]  # noqa: E731  # as short as the others
        case "remat":
            found = nnx.remat(forward)
        case "cond":
            cond = nnx.cond
            found = lambda graph, x: cond(x[0] > 0, forward, backward, graph, x)  # noqa: E731  # as above
        case "while":
            loop = nnx.while_loop
            found = lambda graph, x: loop(unfinished, turn, (graph, x, 0))[1]  # noqa: E731  # as above
        case _:
            raise ValueError(f"no function {name!r}")
    return found


def flat(name: str) -> Function:
    """The same on raw leaves: a function of Params, the other leaves, and the argument."""

    def forward(params: Any, rest: Any, x: Any) -> Any:
        return total([*params, *rest], x)

    def loss(params: Any, rest: Any, x: Any) -> Any:
        return loss_of(forward(params, rest, x))

    def train(params: Any, rest: Any, x: Any) -> Any:
        value, grads = jax.value_and_grad(loss)(params, rest, x)
        return value, [p - RATE * g for p, g in zip(params, grads, strict=True)]

    def slice_of(y: Any, values: Any) -> Any:
        return total(values, y), None

    def backward(params: Any, rest: Any, x: Any) -> Any:
        return forward(params, rest, -x)

    def unfinished(carry: Any) -> Any:
        return carry[3] < 2

    def turn(carry: Any) -> Any:
        params, rest, y, i = carry
        return params, rest, forward(params, rest, y), i + 1

    found: dict[str, Function] = {
        "empty": lambda params, rest, x: None,
        "forward": forward,
        "train": train,
        "grad": jax.grad(loss),
        "vmap": jax.vmap(forward, in_axes=(0, 0, None)),
        "scan": lambda params, rest, x: jax.lax.scan(slice_of, x, [*params, *rest])[0],
        "remat": jax.checkpoint(forward),
        "cond": lambda params, rest, x: jax.lax.cond(x[0] > 0, forward, backward, params, rest, x),
        "while": lambda params, rest, x: jax.lax.while_loop(unfinished, turn, (params, rest, x, 0))[2],
    }
    return found[name]


def expected(leaves: Leaves, name: str) -> Any:
    """What a function returns, by numpy; of the training step the new Params."""
    values = [np.asarray(x) for x in leaves.values]
    summed = np.sum(values, axis=0, dtype="float32")
    x = np.asarray(start(name))
    y = x + summed
    match name:
        case "empty":
            return None
        case "grad":
            return [y for _ in leaves.params]
        case "train":
            return [np.asarray(p) - np.float32(RATE) * y for p in leaves.params]
        case "scan":
            return x + summed[0] + summed[1]
        case "while":
            return y + summed
        case _:
            return y

"""How a backend takes gradients and makes a training step: four ways, chosen by what it offers.

A library has its own way, and it is what its users pay for: so the same step is written in the form that each of them
documents. The function that is differentiated is the same, and so is what has to come out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax

from nnxspec.spec import Backend, Unsupported

from ..subjects import Subject, lacking, read

RATE = 2.0**-20
"""A power of two, so that a step is rounded once, with fused multiply-add or without."""
Function = Callable[..., Any]


@dataclass(frozen=True)
class Way:
    """One way.

    Args:
        of: from a subject, a loss, and the name of a transform (``grad`` or ``value_and_grad``) to that transform of
            the loss: a function of graph and argument.
        move: from a subject to what moves its Params against a gradient; gives the new graph where it makes one.
        note: what is said of gradients taken in this way; empty where it is NNX's own form.
        anew: whether a step gives a new graph instead of changing the one it gets.
    """

    of: Callable[[Subject, Function, str], Function]
    move: Callable[[Subject], Callable[[Any, Any], Any]]
    note: str = ""
    anew: bool = False

    def grad(self, subject: Subject, loss: Function) -> Function:
        """The gradient of a loss, as a function of graph and argument."""
        return self.of(subject, loss, "grad")

    def train(self, subject: Subject, loss: Function) -> Function:
        """A training step: gives the loss; or the loss and a new graph."""
        both, move, anew = self.of(subject, loss, "value_and_grad"), self.move(subject), self.anew

        def train(graph: Any, x: Any) -> Any:
            value, grads = both(graph, x)
            made = move(graph, grads)
            return (value, made) if anew else value

        return train

    @property
    def train_notes(self) -> tuple[str, ...]:
        """What is said of a training step in this way."""
        return (*filter(None, [self.note]), *(["a step returns a new graph"] if self.anew else []))


def _moved(p: Any, g: Any) -> Any:
    return p - RATE * g


# NNX: the gradient of a graph is a State, and a State updates the graph.


def _of_graph(subject: Subject, loss: Function, transform: str) -> Function:
    found: Function = getattr(subject.nnx, transform)(loss)
    return found


def _update(subject: Subject) -> Callable[[Any, Any], Any]:
    nnx = subject.nnx
    return lambda graph, grads: nnx.update(graph, jax.tree.map(_moved, nnx.state(graph, nnx.Param), grads))


# Functions hold Variables by closure: the gradient is by Variables that are named, one array for each.


def _of_variables(subject: Subject, loss: Function, transform: str) -> Function:
    of, params = getattr(subject.nnx, transform), subject.params
    return lambda graph, x: of(loss, grad_states=params(graph))(graph, x)


def _set(subject: Subject) -> Callable[[Any, Any], Any]:
    params = subject.params

    def move(graph: Any, grads: Any) -> None:
        for variable, g in zip(params(graph), grads, strict=True):
            variable.set_value(_moved(variable.get_value(), g))

    return move


# Graphs are never changed: the gradient is a graph, and a step makes a new one.


def _map(subject: Subject) -> Callable[[Any, Any], Any]:
    return lambda graph, grads: jax.tree.map(_moved, graph, grads)


# Gradients are of arrays only: the graph is split, differentiated by its values, and merged again inside of the loss.


def _of_values(subject: Subject, loss: Function, transform: str) -> Function:
    nnx, params = subject.nnx, subject.params
    of = getattr(nnx if nnx.offers("transform.grad") else jax, transform)
    filters = (nnx.Param, ...) if nnx.offers("variable-types") else ()  # else every Variable is a Param

    def by_values(graph: Any, x: Any) -> Any:
        structure, state, *rest = nnx.split(graph, *filters)
        found = of(lambda values: loss(nnx.merge(structure, values, *rest), x))(jax.tree.map(read, state))
        if transform == "grad":
            return found
        value, grads = found
        return value, [variable.get_value() for variable in params(nnx.merge(structure, grads, *rest))]

    return by_values


GRAPH = Way(_of_graph, _update)
VARIABLES = Way(_of_variables, _set, "grad is given the Params by name")
NEW = Way(_of_graph, _map, anew=True)
VALUES = Way(_of_values, _set, "the gradient is taken between split and merge")


def way_of(nnx: Backend) -> Way:
    """The way of a backend.

    Raises:
        Unsupported: it offers neither gradients nor Variables that are written.
    """
    if not nnx.offers("mutation"):
        if nnx.offers("transform.grad"):
            return NEW
        raise Unsupported("mutation", lacking("mutation"))
    if nnx.missing(("transform.grad", "transform.grad-states", "state", "update")) is None:
        return GRAPH
    if nnx.offers("transform.grad") and not nnx.offers("transform.arguments"):
        return VARIABLES
    return VALUES

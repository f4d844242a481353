"""Transforms outside of jit, jit itself, transforms inside of jit, and the stages of their compilation.

The floors are jax's own transforms of the same function of the flat list of the same leaves. Where a function is
compiled, the forward pass, its result, and XLA's work are the same for all contestants: what differs is the module
system. Outside of jit jax traces anew at some calls where a library may remember what it compiled, so there a backend
can be faster than its floor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax

from ..stages import STAGES
from ..subjects import Leaves, Subject, tokens
from ..timing import Timed, all_computed, one_computed
from .bodies import expected, flat, live, start
from .kinds import Operation, expect
from .ways import way_of

_NAMES = {
    "grad": ("transform.grad", "the gradient of a loss by all Params"),
    "vmap": ("transform.vmap", "vmap of a forward pass over the first axis of every Variable"),
    "scan": ("transform.scan", "scan of a forward pass over the first axis of every Variable"),
    "remat": ("transform.remat", "remat of a forward pass"),
    "cond": ("transform.cond", "cond between two forward passes"),
    "while": ("transform.while", "while_loop: two turns of a forward pass"),
}
_READS = "Variable.get_value"


def _check(leaves: Leaves, name: str) -> Callable[[Any], None]:
    wanted = tokens(expected(leaves, name))
    return lambda out: expect(tokens(out) == wanted, "the result differs from what numpy computes")


def _notes(subject: Subject, name: str) -> tuple[str, ...]:
    return tuple(filter(None, [way_of(subject.nnx).note])) if name == "grad" else ()


def _eager(name: str) -> tuple[Callable[[Subject], Timed], Callable[[Leaves], Timed]]:
    def of_graph(subject: Subject) -> Timed:
        function, graph, x = live(subject, name), subject.graph, start(name)
        check, notes = _check(subject.leaves, name), _notes(subject, name)
        return Timed(lambda: function(graph, x), check, wait=all_computed, notes=notes)

    def of_leaves(leaves: Leaves) -> Timed:
        function, params, stats, x = flat(name), leaves.params, leaves.stats, start(name)
        return Timed(lambda: function(params, stats, x), _check(leaves, name), wait=all_computed)

    return of_graph, of_leaves


def _jit(name: str, *, fresh: bool) -> tuple[Callable[[Subject], Timed], Callable[[Leaves], Timed]]:
    """A compiled function called again and again, or (fresh) each time a new one for the first time."""

    def of_graph(subject: Subject) -> Timed:
        if name == "train":
            return _train(subject, fresh=fresh)
        jit, graph, x, check = subject.nnx.jit, subject.graph, start(name), _check(subject.leaves, name)
        notes = _notes(subject, name)
        compiled = [jit(live(subject, name))]

        def before() -> None:
            compiled[0] = jit(live(subject, name))

        if fresh:
            return Timed(lambda: compiled[0](graph, x), check, before, wait=one_computed, notes=notes)
        function = compiled[0]
        return Timed(lambda: function(graph, x), check, wait=one_computed, notes=notes)

    def of_leaves(leaves: Leaves) -> Timed:
        x, params, checked = start(name), list(leaves.params), _check(leaves, name)
        rest = [*leaves.stats, *leaves.streams] if name == "empty" else leaves.stats

        def made() -> Any:
            inner = flat(name)
            return jax.jit(lambda params, rest, x: inner(params, rest, x))  # jax.jit caches by function

        compiled = [made()]

        def before() -> None:
            compiled[0] = made()

        def run() -> Any:
            return compiled[0](params, rest, x)

        def train() -> Any:
            value, params[:] = compiled[0](params, rest, x)
            return value

        def check(out: Any) -> None:
            checked(params if name == "train" else out)

        return Timed(train if name == "train" else run, check, before if fresh else None, wait=one_computed)

    return of_graph, of_leaves


def _train(subject: Subject, *, fresh: bool) -> Timed:
    """A compiled training step, which changes the graph or, in the way of some backends, gives a new one."""
    way, jit, x, params = way_of(subject.nnx), subject.nnx.jit, start("train"), subject.params
    checked = _check(subject.leaves, "train")
    compiled = [jit(live(subject, "train"))]
    graph = [subject.make()]  # another one than the subject's: the check wants to see it after one step

    def before() -> None:
        compiled[0] = jit(live(subject, "train"))

    def run() -> Any:
        return compiled[0](graph[0], x)

    def anew() -> Any:
        value, graph[0] = compiled[0](graph[0], x)
        return value

    def check(_: Any) -> None:
        checked([variable.get_value() for variable in params(graph[0])])

    chosen = anew if way.anew else run
    return Timed(chosen, check, before if fresh else None, wait=one_computed, notes=way.train_notes)


def _made() -> tuple[Operation, ...]:
    found: list[Operation] = []
    for name, (capability, what) in _NAMES.items():
        of_graph, of_leaves = _eager(name)
        found.append(
            Operation(
                name,
                "transform",
                f"{what}, outside of jit",
                "jax's transform of the same function of the list of leaves, outside of jit",
                of_graph,
                of_leaves,
                (capability, _READS),
                shapes=("blocks",),
                most=500,
                why="outside of jit one call dispatches or compiles every operation on its own",
            )
        )
    inside = {name: ((capability, _READS), f"{what}, inside of jit") for name, (capability, what) in _NAMES.items()}
    functions = {
        "empty": ((), "a function that looks at nothing"),
        "forward": ((_READS,), "a forward pass that reads every Variable"),
        "train": ((_READS,), "a training step that writes every Param"),
        **inside,
    }
    for name, (uses, what) in functions.items():
        most = 5_000 if name == "empty" else 500
        of_graph, of_leaves = _jit(name, fresh=False)
        found.append(
            Operation(
                f"jit-{name}",
                "jit",
                f"steady dispatch of jit: {what}",
                "steady dispatch of jax.jit of the same function of the list of leaves",
                of_graph,
                of_leaves,
                ("transform.jit", *uses),
                shapes=() if name in ("empty", "forward", "train") else ("blocks",),
                most=most,
                why="XLA compiles for minutes, and takes gigabytes",
            )
        )
    for name, (uses, what) in functions.items():
        of_graph, of_leaves = _jit(name, fresh=True)
        for stage in STAGES:
            found.append(
                Operation(
                    f"jit-{name}:{stage}",
                    "stage",
                    f"{'whole first call' if stage == 'first' else stage} of jit: {what}",
                    f"the same of jax.jit, {'whole first call' if stage == 'first' else stage}",
                    of_graph,
                    of_leaves,
                    ("transform.jit", *uses),
                    shapes=("blocks",),
                    most={"empty": 5_000, "forward": 500, "train": 500, "grad": 500}.get(name, 50),
                    why="every sample compiles anew",
                    stage=stage,
                )
            )
    return tuple(found)


TRANSFORMS: tuple[Operation, ...] = _made()
"""The operations with transforms."""

"""Laws of what `grad` and `value_and_grad` return, and of what the loss changes."""

from __future__ import annotations

from typing import Any

import jax

from ....claims import Claims, Eq, EqOrRefused, Refused, attempt
from ....filtering import live_filter, matches
from ....flat import path_key
from ....law import Law, law
from ....observation import leaves
from ....terms import TRANSFORMATION
from .losses import (
    Loss,
    Plan,
    arguments,
    held,
    is_inexact,
    parts,
    pure,
    run,
    shaped,
    shown,
    value_of,
    weighted,
    with_value,
)
from .selection import agreeing, agreement, argnums_of, order_of, selected

USES = ("transform.grad", "mutation", "variable-types", "State")


def gradient_claims(
    nnx: Any, make: Any, plan: Plan, specs: tuple[Any, ...], order: list[int], argnums: Any, loss: Loss
) -> Claims:
    """The claims of a gradient: its value, its leaves and their types against jax, and what the loss has changed.

    Args:
        specs: what is differentiated, for each argument; see `selection.Specs`.
        order: the differentiated arguments, in the order of the result.
        argnums: the same as the transform takes it.
    """
    eager, drawn = arguments(nnx, make, plan), []  # type: tuple[Any, ...], list[Any]
    before = held(nnx, eager)
    run(nnx, loss, eager, drawn)
    args = arguments(nnx, make, plan)
    mine = held(nnx, args)
    agree = agreement(nnx, args, specs)
    function = nnx.value_and_grad(lambda *xs: run(nnx, loss, xs), argnums=argnums)
    if agree == "no":
        yield Refused(ValueError, lambda: function(*args), (args,), "an object is and is not differentiated")
        return
    found = leaves(nnx, args)
    paths = selected(nnx, args, specs)
    if not all(is_inexact(value_of(nnx, found[path])) for path in paths):
        refusals = TypeError if agree == "yes" else (TypeError, ValueError)
        yield Refused(refusals, lambda: function(*args), (args,), "what is no float or complex number is selected")
        return
    oracle = jax.value_and_grad(pure(nnx, loss, args, drawn))
    value, gradients = oracle({path: value_of(nnx, found[path]) for path in paths})
    fresh = arguments(nnx, make, plan)
    blank = leaves(nnx, fresh)
    reported = {path: with_value(nnx, blank[path], gradients[path]) for path in paths}
    shapes = tuple(shaped(nnx, fresh[i], (i,), reported) for i in order)
    single = not isinstance(argnums, tuple)
    expected = value, shapes[0] if single else shapes
    outcome = attempt(lambda: function(*args)) if agree == "free" else None
    if outcome is not None and outcome.error is not None:
        untouched = arguments(nnx, make, plan)
        yield EqOrRefused(outcome, expected, ValueError, ((untouched, args),), "aliases with different specs")
        return
    came_value, came = function(*args) if outcome is None else outcome.value
    yield Eq((came_value, shown(nnx, came)), expected, "value and gradient")
    yield Eq((mine, args), (before, eager), "the arguments afterwards, and what the caller holds")


@law("grad.matches-jax", term=TRANSFORMATION, uses=("transform.grad-states", *USES))
def matches_jax(nnx: Any, make: Any, plan: Any, picks: Any, loss: Any) -> Claims:
    """The gradient has the shapes, dtypes, Variable types and metadata of the differentiated leaves, equals `jax.grad`
    of the pure function of them, and is zero for unused ones.

    With an int, the Params of a node are differentiated, and Variables and arrays that are in no node. The gradient of
    a node is a State, that of a plain container the same container. The numbers are small, and the operations the same
    as in the oracle, so gradients are equal by bits, those in bfloat16 too. A gradient that selects what cannot be
    differentiated is refused with TypeError, as in jax (documentation of nnx.grad).
    """
    order = order_of(picks, len(plan))
    specs = tuple("argnum" if i in order else None for i in range(len(plan)))
    yield from gradient_claims(nnx, make, plan, specs, order, argnums_of(nnx, picks, len(plan), {}), loss)


@law("grad.negative-argnums", term=TRANSFORMATION, uses=("transform.grad-states", *USES))
def negative_argnums(nnx: Any, make: Any, plan: Any, picks: Any, loss: Any) -> Claims:
    """Negative argnums count from the last argument, as in jax: the gradient is that of the same argument named from
    the front.
    """
    order = order_of(picks, len(plan))
    specs = tuple("argnum" if i in order else None for i in range(len(plan)))
    yield from gradient_claims(nnx, make, plan, specs, order, argnums_of(nnx, picks, len(plan), {}, True), loss)


@law("grad.state-updates-once", term=TRANSFORMATION, uses=("transform.grad-states", *USES, "rng.streams", "RngStream"))
def state_updates_once(nnx: Any, make: Any, plan: Any, picks: Any, loss: Any) -> Claims:
    """Changes made by the loss to differentiated and other Variables, and draws of keys, are visible afterwards, once,
    in the objects that the caller holds, and the gradient is that with respect to the values before.
    """
    order = order_of(picks, len(plan))
    specs = tuple("argnum" if i in order else None for i in range(len(plan)))
    yield from gradient_claims(nnx, make, plan, specs, order, argnums_of(nnx, picks, len(plan), {}), loss)


@law("grad.tied-weights", term=TRANSFORMATION, uses=("transform.grad-states", *USES, "sharing"))
def tied_weights(nnx: Any, make: Any, pick: int, kinds: Any, loss: Any) -> Claims:
    """For a shared Param the gradient is the sum over its uses, reported once at the canonical path; if the same object
    is passed in two differentiated positions, the first carries the total and the second is an empty State.
    """
    plan = tuple((kind, pick) for kind in kinds)
    order = list(range(len(plan)))
    yield from gradient_claims(nnx, make, plan, ("argnum",) * len(plan), order, tuple(order), loss)


@law("grad.diff-state", term=TRANSFORMATION, uses=(*USES, "transform.diff-state", "filters"))
def diff_state(nnx: Any, make: Any, plan: Any, picks: Any, trees: Any, any_dtype: bool, loss: Any) -> Claims:
    """With `DiffState(i, filter)` the gradient of node i has exactly the leaves that the filter matches, raw arrays
    included, whatever their type; ints and DiffStates may stand side by side.
    """

    def inexact(path: Any, leaf: Any) -> bool:
        return is_inexact(value_of(nnx, leaf))

    order = order_of(picks, len(plan))
    given = {i: trees[i % len(trees)] for i in order if plan[i][0] % 6 < 2 and trees}
    if not any_dtype:  # most filters select ints and keys too, which cannot be differentiated
        whole = arguments(nnx, make, plan)
        for i, tree in list(given.items()):
            chosen = [(path, leaf) for path, leaf in leaves(nnx, whole[i]).items() if matches(nnx, tree, path, leaf)]
            if not all(inexact(path, leaf) for path, leaf in chosen):
                given[i] = ("all-of", tree, ("lambda", inexact))
    specs = tuple(given.get(i, "argnum") if i in order else None for i in range(len(plan)))
    filters = {i: live_filter(nnx, tree) for i, tree in given.items()}
    yield from gradient_claims(nnx, make, plan, specs, order, argnums_of(nnx, picks, len(plan), filters), loss)


def auxiliary(nnx: Any, args: Any, plan: Plan, total: Any) -> Any:
    """Something to return: arguments, nodes and Variables of theirs, new nodes that hold them, arrays."""
    objects = held(nnx, args)
    built: list[Any] = []
    for kind, pick in plan:
        item = objects[pick % len(objects)] if objects else None
        new = nnx.Param(total + pick) if kind % 5 == 1 else total * pick
        built.append((args[pick % len(args)], new, item, total - pick, None)[kind % 5])
        if kind % 5 == 4:
            built[-1] = nnx.Dict(new=nnx.BatchStat(total), old=item if item is not None else nnx.Param(total))
    return built if len(plan) % 2 else {"aux": built}


@law("grad.has-aux", term=TRANSFORMATION, uses=("transform.grad-states", *USES, "containers"))
def has_aux(nnx: Any, make: Any, plan: Any, picks: Any, wanted: Any, loss: Any) -> Claims:
    """With `has_aux` the results are `((loss, aux), grads)` and `(grads, aux)`, aux may contain nodes, and an input
    returned in aux is the identical object.
    """
    plan, _, order = agreeing(nnx, make, plan, picks)
    argnums = tuple(order)

    def function(*xs: Any) -> Any:
        total = run(nnx, loss, xs)
        return total, auxiliary(nnx, xs, wanted, total)

    eager = arguments(nnx, make, plan)
    before = held(nnx, eager)
    value, aux = function(*eager)
    gradients = nnx.grad(lambda *xs: run(nnx, loss, xs), argnums=argnums)(*arguments(nnx, make, plan))
    args = arguments(nnx, make, plan)
    mine = held(nnx, args)
    (came_value, came_aux), came = nnx.value_and_grad(function, argnums=argnums, has_aux=True)(*args)
    yield Eq((mine, args, came_aux, came_value), (before, eager, aux, value), "value_and_grad: aux and arguments")
    yield Eq(shown(nnx, came), shown(nnx, gradients), "value_and_grad: the gradient is that without aux")
    args = arguments(nnx, make, plan)
    mine = held(nnx, args)
    came, came_aux = nnx.grad(function, argnums=argnums, has_aux=True)(*args)
    yield Eq((mine, args, came_aux), (before, eager, aux), "grad: aux and arguments")
    yield Eq(shown(nnx, came), shown(nnx, gradients), "grad: the gradient is that without aux")


@law("grad.second-order", term=TRANSFORMATION, uses=("transform.grad-states", *USES))
def second_order(nnx: Any, make: Any, plan: Any, loss: Any) -> Claims:
    """Gradients of gradients equal those of jax, and what the loss changes is changed once.

    Here every argument is differentiated twice.
    """
    plan, specs, positions = agreeing(nnx, make, plan, tuple(range(len(plan))))
    order = tuple(positions)
    args = arguments(nnx, make, plan)
    eager, drawn = arguments(nnx, make, plan), []  # type: tuple[Any, ...], list[Any]
    run(nnx, loss, eager, drawn)
    found = leaves(nnx, args)
    paths = selected(nnx, args, specs)
    inner = jax.grad(pure(nnx, loss, args, drawn))

    def oracle(chosen: Any) -> Any:
        gradients = inner(chosen)
        return weighted(gradients[path] for path in sorted(paths, key=path_key))

    gradients = jax.grad(oracle)({path: value_of(nnx, found[path]) for path in paths})
    fresh = arguments(nnx, make, plan)
    blank = leaves(nnx, fresh)
    reported = {path: with_value(nnx, blank[path], gradients[path]) for path in paths}
    once = nnx.grad(lambda *xs: run(nnx, loss, xs), argnums=order)
    twice = nnx.grad(lambda *xs: weighted(parts(nnx, once(*xs))), argnums=order)
    came = twice(*args)
    yield Eq(shown(nnx, came), tuple(shaped(nnx, fresh[i], (i,), reported) for i in order), "the second gradient")
    yield Eq(args, eager, "the arguments afterwards")


LAWS: tuple[Law, ...] = (
    matches_jax,
    negative_argnums,
    state_updates_once,
    tied_weights,
    diff_state,
    has_aux,
    second_order,
)

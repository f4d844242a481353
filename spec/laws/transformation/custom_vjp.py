"""Laws of `custom_vjp`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq, Refused
from ...filtering import live_filter
from ...flat import flat
from ...law import SHOULD, Law, law
from ...observation import leaves
from ...observation.nodes import is_variable
from ...terms import TRANSFORMATION
from .grad.losses import (
    amount,
    arguments,
    cells,
    held,
    is_inexact,
    pure,
    run,
    settled,
    shaped,
    shown,
    value_of,
    with_value,
)
from .grad.selection import agreeing, agreement, selected
from .rules import inexact_in, kinds_of, outer_of, scaled, tangent_of, update_kinds, with_rule, written

USES = ("transform.custom-vjp", "transform.grad", "mutation", "variable-types", "State")


@law("custom-vjp.user-rule", term=TRANSFORMATION, uses=("transform.grad-states", *USES))
def user_rule(nnx: Any, make: Any, plan: Any, picks: Any, loss: Any, factor: int, share: int) -> Claims:
    """The gradient is that of the user's rule, where the backward function receives the residuals and a pair, the
    gradients of the input updates and that of the output, and returns State tangents; updates of the forward pass
    propagate once, with and without a gradient.

    The gradient of the updates has for each argument a State for a node, a Variable for a Variable and None for an
    array, and each leaf once, as in the gradient (documentation of nnx.custom_vjp).
    """
    plan, specs, order = agreeing(nnx, make, plan, picks)
    loss = tuple(step for step in loss if step[0] != 3)
    eager = arguments(nnx, make, plan)
    before = held(nnx, eager)
    total = run(nnx, loss, eager)
    seen: list[Any] = []
    function = with_rule(nnx, make, plan, loss, factor, share, seen)
    args = arguments(nnx, make, plan)
    mine = held(nnx, args)
    yield Eq((function(*args), mine, args), (total, before, eager), "without a gradient")
    args = arguments(nnx, make, plan)
    mine, found = held(nnx, args), leaves(nnx, args)
    after = written(nnx, loss, arguments(nnx, make, plan))
    first = {id(leaf): path for path, leaf in found.items()}
    canonical = [first[id(leaf)] if is_variable(nnx, leaf) else path for path, leaf in cells(nnx, args)]
    paths = selected(nnx, args, specs)
    values = {path: value_of(nnx, found[path]) for path in paths}
    gradients = jax.grad(lambda chosen: 3 * pure(nnx, loss, args, [])(chosen))(values)
    gradients = {path: scaled(value, factor) for path, value in gradients.items()}
    for i in after:
        if canonical[i] in gradients:
            ones = jax.grad(amount)(value_of(nnx, found[canonical[i]]))
            extra = jax.tree.map(lambda x, y: (x + y).astype(x.dtype), gradients[canonical[i]], scaled(ones, share))
            gradients[canonical[i]] = extra
    fresh = arguments(nnx, make, plan)
    blank = leaves(nnx, fresh)
    expected = {path: with_value(nnx, blank[path], gradients[path]) for path in paths}
    came = nnx.grad(outer_of(nnx, function, after), argnums=tuple(order))(*args)
    yield Eq(shown(nnx, came), tuple(shaped(nnx, fresh[i], (i,), expected) for i in order), "the gradient")
    yield Eq((mine, args), (before, eager), "the arguments afterwards, and what the caller holds")
    form = tuple(update_kinds(nnx, x, (i,), blank) for i, x in enumerate(fresh))
    yield Eq(seen[-1:], [(form, "array")] if seen else [], "what the backward function receives")


@law("custom-vjp.unchanged-inputs", term=TRANSFORMATION, level=SHOULD, uses=("transform.grad-states", *USES))
def unchanged_inputs(nnx: Any, make: Any, loss: Any, factor: int) -> Claims:
    """What the function does not change is no update: a use after the call contributes to the gradient as it does
    before the call, whatever the rule makes of the gradients of the updates.

    The rule here ignores them, as that of the documentation's example does, and as rules for jax do.
    """
    plan = ((0, 0),)
    loss = tuple(step for step in loss if step[0] == 0)

    def gradient(before_call: bool) -> Any:
        function = with_rule(nnx, make, plan, loss, factor, 0, [])

        def outer(m: Any) -> Any:
            early = sum((amount(value_of(nnx, leaf), 2) for _, leaf in cells(nnx, m)), jnp.zeros(()))
            total = function(m)
            late = sum((amount(value_of(nnx, leaf), 2) for _, leaf in cells(nnx, m)), jnp.zeros(()))
            return total + (early if before_call else late)

        return shown(nnx, nnx.grad(outer)(*arguments(nnx, make, plan)))

    yield Eq(gradient(False), gradient(True), "used after the call, and before")


@law(
    "custom-vjp.outputs",
    term=TRANSFORMATION,
    level=SHOULD,
    uses=("transform.grad-states", "transform.returned-inputs", *USES, "containers"),
)
def outputs(nnx: Any, make: Any, loss: Any, number: int, new: bool) -> Claims:
    """The gradient of the output has the form of the output, with a State for a node and a Variable for a Variable; an
    argument that is returned is the identical object outside.

    So a State for a new node in the output has the gradients of its leaves; what happens to an argument in the output
    is in the gradients of the updates.
    """
    plan = ((0, 0),)
    loss = tuple(step for step in loss if step[0] != 3)
    seen: list[Any] = []

    def function(m: Any) -> Any:
        total = run(nnx, loss, (m,))
        if new:
            return {"total": total, "node": nnx.Dict(v=nnx.Param(2 * total), w=nnx.Dict(x=nnx.Cache(total, tag="t")))}
        return {"total": total, "same": m, "variable": nnx.Param(2 * total)}

    def backward(residuals: Any, cotangents: Any) -> Any:
        (m_updates,), out = cotangents
        if new:
            found = flat(out["node"])
            seen.append((kinds_of(nnx, out), {path: (type(v), nnx.metadata(v)) for path, v in found.items()}))
            given = [value_of(nnx, leaf) for leaf in found.values()]
        else:
            seen.append((kinds_of(nnx, out), {}))
            given = [value_of(nnx, out["variable"])]
        number = sum(given, out["total"])
        return (
            tangent_of(
                nnx,
                m_updates,
                (),
                {
                    path: jax.tree.map(lambda x: jnp.full(x.shape, number, x.dtype), leaf)
                    for path, leaf in inexact_in(nnx, m_updates).items()
                },
            ),
        )

    ruled = nnx.custom_vjp(function)
    ruled.defvjp(lambda m: (ruled(m), None), backward)

    def outer(m: Any) -> Any:
        came = ruled(m)
        if new:
            return came["total"] + number * amount(came["node"]["v"][...]) + 2 * amount(came["node"]["w"]["x"][...])
        return came["total"] + number * amount(came["variable"][...])

    eager = arguments(nnx, make, plan)
    expected = function(*eager)
    args = arguments(nnx, make, plan)
    came = ruled(*args)
    yield Eq((held(nnx, args), args, came), (held(nnx, eager), eager, expected), "without a gradient")
    args = arguments(nnx, make, plan)
    total = 1 + number + (2 if new else 0)
    fresh = arguments(nnx, make, plan)
    blank = leaves(nnx, fresh)
    wanted = {path: blank[path] for path in selected(nnx, fresh, ("argnum",))}
    for leaf in wanted.values():
        leaf.set_value(jax.tree.map(lambda x: jnp.full(x.shape, total, x.dtype), leaf.get_raw_value()))
    came = nnx.grad(outer)(*args)
    yield Eq(shown(nnx, came), shaped(nnx, fresh[0], (0,), wanted), "the gradient")
    yield Eq(args, eager, "the arguments afterwards")
    if new:
        types: Any = {("v",): (nnx.Param, {}), ("w", "x"): (nnx.Cache, {"tag": "t"})}
        form = ({"total": "array", "node": "State"}, types)
    else:
        form = ({"total": "array", "same": "State", "variable": "Variable"}, {})
    yield Eq(seen[-1:], [form] if seen else [], "the gradient of the output")


@law("custom-vjp.nondiff-nodes", term=TRANSFORMATION, uses=("transform.grad-states", *USES))
def nondiff_nodes(nnx: Any, make: Any, pick: int, position: int, by_name: bool) -> Claims:
    """Integer `nondiff_argnums` that point at a graph node are refused with TypeError; at anything else, functions
    included, they give the backward function the argument itself, before the residuals. Arguments may be given by name.
    """

    def scale(x: Any) -> Any:
        return 2 * x

    def function(m: Any, f: Any, x: Any) -> Any:
        found = [value_of(nnx, leaf) for _, leaf in cells(nnx, m)]
        return f(sum(map(amount, found), amount(x)))

    def backward(f: Any, residuals: Any, cotangents: Any) -> Any:
        (updates, none), out = cotangents
        seen.append((f is scale, none is None))
        values = {
            path: jax.tree.map(lambda y: jnp.full(y.shape, pick, y.dtype), leaf)
            for path, leaf in inexact_in(nnx, updates).items()
        }
        return tangent_of(nnx, updates, (), values), jnp.full(2, 5.0, "float32") * out

    seen: list[Any] = []
    ruled = nnx.custom_vjp(function, nondiff_argnums=(1,))
    ruled.defvjp(lambda m, f, x: (function(m, f, x), None), backward)
    (m,) = arguments(nnx, make, ((0, 0),))
    x = jnp.ones(2)

    def outer(m: Any, x: Any) -> Any:
        return ruled(m, scale, x=x) if by_name else ruled(m, scale, x)

    came = nnx.grad(outer, argnums=(0, 1))(m, x)
    fresh = arguments(nnx, make, ((0, 0),))
    wanted = {path: leaves(nnx, fresh)[path] for path in selected(nnx, fresh, ("argnum",))}
    for leaf in wanted.values():
        leaf.set_value(jax.tree.map(lambda y: jnp.full(y.shape, pick, y.dtype), leaf.get_raw_value()))
    yield Eq(shown(nnx, came), (shaped(nnx, fresh[0], (0,), wanted), jnp.full(2, 5.0, "float32")), "the gradient")
    yield Eq(seen[-1], (True, True), "the function, and None for the array")
    node = arguments(nnx, make, ((1, pick),))[0]
    bad = nnx.custom_vjp(lambda *xs: jnp.zeros(()), nondiff_argnums=(position,))
    bad.defvjp(lambda *xs: (jnp.zeros(()), None), lambda *rest: (x,))
    args = (node, x) if position == 0 else (x, node)
    yield Refused(TypeError, lambda: bad(*args), (args,), f"nondiff_argnums=({position},) is a node")
    yield Refused(TypeError, lambda: bad(*args[:position], [node], *args[position + 1 :]), (args,), "a list of nodes")
    yield Eq(amount(ruled(m, scale, x)), function(m, scale, x), "the next call")


@law("custom-vjp.diff-state", term=TRANSFORMATION, uses=(*USES, "transform.diff-state", "filters", "to_flat_state"))
def diff_state(nnx: Any, make: Any, tree: Any, loss: Any, factor: int) -> Claims:
    """With a DiffState in `nondiff_argnums` the leaves that its filter matches have a tangent, and no others; the
    gradient with respect to them is that of the rule. A repeated argnum is refused with ValueError.
    """

    def inexact(path: Any, leaf: Any) -> bool:
        return is_inexact(value_of(nnx, leaf))

    plan = ((0, 0),)
    loss = tuple(step for step in loss if step[0] == 0)
    tree = ("all-of", tree, ("lambda", inexact))
    if agreement(nnx, arguments(nnx, make, plan), (tree,)) != "yes":  # a filter by path may tell aliases apart
        tree = ("lambda", inexact)
    chosen = nnx.DiffState(0, live_filter(nnx, tree))
    args = arguments(nnx, make, plan)
    paths = selected(nnx, args, (tree,))
    values = {path: value_of(nnx, leaves(nnx, args)[path]) for path in paths}
    oracle = pure(nnx, loss, args, [])

    def backward(residuals: Any, cotangents: Any) -> Any:
        (updates,), out = cotangents
        (gradients,) = jax.vjp(oracle, dict(zip(paths, residuals, strict=True)))[1](out)
        kept = [(path, leaf) for path, leaf in nnx.to_flat_state(updates) if (0, *path) in gradients]
        values = {path[1:]: scaled(value, factor) for path, value in gradients.items()}
        return (tangent_of(nnx, nnx.from_flat_state(kept), (), values),)

    ruled = nnx.custom_vjp(lambda m: run(nnx, loss, (m,)), nondiff_argnums=(chosen,))
    ruled.defvjp(lambda m: (ruled(m), [value_of(nnx, leaves(nnx, (m,))[path]) for path in paths]), backward)
    came = nnx.grad(lambda m: 3 * ruled(m), argnums=chosen)(*args)
    gradients = jax.grad(lambda chosen: 3 * oracle(chosen))(values)
    fresh = arguments(nnx, make, plan)
    blank = leaves(nnx, fresh)
    wanted = {path: with_value(nnx, blank[path], scaled(gradients[path], factor)) for path in paths}
    yield Eq(shown(nnx, came), shaped(nnx, fresh[0], (0,), wanted), "the gradient")

    def repeated() -> Any:
        return nnx.custom_vjp(lambda m: run(nnx, loss, (m,)), nondiff_argnums=(chosen, 0))

    yield Refused(ValueError, repeated, (), "a repeated argnum")


@law("custom-vjp.rule-missing", term=TRANSFORMATION, level=SHOULD, uses=USES)
def rule_missing(nnx: Any, make: Any) -> Claims:
    """A call before `defvjp` is refused with AttributeError, as in jax, or ValueError, and works after it."""
    (m,) = arguments(nnx, make, ((0, 0),))
    ruled = nnx.custom_vjp(lambda m: jnp.ones(()))
    yield Refused((AttributeError, ValueError), lambda: ruled(m), (m,), "no rule")
    ruled.defvjp(lambda m: (ruled(m), None), lambda residuals, cotangents: cotangents[0])
    yield Eq(ruled(m), jnp.ones(()), "the next call")


@law(
    "custom-vjp.tree-tangents",
    term=TRANSFORMATION,
    uses=("tree-mode", "transform.custom-vjp", "transform.grad", "mutation", "clone"),
    tags=("tree",),
)
def tree_tangents(nnx: Any, make: Any, loss: Any, factor: int, effects: bool, asked: bool) -> Claims:
    """In tree mode the backward function receives the output gradient and returns tangents of the input's type, integer
    `nondiff_argnums` on nodes are accepted, and updates of the forward pass propagate once.

    On request, as `updates_g`, it receives the gradients of the updates too, shaped like the arguments: what depends on
    the new value of a Variable says which, and all that was not written has none (documentation of nnx.custom_vjp).
    """
    loss = tuple(step for step in loss if step[0] in ((0, 1, 2) if effects else (0,)))
    with nnx.set_graph_mode(False):
        (m,) = template = (settled(nnx, make(), nnx.Variable),)
        paths = [path for path, leaf in leaves(nnx, template).items() if is_inexact(value_of(nnx, leaf))]
        oracle = pure(nnx, loss, template, [])
        values = {path: value_of(nnx, leaves(nnx, template)[path]) for path in paths}
        seen: list[Any] = []

        def function(m: Any, counter: Any) -> Any:
            counter.set_value(counter.get_value() * 2)
            return run(nnx, loss, (m,))

        def forward(m: Any, counter: Any) -> Any:
            found = leaves(nnx, (m,))
            values = [value_of(nnx, found[path]) for path in paths]
            copied = jax.tree.map(lambda x: x, (m, counter))
            return function(m, counter), (values, copied)

        def tangent(residuals: Any, out: Any) -> Any:
            values, (copied, counter) = residuals
            (gradients,) = jax.vjp(oracle, dict(zip(paths, values, strict=True)))[1](out)
            for path, leaf in leaves(nnx, (copied,)).items():
                leaf.set_value(scaled(gradients[path], factor))
            counter.set_value(7 * out)
            return copied, counter

        def backward(residuals: Any, out: Any, *, updates_g: Any) -> Any:
            seen.append([[jnp.sum(jnp.abs(x), dtype="float32") for x in jax.tree.leaves(each)] for each in updates_g])
            return tangent(residuals, out)

        ruled = nnx.custom_vjp(function)
        ruled.defvjp(forward, backward if asked else tangent)
        eager = (settled(nnx, make(), nnx.Variable),)
        zeros = [jnp.zeros(())] * len(written(nnx, loss, eager))
        gradients = jax.grad(oracle)(values)
        fresh = (settled(nnx, make(), nnx.Variable),)
        for path, leaf in leaves(nnx, fresh).items():
            leaf.set_value(scaled(gradients[path], factor))
        counter = nnx.BatchStat(jnp.float32(3))
        came = nnx.grad(lambda m, counter: ruled(m, counter) + 5 * counter.get_value(), argnums=(0, 1))(m, counter)
        yield Eq(came, (*fresh, nnx.BatchStat(jnp.float32(7))), "the gradient")
        yield Eq((m, counter), (*eager, nnx.BatchStat(jnp.float32(6))), "the arguments afterwards")
        yield Eq(seen, [[zeros, [jnp.float32(5)]]] if asked else [], "updates_g, of the updates and of nothing else")
        constant = nnx.custom_vjp(lambda m, x: amount(x), nondiff_argnums=(0,))
        constant.defvjp(lambda m, x: (amount(x), None), lambda m, residuals, out: (jnp.full(2, 7.0, "float32") * out,))
        again = settled(nnx, make(), nnx.Variable)
        yield Eq(
            nnx.grad(lambda x: constant(again, x))(jnp.ones(2)),
            jnp.full(2, 7.0, "float32"),
            "a node in nondiff_argnums",
        )


LAWS: tuple[Law, ...] = (
    user_rule,
    unchanged_inputs,
    outputs,
    nondiff_nodes,
    diff_state,
    rule_missing,
    tree_tangents,
)

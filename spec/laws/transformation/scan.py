"""Laws of `scan`: it is the Python loop over slices, with a carry and with state that all iterations see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq, EqOrRefused, Refused, attempt
from ...classes import module_class
from ...lanes import arrays, rewrite, spread, variant_of
from ...law import SHOULD, Law, law
from ...layers import arguments, axis_in, eager, must_propagate, objects, spec_of
from ...observation import observe
from ...streams import all_different, folded
from ...terms import PRNG_STATES, TRANSFORMATION
from .bodies import change, numbers, values, within


def cut(nnx: Any, root: Any, axis: int) -> Any:
    """A graph of lanes without its lanes, in place: every array gets the size 0 along an axis."""
    return rewrite(nnx, root, lambda path, leaf, x: x[(slice(None),) * (axis % x.ndim) + (slice(0, 0),)])


def cut_arguments(nnx: Any, layer: Any, p: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments of a scan of one iteration made into those of none."""
    found = list(args)
    for group in sorted(set(p.groups)):
        mine = [n for n, g in enumerate(p.groups) if g == group]
        axis = axis_in(layer, group)
        if axis is not None:
            for n, arg in zip(mine, cut(nnx, tuple(args[n] for n in mine), axis), strict=True):
                found[n] = arg
    return tuple(found)


def scanned(nnx: Any, layer: Any, p: Any, size: int, options: Any) -> Callable[..., Any]:
    """The body of a program under scan; options are (form of the carry, where it stands, unroll, length given)."""
    form, place, unroll, with_length = options
    specs = [spec_of(layer, group) for group in p.groups]

    def run(*args: Any) -> Any:
        carried = [arg for arg, spec in zip(args, specs, strict=True) if spec == "carry"]
        others = [arg for arg, spec in zip(args, specs, strict=True) if spec != "carry"]
        carry = {"tuple": tuple(carried), "list": carried, "dict": {"k": carried, "n": jnp.int32(0)}}[form]

        def body(*inputs: Any) -> Any:
            mine = inputs[-1] if place == "last" else inputs[0]
            i, *rest = inputs[:-1] if place == "last" else inputs[1:]
            first, second = iter(mine["k"] if form == "dict" else mine), iter(rest)
            out = p.body(i, *(next(first) if spec == "carry" else next(second) for spec in specs))
            back = {"k": mine["k"], "n": mine["n"] + i} if form == "dict" else mine
            return (out, back) if place == "last" else (back, out)

        axes = [0, *(spec for spec in specs if spec != "carry")]
        in_axes = (*axes, nnx.Carry) if place == "last" else (nnx.Carry, *axes)
        out_axes = (0, nnx.Carry) if place == "last" else (nnx.Carry, 0)
        length = size if with_length else None
        scan = nnx.scan(body, in_axes=in_axes, out_axes=out_axes, reverse=layer[3], unroll=unroll, length=length)
        inputs = (jnp.arange(size, dtype="int32"), *others)
        came = scan(*inputs, carry) if place == "last" else scan(carry, *inputs)
        out, back = came if place == "last" else reversed(came)
        return out, back if form != "dict" else (back["k"], back["n"])

    return run


@law("scan.equals-loop", term=TRANSFORMATION, uses=("transform.returned-inputs", "transform.scan", "transform.jit"))
def equals_loop(nnx: Any, case: Any, options: Any, how: str) -> Claims:
    """scan equals the Python loop in carry, stacked outputs and the state of scanned, carried and broadcast arguments,
    for reverse, length, unroll, any axis and length zero; what the caller holds is updated.

    Each iteration of the oracle runs on a graph built from its slice of the data, and on the carry as the iteration
    before it left it. Changes of structure, statics and metadata may be refused: a loop keeps those of its state.
    """
    (layer,), p = case
    size = layer[1]
    one = (layer[0], max(size, 1), *layer[2:])
    args, fresh = arguments(nnx, (one,), p), arguments(nnx, (one,), p)
    expected = attempt(lambda: eager(nnx, (one,), p))
    if size == 0:
        args, fresh = (cut_arguments(nnx, layer, p, x) for x in (args, fresh))
    held = objects(nnx, args)
    run = scanned(nnx, layer, p, size, options)
    came = attempt(lambda: within(nnx, how, run, *args))
    if expected.error is not None:
        yield Refused(Exception, lambda: within(nnx, how, run, *fresh), about="refused, as eagerly")
        return
    after, after_held, out = expected.value
    if size == 0:
        after, after_held, out = fresh, objects(nnx, fresh), cut(nnx, out, 0)
    carried = [arg for arg, group in zip(after, p.groups, strict=True) if spec_of(layer, group) == "carry"]
    total = jnp.int32(size * (size - 1) // 2)
    back = {"tuple": tuple(carried), "list": carried, "dict": (carried, total)}[options[0]]
    if came.error is not None and must_propagate((layer,), p.effects):
        raise came.error
    wanted = (after, (out, back), after_held)
    outcome = attempt(lambda: came.value if came.error is None else reraise(came.error))
    if outcome.error is None:
        yield Eq((args, came.value, held), wanted, "arguments, output and carry, and what was held before")
    else:
        yield EqOrRefused(outcome, wanted, (ValueError, TypeError), about="as the loop, or refused")


@law("scan.no-iterations", term=TRANSFORMATION, level=SHOULD, uses=("transform.scan", "transform.structure"))
def no_iterations(nnx: Any, case: Any, options: Any) -> Claims:
    """A scan of length zero changes nothing in its arguments, whatever the body would do to values, attributes, statics
    or metadata, as a loop that does not begin; what it stacks is empty.

    What a loop may refuse to change in its state may be refused here too.
    """
    (layer,), p = case
    one, none = (layer[0], 1, *layer[2:]), (layer[0], 0, *layer[2:])
    args, fresh = (cut_arguments(nnx, none, p, arguments(nnx, (one,), p)) for _ in range(2))
    held, fresh_held, before = objects(nnx, args), objects(nnx, fresh), observe(nnx, args)
    run = scanned(nnx, none, p, 0, options)
    if attempt(lambda: eager(nnx, (one,), p)).error is not None:
        yield Refused(Exception, lambda: run(*args), (args,), about="refused, as eagerly")
        return
    outcome = attempt(lambda: run(*args))
    yield EqOrRefused(outcome, outcome.value, (ValueError, TypeError), ((before, args),), "it runs, or is refused")
    yield Eq((args, held), (fresh, fresh_held), "arguments, and what was held before")
    sizes = {x.shape[0] for x in arrays(nnx, outcome.value[0])} if outcome.value else {0}
    yield Eq(sizes | {0}, {0}, "the lengths of what is stacked")


def reraise(error: BaseException) -> Any:
    """Raises an exception that was seen before."""
    raise error


def axis_of(nnx: Any, rules: Any, leaf: Any) -> Any:
    """The axis of a leaf by the first rule (name, axis) that matches."""
    for name, axis in rules:
        cls = {"Param": nnx.Param, "BatchStat": nnx.BatchStat, "Cache": nnx.Cache}.get(name, object)
        if isinstance(leaf, cls):
            return axis
    raise ValueError("the last rule matches everything")


def state_axes(nnx: Any, rules: Any) -> Any:
    """The rules as in_axes: StateAxes, or the one axis where a single rule says it."""
    live = {"carry": nnx.Carry}
    if len(rules) == 1:
        return live.get(rules[0][1], rules[0][1])
    filters = {"Param": nnx.Param, "BatchStat": nnx.BatchStat, "Cache": nnx.Cache, "rest": ...}
    return nnx.StateAxes({filters[name]: live.get(axis, axis) for name, axis in rules})


def targets(nnx: Any, root: Any, rules: Any, every: bool) -> Any:
    """What a plan may change: everything, or the Variables that are carried or sliced."""
    return root if every else [v for v in numbers(nnx, root) if axis_of(nnx, rules, v) is not None]


def limited(x: Any, axis: int, size: int) -> Any:
    """The first entries of an array along an axis."""
    return x[(slice(None),) * (axis % x.ndim) + (slice(0, size),)]


def of_lanes(nnx: Any, root: Any, axis: Any, size: int) -> Any:
    """A graph of that many lanes, in place; there may be none."""
    root = spread(nnx, root, axis, max(size, 1))

    def cut(path: Any, leaf: Any, x: Any) -> Any:
        at = axis(path, leaf)
        return x if at is None else limited(x, at, size)

    return rewrite(nnx, root, cut) if size == 0 else root


def loop_of_slices(nnx: Any, make: Any, loop: Any, axis: Any, order: Any, body: Any) -> list[Any]:
    """Runs the body once for each lane, in that order, on one graph into which the lane's slices are loaded; in the end
    the graph has all lanes. Gives the outputs, by lane.
    """
    stacks: dict[int, Any] = {}
    for k in order:
        slices = iter(arrays(nnx, variant_of(nnx, make(), k, axis)))
        load = lambda path, leaf, x, s=slices: (next(s), x)[axis(path, leaf) is None]  # noqa: E731  # one expression
        rewrite(nnx, loop, load)
        out = body(jnp.int32(k), loop)
        stacks[k] = arrays(nnx, loop), out
    columns = iter(zip(*(stacks[k][0] for k in sorted(stacks)), strict=True))

    def store(path: Any, leaf: Any, x: Any) -> Any:
        column = next(columns)
        return x if axis(path, leaf) is None else jnp.stack(column, axis(path, leaf))

    rewrite(nnx, loop, store)
    return [stacks[k][1] for k in sorted(stacks)]


def scan_by_rules(
    nnx: Any, make: Any, rules: Any, plan: Any, size: int, reverse: bool, out_axis: int, every: bool, how: str
) -> Claims:
    """The claim that scan over a graph with axes by rules is the loop over one graph into which slices are loaded."""

    def axis(path: Any, leaf: Any) -> Any:
        found = axis_of(nnx, rules, leaf)
        return found if isinstance(found, int) else None

    def body(i: Any, m: Any) -> Any:
        change(nnx, targets(nnx, m, rules, every), plan, i)
        return jnp.stack([i, i + 1]), values(nnx, m, 1)

    m = of_lanes(nnx, make(), axis, size)
    held = objects(nnx, m)
    if size == 0:  # one iteration on another graph says what the outputs are; nothing else happens
        loop = of_lanes(nnx, make(), axis, 0)
        loop_held = objects(nnx, loop)
        outs = [body(jnp.int32(0), make())]
    else:
        loop = make()
        loop_held = objects(nnx, loop)
        outs = loop_of_slices(nnx, make, loop, axis, range(size)[:: -1 if reverse else 1], body)
    first = limited(jnp.stack([out[0] for out in outs], out_axis), out_axis, size)
    second = jax.tree.map(lambda *xs: jnp.stack(xs)[:size], *(out[1] for out in outs))

    def run(m: Any) -> Any:
        scan = nnx.scan(body, in_axes=(0, state_axes(nnx, rules)), out_axes=(out_axis, 0), reverse=reverse)
        return scan(jnp.arange(size, dtype="int32"), m)

    came = within(nnx, how, run, m)
    yield Eq((m, came, held), (loop, (first, second), loop_held), "graph, outputs, and what was held before")


@law(
    "scan.state-axes",
    term=TRANSFORMATION,
    uses=("transform.scan", "transform.state-axes", "transform.jit", "variable-types", "mutation"),
    reason="The part of scan.equals-loop that speaks of axes by filter, with an oracle of its own.",
)
def scan_state_axes(
    nnx: Any, make: Any, rules: Any, plan: Any, size: int, reverse: bool, out_axis: int, how: str
) -> Claims:
    """Under StateAxes the first filter that matches decides which leaves of a node are sliced, along which axis, which
    are carried from one iteration to the next (Carry), and which all iterations see (None): scan equals the loop, which
    may have no iteration at all.
    """
    yield from scan_by_rules(nnx, make, rules, plan, size, reverse, out_axis, False, how)


@law(
    "scan.broadcast-state",
    term=TRANSFORMATION,
    uses=("transform.scan", "transform.state-axes", "transform.jit", "variable-types", "mutation"),
)
def broadcast_state(nnx: Any, make: Any, rules: Any, plan: Any, size: int, reverse: bool, how: str) -> Claims:
    """State passed to scan with axis None, or under StateAxes with None, that the body changes behaves as in the Python
    loop: each iteration sees the update of the one before, and the last value is visible outside.
    """
    yield from scan_by_rules(nnx, make, rules, plan, size, reverse, 0, True, how)


@law(
    "rng.scan-broadcast",
    term=PRNG_STATES,
    level=SHOULD,
    uses=("transform.scan", "rng.streams", "rng.fold-in"),
    reason="The modes of NNX disagree, and its guide once used one key on purpose.",
)
def rng_scan_broadcast(nnx: Any, make: Any, streams: Any, draws: Any, size: int, inside: bool) -> Claims:
    """An Rngs passed to scan as broadcast state (axis None) hands out a fresh key in every iteration, as in the Python
    loop, and its counts are advanced outside.
    """

    Holder = module_class(nnx, "Holder")

    def build() -> Any:
        holder = Holder()
        holder.rngs = nnx.Rngs(**dict(streams))
        holder.m = make()
        return holder

    def body(i: Any, x: Any) -> Any:
        rngs = x.rngs if inside else x
        return tuple(rngs[streams[which % len(streams)][0]]() for which in draws)

    m, expected = build(), build()
    rngs = m.rngs
    before = {name: (rngs[name].key.get_value(), int(rngs[name].count.get_value())) for name, _ in streams}
    scan = nnx.scan(body, in_axes=(0, None), out_axes=0)
    came = scan(jnp.arange(size), m if inside else m.rngs)
    keys = [body(k, expected if inside else expected.rngs) for k in range(size)]
    yield Eq(came, tuple(jnp.stack(column) for column in zip(*keys, strict=True)), "keys, as in the loop")
    yield Eq(m, expected, "counts, and all else")
    drawn = [streams[which % len(streams)][0] for which in draws]
    for position, name in enumerate(drawn):
        key, count = before[name]
        fresh = [folded(key, count + k * drawn.count(name) + drawn[:position].count(name)) for k in range(size)]
        yield Eq(came[position], jnp.stack(fresh), f"keys of {name}, by its count")
        yield Eq(all_different(fresh), True, "a fresh key in every iteration")


LAWS: tuple[Law, ...] = (equals_loop, no_iterations, scan_state_axes, broadcast_state, rng_scan_broadcast)

"""Laws of `update`: writing a State into a Module."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq, EqOrRefused, Refused, attempt
from ...classes import module_class
from ...edits import edited
from ...filtering import live_filter
from ...flat import flat, nested, reordered
from ...law import SHOULD, Law, law
from ...observation import follow, leaves, nodes, observe, walk
from ...terms import SPLIT_AND_MERGE
from .helpers import held, write


def revalued(nnx: Any, root: Any, values: tuple[Any, ...]) -> Any:
    """The graph itself, after every leaf was given one of the values by hand, in turn."""
    return write(nnx, root, {path: values[i % len(values)] for i, path in enumerate(leaves(nnx, root))})


@law("update.sets-values", term=SPLIT_AND_MERGE, uses=("update", "state", "mutation"))
def sets_values(nnx: Any, make: Any, values: Any) -> Claims:
    """update(m, state(other)) with other of the same structure makes the values equal, keeps the identity of every node
    and Variable of m, and returns None.

    A raw array inside an immutable container cannot be updated, so the inputs have none.
    """
    m = make()
    mine = held(nnx, m)
    other = revalued(nnx, make(), values)
    yield Eq(nnx.update(m, nnx.state(other)), None, "returns None")
    yield Eq((m, mine), (other, held(nnx, other)), "values and identities")


@law("update.local", term=SPLIT_AND_MERGE, uses=("state.pure-values", "update", "State", "merge_state", "mutation"))
def local(nnx: Any, make: Any, first: Any, second: Any, values: Any) -> Claims:
    """Paths that are not in the state are untouched, an empty state changes nothing, and several states act as their
    merge_state.
    """
    paths = list(leaves(nnx, make()))
    chosen = [
        {paths[n % len(paths)]: values[n % len(values)] for n in some} if paths else {} for some in (first, second)
    ]
    states = [nnx.State(nested(one)) for one in chosen]
    expected = observe(nnx, write(nnx, make(), chosen[0] | chosen[1]))
    m = make()
    nnx.update(m, nnx.State({}))
    yield Eq(m, make(), "an empty state")
    nnx.update(m, *states)
    yield Eq(m, expected, "two states")
    m = make()
    nnx.update(m, nnx.merge_state(*states))
    yield Eq(m, expected, "their merge_state")


@law("update.partition-order", term=SPLIT_AND_MERGE, uses=("update", "split", "mutation"))
def partition_order(nnx: Any, make: Any, trees: Any, order: Any, values: Any) -> Claims:
    """Updating with the groups of a partition, one by one or all at once and in any order, restores the state."""
    other = revalued(nnx, make(), values)
    _, *groups = nnx.split(other, *[live_filter(nnx, tree) for tree in trees])
    groups = reordered(groups, order)
    m = make()
    nnx.update(m, *groups)
    yield Eq(m, other, "all at once")
    m = make()
    for group in groups:
        nnx.update(m, group)
    yield Eq(m, other, "one by one")


@law(
    "update.metadata-and-type",
    term=SPLIT_AND_MERGE,
    level=SHOULD,
    uses=("state.pure-values", "update", "State", "BatchStat", "metadata", "mutation"),
)
def metadata_and_type(
    nnx: Any, value: Any, new: Any, metadata: Any, new_metadata: Any, other_type: bool, depth: int
) -> Claims:
    """A Variable in the state replaces value and metadata of the target and leaves its type; a raw value replaces the
    value only; shape and dtype may change, no set hook runs, and what is done to the one Variable afterwards does not
    appear on the other.
    """

    Holder = module_class(nnx, "Holder")

    def build(value: Any, metadata: Any) -> Any:
        inner = Holder()
        inner.w = nnx.Param(value, **metadata)
        for _ in range(depth):
            outer = Holder()
            outer.w = inner
            inner = outer
        return inner

    path = ("w",) * (depth + 1)
    kind = nnx.BatchStat if other_type else nnx.Param
    if metadata == new_metadata:
        new_metadata = metadata  # whether 1 and True are told apart is a question of variable.metadata-history
    m = build(value, metadata)
    nnx.update(m, nnx.State(nested({path: kind(new, **new_metadata)})))
    yield Eq(m, build(new, new_metadata), "from a Variable")
    m, source = build(value, {**metadata, "note": "old"}), kind(new, **{**new_metadata, "note": "new"})
    nnx.update(m, nnx.State(nested({path: source})))
    yield Eq(m, build(new, {**new_metadata, "note": "new"}), "metadata of the same name")
    follow(m, path).set_metadata(note="edited")
    yield Eq(source, kind(new, **{**new_metadata, "note": "new"}), "the Variable in the state, later")
    source.set_metadata(note="edited too")
    source.set_value(value)
    yield Eq(m, build(new, {**new_metadata, "note": "edited"}), "the target, later")
    m = build(value, metadata)
    nnx.update(m, nnx.State(nested({path: new})))
    yield Eq(m, build(new, metadata), "from a raw value")
    if nnx.offers("hooks"):
        ran = []

        def hook(variable: Any, x: Any) -> Any:
            ran.append(x)
            return x

        for source in (new, kind(new, **new_metadata)):
            nnx.update(build(value, {**metadata, "on_set_value": hook}), nnx.State(nested({path: source})))
        yield Eq(len(ran), 0, "set hooks that ran")


@law(
    "update.alias-path",
    term=SPLIT_AND_MERGE,
    level=SHOULD,
    uses=("state.pure-values", "update", "State", "sharing", "mutation"),
)
def alias_path(nnx: Any, make: Any, value: Any, other: Any, pick: int, backwards: bool) -> Claims:
    """A state given under a path that is not canonical updates the shared Variable, and of conflicting values the last
    in mapping order wins.
    """

    Holder = module_class(nnx, "Holder")

    def build() -> Any:
        holder = Holder()
        holder.m = make()
        holder.y = nnx.Param(value)
        holder.x = holder.y
        return holder

    arrivals: dict[int, list[Any]] = {}
    for visit in walk(nnx, holder := build()):
        if visit.kind == "variable":
            arrivals.setdefault(id(visit.value), []).append(visit.path)
    aliased = [paths for paths in arrivals.values() if len(paths) > 1]
    paths = aliased[pick % len(aliased)][-2:]
    nnx.update(holder, nnx.State(nested({paths[1]: value})))
    yield Eq(holder, write(nnx, build(), {paths[1]: value}), f"given under {paths[1]}")
    first, last = reversed(paths) if backwards else paths
    nnx.update(holder, nnx.State(nested({first: value, last: other})))
    yield Eq(holder, write(nnx, build(), {paths[1]: other}), f"given under {first}, then otherwise under {last}")


@law("update.unknown-key-uniform", term=SPLIT_AND_MERGE, level=SHOULD, uses=("update", "State", "List", "metadata"))
def unknown_key_uniform(nnx: Any, make: Any, pick: int, value: Any) -> Claims:
    """A key that the target does not have is treated alike for leaves, sub-states and list indices: either all are
    added, or all are refused with ValueError, KeyError or IndexError; an added Variable is the target's own.

    The index is the one after the last: no list has room for a later one.
    """

    Holder = module_class(nnx, "Holder")

    def build() -> tuple[Any, tuple[Any, ...]]:
        holder = Holder()
        holder.m = make()
        modules = [path for path, node in nodes(nnx, holder).items() if isinstance(node, Holder | nnx.Dict)]
        path = modules[pick % len(modules)]
        node = follow(holder, path)
        if isinstance(node, Holder):
            node.items_ = nnx.List([nnx.Param(value)])
        else:
            node["items_"] = nnx.List([nnx.Param(value)])
        return holder, path

    treated = []
    for end in (("new",), ("new", "deep"), ("items_", 1)):
        holder, path = build()
        before = observe(nnx, holder)
        leaf = nnx.Param(value)
        outcome = attempt(lambda h=holder, p=path + end, v=leaf: nnx.update(h, nnx.State(nested({p: v}))))  # type: ignore[misc]  # bound now
        treated.append("added" if outcome.error is None else "refused")
        unchanged = ((before, holder),)
        yield EqOrRefused(outcome, None, (ValueError, KeyError, IndexError), unchanged, about=f"the path ends in {end}")
        if outcome.error is None:
            leaf.set_metadata(note="edited")
            yield Eq(follow(holder, path + end), nnx.Param(value), f"what was added at {end}, after the state changed")
    yield Eq(treated, treated[:1] * 3, "a leaf, a sub-state and a list index")


def chain(nnx: Any, links: tuple[int, ...], end: Any) -> tuple[Any, tuple[Any, ...]]:
    """A node at the end of a chain of Modules, Lists and Dicts: the root, and the path of the node."""

    Link = module_class(nnx, "Link")

    path: tuple[Any, ...] = ()
    key: Any
    for link in links:
        if link % 3 == 0:
            outer = Link()
            outer.link, key = end, "link"
        elif link % 3 == 1:
            outer, key = nnx.List([nnx.Param(0), end]), 1
        else:
            outer, key = nnx.Dict({"link": end}), "link"
        end, path = outer, (key, *path)
    return end, path


def target(nnx: Any, value: Any) -> Any:
    """A Module with one thing of each kind that an update may meet."""

    Target = module_class(nnx, "Target")

    found = Target()
    found.node = Target()
    found.node.w = nnx.Param(value)
    found.v = nnx.Param(value)
    found.u = nnx.Param(value)
    found.raw = value
    found.s = 1
    found.t = nnx.data((value, nnx.Param(value)))
    return found


def mismatch(nnx: Any, kind: int, value: Any) -> tuple[tuple[Any, ...], Any]:
    """An entry of a state that does not fit `target`: where it stands and what stands there."""
    return (
        (("node",), value),
        (("node",), nnx.Param(value)),
        (("v", "deep"), value),
        (("v", "deep"), nnx.Param(value)),
        (("s",), value),
        (("s",), nnx.Param(value)),
        (("t", 0), value),
        (("raw",), nnx.Param(value)),
        (("raw", "deep"), value),
        (("raw", "deep"), nnx.Param(value)),
        (("t", 0), nnx.Param(value)),
        (("node", "w", "deep"), value),
    )[kind]


@law(
    "update.mismatch-rejected",
    term=SPLIT_AND_MERGE,
    uses=("update", "State", "containers", "annotations", "raw-arrays"),
)
def mismatch_rejected(nnx: Any, links: Any, kind: int, value: Any) -> Claims:
    """Refused with ValueError: a leaf where a subgraph is expected, a State where a Variable or a raw array is, a
    Variable where a raw array is, data at a static attribute, and a raw array inside an immutable container.
    """
    root, path = chain(nnx, links, target(nnx, value))
    end, leaf = mismatch(nnx, kind, value)
    state = nnx.State(nested({path + end: leaf}))
    yield Refused(ValueError, lambda: nnx.update(root, state), unchanged=(root,), about=f"the path ends in {end}")


@law("update.root-rejected", term=SPLIT_AND_MERGE, uses=("update", "State"))
def root_rejected(nnx: Any, value: Any, kind: int, many: int, empty: int) -> Claims:
    """Updating a Variable root with more than one non-empty state is refused with ValueError, and a root that cannot be
    updated (an array, a Python value) with TypeError, ValueError or RuntimeError.
    """
    if kind == 0:
        v = nnx.Param(value)
        states = [nnx.State({})] * empty + [nnx.Param(value)] * (2 + many)
        yield Refused(ValueError, lambda: nnx.update(v, *states), unchanged=(v,), about="a Variable")
        nnx.update(v, *states[: empty + 1])
        yield Eq(v, nnx.Param(value), "one state that is not empty")
    else:
        states = [nnx.State({"a": value})] * (1 + many) if kind == 1 else [value]
        errors = (TypeError, ValueError, RuntimeError)
        yield Refused(errors, lambda: nnx.update(value, *states), unchanged=(value,), about="no Variable and no node")


@law(
    "update.atomic",
    term=SPLIT_AND_MERGE,
    level=SHOULD,
    uses=("update", "State", "containers", "annotations", "raw-arrays", "mutation"),
)
def atomic(nnx: Any, make: Any, edit: Any, kind: int, order: Any, value: Any, values: Any) -> Claims:
    """An update applies wholly or not at all: a refused update leaves the target unchanged.

    What is refused is the subject of other laws.
    """
    root = target(nnx, value)
    end, leaf = mismatch(nnx, kind, value)
    entries = [(("u",), values[0]), (("v",), values[0]), (("raw",), values[0]), (("node", "w"), values[0])]
    fitting = [(path, new) for path, new in entries if path[0] != end[0]]
    state = nnx.State(nested(dict(reordered([(end, leaf), *fitting], order))))
    errors = (ValueError, TypeError, KeyError, IndexError, RuntimeError)
    before = observe(nnx, root)
    outcome = attempt(lambda: nnx.update(root, state))
    yield EqOrRefused(outcome, None, errors, unchanged=((before, root),), about=f"{end} does not fit")
    m = make()
    before = observe(nnx, m)
    changed = edited(flat(nnx.state(revalued(nnx, make(), values))), edit, value)
    outcome = attempt(lambda: nnx.update(m, nnx.State(nested(changed))))
    yield EqOrRefused(outcome, None, errors, unchanged=((before, m),), about="a state after one edit")


@law(
    "update.trace-checked",
    term=SPLIT_AND_MERGE,
    uses=("update", "State", "trace-guard", "annotations", "raw-arrays"),
    reason="jax.jit, jax.vmap and jax.grad open the traces; `trace.update-and-pop-rejected` has the lifted transforms.",
)
def trace_checked(nnx: Any, links: Any, kind: int, variable: bool, transform: int) -> Claims:
    """Updating an object captured from an outer trace is refused with TraceContextError for every kind of element:
    Variables, attributes, and elements of containers held as data.
    """

    Target = module_class(nnx, "Target")

    def build() -> Any:
        found = Target()
        found.v = nnx.Param(jnp.float32(0))
        found.raw = jnp.float32(0)
        found.items_ = nnx.data([jnp.float32(0), nnx.Param(jnp.float32(0))])
        found.table = nnx.data({"a": jnp.float32(0), "b": nnx.Param(jnp.float32(0))})
        return found

    root, path = chain(nnx, links, build())
    end = (("v",), ("raw",), ("items_", 0), ("items_", 1), ("table", "a"), ("table", "b"))[kind]

    def body(x: Any) -> Any:
        leaf = nnx.Param(x) if variable and end in (("v",), ("items_", 1), ("table", "b")) else x
        nnx.update(root, nnx.State(nested({path + end: leaf})))
        return x

    traced = (jax.jit(body), jax.vmap(body), jax.grad(body))[transform]
    x = jnp.ones(2) if transform == 1 else jnp.float32(1)
    yield Refused("TraceContextError", lambda: traced(x), unchanged=(root,), about=f"the path ends in {end}")


LAWS: tuple[Law, ...] = (
    sets_values,
    local,
    partition_order,
    metadata_and_type,
    alias_path,
    unknown_key_uniform,
    mismatch_rejected,
    root_rejected,
    atomic,
    trace_checked,
)

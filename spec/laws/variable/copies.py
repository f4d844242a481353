"""Laws of copies of Variables: what they take along, and what they leave behind."""

from __future__ import annotations

import warnings
from typing import Any

import jax

from ...claims import Claims, Eq, Refused
from ...law import SHOULD, Law, law
from ...observation import leaves, observe
from ...observation.nodes import is_variable, jax_key
from ...terms import VARIABLE


def types_by_path(nnx: Any, graph: Any) -> dict[Any, Any]:
    """The class of the Variable at every canonical path."""
    return {path: type(leaf) for path, leaf in leaves(nnx, graph).items() if is_variable(nnx, leaf)}


def structure(tree: Any) -> Any:
    """The treedef of a pytree."""
    return jax.tree.structure(tree)


@law(
    "variable.copy-replace",
    term=VARIABLE,
    uses=("metadata.copies", "metadata", "Variable.copy"),
)
def copy_replace(nnx: Any, kind: Any, value: Any, metadata: Any, changes: Any, given: Any) -> Claims:
    """copy and replace(value?, **metadata) return a new Variable of the same type with the metadata updated.

    They run no create or set hooks, and the original stays as it was, also where the value is a list or dict of which
    the copy is given another item.
    """
    v = kind(value, **metadata)
    before = observe(nnx, v)
    plain, changed, replaced = v.copy(), v.copy(**changes), v.replace(given, **changes)
    for twin in (plain, changed, replaced, v.replace(**changes)):
        yield Eq(twin is v, False, "a new object")
    yield Eq(plain, before, "copy()")
    yield Eq(changed, kind(value, **{**metadata, **changes}), "copy(**changes)")
    yield Eq(v.replace(**changes), kind(value, **{**metadata, **changes}), "replace(**changes)")
    yield Eq(replaced, kind(given, **{**metadata, **changes}), "replace(value, **changes)")
    for twin in (plain, changed, replaced):
        twin.set_metadata(note="edited")
    for twin in (plain, changed):
        if isinstance(value, list | dict):
            twin[0 if isinstance(value, list) else "k"] = "edited"
    yield Eq(v, before, "the original stays as it was")
    if nnx.offers("hooks"):
        log: list[str] = []

        def record(variable: Any, value: Any) -> Any:
            log.append("hook")
            return value

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # hooks are deprecated in some releases
            hooked = kind(value, on_create_value=record, on_set_value=record)
            log.clear()
            hooked.copy(**changes)
            hooked.replace(given, **changes)
        yield Eq(log, [], "no hook runs")


@law("variable.copy-from-type", term=VARIABLE, uses=("Variable.copy_from", "mutation", "metadata", "variable-types"))
def copy_from_type(nnx: Any, kind: Any, value: Any, metadata: Any, other: Any, given: Any, changes: Any) -> Claims:
    """copy_from takes over value and metadata of a Variable of the same type and refuses another type with ValueError.

    A subclass is another type, in both directions.
    """
    v = kind(value, **metadata)
    v.copy_from(v)
    yield Eq(v, kind(value, **metadata), "from itself")
    w = other(given, **changes)
    if kind is other:
        v.copy_from(w)
        yield Eq(v, other(given, **changes), "value and metadata are taken over")
        v.set_metadata(note="edited")
        yield Eq(w, other(given, **changes), "the source is as before")
    else:
        yield Refused(ValueError, lambda: v.copy_from(w), unchanged=(v, w), about="another type")


@law("variable.with-metadata", term=VARIABLE, level=SHOULD, uses=("with_metadata", "metadata", "mutation"))
def with_metadata(nnx: Any, kind: Any, value: Any, metadata: Any) -> Claims:
    """A Variable made of what an initializer wrapped by with_metadata returns has its value and the metadata, and hooks
    given there run as those given to the constructor.
    """
    initialize = nnx.with_metadata(lambda *shape: (value, shape)[len(shape)], **metadata)
    yield Eq(kind(initialize()), kind(value, **metadata), "value and metadata")
    yield Eq(kind(initialize(3)).get_value(), (3,), "an argument of the initializer")
    yield Eq(
        kind(initialize(), added=1), kind(value, **{**metadata, "added": 1}), "metadata of the constructor beside it"
    )
    if nnx.offers("hooks"):
        log: list[str] = []

        def hook(name: str) -> Any:
            def run(variable: Any, x: Any) -> Any:
                log.append(name)
                return x

            return run

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # hooks are deprecated in some releases
            names = ("on_create_value", "on_get_value", "on_set_value")
            v = kind(nnx.with_metadata(lambda: value, **{name: hook(name) for name in names})())
            v.get_value()
            v.set_value(value)
        yield Eq(log, list(names), "hooks in the order of create, get and set")


def edited(metadata: Any, edit: Any) -> dict[str, Any]:
    """Metadata after one edit ``(operation, name, value)``: ``set``, ``delete``, or anything else for no edit."""
    op, name, value = edit
    kept = {key: entry for key, entry in metadata.items() if key != name or op == "keep"}
    return {**kept, name: value} if op == "set" else kept


def distinction(nnx: Any, first: Any, second: Any) -> bool | None:
    """Whether metadata differs; None where Python finds it equal and only types or the sign of zero differ."""
    if first != second:
        return True
    return False if observe(nnx, first) == observe(nnx, second) else None


@law(
    "variable.pytree",
    term=VARIABLE,
    uses=("metadata", "variable-pytrees"),
)
def pytree(nnx: Any, kind: Any, value: Any, metadata: Any, other: Any, edit: Any) -> Claims:
    """A Variable is a jax pytree with one child, called value, and its treedef tells apart exactly type and metadata.

    The order in which metadata was given does not count. jax.tree.map gives a new Variable with the same type and
    metadata. Whether metadata that Python finds equal (1 and True) is told apart is variable.pytree-static-types.
    """
    v = kind(value, **metadata)
    treedef = structure(v)
    inside = jax.tree_util.tree_leaves(v, is_leaf=lambda x: x is not v)
    yield Eq(inside, [value], "one child")
    turned = kind(value, **dict(reversed(list(metadata.items()))))
    yield Eq(structure(turned) == treedef, True, "the order of metadata does not count")
    yield Eq(hash(structure(turned)) == hash(treedef), True, "nor does it change the hash")
    (path, child), *more = jax.tree_util.tree_flatten_with_path(turned, is_leaf=lambda x: x is not turned)[0]
    yield Eq(([jax_key(key) for key in path], child, more), (["value"], value, []), "the path of the child")
    yield Eq(jax.tree_util.tree_flatten_with_path(turned)[1] == treedef, True, "nor, with paths, the treedef")
    mapped = jax.tree.map(lambda x: x, v)
    yield Eq(mapped, kind(value, **metadata), "jax.tree.map keeps type and metadata")
    yield Eq(mapped is v, False, "jax.tree.map gives a new Variable")
    yield Eq(structure(other(value, **metadata)) == treedef, other is kind, "the type counts")
    changes = edited(metadata, edit)
    differs = distinction(nnx, metadata, changes)
    if differs is not None:
        yield Eq(structure(kind(value, **changes)) == treedef, not differs, "the metadata counts")


@law(
    "variable.pytree-traces",
    term=VARIABLE,
    needs=("graph.build-observe", "variable.pytree"),
    uses=("metadata", "variable-pytrees"),
    reason="The trace counts of variable.pytree, apart because they are what a user notices.",
)
def pytree_traces(nnx: Any, kind: Any, value: Any, metadata: Any, other: Any, edit: Any) -> Claims:
    """A jitted function traces once for Variables of equal type and metadata, and again where either differs."""
    traces: list[int] = []

    def count(variable: Any) -> int:
        traces.append(1)
        return 0

    jitted = jax.jit(count)
    jitted.trace(kind(value, **metadata))
    jitted.trace(kind(value, **dict(reversed(list(metadata.items())))))
    yield Eq(len(traces), 1, "one trace for equal Variables")
    jitted.trace(other(value, **metadata))
    expected = 1 if other is kind else 2
    yield Eq(len(traces), expected, "another trace for another type")
    changes = edited(metadata, edit)
    differs = distinction(nnx, metadata, changes)
    if differs is not None:
        jitted.trace(kind(value, **changes))
        yield Eq(len(traces), expected + differs, "another trace for other metadata")


@law(
    "variable.pytree-static-types",
    term=VARIABLE,
    level=SHOULD,
    uses=("metadata", "variable-pytrees"),
    reason="The part of variable.pytree that is not promised, as graphdef.static-type-aware is of graphdefs.",
)
def pytree_static_types(nnx: Any, value: Any, first: Any, second: Any) -> Claims:
    """Metadata that is equal but of another type or sign of zero gives another treedef.

    Otherwise jax.jit returns, for a Variable with note=1.0, what was traced for one with note=True.
    """
    v, w = nnx.Param(value, note=first), nnx.Param(value, note=second)
    same = observe(nnx, first) == observe(nnx, second)
    yield Eq(structure(v) == structure(w), same, "equal treedefs for equal value and type only")


@law(
    "variable.subclass-preserved",
    term=VARIABLE,
    uses=("split", "merge", "clone", "variable-types"),
    reason="Under lifted transforms `transform.transparent` sees to it.",
)
def subclass_preserved(nnx: Any, make: Any) -> Claims:
    """Merge, clone, copy and jax.tree.map keep the exact subclass of every Variable."""
    m = make()
    expected = types_by_path(nnx, m)
    yield Eq(types_by_path(nnx, nnx.merge(*nnx.split(m))), expected, "split and merge")
    yield Eq(types_by_path(nnx, nnx.clone(m)), expected, "clone")
    variables = {path: leaf for path, leaf in leaves(nnx, m).items() if is_variable(nnx, leaf)}
    yield Eq({path: type(v.copy()) for path, v in variables.items()}, expected, "copy")
    yield Eq({path: type(jax.tree.map(lambda x: x, v)) for path, v in variables.items()}, expected, "jax.tree.map")


@law("variable.clone-metadata", term=VARIABLE, level=SHOULD, uses=("metadata.names", "clone", "metadata"))
def clone_metadata(nnx: Any, make: Any, on_clone: bool) -> Claims:
    """A clone has its own metadata: entries added, replaced or deleted on one side do not appear on the other."""
    m = make()
    twin = nnx.clone(m)
    edited, other = (twin, m) if on_clone else (m, twin)
    before = observe(nnx, other)
    for leaf in leaves(nnx, edited).values():
        if is_variable(nnx, leaf):
            for name in nnx.metadata(leaf):
                leaf.del_metadata(name)
            leaf.set_metadata(tag="edited", added=1)
    yield Eq(other, before, "the other side is as before")


LAWS: tuple[Law, ...] = (
    copy_replace,
    copy_from_type,
    with_metadata,
    pytree,
    pytree_traces,
    pytree_static_types,
    subclass_preserved,
    clone_metadata,
)

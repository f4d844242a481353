"""Laws of metadata: a dict of named facts that goes wherever its Variable goes."""

from __future__ import annotations

import pickle
from functools import partial
from typing import Any

import jax

from ...claims import Claims, Eq, Refused, attempt
from ...law import SHOULD, Law, law
from ...observation import leaves
from ...observation.nodes import is_variable
from ...terms import VARIABLE


def metadata_by_path(nnx: Any, graph: Any) -> dict[Any, Any]:
    """The metadata of the Variable at every canonical path."""
    return {path: nnx.metadata(leaf) for path, leaf in leaves(nnx, graph).items() if is_variable(nnx, leaf)}


def edit_metadata(nnx: Any, variables: Any, edits: Any) -> None:
    """Interprets edits ``(operation, which Variable, name, value)``; a missing name deletes any entry."""
    for op, which, name, value in edits:
        if not variables:
            return
        variable = variables[which % len(variables)]
        if op == "set":
            variable.set_metadata(name, value)
        elif op == "delete":
            present = nnx.metadata(variable)
            for chosen in [name] if name in present else sorted(present)[:1]:
                variable.del_metadata(chosen)
        elif op == "replace-all":
            variable.set_metadata({name: value})
        elif op == "write":
            variable.set_value(variable.get_value())


@law(
    "variable.attribute-access",
    term=VARIABLE,
    level=SHOULD,
    uses=("metadata", "operators"),
)
def attribute_access(nnx: Any, kind: Any, value: Any, metadata: Any, names: Any) -> Claims:
    """Reading an unknown name looks in the metadata and then at the value, and setting one is refused.

    The refusal is an AttributeError. The names shape, dtype and ndim always describe the value, whatever the metadata
    is called.
    """
    entries = dict(metadata)
    v = kind(value, **entries)
    yield Eq((v.shape, v.dtype, v.ndim), (value.shape, value.dtype, value.ndim), "shape, dtype and ndim")
    for name in (*entries, *names):
        if name not in ("shape", "dtype", "ndim"):
            held = attempt(partial(getattr, value, name))
            expected = attempt(partial(entries.__getitem__, name)) if name in entries else held
            yield Eq(attempt(partial(getattr, v, name)), expected, f"reading {name}")
        yield Refused(AttributeError, partial(setattr, v, name, 1), unchanged=(v,), about=f"setting {name}")


@law(
    "variable.metadata-model",
    term=VARIABLE,
    uses=(
        "metadata.names",
        "metadata",
    ),
)
def metadata_model(nnx: Any, kind: Any, first: Any, history: Any) -> Claims:
    """Getting, setting, testing and deleting metadata behave as on a dict.

    A missing name is refused with KeyError unless a default is given, setting without arguments with TypeError, and
    setting a whole dict replaces all entries but those that the backend requires.
    """
    v = kind(0, **first)
    model = dict(first)
    for op, name, value in history:
        if op == "set":
            v.set_metadata(name, value)
            model[name] = value
        elif op == "update":
            v.set_metadata(**{name: value, "more": 1})
            model.update({name: value, "more": 1})
        elif op == "replace-all":
            given = {name: value}
            v.set_metadata(given)
            given["spoiled"] = 1
            model = {name: value}
        elif op == "default":
            yield Eq(v.get_metadata(name, value), model.get(name, value), "get with a default")
        elif op == "delete" and name in model:
            v.del_metadata(name)
            del model[name]
        elif op == "delete":
            yield Refused(KeyError, partial(v.del_metadata, name), unchanged=(v,), about="deleting a missing entry")
        elif op == "nothing":
            yield Refused(TypeError, v.set_metadata, unchanged=(v,), about="setting without arguments")
        yield Eq(nnx.metadata(v), model, f"all entries after {op}")
        yield Eq(v.has_metadata(name), name in model, f"has_metadata after {op}")
        if name in model:
            yield Eq(v.get_metadata(name), model[name], f"get_metadata after {op}")
        else:
            yield Refused(KeyError, partial(v.get_metadata, name), unchanged=(v,), about="getting a missing entry")
        yield Eq(v.get_metadata(name, "none"), model.get(name, "none"), f"with a default, after {op}")
    yield Eq(nnx.metadata(v), model, "all entries")
    v.get_metadata()["spoiled"] = 1
    yield Eq(nnx.metadata(v), model, "all entries, after a change to the dict that get_metadata gave")


@law("variable.metadata-required", term=VARIABLE, uses=("metadata",))
def metadata_required(nnx: Any, kind: Any, value: Any, metadata: Any) -> Claims:
    """Changing or deleting a metadata entry that the backend requires is refused with ValueError, to no effect."""
    v = kind(value, **metadata)
    for name in nnx.required_metadata:
        other = ("another value",)
        yield Refused(ValueError, partial(v.set_metadata, name, other), unchanged=(v,), about=f"set {name}")
        yield Refused(ValueError, partial(v.set_metadata, **{name: other}), unchanged=(v,), about=f"update {name}")
        yield Refused(ValueError, partial(v.set_metadata, {name: other}), unchanged=(v,), about=f"replace all, {name}")
        if nnx.offers("metadata.names"):
            yield Refused(ValueError, partial(v.del_metadata, name), unchanged=(v,), about=f"delete {name}")
    v.set_metadata({})
    yield Eq(v, kind(value), "a whole dict replaces all entries that are not required")


@law(
    "variable.metadata-survives",
    term=VARIABLE,
    uses=("split", "merge", "clone", "metadata"),
    reason="Under lifted transforms `transform.metadata-propagates` sees to it.",
)
def metadata_survives(nnx: Any, make: Any) -> Claims:
    """Metadata survives split and merge, clone, copy, jax.tree.map over a state, and pickle."""
    m = make()
    expected = metadata_by_path(nnx, make())
    yield Eq(metadata_by_path(nnx, nnx.merge(*nnx.split(m))), expected, "split and merge")
    yield Eq(metadata_by_path(nnx, nnx.clone(m)), expected, "clone")
    variables = {path: leaf for path, leaf in leaves(nnx, m).items() if is_variable(nnx, leaf)}
    yield Eq({path: nnx.metadata(v.copy()) for path, v in variables.items()}, expected, "copy")
    mapped = jax.tree.map(lambda x: x, nnx.split(m)[1])
    yield Eq(metadata_by_path(nnx, nnx.merge(nnx.split(m)[0], mapped)), expected, "jax.tree.map over the state")
    if nnx.offers("pickling"):
        yield Eq(metadata_by_path(nnx, pickle.loads(pickle.dumps(m))), expected, "pickle")


@law(
    "variable.metadata-propagates",
    term=VARIABLE,
    needs=("graph.build-observe", "split.round-trip", "variable.metadata-survives"),
    uses=("split", "merge", "metadata", "metadata.names", "mutation"),
    reason="Under a plain jax.jit over graphdef and state; `variable.metadata-propagates-lifted` has the lifted ones.",
)
def metadata_propagates(nnx: Any, make: Any, edits: Any) -> Claims:
    """Metadata set, changed or deleted inside jax.jit is in the state that comes back, values changed or not."""

    def variables_of(m: Any) -> list[Any]:
        return [leaf for leaf in leaves(nnx, m).values() if is_variable(nnx, leaf)]

    @jax.jit
    def step(graphdef: Any, state: Any) -> Any:
        inside = nnx.merge(graphdef, state)
        edit_metadata(nnx, variables_of(inside), edits)
        return nnx.split(inside)

    eager = make()
    edit_metadata(nnx, variables_of(eager), edits)
    m = nnx.merge(*step(*nnx.split(make())))
    yield Eq(metadata_by_path(nnx, m), metadata_by_path(nnx, eager), "after the call")


LAWS: tuple[Law, ...] = (
    attribute_access,
    metadata_model,
    metadata_required,
    metadata_survives,
    metadata_propagates,
)

"""Laws of Modules as Python objects: dataclasses, identity, replacing attributes, printing."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

import jax.numpy as jnp

from ...claims import Claims, Eq, Outcome, attempt
from ...classes import module_class
from ...law import SHOULD, Law, law
from ...observation import nodes, walk
from ...terms import MODULE
from .seeing import is_child


@law("module.attribute-replacement", term=MODULE, uses=("mutation", "raw-arrays", "structural-mutation"))
def attribute_replacement(nnx: Any, history: Any) -> Claims:
    """`m.w = array` replaces a Variable attribute by the raw array without writing through it, and `m.w[...] += 1`
    updates the Variable in place.

    All Variables that ever stood in an attribute are held outside: their values, and which of them `m` holds, are those
    of a model in plain Python.
    """

    Block = module_class(nnx, "Block")

    m = Block()
    held: list[Any] = []
    numbers: list[int] = []
    model: dict[str, tuple[str, int]] = {}
    for verb, name, seed in history:
        if verb == "variable":
            held.append(nnx.Param(jnp.array([seed, seed])))
            numbers.append(seed)
            model[name] = ("variable", len(held) - 1)
            setattr(m, name, held[-1])
        elif verb == "again" and held:
            model[name] = ("variable", seed % len(held))
            setattr(m, name, held[seed % len(held)])
        elif verb == "add" and model.get(name, ("", 0))[0] == "variable":
            numbers[model[name][1]] += seed
            getattr(m, name)[...] += seed
        elif verb != "again":
            model[name] = ("array", seed)
            setattr(m, name, jnp.array([seed, seed]))
    fresh, others = Block(), [nnx.Param(jnp.array([n, n])) for n in numbers]
    for name, (kind, i) in model.items():
        setattr(fresh, name, others[i] if kind == "variable" else jnp.array([i, i]))
    yield Eq((m, held), (fresh, others), "the Module and all Variables it ever held")


@law("module.dataclass-fields", term=MODULE, uses=("annotations", "value-leaves", "split", "merge"))
def dataclass_fields(nnx: Any, decorator: str, fields: tuple[str, ...], value: Any) -> Claims:
    """Modules defined as dataclasses may mark fields as data or static through field functions or metadata, and the
    round-trip law holds for them."""
    data = {"array": True, "data": True, "data-default": True, "data-metadata": True}
    members: dict[str, Any] = {"__annotations__": {}}
    given: dict[str, Any] = {}
    statuses: dict[str, bool] = {}
    for i, kind in enumerate(sorted(fields, key=lambda kind: kind.endswith("default"))):
        name = f"f{(7 * i) % 10}"
        statuses[name] = data.get(kind, False)
        members["__annotations__"][name] = object
        if kind == "data":
            members[name] = nnx.data()
        elif kind == "static":
            members[name] = nnx.static()
        elif kind == "data-default":
            members[name] = nnx.data(default_factory=lambda: [jnp.array(1), 2])
        elif kind == "static-default":
            members[name] = nnx.static(default="d")
        elif kind.endswith("metadata"):
            members[name] = dataclasses.field(metadata={"static": kind == "static-metadata"})
        if kind == "array":
            given[name] = value
        elif kind in ("data", "data-metadata"):
            given[name] = [value, i, {"k": nnx.Param(value)}]
        elif not kind.endswith("default"):
            given[name] = ("s", i)
    members["__annotations__"]["noted"] = object
    members["noted"] = nnx.data(default_factory=lambda: value, metadata={"note": 1})
    statuses["noted"] = True
    mark = nnx.dataclass if decorator == "nnx" and nnx.offers("dataclass") else dataclasses.dataclass
    cls: Any = mark(type("Record", (nnx.Module,), members))
    made = attempt(partial(cls, **given))
    yield Eq(made.category, None, "the constructor accepts the fields")
    m = made.value
    yield Eq({name: is_child(m, name) for name in statuses}, statuses, "statuses of the fields")
    yield Eq(nnx.merge(*nnx.split(m)), m, "split and merge")
    noted = [field.metadata.get("note") for field in dataclasses.fields(cls) if field.name == "noted"]
    yield Eq(noted, [1], "metadata of a field")
    if decorator == "nnx" and nnx.offers("dataclass"):
        late = nnx.dataclass(kw_only=True)(type("Late", (cls,), {"__annotations__": {"late": object}}))
        yield Eq(attempt(lambda: late(**given, late="s").late), Outcome("s"), "keywords alone, after defaults")


@law("module.dataclass-identity", term=MODULE, uses=("sharing", "split", "merge", "graphdef", "state", "clone"))
def dataclass_identity(nnx: Any, places: tuple[int, ...], hashed: bool, compared: bool, value: Any) -> Claims:
    """Graph functions use the identity of nodes, never their `==` or hash: distinct but equal instances stay distinct
    and unhashable instances are accepted.

    A dataclass compares by its fields, and has no hash unless it asks for one.
    """

    @dataclasses.dataclass(unsafe_hash=hashed)
    class Node(nnx.Module):  # type: ignore[misc]  # a backend's class is known at run time only
        number: int
        w: object = dataclasses.field(compare=compared, hash=False)

    Root = module_class(nnx, "Root")

    def build(which: Any) -> Any:
        instances = {i: Node(1, nnx.Param(value)) for i in which}
        m = Root()
        for position, i in enumerate(which):
            setattr(m, f"a{position}", instances[i])
        return m

    m = build(places)
    yield Eq(nnx.merge(*nnx.split(m)), build(places), "split and merge")
    yield Eq(nnx.clone(m), build(places), "clone")
    yield Eq(len(nnx.to_flat_state(nnx.state(m))), len(set(places)), "one leaf for each instance")
    yield Eq(nnx.graphdef(m) == nnx.graphdef(build(places)), True, "equal graphdefs")
    if len(set(places)) > 1:
        shared = build([0] * len(places))
        yield Eq(nnx.graphdef(m) == nnx.graphdef(shared), False, "the truly shared case")


@law("module.identity-eq-hash", term=MODULE, level=SHOULD)
def identity_eq_hash(nnx: Any, make: Any) -> Claims:
    """Plain Modules compare and hash by identity.

    List and Dict compare as lists and dicts do, and are left out here.
    """
    containers = (nnx.List, nnx.Dict) if nnx.offers("containers") else ()
    found = [
        [n for n in nodes(nnx, m).values() if isinstance(n, nnx.Module) and not isinstance(n, containers)]
        for m in (make(), make())
    ]
    both = found[0] + found[1]
    yield Eq(len(set(both)), len(both), "as many in a set as there are")
    yield Eq([[a == b for b in both] for a in both], [[a is b for b in both] for a in both], "== is identity")
    yield Eq([[a != b for b in both] for a in both], [[a is not b for b in both] for a in both], "!= is no identity")
    table = {module: i for i, module in enumerate(both)}
    for module in both:
        module.later = 1
    yield Eq([table.get(module) for module in both], list(range(len(both))), "found in a dict after a change")


@law("module.repr-pure", term=MODULE, level=SHOULD)
def repr_pure(nnx: Any, make: Any) -> Claims:
    """`repr` succeeds on cycles, abstract leaves and keys and changes nothing."""
    m = make()
    for visit in walk(nnx, m):
        if visit.kind in ("node", "variable") and not visit.again:
            yield Eq(attempt(partial(repr, visit.value)).category, None, f"repr at {visit.path} succeeds")
    yield Eq(attempt(partial(str, m)).category, None, "str succeeds")
    yield Eq(m, make(), "unchanged")


LAWS: tuple[Law, ...] = (
    attribute_replacement,
    dataclass_fields,
    dataclass_identity,
    identity_eq_hash,
    repr_pure,
)

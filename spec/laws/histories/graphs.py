"""Histories of a whole object graph, against a model of plain Python dicts and lists."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ...claims import Claims, Eq
from ...law import Law, law
from ...terms import MODULE
from .trips import TRIPS, as_made_at_once, trip

USES = (
    *("containers", "annotations", "value-leaves", "structural-mutation", "mutation", "metadata", "raw-arrays"),
    *("sharing", "cycles", "graphdef", "state", "split", "merge", "clone", "update"),
)


def reachable(model: dict[int, Any]) -> list[int]:
    """Numbers of the objects that are reached from object 0, in the order in which they were made."""
    met, stack = set(), [0]
    while stack:
        number = stack.pop()
        if number not in met:
            met.add(number)
            stack += [content for kind, content in model[number][1].values() if kind == "object"]
    return sorted(met)


def is_cyclic(model: dict[int, Any]) -> bool:
    """Whether some object is reached from itself: then taking away objects without parts left never ends with none."""
    parts = {n: {c for kind, c in model[n][1].values() if kind == "object"} for n in reachable(model)}
    while parts:
        done = {n for n, below in parts.items() if not below & set(parts)}
        if not done:
            return True
        parts = {n: below for n, below in parts.items() if n not in done}
    return False


def new_object(nnx: Any, kind: str, value: Any) -> Any:
    """An object without parts, or a Variable with value and tag."""
    if kind == "variable":
        number, tag = value
        return nnx.Param(jnp.array(number), **({"note": tag} if tag is not None else {}))
    return nnx.Module() if kind == "block" else nnx.Dict({})


def put(nnx: Any, target: Any, name: str, kind: str, content: Any) -> None:
    """Sets an attribute or item, annotated: what stood there before may have had another status."""
    value = nnx.static(content) if kind == "static" else nnx.data(jnp.array(content) if kind == "array" else content)
    if isinstance(target, nnx.Dict):
        target[name] = value
    else:
        setattr(target, name, value)


def take(nnx: Any, target: Any, name: str) -> Any:
    """What stands at an attribute or item."""
    return target[name] if isinstance(target, nnx.Dict) else getattr(target, name)


def built(nnx: Any, model: dict[int, Any]) -> Any:
    """The graph that the model describes, made at once: all objects first, then the last parts first."""
    numbers = reachable(model)
    live = {n: new_object(nnx, *model[n][::2]) for n in numbers}
    for n in reversed(numbers):
        for name, (kind, content) in reversed(model[n][1].items()):
            put(nnx, live[n], name, kind, live[content] if kind == "object" else content)
    return live[0]


def found(nnx: Any, root: Any, model: dict[int, Any]) -> dict[int, Any]:
    """The live object behind every number, found by going from the root as the model says."""
    live, stack = {0: root}, [0]
    while stack:
        number = stack.pop()
        for name, (kind, content) in model[number][1].items():
            if kind == "object" and content not in live:
                live[content] = take(nnx, live[number], name)
                stack.append(content)
    return live


@law(
    "graph.history",
    term=MODULE,
    needs=("graph.build-observe", "split.round-trip", "clone.isomorphic-disjoint"),
    uses=USES,
)
def graph_history(nnx: Any, history: Any) -> Claims:
    """After any history of attaching, aliasing, deleting, writing and updating, in a graph that was split and merged,
    copied or pickled in between, it is what a graph of the same content is that was made at once: content, graphdef,
    treedef, leaves and state.

    The model has for every object its kind, its parts by name and, for a Variable, value and tag. Sharing and cycles
    are part of it, and objects that a trip leaves behind are not.
    """

    # number: [kind, {name: (kind of part, number or value)}, (value, tag) of a Variable]
    model: dict[int, Any] = {0: ["block", {}, None]}
    live: dict[int, Any] = {0: nnx.Module()}
    for step, (verb, where, name, what) in enumerate(history):
        nodes = [n for n in model if model[n][0] != "variable"]
        variables = [n for n in model if model[n][0] == "variable"]
        parent = nodes[-1 - where % len(nodes)]
        parts = model[parent][1]
        if verb in TRIPS:
            if verb == "map":
                continue  # it does not keep sharing, and does not end on cycles
            root = trip(nnx, verb, live[0])
            model = {n: model[n] for n in reachable(model)}
            live = found(nnx, root, model)
            yield Eq(root, built(nnx, model), f"step {step}, {verb}")
        elif verb in ("block", "dict", "variable"):
            number = max(model) + 1
            model[number] = [verb, {}, (what, None) if verb == "variable" else None]
            live[number] = new_object(nnx, verb, model[number][2])
            parts[name] = ("object", number)
            put(nnx, live[parent], name, "object", live[number])
        elif verb in ("array", "static"):
            parts[name] = (verb, what)
            put(nnx, live[parent], name, verb, what)
        elif verb == "alias":
            target = list(model)[-1 - what % len(model)]
            parts[name] = ("object", target)
            put(nnx, live[parent], name, "object", live[target])
        elif verb == "delete" and parts:
            gone = list(parts)[what % len(parts)]
            del parts[gone]
            if isinstance(live[parent], nnx.Dict):
                del live[parent][gone]
            else:
                delattr(live[parent], gone)
        elif verb == "write" and variables:
            number = variables[-1 - where % len(variables)]
            model[number][2] = (what, model[number][2][1])
            live[number].set_value(jnp.array(what))
        elif verb == "tag" and variables:
            number = variables[-1 - where % len(variables)]
            model[number][2] = (model[number][2][0], what)
            live[number].set_metadata(note=what)
        elif verb == "update":
            for number in reachable(model):
                if model[number][0] == "variable":
                    model[number][2] = (model[number][2][0] + what, model[number][2][1])
            nnx.update(live[0], nnx.state(built(nnx, model)))
    yield from as_made_at_once(nnx, live[0], built(nnx, model), "in the end", not is_cyclic(model))


LAWS: tuple[Law, ...] = (graph_history,)

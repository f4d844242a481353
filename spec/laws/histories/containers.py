"""Histories of Lists and Dicts that share their elements, against Python lists and dicts of element numbers."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...claims import Claims, Eq, attempt
from ...law import Law, law
from ...terms import MODULE
from ..module.lists import given, list_edit, mixed_elements
from .trips import TRIPS, as_made_at_once, trip

USES = (
    "containers",
    "annotations",
    "value-leaves",
    "structural-mutation",
    "graphdef",
    "state",
    "split",
    "merge",
    "clone",
)


def dict_edit(target: Any, verb: str, key: str, element: Any) -> Any:
    """Does one operation on a Dict or on the dict of element numbers; what comes out is dropped."""
    match verb:
        case "set":
            # A value that stood there before may have had another status.
            target.pop(key, None)
            target[key] = element
        case "update":
            target.pop(key, None)
            target.update({key: element})
        case "setdefault":
            if key not in target:
                target.setdefault(key, element)
        case "del":
            del target[key]
        case "pop":
            target.pop(key)
        case "clear":
            target.clear()


def held_by(pair: Any, numbers: list[Any]) -> dict[int, Any]:
    """The live element behind every number that stands in one of two containers."""
    found: dict[int, Any] = {}
    for container, model in zip((pair.a, pair.b), numbers, strict=True):
        for place, number in enumerate(model) if isinstance(model, list) else list(model.items()):
            found[number] = container[place]
    return found


@law(
    "module.list-history",
    term=MODULE,
    needs=("module.list-model", "module.list-mixed-content"),
    uses=("sharing", *USES),
)
def list_history(nnx: Any, history: Any) -> Claims:
    """After any history of operations, on Lists that share elements and that were split and merged, copied or pickled
    in between, they are what Lists of the same elements are that were made at once: content, graphdef, treedef, leaves
    and state.

    The model is two Python lists of element numbers. Out of range is refused as by a Python list.
    """

    pool = dict(enumerate(mixed_elements(nnx)))
    pair, numbers = nnx.Module(), [[], []]  # type: ignore[var-annotated]  # lists of element numbers
    pair.a, pair.b = nnx.List([]), nnx.List([])

    def fresh(elements: dict[int, Any]) -> Any:
        m = nnx.Module()
        m.b, m.a = (nnx.List([given(nnx, elements[n], True) for n in numbers[i]]) for i in (1, 0))
        return m

    for step, (verb, which, at, what) in enumerate(history):
        if verb in TRIPS:
            if verb == "map" and len({*numbers[0], *numbers[1]}) < len(numbers[0]) + len(numbers[1]):
                continue  # jax.tree.map gives every place an object of its own
            pair = trip(nnx, verb, pair)
            pool |= {n: (value, pool[n][1]) for n, value in held_by(pair, numbers).items()}
            yield Eq(pair, fresh(pool), f"step {step}, {verb}")
            continue
        number = what % len(pool)
        expected = attempt(partial(list_edit, numbers[which % 2], verb, at, number))
        element = given(nnx, pool[number], verb == "set")
        came = attempt(partial(list_edit, (pair.a, pair.b)[which % 2], verb, at, element))
        yield Eq(came, expected, f"step {step}, {verb} at {at}")
    yield from as_made_at_once(nnx, pair, fresh(dict(enumerate(mixed_elements(nnx)))), "in the end")


@law("module.dict-history", term=MODULE, needs=("module.dict-model",), uses=("sharing", *USES))
def dict_history(nnx: Any, history: Any) -> Claims:
    """After any history of operations, on Dicts that share values and that were split and merged, copied or pickled in
    between, they are what Dicts of the same items are that were made at once: content, graphdef, treedef, leaves and
    state.

    The model is two Python dicts of element numbers. A missing key is refused as by a Python dict.
    """

    pool = dict(enumerate(mixed_elements(nnx)))
    pair, numbers = nnx.Module(), [{}, {}]  # type: ignore[var-annotated]  # dicts of element numbers
    pair.a, pair.b = nnx.Dict({}), nnx.Dict({})

    def fresh(elements: dict[int, Any]) -> Any:
        m = nnx.Module()
        m.b, m.a = (nnx.Dict({k: given(nnx, elements[n], True) for k, n in numbers[i].items()}) for i in (1, 0))
        return m

    for step, (verb, which, key, what) in enumerate(history):
        if verb in TRIPS:
            if verb == "map" and len({*numbers[0].values(), *numbers[1].values()}) < len(numbers[0]) + len(numbers[1]):
                continue  # jax.tree.map gives every place an object of its own
            pair = trip(nnx, verb, pair)
            pool |= {n: (value, pool[n][1]) for n, value in held_by(pair, numbers).items()}
            yield Eq(pair, fresh(pool), f"step {step}, {verb}")
            continue
        number = what % len(pool)
        expected = attempt(partial(dict_edit, numbers[which % 2], verb, key, number))
        came = attempt(partial(dict_edit, (pair.a, pair.b)[which % 2], verb, key, given(nnx, pool[number], True)))
        yield Eq(came, expected, f"step {step}, {verb} {key!r}")
    yield from as_made_at_once(nnx, pair, fresh(dict(enumerate(mixed_elements(nnx)))), "in the end")


LAWS: tuple[Law, ...] = (list_history, dict_history)

"""Laws of `Dict`: histories of operations, compared with a Python dict."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq, Refused, attempt
from ...law import SHOULD, Law, law
from ...terms import MODULE
from .lists import elements, given, mixed_elements


def dict_step(target: Any, operation: tuple[Any, ...], item: Any) -> Any:
    """Does one operation of a history on a Dict or a Python dict; what it gives is given as a Python value."""
    verb, key, _ = operation
    match verb:
        case "set":
            target[key] = item
        case "update":
            target.update({key: item, "z": item})
        case "setdefault":
            target.setdefault(key, item)
            return target[key]
        case "get":
            return target[key]
        case "get-default":
            return target.get(key, 7)
        case "del":
            del target[key]
        case "pop":
            return target.pop(key)
        case "pop-default":
            return target.pop(key, 7)
        case "in":
            return key in target
        case "clear":
            target.clear()
        case "len":
            return len(target)
    return None


@law(
    "module.dict-model",
    term=MODULE,
    uses=("sharing", "containers", "annotations", "value-leaves", "structural-mutation", "graphdef"),
)
def dict_model(nnx: Any, kind: str, start: tuple[str, ...], history: Any) -> Claims:
    """`Dict` behaves as a dict with str keys incl. non-identifiers and underscore names (insertion order need not
    survive a merge); a missing key is refused with KeyError, a key that is not a str with TypeError.

    After every operation keys, values and their order are those of the dict, and in the end nothing tells the Dict from
    one that was made of its present items. Where data and static values are mixed, every value is put in annotated.
    """
    mixed = kind == "mixed"
    pool = mixed_elements(nnx) if mixed else [(item, "") for item in elements(nnx, kind, 10)]
    values = [value for value, _ in pool]
    model = {key: pool[i % len(pool)] for i, key in enumerate(start)}
    sut = nnx.Dict({key: given(nnx, e, True) if mixed else e[0] for key, e in model.items()})
    for operation in history:
        element = pool[operation[2] % len(pool)]
        bare = {key: value for key, (value, _) in model.items()}
        expected = attempt(partial(dict_step, bare, operation, element[0]))
        kept = {key: model[key] for key in bare if key in model and bare[key] is model[key][0]}
        if operation[0] in ("set", "update"):  # a value that stood there before may have had another status
            kept.pop(operation[1], None)
            if operation[0] == "update":
                kept.pop("z", None)
        marked = given(nnx, element, True) if mixed else element[0]
        if mixed and operation[0] == "setdefault" and operation[1] in model:
            marked = element[0]
        outcome = attempt(partial(dict_step, sut, operation, marked))
        yield Eq((values, outcome), (values, expected), f"{operation} on a Dict with the keys {list(model)}")
        model = {key: kept.get(key, element) for key in bare}
        now = (values, list(sut), list(sut.values()), dict(sut.items()), len(sut))
        yield Eq(now, (values, list(bare), list(bare.values()), bare, len(bare)), f"items after {operation}")
    fresh = nnx.Dict({key: given(nnx, e, True) if mixed else e[0] for key, e in model.items()})
    yield Eq((sut, values), (fresh, values), "as one made of the present items")
    if not mixed:
        items = [(key, value) for key, (value, _) in model.items()]
        half = len(items) // 2
        for some in (dict(items[:half]), items[:half]):
            came = nnx.Dict(some, **dict(items[half:]))
            yield Eq((came, values), (fresh, values), f"made of a {type(some).__name__} and keywords")
    yield Eq(jax.tree.leaves(sut), jax.tree.leaves(fresh), "its leaves")
    yield Eq(nnx.graphdef(sut) == nnx.graphdef(fresh), True, "its graphdef")
    yield Eq(nnx.merge(*nnx.split(sut)), fresh, "split and merge")
    yield Refused(
        KeyError, partial(dict_step, sut, ("get", "missing", 0), None), unchanged=(sut,), about="read, missing"
    )
    yield Refused(
        KeyError, partial(dict_step, sut, ("del", "missing", 0), None), unchanged=(sut,), about="delete, missing"
    )
    for key in (1, None, ("a",)):
        for verb in ("get", "set", "del"):
            action = partial(dict_step, sut, (verb, key, 0), values[0])
            yield Refused(TypeError, action, unchanged=(sut,), about=f"{verb} with the key {key!r}")


@law(
    "module.dict-any-key",
    term=MODULE,
    level=SHOULD,
    uses=("containers", "split", "merge"),
    needs=("module.dict-model",),
)
def dict_any_key(nnx: Any, keys: tuple[str, ...]) -> Claims:
    """Every str is a legal `Dict` key: it is listed by iteration, readable by item, survives split/merge, and leaves
    the methods of `Dict` usable."""
    for key in keys:
        made = attempt(partial(nnx.Dict, {key: nnx.Param(jnp.array(1))}))
        yield Eq(made.category, None, f"a Dict with the key {key!r} is made")
        yield from dict_with_key(made.value, key, f"with the key {key!r}")
        merged = attempt(partial(round_trip, nnx, made.value))
        yield Eq(merged.category, None, f"with the key {key!r} it splits and merges")
        yield from dict_with_key(merged.value, key, f"with the key {key!r}, merged")


def round_trip(nnx: Any, node: Any) -> Any:
    """Splits and merges."""
    return nnx.merge(*nnx.split(node))


def dict_with_key(d: Any, key: str, about: str) -> Claims:
    """Claims on a Dict that has exactly one key, with a Variable of value 1."""
    yield Eq(attempt(lambda: list(d)).value, [key], f"{about}: iteration")
    yield Eq(attempt(lambda: int(d[key].get_value())).value, 1, f"{about}: read by item")
    methods = (
        attempt(lambda: list(d.keys())).value,
        attempt(lambda: len(list(d.values()))).value,
        attempt(lambda: [k for k, _ in d.items()]).value,
        attempt(lambda: d.get("none such", 7)).value,
        attempt(lambda: (key in d, len(d), d == d)).value,
        attempt(lambda: (d.setdefault("more", 2), d.pop("more"))).value,
        attempt(lambda: d.update({"more": 3}) or d.pop("more")).value,
    )
    yield Eq(methods, ([key], 1, [key], 7, (True, 1, True), (2, 2), 3), f"{about}: methods")


LAWS: tuple[Law, ...] = (dict_model, dict_any_key)

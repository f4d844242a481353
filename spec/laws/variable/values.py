"""Laws of the value in a Variable: reading, writing, and values that are no jax arrays."""

from __future__ import annotations

import copy
import operator
import warnings
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...claims import Claims, Eq, attempt
from ...law import SHOULD, Law, law
from ...observation import observe
from ...terms import VARIABLE


def is_array(value: Any) -> bool:
    """Whether the value is an array that can be indexed."""
    return isinstance(value, jax.Array | np.ndarray)


def spoil(container: Any) -> None:
    """Changes a list or dict in place, to see who else holds it."""
    if isinstance(container, list):
        container.append("spoiled")
    else:
        container["spoiled"] = 1


def host_key(value: Any, number: int) -> Any:
    """A key for item access on a value, out of few: some are there, some are not, some are illegal."""
    if isinstance(value, dict):
        return ("k", "z", "y", ["k"])[number % 4]
    if isinstance(value, list):
        return (0, 1, -1, slice(0, 1), 7, "k")[number % 6]
    return (..., 0, slice(0, 1), (), 7, "k")[number % 6]


def access(target: Any, op: str, key: Any, item: Any) -> Any:
    """Gets, sets or deletes an item."""
    if op == "get":
        return target[key]
    if op == "set":
        target[key] = item
    else:
        del target[key]
    return None


@law("variable.get-set", term=VARIABLE, uses=("mutation", "mutation.any-value", "indexing"))
def get_set(nnx: Any, kind: Any, first: Any, history: Any) -> Claims:
    """After v.set_value(x), v.get_value() equals x, whatever the value, shape and dtype were before.

    For array values v[...] equals v.get_value(). Lists and dicts are copied on the way in and on the way out, so that
    a change to what was given or got does not reach the Variable.
    """
    v = kind(first)
    yield Eq(v.get_value(), first, "as constructed")
    for value in history:
        current = observe(nnx, value)
        v.set_value(value)
        yield Eq(v.get_value(), current, "the value last set")
        if is_array(value) and nnx.offers("indexing"):
            yield Eq(v[...], current, "v[...]")
        if isinstance(value, list | dict):
            spoil(value)
            spoil(v.get_value())
            yield Eq(v.get_value(), current, "containers are copied")


@law(
    "variable.assign-variable",
    term=VARIABLE,
    level=SHOULD,
    uses=("indexing", "mutation", "mutation.any-value"),
)
def assign_variable(nnx: Any, kind: Any, value: Any, other: Any, given: Any, metadata: Any) -> Claims:
    """v[...] = w for a Variable w stores the array of w, while set_value(w) and the constructor store w as given."""
    w = other(given, **metadata)
    v = kind(value)
    assigned = attempt(partial(operator.setitem, v, ..., w))
    if value.shape == given.shape and value.dtype == given.dtype:
        yield Eq(v.get_value(), given, "v[...] = w stores the array of w")
    else:
        expected = attempt(lambda: value.at[...].set(given))
        yield Eq(assigned.category, expected.category, "v[...] = w is refused as for the array of w")
        if expected.error is None:
            yield Eq(v.get_value(), expected.value, "v[...] = w writes the array of w")
    v.set_value(w)
    yield Eq(v.get_value(), other(given, **metadata), "set_value(w)")
    yield Eq(kind(w).get_value(), other(given, **metadata), "the constructor")
    yield Eq(w, other(given, **metadata), "w is as before")


@law(
    "variable.abstract-values",
    term=VARIABLE,
    uses=(
        "abstract-leaves",
        "mutation",
    ),
)
def abstract_values(nnx: Any, kind: Any, value: Any, later: Any) -> Claims:
    """A Variable may hold an abstract value, and shape, dtype and ndim are those of the value, abstract or not."""
    v = kind(value)
    for held in (value, later):
        v.set_value(held)
        yield Eq(v.get_value(), held, "the value itself")
        yield Eq(attempt(lambda: v.shape), attempt(partial(getattr, held, "shape")), "shape")
        yield Eq(attempt(lambda: v.dtype), attempt(partial(getattr, held, "dtype")), "dtype")
        yield Eq(attempt(lambda: v.ndim), attempt(partial(getattr, held, "ndim")), "ndim")


@law("variable.value-alias", term=VARIABLE, uses=("value-alias", "mutation", "Variable.value"))
def value_alias(nnx: Any, kind: Any, first: Any, history: Any) -> Claims:
    """The deprecated attribute .value warns with DeprecationWarning and reads and writes what get and set do."""
    v = kind(first)
    current = observe(nnx, first)
    for op, value in history:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            if op == "read":
                came = v.value
            elif op == "write":
                v.value = value
            else:
                v.set_value(value)
        if op != "set":
            warned = [w for w in caught if issubclass(w.category, DeprecationWarning)]
            yield Eq(len(warned) > 0, True, f"{op} of .value warns")
        if op == "read":
            yield Eq(came, current, "the value read")
        else:
            current = observe(nnx, value)
        yield Eq(v.get_value(), current, f"get_value after {op}")


@law("variable.host-values", term=VARIABLE, level=SHOULD, uses=("indexing", "mutation", "numpy-leaves", "value-leaves"))
def host_values(nnx: Any, kind: Any, value: Any, history: Any) -> Claims:
    """Item access on a Variable that holds a numpy array, list, dict or Python scalar does what it does on the value.

    A numpy array is updated in place and stays the array given at construction; lists and dicts support item get,
    set and delete; on a Python scalar item access is refused with TypeError.
    """
    bare = copy.deepcopy(value)
    v = kind(value)
    yield Eq(v.get_value(), bare, "as constructed")
    for op, number, item in history:
        key = host_key(bare, number)
        came = attempt(partial(access, v, op, key, item))
        yield Eq(came, attempt(partial(access, bare, op, key, item)), f"item {op}")
        yield Eq(v.get_value(), bare, f"the value after item {op}")
        if isinstance(value, np.ndarray):
            yield Eq(value, bare, f"the array given at construction after item {op}")


def hooked(nnx: Any, kind: Any, where: str, many: bool, log: list[Any]) -> tuple[Any, dict[str, Any]]:
    """A class and metadata with a hook for creation, reading and writing, on the class, in the metadata, or on both;
    each doubles the value and adds its number (on both: a negative one on the class), and writes into the log.
    """

    def hook(name: str, number: int) -> Any:
        def run(variable: Any, x: Any) -> Any:
            log.append((name, number))
            return x * 2 + number

        return run

    numbers = {"create": 1, "get": 2, "set": 3}
    if where != "metadata":
        sign = 1 if where == "class" else -1
        methods = {f"on_{name}_value": hook(name, sign * number) for name, number in numbers.items()}
        kind = type("Hooked", (kind,), methods)
    if where == "class":
        return kind, {}
    found = {name: (hook(name, number), hook(name, number + 3)) for name, number in numbers.items()}
    return kind, {f"on_{name}_value": hooks if many else hooks[0] for name, hooks in found.items()}


@law("variable.hook-order", term=VARIABLE, level=SHOULD, uses=("hooks", "metadata", "mutation", "indexing"))
def hook_order(nnx: Any, kind: Any, where: str, many: bool, metadata: Any, value: Any, history: Any) -> Claims:
    """Create hooks run once, at construction, get hooks at each get_value and set hooks before each set_value, also
    by v[...], several from left to right; access to the raw value, copies and updates run none, and a hook that the
    class defines counts as one given in metadata, and gives way to it. Operators read their operands so, too.
    """
    log: list[Any] = []
    expected_log: list[Any] = []
    several = many and where != "class"

    def through(name: str, number: int, x: Any) -> Any:
        for each in (number, number + 3)[: 1 + several]:
            expected_log.append((name, each))
            x = x * 2 + each
        return x

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # hooks are deprecated in some releases
        cls, hooks = hooked(nnx, kind, where, many, log)
        v = cls(value, **metadata, **hooks)
        raw = through("create", 1, value)
        for step, (operation, item) in enumerate(history):
            if operation == "get":
                yield Eq(v.get_value(), through("get", 2, raw), f"read at step {step}")
            elif operation == "get-item":
                yield Eq(v[...], through("get", 2, raw), f"read by v[...] at step {step}")
            elif operation == "set-item":
                v[...] = item
                raw = through("set", 3, item)
            elif operation == "set":
                v.set_value(item)
                raw = through("set", 3, item)
            elif operation == "raw":
                v.set_raw_value(item)
                raw = item
            else:
                v = v.copy()
            yield Eq(
                (v.get_raw_value(), log), (raw, expected_log), f"raw value and calls after step {step}, {operation}"
            )
        yield Eq((v.get_raw_value(), log), (raw, expected_log), "raw value and calls in the end")
        yield Eq(jnp.asarray(v), through("get", 2, raw), "as a jax array")
        yield Eq(v - value, through("get", 2, raw) - value, "as the left operand")
        yield Eq(kind(value) - v, value - through("get", 2, raw), "as the right operand")
        yield Eq(through("get", 2, raw)[0] in v, True, "in, of what is read")
        yield Eq(log, expected_log, "calls in the end, with those of operators")


LAWS: tuple[Law, ...] = (get_set, assign_variable, abstract_values, value_alias, host_values, hook_order)

"""Laws of indexing: a Variable that holds an array is read and written as the array is, with ``raw.at`` for writing."""

from __future__ import annotations

import operator
import warnings
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq, Outcome, attempt
from ...law import Law, law
from ...observation import observe
from ...terms import VARIABLE


def written(raw: Any, index: Any, value: Any) -> Any:
    """What an array becomes when a value is written at an index; a whole array of the same kind takes its place."""
    whole = index is ... and isinstance(value, jax.Array)
    if whole and value.shape == raw.shape and value.dtype == raw.dtype:
        return value
    return raw.at[index].set(value)


@law(
    "variable.indexed-set",
    term=VARIABLE,
    uses=(
        "indexing",
        "mutation",
    ),
)
def indexed_set(nnx: Any, kind: Any, raw: Any, history: Any) -> Claims:
    """For array values v[i] = x gives raw.at[i].set(x), and v[...] = x with equal shape and dtype stores x.

    So x is cast to the Variable's dtype and broadcast, positions out of bounds are ignored on write and clamped on
    read, and an incompatible shape is refused with ValueError and changes nothing.
    """
    v = kind(raw)
    other = jnp.ones(raw.shape, "float32" if raw.dtype == "int32" else "int32")
    for index, value in (*history, (..., other), (..., jnp.zeros((), raw.dtype))):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # jax warns where a cast loses something
            expected = attempt(partial(written, raw, index, value))
            came = attempt(partial(operator.setitem, v, index, value))
            read = attempt(partial(operator.getitem, v, index))
        yield Eq(came, expected if expected.error is not None else Outcome(), "written or refused")
        raw = raw if expected.error is not None else expected.value
        yield Eq(v.get_value(), raw, "the value after the write")
        yield Eq(read, attempt(partial(operator.getitem, raw, index)), "what is read at the index")


@law(
    "variable.index-kinds",
    term=VARIABLE,
    needs=("graph.build-observe", "variable.indexed-set"),
    uses=(
        "indexing",
        "mutation",
    ),
)
def index_kinds(nnx: Any, raw: Any, index: Any, value: Any) -> Claims:
    """Every index that a jax array accepts means the same on a Variable, for reading and for writing.

    Integer and boolean arrays may be held by jax or by numpy. An index that the array refuses is refused with the
    category that the array raises, and the value stays.
    """
    v = nnx.Param(raw)
    yield Eq(attempt(partial(operator.getitem, v, index)), attempt(partial(operator.getitem, raw, index)), "read")
    before = observe(nnx, v)
    expected = attempt(partial(written, raw, index, value))
    came = attempt(partial(operator.setitem, v, index, value))
    yield Eq(came, expected if expected.error is not None else Outcome(), "written or refused")
    if expected.error is None:
        yield Eq(v.get_value(), expected.value, "the value after the write")
    else:
        yield Eq(v, before, "the value after the refusal")


LAWS: tuple[Law, ...] = (indexed_set, index_kinds)

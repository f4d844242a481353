"""Atoms of an observation: values without parts of interest, described by everything that can be told of them."""

from __future__ import annotations

import importlib.util
import types
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


@dataclass(frozen=True)
class Atom:
    """A value without parts.

    Args:
        kind: ``jax``, ``numpy``, ``abstract``, ``tracer``, ``value``, ``name`` or ``opaque``.
        text: what a reader sees, e.g. ``float32[2]``.
        exact: hashable or comparable data that decides equality together with kind and text.
    """

    kind: str
    text: str
    exact: Any = None


class Opaque:
    """Compares a value we cannot look into by its own ``==``, by identity where that fails."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Opaque):
            return NotImplemented
        if self.value is other.value:
            return True
        try:
            return type(self.value) is type(other.value) and bool(self.value == other.value)
        except Exception:
            return False

    __hash__ = None  # type: ignore[assignment]  # equality is the value's own, so no hash can be promised


def _dtype_text(dtype: Any, shape: tuple[int, ...]) -> str:
    return f"{dtype}[{','.join(map(str, shape))}]"


def _array(value: Any) -> Atom:
    value = jnp.asarray(value) if is_literal(value) else value
    text = _dtype_text(value.dtype, value.shape)
    if isinstance(value, jax.core.Tracer):
        return Atom("tracer", text)
    weak = bool(getattr(value, "weak_type", False))
    if jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
        with jax.ensure_compile_time_eval():  # the observer may look at a constant inside a transform
            bits = np.asarray(jax.random.key_data(value))
        return Atom("jax", f"{text} {bits.tolist()}", bits.tobytes())
    data = np.asarray(value)
    return Atom("jax", f"{text}{' weak' if weak else ''} {_brief(data)}", (weak, data.tobytes()))


def _brief(data: np.ndarray[Any, Any]) -> str:
    return str(data.tolist()) if data.size <= 16 else f"<{data.size} values>"


def _scalar(value: Any) -> str:
    if isinstance(value, float):
        return value.hex() if value == value else "nan"
    if isinstance(value, complex):
        return f"{_scalar(value.real)}+{_scalar(value.imag)}j"
    return repr(value)


_NUMPY_LITERALS = importlib.util.find_spec("jax._src.literals") is None
"""Older releases of jax keep constants as numpy arrays: what jax.checkpoint hands out cannot be told from a user's."""


def is_literal(value: Any) -> bool:
    """Whether a value is one of the arrays and scalars that jax keeps for constants; jax.checkpoint hands them out."""
    if _NUMPY_LITERALS and type(value) is np.ndarray:
        return value.dtype.kind in "biufcV" and value.dtype.name not in ("float64", "int64", "uint64", "complex128")
    return type(value).__module__ == "jax._src.literals"


def atom(value: Any) -> Atom | None:
    """The atom of a value, or None if the value has parts (containers, nodes, Variables, unknown objects)."""
    if isinstance(value, jax.Array) or is_literal(value):
        return _array(value)
    if isinstance(value, np.ndarray):
        text = _dtype_text(value.dtype, value.shape)
        return Atom("numpy", f"numpy {text} {_brief(value)}", value.tobytes())
    if isinstance(value, np.generic):
        return Atom("numpy", f"numpy scalar {value.dtype} {value!r}", value.tobytes())
    if isinstance(value, jax.ShapeDtypeStruct):
        weak = bool(getattr(value, "weak_type", False))
        return Atom("abstract", f"abstract {_dtype_text(value.dtype, value.shape)}{' weak' if weak else ''}")
    if value is None or type(value) in (bool, int, float, complex, str, bytes, types.EllipsisType, np.dtype):
        return Atom("value", f"{type(value).__name__} {_scalar(value)}" if value is not None else "None")
    if isinstance(value, np.dtype):
        return Atom("value", f"dtype {value}")
    if isinstance(value, type | types.FunctionType | types.BuiltinFunctionType | types.ModuleType | np.ufunc):
        return Atom("name", getattr(value, "__qualname__", None) or value.__name__, id(value))
    return None

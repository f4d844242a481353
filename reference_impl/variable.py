"""Variable: a box around a value, with identity, a type that says what the value is for, and metadata.

Modules hold their state in Variables. A Variable is changed in place, so everyone who holds it sees the change, and
filters select Variables by their class: parameters are ``Param``, running averages ``BatchStat``, and so on.
"""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Self, TypeVar

import jax
from jax.tree_util import GetAttrKey

from .operators import ValueOperators, value_of
from .tracers import TraceState, trace_state
from .values import MISSING, FrozenItems, Missing, copy_containers

A = TypeVar("A")
V = TypeVar("V", bound="Variable[Any]")

HOOKS = ("on_create_value", "on_get_value", "on_set_value")


@dataclass(frozen=True)
class VariableMetadata:
    """A value together with metadata for the Variable that will hold it; see ``with_metadata``."""

    value: Any
    metadata: dict[str, Any] = field(default_factory=dict)


def with_metadata(initializer: Callable[..., Any], **metadata: Any) -> Callable[..., VariableMetadata]:
    """Wraps an initializer so that the Variable made from its result also gets ``metadata``."""

    @functools.wraps(initializer)
    def initialize(*args: Any, **kwargs: Any) -> VariableMetadata:
        return VariableMetadata(initializer(*args, **kwargs), metadata)

    return initialize


class Variable(ValueOperators, Generic[A]):
    """A mutable box with metadata.

    Args:
      value: what to hold: an array, an abstract array, or any other value. It is stored as it is.
      **metadata: named facts about the value, for example ``tag="encoder"``.
    """

    __slots__ = ("__weakref__", "_metadata", "_raw_value", "_trace_state")

    _raw_value: A
    _metadata: dict[str, Any]
    _trace_state: TraceState
    _class_hooks: ClassVar[dict[str, Any]] = {}

    required_metadata: ClassVar[frozenset[str]] = frozenset({"hijax", "ref"})
    """Names that say how a Variable is stored. There is one way here, a plain box, so they are always False."""
    hijax: ClassVar[bool] = False
    ref: ClassVar[bool] = False

    def __init__(self, value: A | VariableMetadata, **metadata: Any) -> None:
        if isinstance(value, VariableMetadata):
            metadata = value.metadata | metadata
            value = value.value
        if metadata or self._class_hooks:
            metadata = self._class_hooks | _without_required(metadata)
        _initialize(self, value, metadata, trace_state())
        if metadata:
            object.__setattr__(self, "_raw_value", self._run_hooks("on_create_value", value))

    @classmethod
    def from_metadata(cls, value: Any, metadata: Mapping[str, Any]) -> Self:
        """A Variable of this class, made without running its constructor or any hook."""
        return new_variable(cls, value, dict(metadata), trace_state())

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._class_hooks = {name: getattr(cls, name) for name in HOOKS if hasattr(cls, name)}
        _register_pytree(cls)

    # --- the value ---------------------------------------------------------------------------------------------

    def get_value(self, *, index: Any = MISSING) -> Any:
        """The value, or its item at ``index``; lists and dicts come as copies, so changes to them stay outside."""
        value: Any = self._raw_value
        if index is not MISSING and not (index is ... and isinstance(value, jax.Array)):
            value = value[index]
        if not isinstance(value, jax.Array):
            value = copy_containers(value)
        return self._run_hooks("on_get_value", value) if self._metadata else value

    def set_value(self, value: Any, *, index: Any = MISSING) -> None:
        """Replaces the value, or its item at ``index``.

        A jax array is immutable: the Variable gets an updated copy, as by ``array.at[index].set(value)``. Items of
        numpy arrays, lists and dicts are set in place.

        Raises:
          TraceContextError: if the Variable was created in another trace.
        """
        self._trace_state.check(self)
        if not isinstance(value, jax.Array):
            value = copy_containers(value)
        if self._metadata:
            value = self._run_hooks("on_set_value", value)
        if index is not MISSING:
            held: Any = self._raw_value
            if not isinstance(held, jax.Array):
                held[index] = value
                return
            if not (index is ... and _same_array_type(held, value)):
                value = held.at[index].set(value)
        object.__setattr__(self, "_raw_value", value)

    def get_raw_value(self) -> A:
        """The held object itself: no copy, no hooks."""
        return self._raw_value

    def set_raw_value(self, value: A) -> None:
        """Replaces the held object by ``value`` itself: no copy, no hooks; refused from another trace."""
        self._trace_state.check(self)
        object.__setattr__(self, "_raw_value", value)

    def __getitem__(self, index: Any) -> Any:
        return self.get_value(index=index)

    def __setitem__(self, index: Any, value: Any) -> None:
        holds_array = hasattr(self._raw_value, "dtype")
        self.set_value(value_of(value) if holds_array else value, index=index)

    def __delitem__(self, index: Any) -> None:
        self._trace_state.check(self)
        held: Any = self._raw_value
        del held[index]

    @property
    def value(self) -> Any:
        """Deprecated name of the value; use ``variable[...]`` for arrays, ``get_value`` and ``set_value`` otherwise."""
        _warn_about_value_attribute(stacklevel=3)
        return self.get_value()

    @value.setter
    def value(self, value: Any) -> None:
        _warn_about_value_attribute(stacklevel=4)  # one more: assignment comes through __setattr__
        self.set_value(value)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        return self._raw_value.shape  # type: ignore[attr-defined, no-any-return]  # a value without: AttributeError

    @property
    def dtype(self) -> Any:
        """The dtype of the value."""
        return self._raw_value.dtype  # type: ignore[attr-defined]  # a value without raises AttributeError

    @property
    def ndim(self) -> int:
        """The number of dimensions of the value."""
        return len(self.shape)

    @property
    def type(self) -> type[Variable[A]]:
        """The class of this Variable, under the name it had on a separate VariableState."""
        return type(self)

    # --- metadata ----------------------------------------------------------------------------------------------

    def get_metadata(self, name: str | None = None, default: Any = MISSING, *, exclude_required: bool = False) -> Any:
        """The entry ``name``, or without a name a new dict of all entries.

        Args:
          exclude_required: accepted for compatibility; required entries are not kept in the dict here.

        Raises:
          KeyError: if the entry is missing and no default is given.
          TypeError: if a default is given without a name.
        """
        if name is None:
            if not isinstance(default, Missing):
                raise TypeError("get_metadata takes a default only together with the name of an entry")
            return dict(self._metadata)
        if isinstance(default, Missing):
            return self._metadata[name]
        return self._metadata.get(name, default)

    def set_metadata(self, /, *args: Any, **entries: Any) -> None:
        """Sets entries: ``set_metadata(a=1)`` or ``set_metadata("a", 1)``; all of them by ``set_metadata({"a": 1})``.

        Raises:
          ValueError: if a required entry would change.
          TypeError: for any other combination of arguments.
        """
        self._trace_state.check(self)
        one_mapping = len(args) == 1 and isinstance(args[0], Mapping)
        if not (one_mapping or len(args) == 2 or entries) or (args and entries):
            raise TypeError("set_metadata takes one mapping, or a name and a value, or keyword arguments")
        if one_mapping:
            object.__setattr__(self, "_metadata", _without_required(args[0]))
        else:
            entries = _without_required({args[0]: args[1]} if args else entries)
            if self._metadata:
                self._metadata.update(entries)
            else:
                object.__setattr__(self, "_metadata", entries)

    def has_metadata(self, name: str) -> bool:
        """Whether there is an entry ``name``."""
        return name in self._metadata

    def del_metadata(self, name: str) -> None:
        """Deletes the entry ``name``; KeyError if it is missing, ValueError if it is required."""
        self._trace_state.check(self)
        if name in self.required_metadata:
            raise ValueError(f"cannot delete the metadata {name!r}: it says how the Variable is stored")
        del self._metadata[name]

    # --- copies ------------------------------------------------------------------------------------------------

    def copy(self, value: Any = MISSING, **metadata: Any) -> Self:
        """A new Variable of the same class, optionally with another value and with metadata entries changed.

        No hooks run. Containers and numpy arrays are copied, jax arrays, being immutable, are shared.
        """
        value = copy_containers(self._raw_value, arrays=True) if isinstance(value, Missing) else copy_containers(value)
        return self.from_metadata(value, self._metadata | _without_required(metadata))

    replace = copy

    def copy_from(self, other: Variable[A]) -> None:
        """Takes over the value and the metadata of ``other``, a Variable of the same class (else ValueError)."""
        if type(self) is not type(other):
            raise ValueError(f"cannot copy a {type(other).__name__} into a {type(self).__name__}: the types must agree")
        self.update_from_state(other)

    def update_from_state(self, other: Variable[A]) -> None:
        """Takes over the value and the metadata of ``other``, and keeps its own class."""
        self._trace_state.check(self)
        if other is not self:
            _set_raw_value(self, other._raw_value)
            _set_metadata(self, dict(other._metadata))

    def __getstate__(self) -> tuple[A, dict[str, Any]]:
        return self._raw_value, dict(self._metadata)

    def __setstate__(self, state: tuple[A, dict[str, Any]]) -> None:
        _initialize(self, *state, trace_state())

    # --- attributes --------------------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        # Only names that are not found otherwise come here; dunder names belong to protocols such as pickle.
        if name.startswith("__") or name in Variable.__slots__ or name in ("shape", "dtype", "ndim"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        if name in self._metadata:
            return self._metadata[name]
        return getattr(self._raw_value, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._trace_state.check(self)
        if not inspect.isdatadescriptor(inspect.getattr_static(type(self), name, None)):
            raise AttributeError(
                f"cannot set the attribute {name!r} of a {type(self).__name__}. For metadata use "
                f"variable.set_metadata({name!r}, value), for the value variable.set_value(value)."
            )
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        entries = [f"value={self._raw_value!r}", *(f"{name}={entry!r}" for name, entry in self._metadata.items())]
        return f"{type(self).__name__}({', '.join(entries)})"

    def _run_hooks(self, name: str, value: Any) -> Any:
        hooks = self._metadata.get(name, ())
        for hook in hooks if isinstance(hooks, tuple) else (hooks,):
            value = hook(self, value)
        return value


_NO_METADATA: dict[str, Any] = {}
"""What Variables without metadata share, which nothing is ever added to: a dict of its own would be a third of each."""


def new_variable(cls: type[V], value: Any, metadata: dict[str, Any], trace: TraceState) -> V:
    """A Variable that holds these very objects, made without its constructor; who makes many asks for `trace` once."""
    variable = object.__new__(cls)
    _set_raw_value(variable, value)
    _set_metadata(variable, metadata or _NO_METADATA)
    _set_trace_state(variable, trace)
    return variable


def _initialize(variable: Variable[Any], value: Any, metadata: dict[str, Any], trace: TraceState) -> None:
    _set_raw_value(variable, value)
    _set_metadata(variable, metadata or _NO_METADATA)
    _set_trace_state(variable, trace)


# The slots themselves, in half the time of object.__setattr__, which looks for the name in all base classes.
_set_raw_value, _set_metadata, _set_trace_state = (
    Variable.__dict__[name].__set__ for name in ("_raw_value", "_metadata", "_trace_state")
)


def _without_required(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The entries to store: the required ones are constants, and asking for another value is refused."""
    for name in Variable.required_metadata & metadata.keys():
        if metadata[name]:
            raise ValueError(f"cannot set the metadata {name}={metadata[name]!r}: Variables are plain boxes here")
    return {name: entry for name, entry in metadata.items() if name not in Variable.required_metadata}


def _same_array_type(held: jax.Array, value: Any) -> bool:
    return isinstance(value, jax.Array) and value.shape == held.shape and value.dtype == held.dtype


def _warn_about_value_attribute(stacklevel: int) -> None:
    warnings.warn(
        "the attribute .value is deprecated: use variable[...] for arrays, get_value() and set_value(x) otherwise",
        DeprecationWarning,
        stacklevel=stacklevel,
    )


# --- Variables as pytrees: one child, the value; class and metadata are in the treedef ----------------------------


def _flatten_with_keys(variable: Variable[Any]) -> tuple[tuple[tuple[GetAttrKey, Any]], FrozenItems | None]:
    return ((_VALUE_KEY, variable._raw_value),), FrozenItems(variable._metadata) if variable._metadata else None


def _flatten(variable: Variable[Any]) -> tuple[tuple[Any], FrozenItems | None]:
    return (variable._raw_value,), FrozenItems(variable._metadata) if variable._metadata else None


def _register_pytree(cls: type[Variable[Any]]) -> None:
    def unflatten(metadata: FrozenItems | None, children: Iterable[Any]) -> Variable[Any]:
        (value,) = children
        return new_variable(cls, value, dict(metadata.items) if metadata is not None else {}, trace_state())

    jax.tree_util.register_pytree_with_keys(cls, _flatten_with_keys, unflatten, _flatten)


_VALUE_KEY = GetAttrKey("value")
_register_pytree(Variable)

VariableState = Variable
"""The leaf of a State. States hold the Variables themselves."""


class Param(Variable[A]):
    """A learnable parameter: what ``grad`` differentiates."""


class BatchStat(Variable[A]):
    """A statistic collected over batches, such as a running mean."""


class Cache(Variable[A]):
    """A value kept between calls, such as the keys and values of autoregressive attention."""


class Intermediate(Variable[A]):
    """A value recorded on the way by ``Module.sow``."""


class Perturbation(Intermediate[A]):
    """A zero added to an intermediate value by ``Module.perturb``, so that its gradient can be taken."""

"""The names of NNX that penzai has something for; `nnxspec.backends.penzai` says how each was chosen."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable
from typing import Any

import jax
from penzai import pz

from nnxspec.spec import Unsupported

from ._options import chosen_by, translated


class Module(pz.Struct):  # type: ignore[misc]  # penzai is not there when types are checked
    """A class whose subclasses are pytree dataclasses, without a line of their own that says so."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.__name__ == "_MutableInitProxy":  # penzai's own subclass, with which a class's __init__ runs
            return
        own = vars(cls).get("__annotations__", {})
        above = [
            field.name
            for base in cls.__mro__[1:]
            if dataclasses.is_dataclass(base)
            for field in dataclasses.fields(base)
        ]
        pz.pytree_dataclass(cls, has_implicitly_inherited_fields=bool(set(above) - set(own)))


class _Names:
    """NNX's names for what a variable of penzai can do."""

    value: Any
    label: Any
    metadata: dict[Any, Any]
    freeze: Callable[[], Any]

    def get_value(self) -> Any:
        """The value."""
        return self.value

    def get_raw_value(self) -> Any:
        """The value."""
        return self.value

    def set_raw_value(self, value: Any) -> None:
        """Sets the value."""
        self.value = value

    def get_metadata(self) -> dict[Any, Any]:
        """The metadata."""
        return dict(self.metadata)

    def set_metadata(self, *args: Any, **entries: Any) -> None:
        """Sets entries of the metadata: by keyword, by name and value, or all of them by a mapping."""
        if len(args) == 1:
            self.metadata = dict(args[0])
        else:
            self.metadata.update({args[0]: args[1]} if args else entries)

    def copy(self, **changes: Any) -> Any:
        """A new variable with the same value, label and metadata, some entries of which are changed."""
        made = self.freeze().unfreeze_as_copy()
        if changes:
            made.metadata = {**made.metadata, **changes}
        return made

    def replace(self, *value: Any, **changes: Any) -> Any:
        """A copy with another value."""
        made = self.copy(**changes)
        if value:
            made.value = _concrete(value[0])
        return made


def _concrete(value: Any) -> Any:
    if any(isinstance(x, jax.ShapeDtypeStruct) for x in jax.tree.leaves(value)):
        raise Unsupported("abstract-leaves")
    return value


def _as(cls: type[Any], made: Any) -> Any:
    """What penzai made, as the subclass that has NNX's names."""
    again = object.__new__(cls)
    vars(again).update(vars(made))
    return again


class Variable(_Names, pz.StateVariable):  # type: ignore[misc]  # penzai is not there when types are checked
    """A state variable."""

    def __init__(self, value: Any, *, label: Any = None, **metadata: Any) -> None:
        super().__init__(_concrete(value), label=label, metadata=metadata)

    def freeze(self) -> VariableValue:
        """A frozen copy."""
        return _as(VariableValue, super().freeze())  # type: ignore[no-any-return]


@pz.pytree_dataclass(has_implicitly_inherited_fields=True)  # type: ignore[untyped-decorator]  # as above
class VariableValue(pz.StateVariableValue):  # type: ignore[misc]  # as above
    """The frozen value of a state variable."""

    def unfreeze_as_copy(self) -> Variable:
        """A new variable."""
        return _as(Variable, super().unfreeze_as_copy())  # type: ignore[no-any-return]


class Param(_Names, pz.Parameter):  # type: ignore[misc]  # as above
    """A parameter. Without a label it gets one as penzai gives it to a state variable."""

    def __init__(self, value: Any, *, label: Any = None, **metadata: Any) -> None:
        label = pz.AutoStateVarLabel(id(self)) if label is None else label
        super().__init__(value=_concrete(value), label=label, metadata=metadata)

    def freeze(self) -> ParamValue:
        """A frozen copy."""
        return _as(ParamValue, super().freeze())  # type: ignore[no-any-return]


@pz.pytree_dataclass(has_implicitly_inherited_fields=True)  # type: ignore[untyped-decorator]  # as above
class ParamValue(pz.ParameterValue):  # type: ignore[misc]  # as above
    """The frozen value of a parameter."""

    def unfreeze_as_copy(self) -> Param:
        """A new parameter."""
        return _as(Param, super().unfreeze_as_copy())  # type: ignore[no-any-return]


Variable.register(Param)  # a Param is a Variable, though penzai has the two side by side


_FILTERS = "a predicate of penzai sees variables, and no paths"


def split(node: Any, /, *filters: Any) -> tuple[Any, ...]:
    """`pz.unbind_variables`, once for each filter: the tree with slots, and frozen values."""
    states = []
    for predicate in [chosen_by(one, Variable, _FILTERS) for one in filters or (...,)]:
        node, values = pz.unbind_variables(node, predicate, freeze=True)
        states.append(values)
    return (node, *states)


def graphdef(node: Any, /) -> Any:
    """The tree with slots."""
    return pz.unbind_variables(node)[0]


def merge(slots: Any, /, *states: Any, copy: bool = True) -> Any:
    """`pz.bind_variables`; frozen values become new variables, so `copy` says nothing more."""
    if any(isinstance(state, list) for state in states):
        raise Unsupported("merge", "pz.bind_variables takes values that know their slots")
    return pz.bind_variables(slots, [value for state in states for value in state], unfreeze_as_copy=True)


class Stream:
    """A `pz.RandomStream` that is drawn from by a call."""

    def __init__(self, name: str, seed: Any) -> None:
        key = jax.random.key(seed) if isinstance(seed, int) else seed
        if not jax.dtypes.issubdtype(key.dtype, jax.dtypes.prng_key):
            raise Unsupported("rng.streams", "what raw key data mean is not for a pz.RandomStream to say")
        self.count = Variable(0, label=name)
        self.stream = pz.RandomStream(key, self.count)

    def __call__(self) -> Any:
        return self.stream.next_key()

    @property
    def key(self) -> Any:
        """What the keys are folded from, an array."""
        raise Unsupported("RngStream.key", "the key of a pz.RandomStream is an array, and no variable")


class Rngs:
    """Streams by name, each of its own: penzai passes one stream under the name of an argument."""

    def __init__(self, default: Any = None, **seeds: Any) -> None:
        if default is not None:
            raise Unsupported("rng.streams", "penzai has no stream for all other names")
        self._streams = {name: Stream(name, seed) for name, seed in seeds.items()}

    def __getitem__(self, name: str) -> Stream:
        if name not in self._streams:
            raise Unsupported("rng.streams", "penzai has no stream for all other names")
        return self._streams[name]

    def __getattr__(self, name: str) -> Stream:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]


nnx = types.SimpleNamespace(
    Module=Module,
    Variable=Variable,
    Param=Param,
    Rngs=Rngs,
    split=split,
    merge=merge,
    graphdef=graphdef,
    jit=translated(pz.variable_jit, "jit", refused=("donate_argnums",)),
)
"""The namespace."""

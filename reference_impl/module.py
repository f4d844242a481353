"""`Module`, the base class of layers and models, and iteration over Modules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp

from .filters import Filter, to_predicate
from .nodes import NodeType, kind_of
from .paths import Key, Path
from .pytree import Pytree
from .variable import Perturbation, Variable
from .variable_names import variable_type_from_name
from .walk import Place, iter_places


class Module(Pytree):
    """A part of a model: parameters, other state, configuration and sub-Modules, all as attributes."""

    def sow(
        self,
        variable_type: type[Variable[Any]] | str,
        name: str,
        value: Any,
        reduce_fn: Callable[[Any, Any], Any] = lambda values, value: (*values, value),
        init_fn: Callable[[], Any] = tuple,
    ) -> bool:
        """Record an intermediate value in the attribute `name`.

        Args:
            variable_type: type of the Variable to make, or the name of a type.
            name: the attribute.
            value: what to record.
            reduce_fn: combines what is recorded already with `value`; by default, values are collected in a tuple.
            init_fn: what `reduce_fn` starts with.

        Returns:
            True: the value was recorded.

        Raises:
            ValueError: the attribute exists and is no Variable of that type.
        """
        variable = self._own_variable(variable_type, name)
        if isinstance(variable, Variable):
            variable.set_value(reduce_fn(variable.get_value(), value))
        else:
            setattr(self, name, variable(reduce_fn(init_fn(), value)))
        return True

    def perturb(self, name: str, value: Any, variable_type: type[Variable[Any]] | str = Perturbation) -> Any:
        """Add the perturbation stored in the attribute `name` to `value`; the first call stores a zero.

        The gradient with respect to the perturbation is the gradient with respect to `value`.

        Raises:
            ValueError: the attribute exists and is no Variable of that type.
        """
        variable = self._own_variable(variable_type, name)
        if isinstance(variable, Variable):
            return jax.tree.map(lambda stored, x: stored + x, variable.get_value(), value)
        setattr(self, name, variable(jax.tree.map(jnp.zeros_like, value)))
        return value

    def _own_variable(self, variable_type: type[Variable[Any]] | str, name: str) -> Any:
        """The Variable in the attribute `name`, or the type for making one."""
        if isinstance(variable_type, str):
            variable_type = variable_type_from_name(variable_type, allow_register=True)
        if not hasattr(self, name):
            return variable_type
        variable = getattr(self, name)
        if type(variable) is not variable_type:
            raise ValueError(
                f"{type(self).__name__}.{name} exists and is a {type(variable).__name__}, not a"
                f" {variable_type.__name__}; choose another name"
            )
        return variable

    def set_attributes(self, *filters: Filter, raise_if_not_found: bool = True, **attributes: Any) -> None:
        """Set attributes that exist already, on this Module and all Modules below.

        Args:
            *filters: select Modules, by path and type; by default all.
            raise_if_not_found: refuse a name that no selected Module has.
            **attributes: names and values.

        Raises:
            ValueError: a name was found nowhere; nothing is set then.
        """
        predicates = [to_predicate(f) for f in filters]
        found: list[tuple[Module, str]] = []
        for place in _module_places(self):
            if not predicates or any(predicate(place.path, place.value) for predicate in predicates):
                found.extend((place.value, name) for name in attributes if hasattr(place.value, name))
        missing = attributes.keys() - {name for _, name in found}
        if missing and raise_if_not_found:
            raise ValueError(
                f"no Module has the attributes {sorted(missing)}; with raise_if_not_found=False that is fine"
            )
        for module, name in found:
            module._pytree_check_writable(f"set attribute {name!r}")
            module._pytree_admit(name, attributes[name])
        for module, name in found:
            setattr(module, name, attributes[name])

    def train(self, **attributes: Any) -> None:
        """Switch to training: `deterministic` and `use_running_average` become False wherever they exist."""
        self._set_mode(False, attributes)

    def eval(self, **attributes: Any) -> None:
        """Switch to evaluation: `deterministic` and `use_running_average` become True wherever they exist."""
        self._set_mode(True, attributes)

    def _set_mode(self, evaluate: bool, more: dict[str, Any]) -> None:
        attributes = {"deterministic": evaluate, "use_running_average": evaluate, **more}
        self.set_attributes(raise_if_not_found=False, **attributes)

    def iter_modules(self) -> Iterator[tuple[Path, Module]]:
        """See `iter_modules`."""
        return iter_modules(self)

    def iter_children(self) -> Iterator[tuple[Key, Module]]:
        """See `iter_children`."""
        return iter_children(self)


def iter_modules(node: Any, /) -> Iterator[tuple[Path, Module]]:
    """The Modules among `iter_graph(node)` with their paths, `node` itself last."""
    return ((place.path, place.value) for place in _module_places(node))


def iter_children(node: Any, /) -> Iterator[tuple[Key, Module]]:
    """The Modules that are attributes or elements of `node`, each once, under its first name in sorted order.

    Raises:
        ValueError: `node` is no graph node.
    """
    kind = kind_of(node)
    if not (isinstance(kind, NodeType) and kind.identity):
        raise ValueError(f"iter_children takes a graph node, such as a Module, got {type(node).__name__}")
    parts = kind.flatten(node)
    first: dict[int, tuple[Key, Module]] = {}
    for key, value in zip(parts.keys, parts.values, strict=True):
        if isinstance(value, Module):
            first.setdefault(id(value), (key, value))
    return iter(first.values())


def _module_places(node: Any) -> Iterator[Place]:
    return (place for place in iter_places(node) if isinstance(place.value, Module))

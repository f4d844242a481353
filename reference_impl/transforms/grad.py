"""`grad` and `value_and_grad`: gradients with respect to parts of the arguments."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax

from ..filters import Filter, Predicate, to_predicate
from ..graphdef import LEAF, Ref
from ..paths import Path
from ..pytree import Pytree
from ..recipe import unflatten
from ..state import State, nest
from ..variable import Param, Variable
from .functions import check_function, named
from .lift import Axes, Call, Groups, Packed, enter, pack, unpack
from .linear import is_inexact
from .prefixes import Assignment, LeafKey
from .program import Table, place


@dataclass(frozen=True, eq=False)
class DiffState:
    """Differentiate the leaves of argument `argnum` that the filter selects, in place of its Params."""

    argnum: int
    filter: Filter = Param

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DiffState) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> Any:
        return self.argnum, to_predicate(self.filter)


Argnums = int | DiffState | Sequence[int | DiffState]


def grad(
    f: Callable[..., Any] | None = None,
    *,
    argnums: Argnums = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    allow_int: bool = False,
    reduce_axes: Sequence[Any] = (),
) -> Any:
    """The gradient of `f`; what `f` changes in its arguments is changed once.

    Args:
        f: returns a scalar, or with `has_aux` a scalar and anything else.
        argnums: which arguments to differentiate: in a node its Params, or what a `DiffState` selects; elsewhere
            every array and Variable. The gradient of a node is a State, that of a Variable a Variable.
        has_aux: return `(gradients, aux)`.
        holomorphic: as for `jax.grad`.
        allow_int: as for `jax.grad`.
        reduce_axes: as for `jax.grad`.

    Raises:
        ValueError: an argument is named twice or does not exist; an object is at a differentiated and at another
            place; `f` is a bound method of a Module.
        TypeError: the result is no scalar, or something that is to be differentiated is not inexact.
    """
    options: dict[str, Any] = {"argnums": argnums, "has_aux": has_aux, "holomorphic": holomorphic}
    options |= {"allow_int": allow_int, "reduce_axes": reduce_axes}
    if f is None:
        return functools.partial(grad, **options)
    check_function(f, "grad")
    both = value_and_grad(f, **options)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, grads = both(*args, **kwargs)
        return (grads, value[1]) if has_aux else grads

    return named(gradient, f)


def value_and_grad(
    f: Callable[..., Any] | None = None,
    *,
    argnums: Argnums = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    allow_int: bool = False,
    reduce_axes: Sequence[Any] = (),
) -> Any:
    """Like `grad`, but returns `(value, gradients)`, with `has_aux` `((value, aux), gradients)`."""
    options: dict[str, Any] = {"holomorphic": holomorphic, "allow_int": allow_int, "reduce_axes": reduce_axes}
    if f is None:
        return functools.partial(value_and_grad, argnums=argnums, has_aux=has_aux, **options)
    check_function(f, "value_and_grad")
    jax.value_and_grad(f, **options)  # refuses at once what jax does not offer
    single = isinstance(argnums, int | DiffState)
    wanted: tuple[Any, ...] = (argnums,) if isinstance(argnums, int | DiffState) else tuple(argnums)
    _positions(wanted, None)
    fun = f

    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        positions = _positions(wanted, len(args))
        prefix = tuple(positions.get(i, False) for i in range(len(args)))
        packed = pack(args, kwargs, Axes(prefix, None, False, values=(False, True)))
        call, (rest, diff) = packed.call, packed.groups
        if not allow_int:
            _check_inexact(packed)

        def loss(diff: list[Any]) -> tuple[Any, tuple[Call, Groups]]:
            inside = enter(call, [rest, diff])
            out = fun(*inside.args, **inside.kwargs)
            if not has_aux:
                return _loss(out), inside.leave(None)
            if not isinstance(out, tuple) or len(out) != 2:
                raise TypeError(f"with has_aux=True the function returns a pair, got {type(out).__name__}")
            return _loss(out[0]), inside.leave(out[1])

        transformed = jax.value_and_grad(loss, has_aux=True, **options)
        (value, (result, changed)), grads = transformed(diff)
        assert packed.assignment is not None
        keys = [key for key in packed.keys if packed.assignment.axes[key]]
        places = by_place(keys, packed.assignment, packed.objects, grads)
        gradients = tuple(Skeleton(args[i], (0, i)).fill(places) for i in positions)
        aux = unpack(result, changed, packed.objects)
        return ((value, aux) if has_aux else value), (gradients[0] if single else gradients)

    return named(value_and_gradient, f)


def _loss(value: Any) -> Any:
    """What jax gets as the loss; it would follow a node to look for a scalar in it, and a cycle has no end."""
    if isinstance(value, Pytree | Variable):
        raise TypeError(f"the loss is a scalar array, got a {type(value).__name__}")
    return value


class _Selection:
    """The spec of a differentiated argument: which of its leaves are meant."""

    def __init__(self, predicate: Predicate | None) -> None:
        self.predicate = predicate

    def axis_of(self, path: Path, leaf: Any) -> bool:
        if not path and (self.predicate is None or not isinstance(leaf, Variable)):
            return True  # it is not in a node: an array, or a Variable that is itself the argument
        return bool((self.predicate or _IS_PARAM)(path, leaf))


_IS_PARAM = to_predicate(Param)


def _positions(wanted: Sequence[Any], count: int | None) -> dict[int, _Selection]:
    """What to differentiate by position, in the order asked for; without a count negative positions stay."""
    positions: dict[int, _Selection] = {}
    for item in wanted:
        number = item.argnum if isinstance(item, DiffState) else item
        if not isinstance(number, int) or isinstance(number, bool):
            raise TypeError(f"argnums are ints or DiffStates, got {item!r}")
        if count is not None:
            if not -count <= number < count:
                raise ValueError(f"cannot differentiate argument {number}: the call has {count} positional arguments")
            number %= count
        if number in positions:
            raise ValueError(f"argument {number} is named twice in argnums={wanted!r}")
        positions[number] = _Selection(to_predicate(item.filter) if isinstance(item, DiffState) else None)
    return positions


def _check_inexact(packed: Packed) -> None:
    """Raise TypeError if what is to be differentiated are no floats; jax would not say where they are."""
    assert packed.assignment is not None
    for key, leaf in zip(packed.keys, packed.call.leaves(packed.groups), strict=True):
        for x in jax.tree.leaves(leaf) if packed.assignment.axes[key] else ():
            if not is_inexact(x):
                site = packed.assignment.sites[key]
                raise TypeError(
                    f"cannot differentiate {place(site.top + site.path)}, of type"
                    f" {x.dtype if hasattr(x, 'dtype') else type(x).__name__}: only floats and complex numbers have"
                    " gradients, others with allow_int=True"
                )


class Skeleton:
    """The plain containers of one argument, to be filled: a State for each node, a Variable for each Variable."""

    def __init__(self, argument: Any, at: Path) -> None:
        record = Table().record(argument, of_object=False)
        self._defs = [LEAF if isinstance(d, Ref) else d for d in record.defs]
        arrays, objects = iter(record.keys), iter(record.refs)
        self._places: list[tuple[Path, type | None]] = []
        for d in record.defs:
            if d is LEAF:
                self._places.append((at + next(arrays), None))
            elif isinstance(d, Ref):
                keys, x = next(objects)
                self._places.append((at + keys, type(x)))

    @property
    def has_node(self) -> bool:
        """Whether there is a graph node in it."""
        return any(cls is not None and not issubclass(cls, Variable) for _, cls in self._places)

    def fill(self, by_top: dict[Path, dict[Path, Any]], *, arrays: bool = True) -> Any:
        """The tree of the leaves given by outermost object and path; None for arrays where they are not wanted."""
        found = []
        for top, cls in self._places:
            leaves = by_top.get(top, {})
            if cls is None:
                found.append(leaves[()] if arrays else None)
            elif issubclass(cls, Variable) and leaves:
                found.append(leaves[()])
            else:
                found.append(nest(leaves.items()) if leaves else State())
        return unflatten(self._defs, found)


def by_place(keys: list[LeafKey], assignment: Assignment, objects: Sequence[Any], values: Any) -> Any:
    """Values, one for each key, by outermost object and path; in the Variables that the keys stand for."""
    by_id = {id(x): x for x in objects}
    places: dict[Path, dict[Path, Any]] = {}
    for key, value in zip(keys, values, strict=True):
        site, owner = assignment.sites[key], by_id.get(key[0])
        if isinstance(owner, Variable):
            value = type(owner).from_metadata(value, owner.get_metadata())
        places.setdefault(site.top, {})[site.path] = value
    return places

"""`custom_vjp`: a gradient that the user writes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import jaxpr_as_fun

from ..filters import to_predicate
from ..flatten import flatten, scan
from ..graphdef import LEAF, NodeDef, Ref, VariableDef
from ..nodes import has_identity, kind_of
from ..paths import Key, Path
from ..recipe import unflatten
from ..state import State, nest
from ..values import copy_containers
from ..variable import Variable
from .functions import check_function, named, positional
from .grad import DiffState, Skeleton
from .lift import Axes, Call, Groups, enter, pack, unpack
from .linear import Inexact, is_array_like
from .prefixes import Site
from .program import Program, Table, is_kept, rebuild


def custom_vjp(fun: Callable[..., Any] | None = None, *, nondiff_argnums: Sequence[int | DiffState] = ()) -> Any:
    """A function whose gradient is given by `defvjp(fwd, bwd)`.

    `fwd` takes the arguments of `fun` and returns `(output, residuals)`; the residuals may hold nodes. `bwd` takes the
    arguments at int `nondiff_argnums`, the residuals, and `(updates_g, output_g)`, and returns a tangent for each other
    argument. `updates_g` has for each of these the gradient with respect to what `fun` writes into it: a State for a
    node, None for an array. Tangents have the same form, with arrays for arrays.

    Args:
        fun: the function.
        nondiff_argnums: ints, for arguments that are no nodes; or `DiffState`s, which say which leaves of a node have
            a tangent.
    """
    if fun is None:
        return functools.partial(custom_vjp, nondiff_argnums=nondiff_argnums)
    check_function(fun, "custom_vjp")
    return CustomVjp(fun, tuple(nondiff_argnums))


class _Selected(Inexact):
    def __init__(self, predicate: Any) -> None:
        self.predicate = predicate

    def axis_of(self, path: Path, leaf: Any) -> bool:
        return bool(self.predicate(path, leaf)) and super().axis_of(path, leaf)


class CustomVjp:
    """A function with a gradient of its own."""

    def __init__(self, fun: Callable[..., Any], nondiff: tuple[int | DiffState, ...]) -> None:
        named(self, fun)
        self._fun = fun
        self._rules: tuple[Callable[..., Any], Callable[..., Any]] | None = None
        self._nondiff = [n for n in nondiff if isinstance(n, int)]
        self._selected = {n.argnum: _Selected(to_predicate(n.filter)) for n in nondiff if isinstance(n, DiffState)}
        if len(self._selected) + len(set(self._nondiff) - set(self._selected)) < len(nondiff):
            raise ValueError(f"an argument is named twice in nondiff_argnums={nondiff!r}")

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def defvjp(self, fwd: Callable[..., Any], bwd: Callable[..., Any]) -> None:
        """Set the rules."""
        check_function(fwd, "custom_vjp", "fwd")
        check_function(bwd, "custom_vjp", "bwd")
        self._rules = fwd, bwd

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function; arguments by name are bound to their positions.

        Raises:
            TypeError: an int in `nondiff_argnums` points at a node.
            AttributeError: there are no rules yet.
        """
        if self._rules is None:
            raise AttributeError(
                f"no gradient was defined for {getattr(self, '__name__', 'the function')}: call defvjp(fwd, bwd)"
            )
        args = positional(self._fun, args, kwargs)
        nondiff = {n % len(args) for n in self._nondiff}
        for i in sorted(nondiff):
            if any(has_identity(kind_of(x)) for _, x in Table().record(args[i], of_object=False).refs):
                raise TypeError(f"nondiff_argnums points at argument {i}, which holds a node; use a DiffState")
        spec = Inexact()
        prefix = tuple(False if i in nondiff else self._selected.get(i, spec) for i in range(len(args)))
        packed = pack(args, {}, Axes(prefix, None, False, values=(False, True)))
        rest, diff = packed.groups
        opaque = [None if is_jax_tree(leaf) else leaf for leaf in rest]
        plain = [leaf if is_jax_tree(leaf) else None for leaf in rest]
        run = _Rules(self._fun, *self._rules, args, nondiff, packed, opaque).build()
        result, groups = run(plain, diff)
        return unpack(result, groups, packed.objects)


class _Rules:
    """One call, as jax sees it. It keeps nothing of the caller's objects, only what is needed to name their parts."""

    def __init__(
        self, fun: Any, fwd: Any, bwd: Any, args: Sequence[Any], nondiff: set[int], packed: Any, opaque: list[Any]
    ) -> None:
        self.functions = fun, fwd, bwd
        self.call: Call = packed.call
        self.opaque = opaque
        self.nondiff = {i: args[i] for i in sorted(nondiff)}
        self.skeletons = {i: Skeleton(x, (0, i)) for i, x in enumerate(args) if i not in nondiff}
        assignment = packed.assignment
        numbers = {id(x): n for n, x in enumerate(packed.objects)}
        self.parts: list[tuple[Site, int | None, bool]] = [  # of each leaf: its site, the object, is it differentiated
            (assignment.sites[key], numbers.get(key[0]), assignment.axes[key]) for key in packed.keys
        ]
        self.types = [(type(x), x.get_metadata()) if isinstance(x, Variable) else None for x in packed.objects]

    def build(self) -> Any:
        """The function with its rules, for jax."""
        fun, fwd, bwd = self.functions

        def primal(rest: list[Any], diff: list[Any]) -> tuple[Call, Groups]:
            inside = enter(self.call, [self._rest(rest), diff])
            return inside.leave(fun(*inside.args))

        def forward(rest: list[Any], diff: list[Any]) -> tuple[tuple[Call, Groups], Any]:
            inside = enter(self.call, [self._rest(rest), diff])
            pair = fwd(*inside.args)
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise TypeError(f"fwd returns (output, residuals), got {type(pair).__name__}")
            records = list(Table().records(pair[1]))
            residuals = Program(r.defs for r in records), [leaf for r in records for leaf in r.leaves]
            return inside.leave(pair[0]), (residuals, [jax.tree.map(jnp.zeros_like, leaf) for leaf in diff])

        def backward(kept: Any, cotangents: tuple[Call, Groups]) -> tuple[None, list[Any]]:
            (program, leaves), zeros = kept
            result, (given,) = cotangents
            updates, out = self._incoming(result, given, zeros)
            tangents = bwd(*self.nondiff.values(), rebuild(program, leaves)[0], (updates, out))
            return None, self._outgoing(tangents, zeros)

        differentiable = jax.custom_vjp(_staged(primal))
        differentiable.defvjp(_staged(forward), backward)
        return differentiable

    def _rest(self, plain: list[Any]) -> list[Any]:
        return [b if a is None else a for a, b in zip(plain, self.opaque, strict=True)]

    def _incoming(self, result: Call, given: list[Any], zeros: list[Any]) -> tuple[tuple[Any, ...], Any]:
        """The gradients of the updates, for each argument, and that of the output."""
        rest = iter(given)
        root, *records = result.program.records
        out_leaves = [next(rest) for d in root if d is LEAF]
        of_object: dict[int, list[Any]] = {}
        for number, defs in enumerate(records):
            if not is_kept(defs, number):
                of_object[number] = [next(rest) for d in defs if d is LEAF or isinstance(d, VariableDef)]
        places: dict[Path, dict[Path, Any]] = {}
        zero = iter(zeros)
        for site, holder, differentiated in self.parts:
            if not differentiated:
                continue
            value = next(zero)
            made = None if holder is None else self.types[holder]
            if holder is not None and made is not None:
                value = made[0].from_metadata(of_object.get(holder, [value])[0], made[1])
            places.setdefault(site.top, {})[site.path] = value
        updates = tuple(skeleton.fill(places, arrays=False) for skeleton in self.skeletons.values())
        values = iter(out_leaves)
        reported = set(range(len(self.types)))  # what happens to the arguments is in the updates
        filled = [
            _cotangent(d.number, records, of_object, reported) if isinstance(d, Ref) else next(values)
            for d in root
            if d is LEAF or isinstance(d, Ref)
        ]
        return updates, unflatten([LEAF if isinstance(d, Ref) else d for d in root], filled)

    def _outgoing(self, tangents: Any, zeros: list[Any]) -> list[Any]:
        """The tangents of the differentiated leaves; zero where the rule gives none."""
        if not isinstance(tangents, tuple) or len(tangents) != len(self.skeletons):
            got = f"{len(tangents)}" if isinstance(tangents, tuple) else type(tangents).__name__
            raise TypeError(f"bwd returns a tuple of {len(self.skeletons)} tangents, got {got}")
        found: dict[Path, Any] = {}
        for i, tangent in zip(self.skeletons, tangents, strict=True):
            if tangent is None:
                continue
            flat = flatten(tangent, with_paths=True)
            for path, leaf in zip(flat.paths, flat.leaves, strict=True):
                found[(0, i, *path)] = leaf.get_raw_value() if isinstance(leaf, Variable) else leaf
        sites = [site for site, _, differentiated in self.parts if differentiated]
        return [found.get(site.top + site.path, zero) for site, zero in zip(sites, zeros, strict=True)]


def _cotangent(number: int, records: Sequence[Any], of_object: dict[int, list[Any]], reported: set[int]) -> Any:
    """For an object in the output a Variable, or a State with the leaves of a node that were not reported before."""
    found: dict[Path, Any] = {}
    stack: list[tuple[int, Path]] = [(number, ())]
    while stack:
        number, path = stack.pop()
        if number in reported:
            continue
        reported.add(number)
        leaves = iter(of_object[number])
        head = records[number][0]
        if isinstance(head, VariableDef):
            found[path] = head.type.from_metadata(next(leaves), copy_containers(head.metadata))
            continue
        inside: list[Key] = []
        below: list[tuple[int, Path]] = []
        for d, key in scan(records[number]):
            if d is None:
                inside.pop()
            elif isinstance(d, NodeDef):
                inside.append(key)
            elif isinstance(d, Ref):
                below.append((d.number, (*path, *inside[1:], key)))
            elif d is LEAF:
                found[(*path, *inside[1:], key)] = next(leaves)
        stack.extend(reversed(below))
    return found[()] if () in found else nest(found.items()) if found else State()


def is_jax_tree(value: Any) -> bool:
    """Whether jax takes a value for a tree of arrays."""
    return all(map(is_array_like, jax.tree.leaves(value)))


def _staged(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, traced before it runs: outside of other transforms jax would run it in the caller's trace, and a write to a
    captured object would go unnoticed."""

    def staged(*args: Any) -> Any:
        closed, shapes = jax.make_jaxpr(f, return_shape=True)(*args)
        # a constant comes as the literal that it is in the jaxpr
        leaves = map(jnp.asarray, jaxpr_as_fun(closed)(*jax.tree.leaves(args)))
        return jax.tree.unflatten(jax.tree.structure(shapes), leaves)

    return staged

"""`jit`: the user's function compiled, with its effects on the arguments."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import jax

from ..axes import StateAxes
from ..filters import Filter
from ..graphdef import LEAF, VariableDef
from ..nodes import NodeType, kind_of
from ..paths import Path
from ..state import State
from ..variable import Variable
from .functions import check_function, named, renamed
from .jit_options import NO_STATICS, Statics, check_options, names_and_numbers
from .lift import Axes, Call, Groups, Packed, enter, pack, unpack
from .linear import is_array_like
from .plan import Plan, Plans, call_key
from .prefixes import specs_in
from .program import Record, Table, place


class StateSharding(StateAxes):
    """A sharding per filter; the first filter that matches a leaf decides."""

    def __init__(self, shardings: Mapping[Filter, Any] | State) -> None:
        super().__init__(shardings)

    def __repr__(self) -> str:
        return f"StateSharding({dict(self)!r})"


class Placement(NamedTuple):
    """What a leaf is to jit: its sharding, and whether its buffer may be used up."""

    sharding: Any
    donated: bool

    def __repr__(self) -> str:
        return f"{self.sharding!r}{' donated' if self.donated else ''}"


class _Donating:
    """A spec of shardings, with the argument's donation."""

    def __init__(self, spec: Any, donated: bool) -> None:
        self.spec = spec
        self.donated = donated

    def axis_of(self, path: Any, leaf: Any) -> Placement:
        spec = self.spec
        value = leaf.get_raw_value() if isinstance(leaf, Variable) else leaf
        donated = self.donated and all(isinstance(x, jax.Array) for x in jax.tree.leaves(value))
        return Placement(spec.axis_of(path, leaf) if hasattr(spec, "axis_of") else spec, donated)

    def values(self) -> Iterable[Placement]:
        specs = self.spec.values() if hasattr(self.spec, "axis_of") else [self.spec]
        return [Placement(spec, donated) for spec in specs for donated in {self.donated, False}]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Donating) and self.spec == other.spec and self.donated == other.donated

    __hash__ = None  # type: ignore[assignment]  # the data model spells "unhashable" this way


def jit(
    fun: Callable[..., Any] | None = None,
    *,
    in_shardings: Any = None,
    out_shardings: Any = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Iterable[str] | None = None,
    donate_argnums: int | Sequence[int] | None = None,
    donate_argnames: str | Iterable[str] | None = None,
    keep_unused: bool = False,
    device: Any = None,
    backend: str | None = None,
    inline: bool = False,
) -> Any:
    """Compile a function of graphs and arrays; what it changes in its arguments is changed after the call.

    The options are those of `jax.jit`. Shardings are prefixes of the arguments, and may be `StateSharding`.

    Raises:
        ValueError: `fun` is a bound method of a Module.
    """
    options = {"keep_unused": keep_unused, "device": device, "backend": backend, "inline": inline}
    options = {name: value for name, value in options.items() if value}
    make = functools.partial(
        JitWrapped,
        in_shardings=in_shardings,
        out_shardings=out_shardings,
        static=(static_argnums, static_argnames),
        donated=(donate_argnums, donate_argnames),
        options=options,
    )
    return make if fun is None else make(fun)


_CALL_FORMS = 64
"""How many ways to be called (which arguments are given by name, how many are donated) one function remembers."""


class JitWrapped:
    """A compiled function. As an attribute of a class it binds, like any function, and `self` is an argument."""

    def __init__(
        self, fun: Any, *, in_shardings: Any, out_shardings: Any, static: Any, donated: Any, options: dict[str, Any]
    ) -> None:
        check_function(fun, "jit")
        named(self, fun)
        self._fun = fun
        self._shardings = in_shardings, out_shardings
        check_options(fun, *static, *donated)
        self._static = names_and_numbers(fun, *static)
        self._donated = names_and_numbers(fun, *donated)
        self._options = options
        self._by_axes: list[tuple[Any, Axes | None, Any]] = []
        self._plans = Plans()
        shardings = list(specs_in((in_shardings, out_shardings)))
        self._can_plan = not any(hasattr(spec, "axis_of") for spec in shardings)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the compiled function."""
        return self.run(args, kwargs)

    def run(
        self,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        *,
        table: Callable[[], Table] = Table,
        check: Callable[[Call, Call], None] | None = None,
        mark: object = None,
    ) -> Any:
        """Call the compiled function; `cached_partial` does so in its own way.

        Args:
            args: by position.
            kwargs: by name.
            table: makes what takes the arguments apart, the same for each call.
            check: raises if a result, the second, is not to be written into arguments like the first.
            mark: tells these calls from others; it holds nothing.
        """
        rest, named_rest, statics = self.separate(args, kwargs)
        key = call_key(rest, named_rest, (statics, mark))
        plan = self._plans.get(key)
        found = None if plan is None else plan.find(rest, named_rest)
        if plan is not None and found is not None:
            result, groups = plan.compiled(plan.call, statics, *found.groups)
            return plan.finish(found, result, groups, check)
        axes, compiled = self.prefixes(len(rest), named_rest, statics)
        packed = pack(rest, named_rest, axes, table())
        plan = self._plan(packed, rest, named_rest, axes, compiled)
        try:
            result, groups = compiled(packed.call, statics, *packed.groups)
        except TypeError:
            # jax names only a number
            dynamic = tuple([None if i in statics.by_position else x for i, x in enumerate(args)])
            named_ones = {name: x for name, x in kwargs.items() if name not in statics.by_name}
            _check_arrays(Table().record((dynamic, named_ones), of_object=False), ())
            raise
        if check is not None:
            check(packed.call, result)
        if plan is not None:
            self._plans.add(key, plan)
        return unpack(result, groups, packed.objects)

    def _plan(
        self, packed: Packed, args: Sequence[Any], kwargs: Mapping[str, Any], axes: Axes | None, compiled: Any
    ) -> Plan | None:
        """A plan for calls like this one, if the filters of shardings and the values of leaves have no say in it."""
        if not self._can_plan:
            return None
        if axes is not None and any(isinstance(kind_of(x), NodeType) for x in packed.leaves):
            return None  # donated or not, that depends on what is in there
        return Plan(packed, args, kwargs, compiled, by_type=axes is not None)

    def lower(self, *args: Any, **kwargs: Any) -> Lowered:
        """Trace and lower for these arguments, which stay as they are."""
        compiled, statics, packed = self._prepare(args, kwargs)
        return Lowered(compiled.lower(packed.call, statics, *packed.groups), statics, self)

    def eval_shape(self, *args: Any, **kwargs: Any) -> Any:
        """The abstract result; the arguments stay as they are."""
        from .plain import eval_shape

        return eval_shape(self._fun, *args, **kwargs)

    def clear_cache(self) -> None:
        """Forget what was compiled."""
        self._by_axes.clear()
        self._plans.clear()

    def separate(
        self, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> tuple[Sequence[Any], Mapping[str, Any], Statics]:
        """The dynamic arguments, and the static ones."""
        numbers, names = self._static
        if not numbers and not names:
            return args, kwargs, NO_STATICS
        count = len(args)
        positions = {n + count if n < 0 else n for n in numbers}
        statics = Statics(
            {i: args[i] for i in sorted(positions) if 0 <= i < count},
            {name: value for name, value in kwargs.items() if name in names},
        )
        rest = [x for i, x in enumerate(args) if i not in statics.by_position]
        return rest, {name: value for name, value in kwargs.items() if name not in statics.by_name}, statics

    def prefixes(self, count: int, kwargs: Mapping[str, Any], statics: Statics) -> tuple[Axes | None, Any]:
        """The placements of `count` dynamic arguments, and the function compiled for them."""
        in_shardings, out_shardings = self._shardings
        total = count + len(statics.by_position)
        if in_shardings is not None and (kwargs or statics.by_name):
            raise ValueError("with in_shardings, arguments must be given by position")
        numbers, names = self._donated
        donated = {n + total if n < 0 else n for n in numbers}
        places = [i for i in range(total) if i not in statics.by_position]
        flags = tuple(i in donated for i in places)
        kw_flag = tuple(sorted(name for name in kwargs if name in names))
        key = flags, kw_flag, tuple(sorted(kwargs)) if kw_flag else ()
        for known_key, known, compiled in self._by_axes:
            if key == known_key:
                return known, compiled
        specs = in_shardings
        if isinstance(specs, list | tuple) and type(specs) in (list, tuple):
            if len(specs) != count:
                raise ValueError(f"in_shardings has {len(specs)} entries for {count} dynamic arguments")
            prefix: Any = tuple(_with_donation(s, flag) for s, flag in zip(specs, flags, strict=True))
        else:
            prefix = tuple(_with_donation(specs, flag) for flag in flags)
        kw_prefix = {name: _Donating(None, name in kw_flag) for name in kwargs} if kw_flag else _Donating(None, False)
        axes: Axes | None = Axes(prefix, _with_donation(out_shardings, False), kw_prefix)
        if axes is not None and axes.values == [Placement(None, False)]:
            axes = None
        compiled = self._compile(axes)
        self._by_axes.append((key, axes, compiled))
        del self._by_axes[:-_CALL_FORMS]
        return axes, compiled

    def _prepare(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, Statics, Packed]:
        rest, named_rest, statics = self.separate(args, kwargs)
        axes, compiled = self.prefixes(len(rest), named_rest, statics)
        return compiled, statics, pack(rest, named_rest, axes)

    def _compile(self, axes: Axes | None) -> Any:
        fun = self._fun
        placements: list[Placement] = [] if axes is None else axes.values

        def traced(call: Call, statics: Statics, *groups: list[Any]) -> tuple[Call, Groups]:
            inside = enter(call, groups, axes)
            args, kwargs = statics.insert(inside.args, inside.kwargs)
            out = fun(*args, **kwargs)
            _check_arrays(Table().record(out, of_object=False), ("out",))
            return inside.leave(out, always=None if axes is None else _holders_of_donated(call, placements))

        options: dict[str, Any] = dict(self._options)
        donated = tuple(2 + i for i, placement in enumerate(placements) if placement.donated)
        if donated:
            options["donate_argnums"] = donated
        shardings = [placement.sharding for placement in placements]
        if any(sharding is not None for sharding in shardings):
            options["in_shardings"] = (None, None, *shardings)
            options["out_shardings"] = (None, list(shardings))
        return jax.jit(renamed(traced, fun), **options)


class Lowered:
    """A lowered function; `compile` gives one that can be called."""

    def __init__(self, lowered: Any, statics: Statics, wrapped: JitWrapped) -> None:
        self._lowered = lowered
        self._statics = statics
        self._wrapped = wrapped

    def compile(self, compiler_options: Any = None) -> Compiled:
        """Compile."""
        return Compiled(self._lowered.compile(compiler_options), self._statics, self._wrapped)

    def __getattr__(self, name: str) -> Any:  # as_text, cost_analysis, ...
        return getattr(self._lowered, name)


class Compiled:
    """A function compiled for one structure, shapes and static arguments; it is called without the static ones."""

    def __init__(self, compiled: Any, statics: Statics, wrapped: JitWrapped) -> None:
        self._compiled = compiled
        self._statics = statics
        self._wrapped = wrapped

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it. Raises TypeError where the arguments have another structure or other shapes."""
        axes, _ = self._wrapped.prefixes(len(args), kwargs, self._statics)
        packed = pack(args, kwargs, axes)
        result, groups = self._compiled(packed.call, self._statics, *packed.groups)
        return unpack(result, groups, packed.objects)

    def __getattr__(self, name: str) -> Any:  # as_text, memory_analysis, ...
        return getattr(self._compiled, name)


def _check_arrays(record: Record, above: Path) -> None:
    """Raise TypeError if a leaf that is in no node is no array."""
    for keys, leaf in zip(record.keys, record.leaves, strict=True):
        if not (is_array_like(leaf) or hasattr(leaf, "__jax_array__")):
            hint = "" if above else "; mark it as static, or put it into a node"
            raise TypeError(f"{place((*above, *keys))} is of type {type(leaf).__name__}, and no array{hint}")


def _with_donation(spec: Any, donated: bool) -> Any:
    """A prefix whose specs say whether the argument is donated."""
    if isinstance(spec, (tuple, list)) and type(spec) in (tuple, list):
        return type(spec)(_with_donation(s, donated) for s in spec)
    if type(spec) is dict:
        return {key: _with_donation(s, donated) for key, s in spec.items()}
    return _Donating(spec, donated)


def _holders_of_donated(call: Call, placements: list[Placement]) -> Callable[[int], bool]:
    """Which objects, by number, hold a buffer that is used up, so that they need another also if nothing changed."""
    deal = iter(call.deal)
    found: set[int] = set()
    for number, defs in enumerate(call.program.records, -1):
        count = sum(1 for d in defs if d is LEAF or isinstance(d, VariableDef))
        groups = list(itertools.islice(deal, count))
        if any(placements[group].donated for group in groups):
            found.add(number)
    return found.__contains__

"""`cond` and `switch`: one of several functions, chosen by a value that jax may know only later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
from jax.extend.core import jaxpr_as_fun

from ..graphdef import Def, NodeDef, Ref, StaticDef
from .functions import WeakCache, WeakFunction, check_function
from .lift import Call, Groups, enter, pack, unpack
from .program import Program, describe, first_difference, type_difference

_COMPILED = WeakCache()


def cond(pred: Any, true_fun: Callable[..., Any], false_fun: Callable[..., Any], *operands: Any, **kwargs: Any) -> Any:
    """Run `true_fun` if `pred` is true, otherwise `false_fun`; only the effects of that one appear.

    Raises:
        TypeError: the functions leave different structures, statics, shapes or dtypes; `pred` is no scalar.
        ValueError: one is a bound method of a Module.
    """
    return _run(_cond, pred, (true_fun, false_fun), operands, kwargs)


def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any, **kwargs: Any) -> Any:
    """Run the branch number `index`, clamped to the branches there are; otherwise like `cond`."""
    if not branches:
        raise ValueError("switch needs at least one branch")
    return _run(_switch, index, tuple(branches), operands, kwargs)


def _cond(pred: Any, branches: Sequence[Callable[..., Any]], leaves: Any) -> Any:
    return jax.lax.cond(pred, *branches, leaves)


def _switch(index: Any, branches: Sequence[Callable[..., Any]], leaves: Any) -> Any:
    return jax.lax.switch(index, branches, leaves)


def _run(
    choose: Callable[..., Any], chosen: Any, branches: tuple[Callable[..., Any], ...], args: Any, kwargs: Any
) -> Any:
    for number, branch in enumerate(branches):
        which = ("true_fun", "false_fun")[number] if choose is _cond else f"branch {number}"
        check_function(branch, choose.__name__[1:], which)
    packed = pack(args, kwargs)
    compiled = _COMPILED.get((choose, *branches), lambda functions: _compile(choose, functions[1:]))
    result, groups = compiled(packed.call, chosen, packed.groups)
    return unpack(result, groups, packed.objects)


def _compile(choose: Callable[..., Any], branches: Sequence[WeakFunction]) -> Any:
    """Trace every branch, see that they agree, and let jax choose. What no branch changes does not come back."""

    def traced(call: Call, chosen: Any, groups: Groups) -> tuple[Call, Groups]:
        outcomes: list[tuple[Program, tuple[bool, ...]]] = []
        types: list[list[Any]] = []

        def trace(branch: WeakFunction) -> Callable[[Groups], list[Any]]:
            def outcome(groups: Groups) -> list[Any]:
                inside = enter(call, groups)
                program, leaves, kept = inside.leave_all(branch(*inside.args, **inside.kwargs))
                outcomes.append((program, kept))
                return leaves

            closed, shapes = jax.make_jaxpr(outcome, return_shape=True)(groups)
            types.append(shapes)
            treedef = jax.tree.structure(shapes)
            run = jaxpr_as_fun(closed)
            return lambda groups: jax.tree.unflatten(treedef, run(*jax.tree.leaves(groups)))

        functions = [trace(branch) for branch in branches]
        program = outcomes[0][0]
        for number, (other, _) in enumerate(outcomes[1:], 1):
            if other != program:
                raise TypeError(
                    f"branches 0 and {number} leave different structures: {_difference(call.program, program, other)}"
                )
            found = type_difference(program, types[0], types[number], named_by=call.program)
            if found is not None:
                raise TypeError(f"branches 0 and {number} leave different types: {', '.join(found[:2])} and {found[2]}")
        kept = [all(flags) for flags in zip(*(flags for _, flags in outcomes), strict=True)]
        result, wanted = keep(program, kept)
        picked = [_picking(f, wanted) for f in functions]
        return result, [choose(chosen, picked, groups)]

    return jax.jit(traced)


def _picking(f: Callable[[Groups], list[Any]], wanted: list[bool]) -> Callable[[Groups], list[Any]]:
    return lambda groups: [leaf for leaf, is_wanted in zip(f(groups), wanted, strict=True) if is_wanted]


def keep(program: Program, kept: Sequence[bool]) -> tuple[Call, list[bool]]:
    """The program without the objects that are as they were, and for each of its leaves whether it is still there."""
    records: list[tuple[Def, ...]] = []
    wanted: list[bool] = []
    for number, defs in enumerate(program.records, -1):
        is_kept = 0 <= number < len(kept) and kept[number]
        wanted += [not is_kept for d in defs if not isinstance(d, NodeDef | StaticDef | Ref)]
        records.append((Ref(number),) if is_kept else defs)
    return Call(Program(records), (0,) * sum(wanted)), wanted


def _difference(before: Program, left: Program, right: Program) -> str:
    """In words, where two programs differ first."""
    for number, (one, other) in enumerate(zip(left.records, right.records, strict=False), -1):
        found = first_difference(one, other, before)
        if found is not None:
            key, here, there = found
            named_by = before if 0 <= number < len(before.records) - 1 else left
            return f"{describe(named_by, number, key)}, {here} and {there}"
    return f"{len(left.records) - 1} and {len(right.records) - 1} objects"

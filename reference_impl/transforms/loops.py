"""`while_loop` and `fori_loop`, and what every loop does with a graph as its state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from ..graphdef import Def, Ref, VariableDef, structure_key
from .branches import keep
from .functions import WeakCache, WeakFunction, check_function
from .jit_options import Statics
from .lift import Call, Groups, enter, pack, unpack
from .program import Program, Record, Table, describe, first_difference, type_difference

_COMPILED = WeakCache()


def while_loop(cond_fun: Callable[[Any], Any], body_fun: Callable[[Any], Any], init_val: Any) -> Any:
    """Run `val = body_fun(val)` as long as `cond_fun(val)`; what `cond_fun` changes is discarded.

    Args:
        cond_fun: `val -> bool`.
        body_fun: returns its argument, changed in place, with the structure, shapes and dtypes that it had; arrays in
            plain containers may be replaced.
        init_val: nodes and arrays in plain containers.

    Returns:
        `init_val`, updated.

    Raises:
        ValueError: the body returns other objects, or changes structure, references or statics.
        TypeError: the body changes a shape or dtype.
    """
    check_function(cond_fun, "while_loop", "cond_fun")
    check_function(body_fun, "while_loop", "body_fun")
    packed = pack((init_val,), {})
    compiled = _COMPILED.get((cond_fun, body_fun), lambda functions: _compile_while(*functions))
    result, groups = compiled(packed.call, packed.groups)
    return unpack(result, groups, packed.objects)[0][0]


def fori_loop(
    lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any, *, unroll: int | bool | None = None
) -> Any:
    """Run `val = body_fun(i, val)` for `i` from `lower` to before `upper`; otherwise like `while_loop`.

    With bounds that are known the loop can be differentiated in reverse and unrolled, as in jax.
    """
    check_function(body_fun, "fori_loop", "body_fun")
    packed = pack((init_val,), {})
    compiled = _COMPILED.get((body_fun,), lambda functions: _compile_fori(*functions))
    bounds: Any = (_known(lower), _known(upper))
    if all(isinstance(bound, (int, np.generic)) for bound in bounds):
        bounds = Statics(dict(enumerate(bounds)), {})
    result, groups = compiled(packed.call, bounds, Statics({}, {"unroll": unroll}), packed.groups)
    return unpack(result, groups, packed.objects)[0][0]


def _known(bound: Any) -> Any:
    """A bound that jax can read while it traces, so that it counts with Python ints: hashable, and of its dtype."""
    if isinstance(bound, (jax.Array, np.ndarray)) and not isinstance(bound, jax.core.Tracer) and not np.shape(bound):
        return bound.item() if getattr(bound, "weak_type", False) else np.asarray(bound)[()]
    return bound


def _compile_while(condition: WeakFunction, body: WeakFunction) -> Any:
    def traced(call: Call, groups: Groups) -> tuple[Call, Groups]:
        state = _State(call)

        def proceed(leaves: list[Any]) -> Any:
            return condition(enter(call, [leaves]).args[0])

        return state.result(jax.lax.while_loop(proceed, lambda leaves: state.step(leaves, body), groups[0]))

    return jax.jit(traced)


def _compile_fori(body: WeakFunction) -> Any:
    def traced(call: Call, bounds: Any, options: Statics, groups: Groups) -> tuple[Call, Groups]:
        state = _State(call)
        lower, upper = bounds.by_position.values() if isinstance(bounds, Statics) else bounds

        def step(i: Any, leaves: list[Any]) -> list[Any]:
            return state.step(leaves, lambda value: body(i, value))

        return state.result(jax.lax.fori_loop(lower, upper, step, groups[0], **options.by_name))

    return jax.jit(traced)


class _State:
    """A graph as the state of a loop: its leaves go round, and its structure stays."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.kept = [True] * (len(call.program.records) - 1)

    def step(self, leaves: list[Any], f: Callable[[Any], Any]) -> list[Any]:
        """One iteration."""
        inside = enter(self.call, [leaves])
        out = f(inside.args[0])
        table = Table(inside.objects)
        records = check_root(table, ((out,), {}), self.call.program)
        for number, x in enumerate(inside.objects):
            record = table.record(x)
            check_structure(self.call.program, number, record.defs)
            self.kept[number] = self.kept[number] and inside.before[number].equals(record)
            records.append(record)
        after = [leaf for record in records for leaf in record.leaves]
        check_types(type_difference(self.call.program, leaves, after))
        return after

    def result(self, leaves: list[Any]) -> tuple[Call, Groups]:
        """What comes back of the last leaves."""
        result, wanted = keep(self.call.program, self.kept)
        return result, [[leaf for leaf, want in zip(leaves, wanted, strict=True) if want]]


def check_root(table: Table, root: Any, program: Program) -> list[Record]:
    """The record of what a body returned, in a list, after checking that it is what the body got.

    Raises:
        ValueError: it holds other objects, or is built in another way.
    """
    known = len(table.objects)
    record = table.record(root, of_object=False)
    found = first_difference(program.records[0], record.defs, program)
    if found is not None:
        for keys, x in record.refs:
            where = f" at {keys[2:]!r} of the returned value" if keys[2:] else " that it returned"
            if table.numbers[id(x)] >= known:
                raise ValueError(
                    f"the body of a loop returns its own arguments, updated; the {type(x).__name__}"
                    f"{where} is another object"
                )
        raise ValueError(
            f"the body of a loop returns a value of another structure than it was given: {found[2]} in the place of"
            f" {found[1]}"
        )
    return [record]


def check_structure(program: Program, number: int, after: tuple[Def, ...]) -> None:
    """Raise ValueError if an object has another structure after the body than before."""
    found = first_difference(program.records[number + 1], after, program)
    if found is not None:
        key, before, now = found
        raise ValueError(
            "the body of a loop must leave references, structure and statics as they are, but it changed"
            f" {describe(program, number, key)} from {before} to {now}"
        )


def check_types(found: tuple[str, str, str] | None) -> None:
    """Raise TypeError for what `type_difference` found."""
    if found is not None:
        where, before, now = found
        raise TypeError(
            f"the body of a loop must leave shapes and dtypes as they are, but it changed {where} from {before}"
            f" to {now}"
        )


def replacements(before: tuple[Def, ...], record: Record, table: Table, known: int) -> dict[int, int]:
    """The Variables that were replaced in an object by new ones of the same type and metadata, by number."""
    found: dict[int, int] = {}
    if len(before) != len(record.defs):
        return found
    for old, new in zip(before, record.defs, strict=True):
        if isinstance(old, Ref) and isinstance(new, Ref) and new.number >= known:
            old_def, new_def = (table.record(table.objects[d.number]).defs for d in (old, new))
            if isinstance(old_def[0], VariableDef) and structure_key(old_def) == structure_key(new_def):
                found[old.number] = new.number
    return found

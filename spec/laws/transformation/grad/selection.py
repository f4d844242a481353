"""Which leaves of the arguments a gradient is taken of, and whether aliases agree about it: the oracle for argnums."""

from __future__ import annotations

from typing import Any

from ....filtering import matches
from ....observation import leaves, nodes, walk
from ....observation.nodes import is_variable
from .losses import Plan, arguments

Specs = tuple[Any, ...]
"""For each argument None (it is not differentiated), "argnum", or the neutral tree of a DiffState's filter."""


def argnums_of(nnx: Any, picks: tuple[int, ...], count: int, trees: dict[int, Any], negative: bool = False) -> Any:
    """What stands for `argnums`: one int or a tuple, with DiffStates where there is a filter.

    Args:
        picks: numbers of arguments, taken modulo `count`; repetitions fall away, and one alone stands alone.
        trees: live filters by argument.
        negative: whether the numbers count from the end.
    """
    numbers = [i - count if negative else i for i in order_of(picks, count)]
    found = [nnx.DiffState(i, trees[i]) if i in trees else i for i in numbers]
    return found[0] if len(picks) == 1 else tuple(found)


def order_of(picks: tuple[int, ...], count: int) -> list[int]:
    """The differentiated arguments in the order asked for, without repetitions."""
    return list(dict.fromkeys(pick % count for pick in picks))


def is_selected(nnx: Any, spec: Any, path: tuple[Any, ...], leaf: Any, in_node: bool) -> bool:
    """Whether a spec selects a leaf: with an argnum the Params in nodes, and everything that is in no node."""
    if spec is None:
        return False
    if spec == "argnum":
        return not in_node or isinstance(leaf, nnx.Param)
    return matches(nnx, spec, path, leaf)


def selected(nnx: Any, args: Any, specs: Specs) -> list[tuple[Any, ...]]:
    """The canonical paths of the differentiated leaves."""
    tops = set(nodes(nnx, args))
    return [
        path
        for path, leaf in leaves(nnx, args).items()
        if is_selected(nnx, specs[path[0]], path[1:], leaf, any(path[:n] in tops for n in range(len(path))))
    ]


def agreement(nnx: Any, args: Any, specs: Specs) -> str:
    """Whether the arguments' aliases agree about what is differentiated.

    Returns:
        ``"yes"``; ``"no"`` if an object is differentiated in one argument and not in another; ``"free"`` where objects
        are shared between arguments with different specs that do not contradict each other, or where a filter by path
        tells aliases in one argument apart.
    """
    seen: dict[int, dict[int, set[bool]]] = {}
    spec_of: dict[int, list[Any]] = {}
    kept = []
    for number, argument in enumerate(args):
        tops = set()
        for visit in walk(nnx, argument):
            if visit.kind == "node":
                tops.add(visit.path)
            elif visit.kind != "variable":
                continue
            kept.append(visit.value)
            spec_of.setdefault(id(visit.value), []).append(specs[number])
            if is_variable(nnx, visit.value):
                inside = any(visit.path[:n] in tops for n in range(len(visit.path)))
                chosen = is_selected(nnx, specs[number], visit.path, visit.value, inside)
                seen.setdefault(id(visit.value), {}).setdefault(number, set()).add(chosen)
    for by_argument in seen.values():
        if {True} in by_argument.values() and {False} in by_argument.values():
            return "no"
    mixed = any(set().union(*by_argument.values()) == {True, False} for by_argument in seen.values())
    several = any(any(spec != specs_[0] for spec in specs_) for specs_ in spec_of.values())
    return "free" if mixed or several else "yes"


def agreeing(nnx: Any, make: Any, plan: Plan, picks: tuple[int, ...]) -> tuple[Plan, Specs, list[int]]:
    """A plan whose aliases agree, the specs and the order of its differentiated arguments: what is asked for, or every
    argument differentiated, or the whole graph as the only argument.
    """
    everything = tuple(range(len(plan)))
    for wanted, chosen in ((plan, picks), (plan, everything), (((0, 0),), (0,))):
        order = order_of(chosen, len(wanted))
        specs = tuple("argnum" if i in order else None for i in range(len(wanted)))
        if agreement(nnx, arguments(nnx, make, wanted), specs) == "yes":
            break
    return wanted, specs, order
